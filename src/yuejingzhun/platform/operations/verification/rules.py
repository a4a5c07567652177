"""The states of a verification and who may move it on: pure decisions."""

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """State of a job; the value is the term on the screen."""

    TESTED = "待核验"
    REVIEWED = "待批准"
    APPROVED = "已发证"
    RETURNED = "已退回"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know of a job."""

    state: State
    tested_by: int
    reviewed_by: int | None


def refusal_to_review(job: Standing, by: int) -> str | None:
    """Why this person may not review this job, in Chinese; None where nothing speaks against it."""
    if job.state is not State.TESTED:
        return f"这份记录的状态是“{job.state.value}”，只有“{State.TESTED.value}”的记录可以核验"
    if job.tested_by == by:
        return "检定员不能核验自己的记录，须由另一人核验"
    return None


def refusal_to_approve(job: Standing, by: int) -> str | None:
    """Why this person may not approve this job, in Chinese; None where nothing speaks against it."""
    if job.state is not State.REVIEWED:
        return f"这份记录的状态是“{job.state.value}”，只有“{State.REVIEWED.value}”的记录可以批准"
    if job.tested_by == by:
        return "检定员不能批准自己的记录，须由另一人批准"
    return None


def refusal_to_return(job: Standing) -> str | None:
    """Why this job can't be returned to its tester; None where it can."""
    if job.state not in {State.TESTED, State.REVIEWED}:
        return f"这份记录的状态是“{job.state.value}”，不能退回"
    return None
