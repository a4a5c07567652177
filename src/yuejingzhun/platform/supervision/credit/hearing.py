"""What credit hears of other apps, and the facts that it records of it: by events, each taken once."""

from collections.abc import Callable
from datetime import date, datetime

from yuejingzhun.platform.foundation.events.errors import NotTakenError
from yuejingzhun.platform.foundation.events.registry import News
from yuejingzhun.platform.registry.instruments.errors import UnknownInstrumentError
from yuejingzhun.platform.registry.instruments.queries import instrument_of_tag
from yuejingzhun.platform.supervision.credit.errors import CreditError
from yuejingzhun.platform.supervision.credit.services.facts import Told, note, withdraw_source


def _failed(news: News, at: datetime) -> None:
    said = news.payload
    summary = f"{said['instrument']} 检定结论：{said['conclusion']}（{news.key}）"
    _note(news, "verification-failed", _certificate(news.key), date.fromisoformat(said["tested_on"]), summary, at)


def _ended(news: News, at: datetime) -> None:
    withdraw_source("verification-failed", _certificate(news.key), f"依据的结果通知书已{news.payload['how']}", at)


def _overdue(news: News, at: datetime) -> None:
    said = news.payload
    number, first, last = said["number"], said["first_due"], said["last_due"]
    due = first if first == last else f"{first} 至 {last}"
    summary = f"{number} 台强制检定的在用器具超过检定有效期（{due} 到期）"
    _note(news, "verification-overdue", f"instruments:{news.key}", date.fromisoformat(said["on"]), summary, at, number)


def _software(news: News, at: datetime) -> None:
    said = news.payload
    try:
        device = instrument_of_tag(said["tag"])
    except UnknownInstrumentError:
        return  # a device that nobody has filed: there is nobody whose fact it could be
    summary = f"器具 {said['tag']} 运行的软件与型式 {said['type']} 的备案不一致：{said['detail']}"
    _note(
        news, "software-differs", f"approvals:{news.key}", date.fromisoformat(said["on"]), summary, at,
        party_id=device.holder_id,
    )  # fmt: skip


TAKEN: dict[str, Callable[[News, datetime], None]] = {
    "verification-failed": _failed,
    "certificate-ended": _ended,
    "verification-overdue": _overdue,
    "software-differs": _software,
}
KINDS = frozenset(TAKEN)


def take(news: News, at: datetime) -> None:
    """Record what an event tells; raises NotTakenError for what can't be recorded as it was told."""
    try:
        TAKEN[news.kind](news, at)
    except CreditError as error:
        raise NotTakenError(str(error)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise NotTakenError(f"事件的内容不完整（{type(error).__name__}：{error}）") from error


def _note(
    news: News, kind: str, source: str, on: date, summary: str, at: datetime, quantity: int = 1, *,
    party_id: int | None = None,
) -> None:  # fmt: skip
    party = party_id or news.subject_organisation_id
    if party is None:
        raise NotTakenError("事件没有写明涉及的单位")
    note(Told(party, kind, source, on, summary, quantity), at)


def _certificate(number: str) -> str:
    return f"certificates:{number}"
