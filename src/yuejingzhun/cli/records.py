"""`yjz evaluate`, `yjz issue` and `yjz sample`: records without a server."""

import sys
from datetime import datetime
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from yuejingzhun.cli.terminal import (
    MARKS,
    NOT_VALID,
    VALID,
    UnusableError,
    json_option,
    print_json,
    progress,
    read_file,
    write_file,
)
from yuejingzhun.demo import offline
from yuejingzhun.evidence.checks import Status
from yuejingzhun.evidence.keys import KeyImportError, load_pkcs12
from yuejingzhun.evidence.pdf.glyphs import MissingGlyphError
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.record import RecordError
from yuejingzhun.procedures.workbook.read import Filled, WorkbookError, read_workbook


@click.command(name="evaluate")
@click.argument("record", type=click.Path(path_type=Path))
@json_option
def evaluate_record(record: Path, as_json: bool) -> None:
    """按规程评定一份填好的记录工作簿（.xlsx）。"""
    filled = _read_record(record)
    found = _evaluated(filled)
    if as_json:
        print_json(_evaluation_json(found))
    else:
        _print_evaluation(found)
    sys.exit(VALID if found.passed else NOT_VALID)


@click.command()
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--number", required=True, help="证书编号")
@click.option("--out", type=click.Path(path_type=Path), default=Path(), help="输出文件夹")
@click.option("--key", type=click.Path(path_type=Path), help="签名私钥与证书（PKCS#12）；不给则用一次性的演示密钥")
@click.option("--passphrase", envvar="YJZ_KEY_PASSPHRASE", help="PKCS#12 的口令")
@json_option
def issue(record: Path, number: str, out: Path, key: Path | None, passphrase: str | None, as_json: bool) -> None:
    """不经服务器，由记录工作簿签发证书：写出 .yjz、.pdf 和 .xml。"""
    filled = _read_record(record)
    found = _evaluated(filled)
    at = offline.now()
    signer = _signer(key, passphrase, at)
    try:
        issued = offline.issue_record(filled.record, filled.standard, number, signer, at)
    except MissingGlyphError as error:
        raise UnusableError(str(error)) from error
    files = {"yjz": issued.bundle, "pdf": issued.pdf, "xml": issued.signed_xml}
    if signer.authority:
        files["root.pem"] = signer.authority.certificate.public_bytes(Encoding.PEM)
    written = [write_file(out / f"{number}.{suffix}", data) for suffix, data in files.items()]
    if as_json:
        print_json({"passed": found.passed, "files": written})
    else:
        click.echo(f"{number}：{'合格' if found.passed else '不合格'}，已写出 {'、'.join(written)}")
    sys.exit(VALID if found.passed else NOT_VALID)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def sample(folder: Path, as_json: bool) -> None:
    """写出每份规程合格、不合格各一份的记录与证书包，不需要服务器。"""
    try:
        offline.write_samples(folder, offline.now(), (lambda _: None) if as_json else progress)
    except OSError as error:
        raise UnusableError(f"无法写入 {folder}：{error.strerror}") from error
    written = sorted(path.name for path in folder.iterdir())
    if as_json:
        print_json({"folder": str(folder), "files": written})
    else:
        click.echo(f"已写出 {len(written)} 个文件。试一试：yjz verify {folder}/*.yjz --trust {folder}/root.pem")


def _read_record(path: Path) -> Filled:
    try:
        return read_workbook(read_file(path))
    except WorkbookError as error:
        raise UnusableError(
            "\n  ".join([f"{path} 有 {len(error.problems)} 处要改：", *map(str, error.problems)])
        ) from error


def _evaluated(filled: Filled) -> Evaluation:
    try:
        return evaluate(procedure(filled.record.regulation), filled.record, filled.standard)
    except RecordError as error:
        located = [str(filled.locate(problem)) for problem in error.problems]
        raise UnusableError("\n  ".join([f"记录有 {len(located)} 处要改：", *located])) from error


def _signer(key: Path | None, passphrase: str | None, at: datetime) -> offline.Signer:
    if key is None:
        return offline.demonstration_signer(at)
    try:
        return offline.Signer(load_pkcs12(read_file(key), passphrase or ""), None)
    except KeyImportError as error:
        raise UnusableError(f"{key}：{error}") from error


def _evaluation_json(found: Evaluation) -> dict[str, object]:
    points = [
        {
            "test": p.test,
            "point": p.point.label,
            "error": str(p.rounded),
            "mpe": str(p.mpe),
            "expanded_uncertainty": str(p.expanded_uncertainty),
            "coverage_factor": str(p.coverage_factor),
            "unit": p.unit,
            "passed": p.passed,
        }
        for p in found.points
    ]
    until = found.valid_until.isoformat() if found.valid_until else None
    verdict = {"regulation": found.regulation, "passed": found.passed, "valid_until": until}
    return verdict | {"reasons": list(found.reasons), "points": points}


def _print_evaluation(found: Evaluation) -> None:
    for point in found.points:
        mark = MARKS[Status.PASSED if point.passed else Status.FAILED]
        u = f"U = {point.expanded_uncertainty}（k = {point.coverage_factor}）" if point.expanded_uncertainty else ""
        click.echo(
            f"  {mark} {point.point.label}：误差 {point.rounded} {point.unit}，允许 ±{point.mpe} {point.unit} {u}"
        )
    for requirement in found.requirements:
        mark = MARKS[Status.PASSED if requirement.passed else Status.FAILED]
        click.echo(f"  {mark} {requirement.label}：{requirement.found}（要求{requirement.limit}）")
    for reason in found.reasons:
        click.echo(f"  不合格原因：{reason}")
    until = f"，有效期至 {found.valid_until}" if found.valid_until else ""
    click.echo(f"{found.regulation}：{'合格' if found.passed else '不合格'}{until}")
