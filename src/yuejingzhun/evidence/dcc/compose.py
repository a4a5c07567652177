"""From the content of a certificate to a digital calibration certificate (DCC 3.3.0), in Chinese and English."""

from collections.abc import Iterator

from lxml import etree

import yuejingzhun
from yuejingzhun.evidence.certificate import Certificate, CertificateKind, Organisation
from yuejingzhun.evidence.dcc.compose_results import measurement_results
from yuejingzhun.evidence.dcc.elements import contact, dcc, document, identification, text
from yuejingzhun.procedures.local_date import local_date

SCHEMA_VERSION = "3.3.0"


def compose(certificate: Certificate) -> bytes:
    """The unsigned DCC in UTF-8; the same content gives the same bytes."""
    root = document(
        "digitalCalibrationCertificate",
        dcc(
            "administrativeData",
            dcc("dccSoftware", _software()),
            _core_data(certificate),
            _items(certificate),
            _laboratory(certificate),
            _responsible_persons(certificate),
            _contact("customer", certificate.holder),
            dcc("statements", *_statements(certificate)),
        ),
        measurement_results(certificate),
        schemaVersion=SCHEMA_VERSION,
    )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _software() -> etree._Element:
    return dcc("software", text("name", "粤精准", "yuejingzhun"), dcc("release", f"v{yuejingzhun.__version__}"))


def _core_data(certificate: Certificate) -> etree._Element:
    tested_on = certificate.record.tested_on.isoformat()
    return dcc(
        "coreData",
        dcc("countryCodeISO3166_1", "CN"),
        dcc("usedLangCodeISO639_1", "zh"),
        dcc("usedLangCodeISO639_1", "en"),
        dcc("mandatoryLangCodeISO639_1", "zh"),
        dcc("uniqueIdentifier", certificate.number),
        dcc("receiptDate", certificate.received_on.isoformat()),
        dcc("beginPerformanceDate", tested_on),
        dcc("endPerformanceDate", tested_on),
        dcc("performanceLocation", "laboratory"),
        dcc("issueDate", local_date(certificate.issued_at).isoformat()),
        _replacement(certificate),
    )


def _replacement(certificate: Certificate) -> etree._Element | None:
    if certificate.supersedes is None:
        return None
    return dcc(
        "reportAmendedSubstituted",
        dcc("typeOfChange", "substituted"),
        dcc("replacedUniqueIdentifier", certificate.supersedes),
    )


def _items(certificate: Certificate) -> etree._Element:
    item = certificate.record.item
    return dcc(
        "items",
        dcc(
            "item",
            text("name", item.name),
            dcc("manufacturer", text("name", item.maker)),
            dcc("model", item.model),
            dcc("identifications", identification("manufacturer", item.serial, "出厂编号", "Serial number")),
        ),
    )


def _laboratory(certificate: Certificate) -> etree._Element:
    return dcc(
        "calibrationLaboratory",
        dcc("calibrationLaboratoryCode", certificate.authorisation),
        _contact("contact", certificate.institute),
        dcc("cryptElectronicSignature", "true"),
    )


def _contact(tag: str, who: Organisation) -> etree._Element:
    return contact(tag, who.name, who.name_en, who.city, who.address, who.phone, who.email)


def _responsible_persons(certificate: Certificate) -> etree._Element:
    who = certificate.signatories
    acts = (("检定员", who.tested_by), ("核验员", who.reviewed_by), ("批准人", who.approved_by))
    return dcc(
        "respPersons",
        *(
            dcc(
                "respPerson",
                dcc("person", text("name", name)),
                dcc("role", role),
                dcc("mainSigner", "true" if role == "批准人" else "false"),
            )
            for role, name in acts
        ),
    )


def _statements(certificate: Certificate) -> Iterator[etree._Element]:
    kind, evaluation = certificate.kind, certificate.evaluation
    yield dcc(
        "statement",
        text("name", "文件类别", "Kind of document"),
        text("declaration", kind.value, kind.english),
        refType="yjz_documentKind",
    )
    yield _conformity(certificate)
    yield dcc(
        "statement",
        text("name", "溯源性", "Metrological traceability"),
        dcc("traceable", "true"),
        text("declaration", "所用计量标准经考核合格，其量值溯源至国家计量基准。", _TRACEABLE),
        refType="basic_metrologicalTraceability",
    )
    if kind is CertificateKind.VERIFICATION and evaluation.valid_until:
        yield dcc(
            "statement",
            text("name", "有效期至", "Valid until"),
            text("declaration", evaluation.validity_note) if evaluation.validity_note else None,
            dcc("date", evaluation.valid_until.isoformat()),
            refType="basic_recalibration",
        )
    if "元" in {result.unit for result in evaluation.points}:
        yield dcc("statement", dcc("nonSIDefinition", "人民币元 Chinese yuan (CNY)"), dcc("nonSIUnit", "|yuan"))


_TRACEABLE = (
    "The measurement standard used has passed its assessment; its values are traceable to the national standards."
)


def _conformity(certificate: Certificate) -> etree._Element:
    evaluation = certificate.evaluation
    if evaluation.passed:
        grade = f"{evaluation.accuracy_class} 级" if evaluation.accuracy_class else ""
        chinese = f"依据 {evaluation.regulation} 检定，{grade}合格。"
        english = f"Verified according to {evaluation.regulation}: conforms to class {evaluation.accuracy_class}."
    else:
        chinese = f"依据 {evaluation.regulation} 检定，不合格：{'；'.join(evaluation.reasons)}。"
        english = f"Verified according to {evaluation.regulation}: does not conform."
    return dcc(
        "statement",
        text("name", "检定结论", "Conclusion"),
        dcc("norm", evaluation.regulation),
        text("declaration", chinese, english),
        dcc("conformity", "pass" if evaluation.passed else "fail"),
        refType="basic_conformity",
    )
