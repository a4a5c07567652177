"""The mechanism of the table on a small project of its own: what a run writes, checks and refuses."""

from pathlib import Path

import pytest

from published import Row
from validation_table import BEGIN, END, PAGE, SCIENCE, table

pytest_plugins = ["pytester"]

TESTS = """
def test_one(published):
    published("JCGM 100 H.1.7", "表 H.1", "端规", "{printed}", 31.66, "nm")

def test_other(published):
    published("JCGM 100 H.10", "表 H.10", "甲", "1.0", 1.01)
    published("JCGM 100 H.2", "表 H.2", "甲|乙", "符合", "符合")
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makefile(
        ".ini",
        pytest="[pytest]\naddopts = -p validation_table -p no:django -p no:cacheprovider --import-mode=importlib",
    )
    science = pytester.path / SCIENCE
    science.mkdir(parents=True)
    (science / "test_rounding.py").write_text(TESTS.replace("{printed}", "32"), "utf-8")
    (pytester.path / "tests/test_elsewhere.py").write_text("def test_elsewhere(): pass\n", "utf-8")
    (pytester.path / PAGE).parent.mkdir()
    (pytester.path / PAGE).write_text(f"前言\n\n{BEGIN}\n\n{END}\n\n后记\n", "utf-8")
    return pytester.path


def run(pytester: pytest.Pytester, *arguments: str) -> tuple[int, str]:
    found = pytester.runpytest_inprocess(*arguments)
    return int(found.ret), found.stdout.str()


def test_a_whole_run_writes_the_table_once_and_for_all(pytester: pytest.Pytester, project: Path) -> None:
    code, output = run(pytester)
    assert code == 1
    assert f"{PAGE} 与本次运行不一致" in output
    assert run(pytester, "--write-validation")[0] == 0
    written = (project / PAGE).read_text("utf-8")
    assert written.startswith("前言\n") and written.endswith("后记\n")
    lines = [line for line in written.splitlines() if line.startswith("| JCGM")]
    assert lines == [
        "| JCGM 100 H.1.7 | 端规 | 表 H.1 | 32 nm | 31.66 nm |",
        "| JCGM 100 H.2 | 甲\\|乙 | 表 H.2 | 符合 | 符合 |",
        "| JCGM 100 H.10 | 甲 | 表 H.10 | 1.0 | 1.010 |",
    ]
    assert run(pytester)[0] == 0
    assert run(pytester, "--write-validation")[0] == 0
    assert (project / PAGE).read_text("utf-8") == written


def test_lines_arrive_from_the_workers_of_xdist_too(pytester: pytest.Pytester, project: Path) -> None:
    assert run(pytester, "-n", "2", "--write-validation")[0] == 0
    assert (project / PAGE).read_text("utf-8").count("\n| JCGM") == 3
    assert run(pytester)[0] == 0


def test_a_missing_line_and_a_wrong_value_fail(pytester: pytest.Pytester, project: Path) -> None:
    run(pytester, "--write-validation")
    page, tests = project / PAGE, project / SCIENCE / "test_rounding.py"
    written = page.read_text("utf-8")
    page.write_text(written.replace("| JCGM 100 H.10 | 甲 | 表 H.10 | 1.0 | 1.010 |\n", ""), "utf-8")
    code, output = run(pytester)
    assert code == 1
    assert "文件：\n运行：| JCGM 100 H.10 | 甲 | 表 H.10 | 1.0 | 1.010 |\n" in output
    assert "make validation" in output

    page.write_text(written, "utf-8")
    tests.write_text(TESTS.replace("{printed}", "33"), "utf-8")
    code, output = run(pytester, "--write-validation")
    assert code == 1
    assert "印出的是 33 nm，所得为 31.66 nm" in output
    assert "test_one 没有通过" in output
    assert page.read_text("utf-8") == written


def test_a_part_of_the_science_is_neither_compared_nor_written(pytester: pytest.Pytester, project: Path) -> None:
    empty = (project / PAGE).read_text("utf-8")
    for part in (("-k", "one"), (f"{SCIENCE}/test_rounding.py::test_one",), ("tests/test_elsewhere.py",)):
        assert run(pytester, *part)[0] == 0
        code, output = run(pytester, *part, "--write-validation")
        assert code == 1
        assert f"没有写 {PAGE}" in output
    assert (project / PAGE).read_text("utf-8") == empty


def test_a_page_without_marks_and_a_test_without_a_heading_are_refused(
    pytester: pytest.Pytester, project: Path
) -> None:
    (project / PAGE).write_text("前言\n", "utf-8")
    code, output = run(pytester, "--write-validation")
    assert code == 1
    assert "两个标记" in output
    (project / SCIENCE / "test_magic.py").write_text("def test_it(published): pass\n", "utf-8")
    assert "请给它一个标题" in run(pytester)[1]


def test_two_results_under_one_name_are_refused() -> None:
    rows = [Row("数值修约", "条款", "案例", "来源", "1", value) for value in ("1.00", "1.01")]
    with pytest.raises(ValueError, match="条款，案例"):
        table(rows)
