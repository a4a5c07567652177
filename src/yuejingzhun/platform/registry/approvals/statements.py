"""The signed statements about type approvals and filed software as files, with the proof that the log holds them."""

from yuejingzhun.evidence import software_statement, type_statement
from yuejingzhun.evidence.type_statement import Certified, Model, edition_number
from yuejingzhun.platform.foundation.ledger import queries as ledger
from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.approvals.filed import filing
from yuejingzhun.platform.registry.approvals.models import Certificate
from yuejingzhun.platform.registry.approvals.queries import approval

OF_SOFTWARE = {
    "filed": software_statement.FILED,
    "accepted": software_statement.ACCEPTED,
    "blocked": software_statement.BLOCKED,
}
SUFFIXES = ("json", "sig", "der", "tlog-proof")


def file_of_software(number: str, event: str, suffix: str) -> bytes:
    """A file of a statement about a filing: what was said, its signature, the signer's certificate, or the proof.

    Raises UnknownApprovalError, also while no signed checkpoint of the log covers the statement.
    """
    known = filing(number).number
    return _file(f"软件备案 {known}", known, OF_SOFTWARE.get(event, ""), suffix)


def file_of_edition(number: str, edition: int, suffix: str) -> bytes:
    """The same for an edition of a certificate; "certificate.json" is the certificate itself, whose hash is signed."""
    of = approval(number)
    row = of.certificates.filter(edition=min(edition, 32_767)).first()
    if row is None:
        raise UnknownApprovalError(f"型式批准 {of.number} 没有第 {edition} 版证书")
    if suffix == type_statement.FILE:
        return type_statement.certificate_file(said_by(row))
    known = edition_number(of.number, row.edition)
    return _file(f"型式批准证书 {known}", known, type_statement.APPROVED, suffix)


def file_of_withdrawal(number: str, suffix: str) -> bytes:
    """The same for the withdrawal of a type approval."""
    known = approval(number).number
    return _file(f"型式批准 {known}", known, type_statement.WITHDRAWN, suffix)


def said_by(certificate: Certificate) -> Certified:
    """What an edition says, as it is signed."""
    names = ("model", "accuracy_class", "measuring_range", "technical")
    return Certified(
        certificate.approval.number,
        certificate.edition,
        certificate.name,
        certificate.maker_name,
        certificate.authority_name,
        certificate.institute_name,
        certificate.report_number,
        certificate.valid_from.isoformat(),
        [Model(*parts) for parts in certificate.variants.order_by("pk").values_list(*names)],
    )


def _file(what: str, number: str, event: str, suffix: str) -> bytes:
    stated = ledger.statement(number, event) if event else None
    if stated is None or suffix not in SUFFIXES:
        raise UnknownApprovalError(f"{what} 没有这份声明")
    if suffix == "tlog-proof":
        place = ledger.place_of(number, event)
        proven = ledger.proof_of(place) if place else None
        if proven is None:
            raise UnknownApprovalError(f"{what} 的声明正在登记，收录证明稍后可以下载")
        return proven.inclusion
    return bytes({"json": stated.content, "sig": stated.signature, "der": stated.signer}[suffix])
