"""Identification of legally relevant software 法制相关软件: how it is read, and how a device's is compared.

Terms: legally relevant software and software identification as in OIML D 31 and WELMEC 7.2 (requirement P2/U2: an
identification inextricably linked to the software, shown on command or during operation).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z ._+()/-]{0,39}")
DIGITS = re.compile(r"[0-9A-F]+")


class Algorithm(Enum):
    """How a device makes the identification; the value is the name on the screen."""

    SHA256 = "SHA-256"  # FIPS 180-4
    SM3 = "SM3"  # GB/T 32905-2016
    CRC32 = "CRC32"


LENGTHS = {Algorithm.SHA256: 64, Algorithm.SM3: 64, Algorithm.CRC32: 8}
"""Hexadecimal digits of an identification."""


class FilingState(Enum):
    """Where a filing stands; superseded and blocked are computed from later rows."""

    FILED = "待审核"
    ACCEPTED = "已备案"
    REFUSED = "不予备案"


class Standing(Enum):
    """What a filed version is worth on a day; the value is the term on the screen."""

    PENDING = "待审核"
    REFUSED = "不予备案"
    FUTURE = "尚未生效"
    IN_FORCE = "有效"
    SUPERSEDED = "已有新版本"
    BLOCKED = "已禁用"


class Verdict(Enum):
    """What a comparison of a device's software says; the value is the term on the screen."""

    SAME = "一致"
    DIFFERS = "不一致"
    UNKNOWN = "版本未备案"
    BLOCKED = "版本已禁用"


@dataclass(frozen=True, slots=True)
class Version:
    """A filed version as far as a comparison asks; `blocked_from` is the first day on which it must not run."""

    key: int
    version: str
    identification: str
    state: FilingState
    valid_from: date
    superseded_from: date | None = None
    blocked_from: date | None = None
    reason: str = ""

    def standing(self, on: date) -> Standing:
        """What it is worth on that day."""
        if self.state is FilingState.FILED:
            return Standing.PENDING
        if self.state is FilingState.REFUSED:
            return Standing.REFUSED
        if self.blocked_from is not None and self.blocked_from <= on:
            return Standing.BLOCKED
        if on < self.valid_from:
            return Standing.FUTURE
        superseded = self.superseded_from is not None and self.superseded_from <= on
        return Standing.SUPERSEDED if superseded else Standing.IN_FORCE


@dataclass(frozen=True, slots=True)
class Compared:
    """The verdict, why in Chinese, and the filed version that it rests on."""

    verdict: Verdict
    detail: str
    key: int | None = None


def plain(text: str, most: int) -> str:
    """A text from a device without blanks around it and without what can't be shown or kept, such as NUL."""
    return "".join(character for character in text if character.isprintable()).strip()[:most]


def read_version(text: str) -> str | None:
    """A version as typed, without blanks around it; None where it can't be one."""
    found = unicodedata.normalize("NFKC", text).strip()
    return found if VERSION.fullmatch(found) else None


def read_identification(text: str) -> str:
    """Hexadecimal digits as displayed by a device, in one form: blanks, colons, dashes, 0x and case don't count."""
    found = unicodedata.normalize("NFKC", text).upper()
    found = re.sub(r"[\s:\-]", "", found)
    return found.removeprefix("0X")


def problem_of_identification(algorithm: Algorithm, text: str) -> str | None:
    """Why that can't be such an identification, in Chinese; None where it can."""
    found, digits = read_identification(text), LENGTHS[algorithm]
    if not DIGITS.fullmatch(found):
        return f"标识值：应为 {digits} 位十六进制数，为 {text[:20]!r}"
    if len(found) != digits:
        return f"标识值：{algorithm.value} 应为 {digits} 位十六进制数，为 {len(found)} 位"
    return None


def compare(versions: Iterable[Version], version: str, identification: str, on: date) -> Compared:
    """Compare what a device shows with what is filed of its type on that day.

    A blocked identification counts under whatever version the device claims to run. A superseded version is still the
    same software: whether devices must be updated is not for this comparison to say.
    """
    shown, filed = read_identification(identification), list(versions)
    blocked = [one for one in filed if one.standing(on) is Standing.BLOCKED]
    claimed = unicodedata.normalize("NFKC", version).strip()
    for one in blocked:
        if one.identification == shown or one.version == claimed:
            return Compared(Verdict.BLOCKED, f"版本 {one.version} 自 {one.blocked_from} 起禁用：{one.reason}", one.key)
    usable = [one for one in filed if one.standing(on) in (Standing.IN_FORCE, Standing.SUPERSEDED)]
    same = next((one for one in usable if one.identification == shown), None)
    named = next((one for one in usable if one.version == claimed), None)
    if named is None:
        hint = f"；标识与已备案的版本 {same.version} 相同" if same else _why_not(filed, claimed, on)
        return Compared(Verdict.UNKNOWN, f"版本 {claimed[:40]!r} 没有备案{hint}", same and same.key)
    if named.identification == shown:
        later = "；已有新版本" if named.standing(on) is Standing.SUPERSEDED else ""
        return Compared(Verdict.SAME, f"与备案的版本 {named.version} 一致{later}", named.key)
    hint = f"；与版本 {same.version} 的标识相同" if same else ""
    return Compared(Verdict.DIFFERS, f"备案的标识为 {named.identification}，器具显示 {shown[:64]}{hint}", named.key)


def _why_not(filed: Iterable[Version], claimed: str, on: date) -> str:
    found = [one for one in filed if one.version == claimed]
    return f"（{found[-1].standing(on).value}）" if found else ""
