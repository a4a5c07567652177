"""The way of an application for mandatory verification, and who may move it on: pure decisions.

《强制检定的工作计量器具检定管理办法》 and 《计量法实施细则》, articles 11 and 12: the holder applies to the
institute that was designated, which answers, tests within a term, and issues a certificate or a notice of the result.
"""

from dataclasses import dataclass
from enum import Enum

# From the reception of the first instrument; 强制检定的工作计量器具检定管理办法, article 11.
WORKING_DAYS_TO_TEST = 20
# To answer an application. The law names no term for it; a general one of institutes' service promises.
WORKING_DAYS_TO_ANSWER = 5
MOST_LINES = 20_000


class State(Enum):
    """State of an application; the value is the term on the screen."""

    SUBMITTED = "待受理"
    ACCEPTED = "待预约"
    APPOINTED = "已预约"
    TESTING = "检定中"
    CLOSED = "已办结"
    REFUSED = "不予受理"
    WITHDRAWN = "已撤回"


class Act(Enum):
    """What can be done to an application; the value is the word on the button."""

    ACCEPT = "受理"
    REFER = "转送"
    REFUSE = "不予受理"
    WITHDRAW = "撤回"
    APPOINT = "预约"
    RECEIVE = "收样"
    CLOSE = "办结"


class Delivery(Enum):
    """Where the instrument is tested."""

    DELIVERED = "送检"
    ON_SITE = "现场检定"


class Keep(Enum):
    """What becomes of the good rows of a bench's file that has bad ones; the value is the term on the screen."""

    ALL = "全部正确才提交，否则一行也不提交"
    GOOD = "提交正确的行，有问题的行另列"


NEXT = {
    (State.SUBMITTED, Act.ACCEPT): State.ACCEPTED,
    (State.SUBMITTED, Act.REFER): State.SUBMITTED,
    (State.SUBMITTED, Act.REFUSE): State.REFUSED,
    (State.SUBMITTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.ACCEPTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.APPOINTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.ACCEPTED, Act.APPOINT): State.APPOINTED,
    (State.APPOINTED, Act.APPOINT): State.APPOINTED,
    (State.APPOINTED, Act.RECEIVE): State.TESTING,
    (State.TESTING, Act.RECEIVE): State.TESTING,
    (State.TESTING, Act.CLOSE): State.CLOSED,
}
OPEN = frozenset({State.SUBMITTED, State.ACCEPTED, State.APPOINTED, State.TESTING})


class Step(Enum):
    """How far one instrument of an application is; follows from what happened to it."""

    WAITING = "待收样"
    RECEIVED = "待检定"
    TESTED = "待加封"
    SEALED = "待取回"
    RETURNED = "已取回"
    DROPPED = "未送检"


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened to one instrument of an application."""

    received: bool
    tested: bool
    sealed: bool
    returned: bool
    dropped: bool = False


def acts(state: State) -> tuple[Act, ...]:
    """What can be done in a state, in the order of the work."""
    return tuple(act for act in Act if (state, act) in NEXT)


def refusal(state: State, act: Act, answered_by: str = "") -> str | None:
    """Why that can't be done in that state, in Chinese and with who was quicker; None where it can."""
    if (state, act) in NEXT:
        return None
    who = f"，已由 {answered_by} 办理" if answered_by else ""
    possible = "、".join(known.value for (known, known_act) in NEXT if known_act is act)
    return f"申请现为“{state.value}”{who}；“{act.value}”只能在“{possible}”时办理"


def step(happened: Happened) -> Step:
    """How far an instrument is."""
    if happened.dropped:
        return Step.DROPPED
    if happened.returned:
        return Step.RETURNED
    if happened.sealed:
        return Step.SEALED
    if happened.tested:
        return Step.TESTED
    return Step.RECEIVED if happened.received else Step.WAITING


def refusal_to_return(happened: Happened) -> str | None:
    """Why an instrument can't be given back yet, in Chinese; None where it can."""
    if not happened.received:
        return "还没有收样，无从取回"
    if happened.returned:
        return "已经取回"
    if not happened.tested:
        return "还没有检定结果；不检定而取回的，请先终止该件并写明原因"
    return None
