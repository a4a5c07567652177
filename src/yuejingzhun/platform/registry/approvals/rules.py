"""Type approval 型式批准 of measuring instruments: states, numbers, variants and validity, as pure decisions.

Sources: 计量器具新产品管理办法 (SAMR order 68 of 2023, in force from 2023-06-01), JJF 1015-2014. What is unsure is said
in docs/approvals.md.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

FIRST_SERIAL = 101  # by published explanations of the mark CPA; not compared with the rule itself
PROVINCE_OF_NUMBER = "44"
MOST_VARIANTS = 200
MOST_SAMPLES = 100
NUMBER = re.compile(r"[12]\d{3}[A-Z]\d{3,5}-\d{2}")

# The classes of quantities in a number. L, T and F as published; the others by analogy with JJF 1051: unsure.
CLASSES = {
    "L": "几何量",
    "T": "热学",
    "F": "力学",
    "E": "电磁学",
    "R": "无线电",
    "K": "时间频率",
    "S": "声学",
    "G": "光学",
    "A": "电离辐射",
    "C": "化学",
}


class State(Enum):
    """Where an application stands; the value is the term on the screen."""

    APPLIED = "待受理"
    REFUSED = "不予受理"
    ACCEPTED = "已受理，待送样"
    EVALUATING = "型式评价中"
    EVALUATED = "待审批"
    APPROVED = "已批准"
    REJECTED = "不予批准"
    WITHDRAWN = "已撤回"


NEXT = {
    State.APPLIED: {State.REFUSED, State.ACCEPTED, State.WITHDRAWN},
    State.ACCEPTED: {State.EVALUATING, State.WITHDRAWN},
    State.EVALUATING: {State.EVALUATED, State.WITHDRAWN},
    State.EVALUATED: {State.APPROVED, State.REJECTED},
}
FINAL = frozenset(State) - frozenset(NEXT)


class Standing(Enum):
    """What a certificate is worth on a day; the value is the term on the screen."""

    FUTURE = "尚未生效"
    IN_FORCE = "有效"
    SUPERSEDED = "已换证"
    WITHDRAWN = "已撤销"


class Paper(Enum):
    """What an applicant hands in (JJF 1015-2014 4.1; as in published guides to the application)."""

    PHOTO = "样机照片"
    STANDARD = "产品标准（含检验方法）"
    DRAWING = "总装图、电路图和主要零部件图"
    MANUAL = "使用说明书"
    TEST_REPORT = "制造单位或技术机构的试验报告"
    OTHER = "其他资料"


REQUIRED_PAPERS = tuple(paper for paper in Paper if paper is not Paper.OTHER)


@dataclass(frozen=True, slots=True)
class Variant:
    """One model of a series 系列产品, with what sets it apart."""

    model: str
    accuracy_class: str
    measuring_range: str
    technical: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an application says; `item` is an entry of the catalogue."""

    item: str
    name: str
    variants: tuple[Variant, ...]
    samples: int
    sample_note: str = ""


LENGTHS = {"model": ("型号", 120), "accuracy_class": ("准确度等级", 60), "measuring_range": ("测量范围", 200)}
TECHNICAL = ("主要技术指标", 1000)


def refusal_to_move(state: State, to: State) -> str | None:
    """Why an application can't go from a state to another, in Chinese; None where it can."""
    if to in NEXT.get(state, set()):
        return None
    return f"申请现为“{state.value}”，不能变为“{to.value}”"


def type_number(year: int, letter: str, serial: int) -> str:
    """The number of a type approval, such as 2021F123-44: year, class, serial of the year, province."""
    return f"{year}{letter}{serial:03d}-{PROVINCE_OF_NUMBER}"


def read_number(text: str) -> str | None:
    """A number as typed, with or without the letters CPA, in one form; None where it can't be one."""
    found = unicodedata.normalize("NFKC", text).upper().replace(" ", "").removeprefix("CPA")
    return found if NUMBER.fullmatch(found) else None


def known_as(text: str) -> str:
    """A maker's name or a model as it is compared: width, case and blanks don't count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def standing(valid_from: date, superseded_from: date | None, withdrawn_from: date | None, on: date) -> Standing:
    """What a certificate is worth on that day; it has no term of its own, and ends by a later edition or withdrawal."""
    if withdrawn_from is not None and withdrawn_from <= on:
        return Standing.WITHDRAWN
    if superseded_from is not None and superseded_from <= on:
        return Standing.SUPERSEDED
    return Standing.FUTURE if on < valid_from else Standing.IN_FORCE


def merged(held: Sequence[Variant], given: Sequence[Variant]) -> tuple[Variant, ...]:
    """The variants of an extended certificate: a given one takes the place of one of the same model, others follow."""
    new = {known_as(variant.model): variant for variant in given}
    kept = [new.pop(known_as(variant.model), variant) for variant in held]
    return (*kept, *new.values())


def problems_of(asked: Asked) -> tuple[str, ...]:
    """What is missing, too long or twice in an application, each in Chinese with its field."""
    found = []
    if not asked.name.strip():
        found.append("器具名称：没有填写")
    if len(asked.name.strip()) > 120:
        found.append(f"器具名称：至多 120 个字，为 {len(asked.name.strip())} 个")
    if not 1 <= asked.samples <= MOST_SAMPLES:
        found.append(f"样机数量：应为 1 至 {MOST_SAMPLES} 台，为 {asked.samples}")
    return (*found, *_problems_of_variants(asked.variants))


def missing_papers(given: Iterable[Paper]) -> tuple[str, ...]:
    """The papers that a new application lacks, each as a problem in Chinese."""
    handed = set(given)
    return tuple(f"{paper.value}：没有上传" for paper in REQUIRED_PAPERS if paper not in handed)


def variants_from(rows: Iterable[Mapping[str, str]]) -> tuple[Variant, ...]:
    """Variants from their stored form."""
    return tuple(Variant(**row) for row in rows)


def _problems_of_variants(variants: Sequence[Variant]) -> list[str]:
    if not variants:
        return ["规格型号：至少填写一个型号"]
    if len(variants) > MOST_VARIANTS:
        return [f"规格型号：至多 {MOST_VARIANTS} 个，为 {len(variants)} 个"]
    found, seen = [], dict[str, int]()
    for n, variant in enumerate(variants, 1):
        for name, (label, most) in (*LENGTHS.items(), ("technical", TECHNICAL)):
            text = getattr(variant, name).strip()
            if not text and name != "technical":
                found.append(f"第 {n} 个型号：{label}没有填写")
            if len(text) > most:
                found.append(f"第 {n} 个型号：{label}至多 {most} 个字，为 {len(text)} 个")
        first = seen.setdefault(known_as(variant.model), n)
        if first != n and variant.model.strip():
            found.append(f"第 {n} 个型号：{variant.model.strip()[:40]} 与第 {first} 个相同")
    return found
