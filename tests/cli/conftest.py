"""A file that the commands are given."""

from pathlib import Path

import pytest


@pytest.fixture
def given(tmp_path: Path) -> Path:
    return tmp_path / "given.csv"
