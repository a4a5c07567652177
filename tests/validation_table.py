"""The table of published values in docs/validation.md, written and checked by the run of the science tests itself.

Each line travels in the report of its test, so that it arrives from the workers of pytest-xdist as well.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from published import Published, Row

SCIENCE = "tests/metrology"
PAGE = "docs/validation.md"
BEGIN, END = "<!-- 公布数值：由 make validation 写出，不要手改 -->", "<!-- 公布数值：完 -->"
COMMAND = "make validation"
# Headings in the order of the page, by folder or file of the tests.
SUBJECTS = {
    "uncertainty": "测量不确定度",
    "calibration_curve": "校准曲线",
    "conformity": "符合性判定",
    "conformity_risk": "符合性判定",
    "guard_band": "符合性判定",
    "decision_rule": "符合性判定",
    "measurement_standard": "计量标准与控制图",
    "control_chart": "计量标准与控制图",
    "comparison": "比对与能力验证",
    "sampling": "抽样与寿命",
    "net_content": "定量包装商品",
    "clock": "时间与频率",
    "gas_energy": "天然气能量",
    "units": "计量单位",
    "traceability": "计量溯源",
    "rounding": "数值修约",
    "fleet": "在用计量器具的状态评价",
}
# What leaves tests out, so that lines would be missing.
SELECTIONS = {"keyword": "-k", "markexpr": "-m", "deselect": "--deselect", "lf": "--lf", "stepwise": "--stepwise"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-validation", action="store_true", help=f"把公布数值的表写入 {PAGE}（{COMMAND}）")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ValidationTable(config), "validation-table")


@pytest.fixture
def published(request: pytest.FixtureRequest) -> Published:
    place = request.node.nodeid.removeprefix(f"{SCIENCE}/").split("/")[0].split("::")[0]
    name = place.removeprefix("test_").removesuffix(".py")
    if name not in SUBJECTS:
        raise KeyError(f"{place} 不在 validation_table.SUBJECTS 中：请给它一个标题")
    return Published(SUBJECTS[name], lambda key, value: request.node.user_properties.append((key, value)))


class ValidationTable:
    """Collects the lines of a session and, where the whole science ran and passed, holds the page to them."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.rows: set[Row] = set()
        self.passed: set[str] = set()
        self.not_passed = ""
        self.message = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.nodeid.startswith(f"{SCIENCE}/"):
            return
        if not report.passed:
            self.not_passed = self.not_passed or report.nodeid
        elif report.when == "call":
            self.passed.add(report.nodeid.split("::")[0])
            fields: list[Any] = [value for key, value in report.user_properties if key == "published"]
            self.rows |= {Row(**each) for each in fields}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        writing, gap = self.config.getoption("write_validation"), self.incomplete(session)
        if gap and writing:
            self.message = f"没有写 {PAGE}：{gap}"
        elif not gap:
            self.message = self.hold(writing)
        if self.message:
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.message:
            terminalreporter.section("公布数值的表")
            terminalreporter.line(self.message)

    def incomplete(self, session: pytest.Session) -> str:
        """Why the lines of this session may not be all, or nothing."""
        chosen = [flag for name, flag in SELECTIONS.items() if self.config.getoption(name, None)]
        chosen += [argument for argument in self.config.args if "::" in argument]
        if chosen:
            return f"只选了一部分测试（{'、'.join(chosen)}）"
        root = self.config.rootpath
        files = {path.relative_to(root).as_posix() for path in (root / SCIENCE).rglob("test_*.py")}
        if self.not_passed:
            return f"{self.not_passed} 没有通过"
        if files - self.passed:
            return f"没有运行 {min(files - self.passed)}"
        return "本次运行没有全部通过" if session.exitstatus else ""

    def hold(self, writing: bool) -> str:
        """Compare the page with the lines, or write them there; what is wrong, or nothing."""
        page = self.config.rootpath / PAGE
        try:
            before, after = page.read_text("utf-8"), replaced(page, table(self.rows))
        except ValueError as wrong:
            return str(wrong)
        if writing:
            page.write_text(after, "utf-8")
        elif before != after:
            return difference(before, after)
        return ""


def table(rows: Iterable[Row]) -> str:
    """The lines under a heading for each subject, sorted by standard, clause and case."""
    keys = [(row.clause, row.case) for row in rows]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"“{twice[0][0]}，{twice[0][1]}”有两行不同的结果：请给它们不同的案例名")
    parts = ["“所得”比印出的至多多两位；“±”只用于来源自身不能重算到末位之处，并写明理由。"]
    for subject in dict.fromkeys(SUBJECTS.values()):
        lines = sorted((row for row in rows if row.subject == subject), key=_order)
        if lines:
            parts.append(f"### {subject}\n\n| 条款 | 案例 | 来源 | 期望 | 所得 |\n|---|---|---|---|---|")
            parts[-1] += "".join(f"\n{_line(row)}" for row in lines)
    return "\n\n".join([*parts, f"共 {len(keys)} 行。"])


def replaced(page: Path, section: str) -> str:
    """The text of the page with another section between the two marks."""
    head, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} 中没有“{BEGIN}”与“{END}”这两个标记，表无处可写")
    return f"{head}{BEGIN}\n\n{section}\n\n{END}{tail}"


def difference(page: str, run: str) -> str:
    """The first line that differs, and how to write the page anew."""
    old, new = page.splitlines(), run.splitlines()
    place = next(i for i, (a, b) in enumerate(zip([*old, None], [*new, None], strict=False)) if a != b)
    there, here = (lines[place] if place < len(lines) else "（无）" for lines in (old, new))
    return f"{PAGE} 与本次运行不一致，首先在第 {place + 1} 行：\n文件：{there}\n运行：{here}\n核对之后用 {COMMAND} 重写"


def _order(row: Row) -> list[list[tuple[int, str]]]:
    """Numbers inside the text sort as numbers: 9.10 comes after 9.2; 0.05 and 0.005 differ in their text alone."""
    return [
        [(int(part), part) if part.isdigit() else (-1, part) for part in re.findall(r"[0-9]+|[^0-9]+", text)]
        for text in (row.clause, row.case)
    ]


def _line(row: Row) -> str:
    cells = (row.clause, row.case, row.source, row.expected, row.obtained)
    return "| " + " | ".join(re.sub(r"([|*\\])", r"\\\1", " ".join(cell.split())) for cell in cells) + " |"
