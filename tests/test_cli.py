"""The command as its user meets it: what it prints, what it writes, and its exit status."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from yuejingzhun.cli import main
from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.keys import KeyImportError, load_pkcs12, to_pkcs12

EXAMPLES = Path(__file__).parent / "reference" / "dcc"


def yjz(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    result = yjz("sample", folder)
    assert result.exit_code == 0, result.output
    return folder


def test_sample_writes_two_records_and_their_bundles_for_each_regulation(samples: Path) -> None:
    assert (
        len(list(samples.glob("*.xlsx"))) == len(list(samples.glob("*.yjz"))) == len(list(samples.glob("*.pdf"))) >= 16
    )


def test_every_sample_verifies_with_its_root_and_none_without(samples: Path) -> None:
    files = [*samples.glob("*.yjz"), *samples.glob("*.pdf")]
    result = yjz("verify", *files, "--trust", samples / "root.pem")
    assert result.exit_code == 0, result.output
    assert result.output.count("核验通过") == len(files)
    assert yjz("verify", files[0]).exit_code == 1


def test_verify_as_json_names_every_check(samples: Path) -> None:
    file = next(samples.glob("*.yjz"))
    result = yjz("verify", file, "--trust", samples / "root.pem", "--json")
    content = json.loads(result.output)[str(file)]
    assert content["valid"]
    assert {"container", "signature", "schema", "entry"} <= {check["name"] for check in content["checks"]}


def test_a_changed_bundle_is_not_valid(samples: Path, tmp_path: Path) -> None:
    data = bytearray(next(samples.glob("*.yjz")).read_bytes())
    data[1000] ^= 1
    (tmp_path / "changed.yjz").write_bytes(data)
    result = yjz("verify", tmp_path / "changed.yjz", "--trust", samples / "root.pem")
    assert result.exit_code == 1
    assert "✗" in result.output


@pytest.mark.parametrize(("which", "status"), [("pass", 0), ("fail", 1)])
def test_evaluate_says_the_verdict_in_its_status(samples: Path, which: str, status: int) -> None:
    for file in samples.glob(f"*-{which}.xlsx"):
        result = yjz("evaluate", file)
        assert result.exit_code == status, result.output
        assert ("不合格原因" in result.output) == (which == "fail")
        content = json.loads(yjz("evaluate", file, "--json").output)
        assert content["passed"] == (which == "pass")


def test_issue_writes_what_verifies(samples: Path, tmp_path: Path) -> None:
    record = samples / "JJG-596-2012-pass.xlsx"
    result = yjz("issue", record, "--number", "YJZ-440000-2026-000099", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    files = [tmp_path / f"YJZ-440000-2026-000099.{suffix}" for suffix in ("yjz", "pdf", "xml")]
    trust = tmp_path / "YJZ-440000-2026-000099.root.pem"
    assert yjz("verify", *files, "--trust", trust).exit_code == 0


@pytest.mark.parametrize("command", ["evaluate", "verify"])
def test_unusable_input_has_status_2_and_a_chinese_reason(command: str, tmp_path: Path) -> None:
    missing = yjz(command, tmp_path / "missing.xlsx")
    assert missing.exit_code == 2
    assert "无法读取" in missing.output
    (tmp_path / "junk.xlsx").write_bytes(b"junk")
    junk = yjz(command, tmp_path / "junk.xlsx")
    assert junk.exit_code == (2 if command == "evaluate" else 1)
    assert "Traceback" not in junk.output


def test_a_wrong_key_file_is_named(samples: Path, tmp_path: Path) -> None:
    (tmp_path / "key.p12").write_bytes(b"junk")
    record = samples / "JJG-596-2012-pass.xlsx"
    result = yjz(
        "issue", record, "--number", "X-1", "--out", tmp_path, "--key", tmp_path / "key.p12", "--passphrase", "p"
    )
    assert result.exit_code == 2
    assert "口令不对，或文件已损坏" in result.output


@pytest.mark.parametrize("name", ["dcc/siliziumkugel", "dcclib/valid", "ptb-xsd-dcc/dcc-vacuumlab-CDG"])
def test_show_prints_every_value_of_an_official_example(name: str) -> None:
    file = EXAMPLES / f"{name}.xml"
    shown, as_json = yjz("show", file), json.loads(yjz("show", file, "--json").output)
    assert "校准机构" in shown.output
    values = [value for column in as_json["columns"] for value in column["values"]]
    assert values
    assert all(f"{Decimal(value):f}" in shown.output for value in values)


def test_show_has_status_1_for_breaches_of_the_rules_and_2_for_what_is_no_dcc(tmp_path: Path) -> None:
    assert yjz("show", EXAMPLES / "dcclib" / "valid.xml").exit_code == 0
    broken = yjz("show", EXAMPLES / "dcclib" / "invalid_schematron.xml")
    assert broken.exit_code == 1
    assert "没有声明" in broken.output
    for refused, reason in (("invalid_schema", "第 17 行"), ("invalid_syntax", "第 7 行")):
        result = yjz("show", EXAMPLES / "dcclib" / f"{refused}.xml")
        assert result.exit_code == 2
        assert reason in result.output


def test_show_of_our_own_certificate_names_institute_and_verdict(samples: Path, tmp_path: Path) -> None:
    yjz("issue", samples / "JJG-52-2013-fail.xlsx", "--number", "N-1", "--out", tmp_path)
    for suffix in ("xml", "pdf", "yjz"):
        result = yjz("show", tmp_path / f"N-1.{suffix}")
        assert result.exit_code == 0, result.output
        assert "演示市计量检定所" in result.output
        assert "不符合" in result.output
    (tmp_path / "broken.yjz").write_bytes((tmp_path / "N-1.yjz").read_bytes()[:500])
    (tmp_path / "broken.pdf").write_bytes((tmp_path / "N-1.pdf").read_bytes()[:500])
    assert yjz("show", tmp_path / "broken.yjz").exit_code == yjz("show", tmp_path / "broken.pdf").exit_code == 2


def test_a_key_is_imported_encrypted_and_a_wrong_passphrase_is_named(tmp_path: Path) -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    identity = issue_signer(create_authority("某根证书", at), "某研究院", at)
    (tmp_path / "own.p12").write_bytes(to_pkcs12(identity, "secret"))
    # In a process of its own: the settings read their folder once.
    command = [Path(sys.executable).with_name("yjz"), "import-key", tmp_path / "own.p12", "--institute", "7"]
    environment = {key: value for key, value in os.environ.items() if key not in ("YJZ_DATA", "DJANGO_SETTINGS_MODULE")}

    def run(passphrase: str) -> subprocess.CompletedProcess[str]:
        arguments = [*command, "--data", tmp_path / "var", "--passphrase", passphrase]
        return subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment)

    assert "口令不对" in run("wrong").stderr
    done = run("secret")
    assert done.returncode == 0, done.stderr
    kept = tmp_path / "var" / "keys" / "institute-7.p12"
    assert kept.stat().st_mode & 0o077 == 0
    with pytest.raises(KeyImportError):
        load_pkcs12(kept.read_bytes(), "secret")


def test_show_of_complex_values_whose_parts_differ_in_count_does_not_break(tmp_path: Path) -> None:
    valid = (EXAMPLES / "dcclib" / "valid.xml").read_text(encoding="utf-8")
    listed = (
        "<si:complexListXMLList><si:valueRealXMLList>1 2 3</si:valueRealXMLList><si:valueImagXMLList>-4"
        "</si:valueImagXMLList><si:unitXMLList>\\volt</si:unitXMLList></si:complexListXMLList>"
    )
    changed, changes = re.subn(r"<si:real>.*?</si:real>", lambda _: listed, valid, count=1, flags=re.DOTALL)
    assert changes == 1
    (tmp_path / "complex.xml").write_text(changed, encoding="utf-8")
    result = yjz("show", tmp_path / "complex.xml")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert "1 -4i" in result.output
