"""Why a row, or a whole file, is not taken in, and what is noticed about one that is: code, sentence, where."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import pyarrow as pa

SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("source_row", pa.int64()),  # null: the whole file
        pa.field("meter", pa.string()),
        pa.field("code", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("refused", pa.bool_(), nullable=False),  # false: taken in, but worth a look
    ]
)


class Reason(Enum):
    """The code is for programs; the sentence is for people and is followed by what was found."""

    # of a file
    UNREADABLE = "unreadable_file", "文件无法读取，可能被截断或损坏"
    NO_COLUMN = "missing_column", "缺少列"
    EMPTY = "empty_file", "没有数据行"
    # of a row
    WRONG_FIELDS = "wrong_number_of_fields", "列数与表头不符"
    NO_VALUE = "missing_value", "必填的列为空"
    NOT_A_DAY = "not_a_day", "日期应如 2026-03-01"
    OTHER_MONTH = "other_month", "不是本文件（或 --month）的月份"
    FUTURE = "future_day", "日期在今天之后"
    BAD_CITY = "bad_city", "地市应为四位行政区划代码，如 4401"
    BAD_ROLE = (
        "bad_role",
        "角色应为 total（总表）、total_feed_in（总表反向）、meter（分表）、feed_in（上网）"
        "或 pressure、atmosphere、temperature、line_pack",
    )
    BAD_UNIT = "bad_unit", "单位应为 kWh、m3，压力为 kPa，温度为 K"
    BAD_NUMBER = "bad_number", "不是所要的数"
    BAD_INTERVAL = "bad_interval", "间隔应整除一天的 1440 分钟"
    TOO_FINE = "finer_than_resolution", "示值的小数位比分辨力（scaler）还细"
    WRONG_POINTS = "wrong_number_of_points", "一天的点数与间隔不符，无法知道缺或多的是哪一点"
    NO_POINTS = "no_points", "一天没有任何示值"
    NEGATIVE = "negative_register", "示值为负"
    BEYOND = "beyond_capacity", "示值不小于计度器的容量"
    FALLING = "falling_register", "示值多处下降，可能换过表或清过零"
    # of a row beside others
    TWO_METERS = "two_meters_one_number", "同一表号同一天有两份不同的示值"
    OTHER_DISTRICT = "number_in_two_districts", "同一表号同一天已在另一台区"
    VERSION_TAKEN = "version_taken", "同一版本号已存有不同的示值"
    # noticed, and taken in all the same
    SET_ASIDE = "falling_points", "个别示值下降，已标记，不参与评价"
    ROLLED_OVER = "rollover", "计度器走满归零，已展开"
    NO_TOTAL = "district_without_total", "台区没有总表的示值"
    BELOW_SUM = "total_below_sum", "总表电量小于分表之和"
    FALLS_BETWEEN_DAYS = "falling_between_days", "示值低于前一天"

    def __init__(self, code: str, sentence: str) -> None:
        self.code, self.sentence = code, sentence


Line = dict[str, object]


@dataclass(frozen=True, slots=True)
class Where:
    """A row of a source and the meter it speaks of, as far as they are known."""

    source: str
    row: int | None = None
    meter: str | None = None


def line(where: Where, reason: Reason, found: str = "") -> Line:
    """One entry of the report about what was refused."""
    return _entry(where, reason, found, refused=True)


def notice(where: Where, reason: Reason, found: str = "") -> Line:
    """One entry about what was taken in and is worth a look."""
    return _entry(where, reason, found, refused=False)


def table(lines: Iterable[Line]) -> pa.Table:
    """Entries as a table of `SCHEMA`."""
    return pa.Table.from_pylist(list(lines), schema=SCHEMA)


def _entry(where: Where, reason: Reason, found: str, *, refused: bool) -> Line:
    return {
        "source": where.source,
        "source_row": where.row,
        "meter": where.meter,
        "code": reason.code,
        "reason": f"{reason.sentence}：{found}" if found else reason.sentence,
        "refused": refused,
    }
