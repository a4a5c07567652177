"""Reads of whether instruments are of the types that their numbers say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.approvals.filed import last_seen
from yuejingzhun.platform.registry.approvals.models import Certificate
from yuejingzhun.platform.registry.approvals.queries import Shown, certificate_standing, shown
from yuejingzhun.platform.registry.approvals.rules import PROVINCE_OF_NUMBER, Standing, known_as, read_number


@dataclass(frozen=True, slots=True)
class OfType:
    """What the number on an instrument leads to: the type approval on record, and what is wrong with it in Chinese."""

    number: str | None
    warning: str | None


def warnings_of(number: str, maker: str, model: str, tag: str, on: date) -> tuple[str, ...]:
    """What speaks against an instrument on that day, in Chinese: its type, and the software it was last seen to run."""
    found, seen = type_of_instrument(number, maker, model, on), last_seen(tag, on)
    software = "" if seen is None or seen.as_filed else f"软件{seen.compared.verdict.value}：{seen.compared.detail}"
    return tuple(text for text in (found.warning, software) if text)


def approval_of(maker: str, model: str, on: date) -> Certificate | None:
    """The certificate in force on that day that covers a maker's model, or None.

    `maker` is the name; width, case and blanks don't count. Where several cover it, the one issued last.
    """
    rows = Certificate.objects.filter(
        variants__model_key=known_as(model), maker_key=known_as(maker), valid_from__lte=on
    ).select_related("approval__withdrawal")
    rows = rows.prefetch_related("approval__certificates", "variants").order_by("-valid_from", "-pk")
    for row in rows:
        if certificate_standing(row, row.approval.certificates.all(), row.approval, on) is Standing.IN_FORCE:
            return row
    return None


def type_of_instrument(number: str, maker: str, model: str, on: date) -> OfType:
    """Whether an instrument is of the type that its number says, and what that is worth on that day.

    For a warning: a number of another province isn't on record here, and is said to be unknown. An instrument
    without a number gets none.
    """
    known = read_number(number)
    if known is None:
        typed = number.strip()
        return OfType(None, f"型式批准编号 {typed[:40]!r} 的格式不对，应如 2021F123-44" if typed else None)
    try:
        found = shown(known, on)
    except UnknownApprovalError:
        abroad = "" if known.endswith(f"-{PROVINCE_OF_NUMBER}") else "（外省批准的型式不在本省数据中）"
        return OfType(None, f"没有收录型式批准 {known}{abroad}")
    return OfType(known, _unfit(found, maker, model))


def misfit(number: str, maker: str, model: str) -> str | None:
    """Why an instrument can't be of the type that the number says, in Chinese; None where it can, or isn't on record.

    Whatever the approval is worth today: the instrument may be older than its end.
    """
    return misfits([(number, maker, model)]).get((number, maker, model))


def misfits(asked: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    """The same of many instruments, each by number, maker and model, in two questions; those that fit are left out."""
    known = {(number, maker, model): read_number(number) for number, maker, model in asked}
    rows = Certificate.objects.filter(approval__number__in={number for number in known.values() if number})
    editions: dict[str, list[Certificate]] = {}
    for row in rows.order_by("edition").select_related("approval").prefetch_related("variants"):
        editions.setdefault(row.approval.number, []).append(row)
    found = {}
    for key, number in known.items():
        if number in editions and (why := _misfit(number, editions[number], *key[1:])):
            found[key] = why
    return found


def _misfit(number: str, editions: list[Certificate], maker: str, model: str) -> str | None:
    own = [row for row in editions if row.maker_key == known_as(maker)]
    if not own:
        return f"型式批准 {number} 的制造单位是 {editions[-1].maker_name}，不是 {maker.strip()[:80]}"
    if known_as(model) not in {variant.model_key for row in own for variant in row.variants.all()}:
        return f"型式批准 {number} 不含型号 {model.strip()[:80]}"
    return None


def _unfit(found: Shown, maker: str, model: str) -> str | None:
    number = found.approval.number
    if found.standing is Standing.WITHDRAWN and found.withdrawal is not None:
        return f"型式批准 {number} 自 {found.withdrawal.effective_from} 起撤销：{found.withdrawal.reason}"
    if found.standing is not Standing.IN_FORCE:
        return f"型式批准 {number} {found.standing.value}，自 {found.certificate.valid_from} 起生效"
    if known_as(found.certificate.maker_name) != known_as(maker):
        return f"型式批准 {number} 的制造单位是 {found.certificate.maker_name}，不是 {maker.strip()[:80]}"
    if known_as(model) not in {variant.model_key for variant in found.certificate.variants.all()}:
        return f"型式批准 {number} 不含型号 {model.strip()[:80]}"
    return None
