"""Composing the printed certificate with Typst: the same content gives the same bytes, in our own fonts only."""

import io
import json
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import segno
import typst

from yuejingzhun.evidence.certificate import Certificate, CertificateKind
from yuejingzhun.evidence.pdf.glyphs import check_glyphs
from yuejingzhun.evidence.qr import qr_query
from yuejingzhun.procedures.catalogue import procedure as find_procedure
from yuejingzhun.procedures.local_date import LOCAL
from yuejingzhun.procedures.procedure import Number, PointResult, Procedure

FOLDER = Path(__file__).parent
NOTE = (
    "扩展不确定度由标准不确定度乘以包含因子 k 得到，包含概率约 95 %，依据 JJF 1059.1-2012 评定。"
    "本文件附有同内容的数字校准证书（certificate.xml）；以数字签名为准，可离线核验。"
)


@dataclass(frozen=True, slots=True)
class LogPlace:
    """What the QR code tells of the log, the index of the entry and its leaf hash; and the key of the files, if any."""

    index: int
    leaf: bytes
    key: str = ""


def check_printable(certificate: Certificate) -> None:
    """Raises MissingGlyphError for a character that can't be printed."""
    check_glyphs(_content(certificate))


def render(certificate: Certificate, dcc: bytes, place: LogPlace | None = None) -> bytes:
    """PDF/A-3b with the signed DCC attached; raises MissingGlyphError for a character that can't be printed."""
    content = _content(certificate)
    check_glyphs(content)
    inputs = {
        "content": json.dumps(content, ensure_ascii=False),
        "dcc": dcc.decode(),
        "qr": _qr(qr_address(certificate.lookup_url, place), certificate.number),
    }
    compiler = typst.Compiler(_template(), font_paths=_fonts(), sys_inputs=inputs)
    pdf = compiler.compile(format="pdf", pdf_standards="a-3b", timestamp=int(certificate.issued_at.timestamp()))
    if not isinstance(pdf, bytes):
        raise TypeError("one document was expected")
    return pdf


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER / "fonts"])


@cache
def _template() -> bytes:
    return (FOLDER / "certificate.typ").read_bytes()


def qr_address(lookup_url: str, place: LogPlace | None) -> str:
    """What the QR code holds: the number, and what is known of its place."""
    return lookup_url if place is None else lookup_url + qr_query(place.index, place.leaf, place.key)


def _qr(url: str, number: str) -> str:
    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind="svg", xmldecl=False, scale=4, border=2, title=f"证书 {number}")
    return out.getvalue().decode()


def _content(certificate: Certificate) -> dict[str, Any]:
    procedure = find_procedure(certificate.record.regulation)
    evaluation = certificate.evaluation
    issued = certificate.issued_at.astimezone(LOCAL)
    return {
        "title": certificate.kind.value,
        "title_en": certificate.kind.english,
        "number": certificate.number,
        "institute": certificate.institute.name,
        "institute_en": certificate.institute.name_en,
        "authorisation": certificate.authorisation,
        "address": certificate.institute.address,
        "phone": certificate.institute.phone,
        "supersedes": certificate.supersedes,
        "issued": [issued.year, issued.month, issued.day, issued.hour, issued.minute, issued.second],
        "cover": _cover(certificate, procedure),
        "signatures": [
            ["批准人", "Approved by", certificate.signatories.approved_by],
            ["核验员", "Checked by", certificate.signatories.reviewed_by],
            ["检定员", "Verified by", certificate.signatories.tested_by],
        ],
        "conditions": _conditions(certificate, procedure),
        "tests": _tests(procedure, evaluation.points),
        "requirements": [
            {"label": r.label, "found": r.found, "limit": r.limit, "verdict": _verdict(r.passed)}
            for r in evaluation.requirements
        ],
        "conclusion": _conclusion(certificate),
        "reasons": list(evaluation.reasons),
        "note": NOTE,
    }


def _cover(certificate: Certificate, procedure: Procedure) -> list[list[str]]:
    item, evaluation = certificate.record.item, certificate.evaluation
    rows = [
        ["送检单位", "Applicant", certificate.holder.name],
        ["计量器具名称", "Instrument", item.name],
        ["型号 / 规格", "Model", item.model],
        ["出厂编号", "Serial number", item.serial],
        ["制造单位", "Manufacturer", item.maker],
        ["检定依据", "Regulation", f"{procedure.code}《{procedure.title}》"],
        ["检定类别", "Kind", certificate.record.kind.value],
        ["检定结论", "Conclusion", _conclusion(certificate)],
        ["检定日期", "Date of verification", _day(evaluation.tested_on)],
    ]
    if certificate.kind is CertificateKind.VERIFICATION and evaluation.valid_until:
        note = f"（{evaluation.validity_note}）" if evaluation.validity_note else ""
        rows.append(["有效期至", "Valid until", _day(evaluation.valid_until) + note])
    return rows


def _conclusion(certificate: Certificate) -> str:
    evaluation = certificate.evaluation
    if not evaluation.passed:
        return "不合格"
    return f"符合 {evaluation.accuracy_class} 级，合格" if evaluation.accuracy_class else "合格"


def _conditions(certificate: Certificate, procedure: Procedure) -> list[list[str]]:
    record, standard = certificate.record, certificate.standard
    environment = "，".join(
        f"{c.number.label} {record.environment[c.number.key]} {c.number.unit}" for c in procedure.environment
    )
    parameters = "，".join(
        f"{field.label} {record.parameters[field.key]}{' ' + field.unit if isinstance(field, Number) else ''}".rstrip()
        for field in procedure.parameters
    )
    u = f"U = {standard.expanded_uncertainty} {procedure.standard_unit}（k = {standard.coverage_factor}）"
    return [
        ["器具参数", "Parameters", parameters],
        ["环境条件", "Environment", environment],
        ["检定地点", "Place", certificate.place or "—"],
        ["计量标准", "Measurement standard", f"{standard.name}，{u}"],
        ["考核证书号", "Certificate of the standard", standard.number],
        ["检定 / 校准证书号", "Its certificate", f"{standard.certificate}，有效期至 {_day(standard.valid_until)}"],
    ]


def _tests(procedure: Procedure, points: tuple[PointResult, ...]) -> list[dict[str, Any]]:
    return [
        {"title": procedure.find(key).title, "unit": procedure.find(key).unit, "points": list(map(_point, group))}
        for key, group in groupby(points, key=lambda point: point.test)
    ]


def _point(result: PointResult) -> dict[str, str]:
    uncertain = bool(result.expanded_uncertainty)
    return {
        "label": result.point.label,
        "error": str(result.rounded),
        "mpe": f"±{result.mpe}",
        "u": f"{result.expanded_uncertainty}（{result.coverage_factor}）" if uncertain else "—",
        "verdict": _verdict(result.passed),
    }


def _verdict(passed: bool) -> str:
    return "合格" if passed else "不合格"


def _day(day: Any) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
