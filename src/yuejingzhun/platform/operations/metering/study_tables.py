"""What a study gives to take away, as headings and rows."""

from collections.abc import Iterable, Iterator, Sequence

from yuejingzhun.platform.foundation.tables.table import Cell
from yuejingzhun.platform.operations.metering import plan_study
from yuejingzhun.platform.operations.metering.models import Analysis
from yuejingzhun.platform.operations.metering.rules import Study

Rows = Iterable[Sequence[Cell]]
POPULATION = ("分组", "名称", "器具", "平均误差（%）", "平均的标准不确定度（%）", "标准差（%）", "超差比例（%）",
              "区间下限（%）", "区间上限（%）", "超过界限的概率", "点名")  # fmt: skip
SAMPLE = ("表号", "台区", "抽中的概率", "超差概率")


def table_of(analysis: Analysis) -> tuple[str, Sequence[str], Rows]:
    """Title, headings and rows of a finished study; the rows of a plan come from its file and may raise
    MeteringError."""
    kind = Study[analysis.kind]
    if kind is Study.PLAN:
        return "更换计划", plan_study.HEADINGS, plan_study.plan_rows(analysis.pk)
    if kind is Study.SAMPLE:
        rows = analysis.drawn.order_by("pk").values_list("meter", "district", "chance", "exceeds")
        return "抽检名单", SAMPLE, rows.iterator(chunk_size=2_000)
    return "误差分布", POPULATION, _groups(analysis)


def _groups(analysis: Analysis) -> Iterator[list[Cell]]:
    for grouping in (analysis.result or {})["groupings"]:
        for row in grouping["rows"]:
            percents = [round(100 * row[name], 5) for name in ("mean", "mean_u", "spread", "share", "low", "high")]
            named = "是" if row["named"] else ""
            yield [grouping["title"], row["name"], row["meters"], *percents, round(row["above"], 4), named]
