"""`yjz credit verify`: an outsider with the file and the keys of the log, in a process that knows no Django."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import yjz
from credit_cases import make_case, noted, recorded
from small_world import AT, make_world
from yuejingzhun.evidence.log.policy import policy_text
from yuejingzhun.platform.foundation.ledger.queries import policy
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head
from yuejingzhun.platform.supervision.credit.publishing import rating_file
from yuejingzhun.platform.supervision.credit.services.rounds import rate_all

OUTSIDER = """
import sys
from yuejingzhun.cli import main
try:
    main(sys.argv[1:])
finally:
    assert not any(name.partition(".")[0] in ("django", "psycopg") for name in sys.modules)
"""


@pytest.fixture
def published(db: None, tmp_path: Path) -> tuple[Path, Path]:
    """The file of a grade, and the keys of the log."""
    case = make_case(make_world())
    recorded(case, "penalty")
    noted(case.party, "verification-overdue", "i:1", 40, quantity=3)
    rate_all(AT)
    sequence()
    sign_head(AT)
    file, trust = tmp_path / "grade.json", tmp_path / "trust.txt"
    file.write_bytes(rating_file(case.party.credit_code or ""))
    trust.write_text(policy_text(policy()))
    return file, trust


def test_an_outsider_recomputes_a_grade(published: tuple[Path, Path]) -> None:
    file, trust = published
    command = [sys.executable, "-c", OUTSIDER, "credit", "verify", str(file), "--log", str(trust)]
    hidden = {"DJANGO_SETTINGS_MODULE", "DATABASE_URL", "YJZ_DATA"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "核验通过" in found.stdout
    assert "重新计算 通过  C 级" in found.stdout
    assert "透明日志收录证明 通过" in found.stdout


def test_a_changed_grade_and_an_unreadable_file_are_told_apart(published: tuple[Path, Path]) -> None:
    file, trust = published
    whole = json.loads(file.read_bytes())
    whole["statement"] = whole["statement"].replace('"grade":"C"', '"grade":"A"')
    file.write_text(json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    result = yjz("credit", "verify", file, "--log", trust, "--json")
    assert result.exit_code == 1
    said = json.loads(result.output)
    assert not said["valid"]
    assert {check["name"] for check in said["checks"] if check["status"] == "failed"} == {"grade", "round"}
    assert "重新计算为 C 级" in yjz("credit", "verify", file, "--log", trust).output
    file.write_text("{}")
    assert yjz("credit", "verify", file, "--log", trust).exit_code == 2
    assert yjz("credit", "verify", file.with_name("nothing"), "--log", trust).exit_code == 2


def test_without_the_keys_of_the_log_it_is_not_valid(published: tuple[Path, Path]) -> None:
    file, trust = published
    other = trust.read_text().replace(trust.read_text().split()[1], "example.org/log+00000000+AQ==")
    trust.write_text(other)
    assert yjz("credit", "verify", file, "--log", trust).exit_code in (1, 2)
