"""What the JSON interface says of long tasks."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema


class TaskOut(Schema):
    """A long task: `done` of `total` is its progress, `result` its figures by name."""

    id: int = Field(title="编号")
    kind: str = Field(title="种类")
    title: str = Field(title="任务")
    state: str = Field(title="状态")
    state_name: str = Field(title="状态名称")
    done: int = Field(title="已完成")
    total: int = Field(title="总量")
    percent: int = Field(title="百分比")
    message: str = Field(title="进展")
    result: dict[str, Any] | None = Field(None, title="结果")
    problems: int = Field(0, title="问题数", description="至多数到 1000")
    asked_at: datetime = Field(title="提出时间")
    finished_at: datetime | None = Field(None, title="结束时间")


class TaskProblemOut(Schema):
    """A row that couldn't be taken over."""

    row: int = Field(title="行号")
    column: str = Field(title="列")
    found: str = Field(title="现为")
    expected: str = Field(title="说明")
