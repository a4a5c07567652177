"""The science stands alone: what it may import, and that importing it brings in nothing heavier.

The scientific libraries are those that docs/dependencies.md names; the list here is checked against that page, and
against what is really used.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import yuejingzhun.metrology

ROOT = Path(__file__).parents[2]
PACKAGE = Path(yuejingzhun.metrology.__file__).parent
SCIENTIFIC = {"numpy", "scipy", "pyaga8", "allantools"}
AT_IMPORT = {"numpy", "scipy"}  # the others only where a function asks for them
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(source: str) -> Iterator[str]:
    """Every module that is imported, also inside functions and by name at run time."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("__import__", "import_module"):
            yield "?" + ast.unparse(node)


def is_allowed(name: str) -> bool:
    root = name.partition(".")[0]
    own = name == "yuejingzhun.metrology" or name.startswith("yuejingzhun.metrology.")
    return own or root in sys.stdlib_module_names | SCIENTIFIC


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_only_what_is_on_the_list(path: Path) -> None:
    assert [name for name in imported(path.read_text(encoding="utf-8")) if not is_allowed(name)] == []


def test_the_check_sees_every_way_to_import() -> None:
    source = """
import os, django.db
def f():
    from click import echo
    from yuejingzhun.cli import main
    from ..project import settings
    importlib.import_module("rich")
    __import__("lxml")
"""
    found = [name for name in imported(source) if not is_allowed(name)]
    expected = ["django.db", "click", "yuejingzhun.cli", "..project"]
    assert sorted(found) == sorted([*expected, "?importlib.import_module('rich')", "?__import__('lxml')"])


def test_the_list_is_that_of_the_page_and_of_the_code() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("|")]
    named = set(re.findall(r"[A-Za-z0-9_-]+", " ".join(cells)))
    assert named >= SCIENTIFIC
    used = {name.partition(".")[0] for path in MODULES for name in imported(path.read_text(encoding="utf-8"))}
    assert used >= SCIENTIFIC


def test_a_fresh_interpreter_loads_no_platform_and_no_plots() -> None:
    # All modules in one interpreter: what none of them loads, no single one does.
    names = [
        ".".join(("yuejingzhun.metrology", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for path in MODULES
    ]
    lines = ["import sys", "before = set(sys.modules)", *(f"import {name}" for name in names)]
    lines.append("print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))")
    run = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert loaded >= {"yuejingzhun", *AT_IMPORT}
    assert not loaded & {"django", "ninja", "psycopg", "lxml", "click", "rich", "matplotlib", "pyaga8", "allantools"}
