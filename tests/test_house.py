"""The contracts of the house hold, and each of them fails on a seeded violation."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINT = Path(sys.executable).with_name("lint-imports")

VIOLATIONS = {
    "floors": ("metrology/rounding.py", "import yuejingzhun.procedures"),
    "science-stands-alone": ("metrology/rounding.py", "import lxml"),
    "evidence-without-server": ("procedures/record.py", "import django"),
}


def check_contract(root: Path, contract: str) -> subprocess.CompletedProcess[str]:
    command = [LINT, "--config", root / "pyproject.toml", "--contract", contract, "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(root / "src")}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_contract_holds_and_a_seeded_violation_breaks_it(contract: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert check_contract(tmp_path, contract).returncode == 0

    file, line = VIOLATIONS[contract]
    seeded = tmp_path / "src" / "yuejingzhun" / file
    seeded.write_text(seeded.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    assert "BROKEN" in check_contract(tmp_path, contract).stdout
