"""The contracts of the house hold, and each of them fails on a seeded violation."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINT = Path(sys.executable).with_name("lint-imports")

FOUNDATION = "yuejingzhun.platform.foundation"
VIOLATIONS = {
    "floors": ("metrology/rounding.py", "import yuejingzhun.procedures"),
    "tiers": (
        "platform/registry/instruments/queries.py",
        "import yuejingzhun.platform.operations.verification.services",
    ),
    "insides": (
        "platform/registry/instruments/queries.py",
        "import yuejingzhun.platform.registry.instruments.services",
    ),
    "doors-accounts": ("platform/foundation/audit/queries.py", f"import {FOUNDATION}.accounts.models"),
    "doors-audit": ("platform/foundation/parties/queries.py", f"import {FOUNDATION}.audit.models"),
    "doors-ledger": ("platform/foundation/parties/queries.py", f"import {FOUNDATION}.ledger.models"),
    "doors-parties": ("portals/citizen/pages.py", f"import {FOUNDATION}.parties.models"),
    "doors-standards": (
        "platform/operations/verification/services.py",
        "import yuejingzhun.platform.registry.standards.models",
    ),
    "doors-instruments": ("portals/citizen/pages.py", "import yuejingzhun.platform.registry.instruments.models"),
    "doors-reminders": ("portals/citizen/pages.py", "import yuejingzhun.platform.registry.reminders.models"),
    "doors-verification": ("portals/citizen/pages.py", "import yuejingzhun.platform.operations.verification.pages"),
    "doors-certificates": ("portals/citizen/pages.py", "import yuejingzhun.platform.operations.certificates.models"),
    "doors-jobs": ("portals/citizen/pages.py", "import yuejingzhun.platform.foundation.jobs.models"),
    "doors-catalogue": ("portals/citizen/pages.py", "import yuejingzhun.platform.registry.catalogue.models"),
    "doors-qualifications": ("portals/citizen/pages.py", "import yuejingzhun.platform.registry.qualifications.models"),
    "doors-materials": ("portals/citizen/pages.py", "import yuejingzhun.platform.registry.materials.models"),
    "doors-approvals": ("portals/citizen/pages.py", "import yuejingzhun.platform.registry.approvals.models"),
    "doors-traceability": ("portals/citizen/pages.py", "import yuejingzhun.platform.registry.traceability.models"),
    "doors-mandatory": ("portals/citizen/pages.py", "import yuejingzhun.platform.operations.mandatory.models"),
    "doors-events": ("portals/citizen/pages.py", f"import {FOUNDATION}.events.models"),
    "doors-credit": ("portals/citizen/pages.py", "import yuejingzhun.platform.supervision.credit.models"),
    "doors-indicators": ("portals/citizen/pages.py", "import yuejingzhun.platform.supervision.indicators.models"),
    "doors-metering": ("portals/citizen/pages.py", "import yuejingzhun.platform.operations.metering.models"),
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


def test_every_contract_is_seeded_and_every_app_has_its_doors() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert {contract["id"] for contract in contracts} == set(VIOLATIONS)
    apps = {path.parent.name for path in (ROOT / "src" / "yuejingzhun" / "platform").glob("*/*/apps.py")}
    assert {f"doors-{app}" for app in apps} <= set(VIOLATIONS)


def test_the_doors_of_an_app_guard_every_room_that_it_has() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    guarded = {module for contract in contracts for module in contract.get("protected_modules", ())}
    platform = ROOT / "src" / "yuejingzhun" / "platform"
    rooms = {
        f"yuejingzhun.platform.{path.parent.parent.name}.{path.parent.name}.{path.stem}"
        for path in platform.glob("*/*/*.py")
        if path.stem in {"models", "pages", "api", "schemas", "tasks", "admin"}
    }
    assert rooms == guarded
