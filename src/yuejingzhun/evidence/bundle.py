"""The bundle of a certificate (`.yjz`): everything needed to check it without a network and without trusting us.

    certificate.xml         the DCC with its XAdES signature
    certificate.pdf         the same for people, with the DCC attached and a PAdES signature
    certificate.tsr         an authority's timestamp over certificate.xml (RFC 3161)
    certificate.tlog-proof  that entry.json is in the transparency log (C2SP tlog-proof)
    anchor.json             where the head of that log stands on a chain
    entry.json              the canonical statement with the hash of the DCC; its own hash stands in the log
    entry.sig               the signer's detached signature over it
    chain/00.der ...        the signer's certificate and those up to and with the root
    revocation/00.crl       the authority's revocation list as of issue
    sm2/entry.sig, sm2/signer.der   a second signature over entry.json by SM2 with SM3, and its certificate
    revoked/... superseded/...   a later statement that it no longer holds: entry.json, entry.sig, signer.der, and
                            if there are any entry.tsr and entry.tlog-proof

The PDF is not in entry.json, since its QR code carries the place of that entry in the log; its own signature binds it.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from yuejingzhun.evidence.anchor.proof import Node, check_anchor
from yuejingzhun.evidence.checks import Check, Report, Status
from yuejingzhun.evidence.container import ContainerError, pack, unpack
from yuejingzhun.evidence.dcc.number import number_of
from yuejingzhun.evidence.dcc.schema_registry import UnknownSchemaVersionError, schema_for
from yuejingzhun.evidence.entry import Entry, EntryError, check_entry_signature, decode
from yuejingzhun.evidence.keys import SigningIdentity, read_certificate
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.evidence.log_checks import check_inclusion
from yuejingzhun.evidence.notice import NOTICE_FILES, check_standing
from yuejingzhun.evidence.parallel import FILES as PARALLEL_FILES
from yuejingzhun.evidence.parallel import check_parallel
from yuejingzhun.evidence.pdf.attachment import PdfError, attachment
from yuejingzhun.evidence.pdf.pades import verify_pdf
from yuejingzhun.evidence.signature import SignatureError, SignatureResult, is_unreadable, verify_xml
from yuejingzhun.evidence.timestamp.responder import POLICY
from yuejingzhun.evidence.timestamp.token import TimestampError, check_timestamp

XML, PDF, ENTRY, ENTRY_SIGNATURE = "certificate.xml", "certificate.pdf", "entry.json", "entry.sig"
REVOCATION = "revocation/00.crl"
PROOF, ANCHOR = "certificate.tlog-proof", "anchor.json"
TIMESTAMP = "certificate.tsr"
TIMESTAMP_TOLERANCE = timedelta(minutes=5)

# Our own policy, and those of other authorities that an installation accepts (YJZ_TSA_POLICIES).
POLICIES = frozenset((POLICY, *filter(None, os.environ.get("YJZ_TSA_POLICIES", "").split(","))))


@dataclass(frozen=True, slots=True)
class Documents:
    """What is bundled: the signed DCC, its printed form, and the authority's revocation list at that time."""

    signed_xml: bytes
    pdf: bytes | None
    revocation_list: x509.CertificateRevocationList | None


def build(documents: Documents, entry: bytes, signature: bytes, identity: SigningIdentity) -> bytes:
    """The bundle around a signed entry; the same identity signed the DCC and the PDF."""
    files = {XML: documents.signed_xml, ENTRY: entry, ENTRY_SIGNATURE: signature}
    if documents.pdf is not None:
        files[PDF] = documents.pdf
    for position, certificate in enumerate((identity.certificate, *identity.chain)):
        files[f"chain/{position:02}.der"] = certificate.public_bytes(Encoding.DER)
    if documents.revocation_list is not None:
        files[REVOCATION] = documents.revocation_list.public_bytes(Encoding.DER)
    return pack(files)


def with_evidence(bundle: bytes, later: Mapping[str, bytes]) -> bytes:
    """The bundle with what came to be after issue: a proof from the log, a revocation."""
    return pack({**unpack(bundle), **later})


def verify_bundle(
    data: bytes,
    anchors: Sequence[x509.Certificate],
    at: datetime,
    log: Policy | None = None,
    nodes: Sequence[Node] = (),
    standing: bytes | None = None,
) -> Report:
    """Every check of a bundle. Needs no network.

    `at` is now, `anchors` are the only roots trusted; `log` says which log and witnesses are, and without it an
    inclusion proof counts for nothing. `standing` is a fresh list of what no longer holds (log/standing_list.py).
    """
    try:
        files = unpack(data)
    except ContainerError as error:
        return Report((Check("container", "证书包完整", Status.FAILED, str(error)),))
    container = Check("container", "证书包完整", Status.PASSED, f"{len(files)} 个文件")
    if XML not in files:
        return Report((container, Check("signature", "数字签名", Status.FAILED, f"证书包中没有 {XML}")))
    checks, result = verify_document(files[XML], anchors, at)
    if result is None:
        return Report((container, *checks))
    attached = (_chain(files, result, anchors), _revocation(files, result, anchors))
    printed = (_pdf(files, result, anchors, at), _attachment(files))
    logged = (
        _timestamp(files, result, anchors, at),
        check_inclusion(files.get(PROOF), files.get(ENTRY, b""), log, at),
        check_anchor(files.get(ANCHOR), files.get(PROOF), nodes),
        check_standing(files, result, anchors, log, at, standing),
    )
    entry = (*_entry_checks(files, result), check_parallel(files, files.get(ENTRY, b""), anchors))
    return Report((container, _contents(files), *checks, *entry, *printed, *attached, *logged))


def verify_document(
    data: bytes, anchors: Sequence[x509.Certificate], at: datetime
) -> tuple[tuple[Check, ...], SignatureResult | None]:
    """The checks of a signed DCC by itself, and what was signed (None where the signature doesn't hold)."""
    try:
        result = verify_xml(data, anchors, at)
    except SignatureError as error:
        return (Check("signature", "数字签名", Status.FAILED, str(error)),), None
    signer = result.signer.subject.rfc4514_string()
    signature = Check("signature", "数字签名", Status.PASSED, f"{signer}，{result.signed_at.isoformat()}")
    return (signature, _schema(result.signed)), result


def verify_file(
    data: bytes,
    anchors: Sequence[x509.Certificate],
    at: datetime,
    log: Policy | None = None,
    nodes: Sequence[Node] = (),
    standing: bytes | None = None,
) -> Report:
    """Every check of whatever someone holds: a bundle, a signed DCC, or a PDF with a signed DCC in it."""
    if data.lstrip()[:1] == b"<":
        return Report(verify_document(data, anchors, at)[0])
    if not data.startswith(b"%PDF"):
        return verify_bundle(data, anchors, at, log, nodes, standing)
    try:
        document = attachment(data)
    except PdfError as error:
        return Report((Check("attachment", "PDF 所附 DCC", Status.FAILED, str(error)),))
    checks, result = verify_document(document, anchors, at)
    if result is None:
        return Report(checks)
    return Report((*checks, _pdf({PDF: data}, result, anchors, at)))


def _schema(root: etree._Element) -> Check:
    try:
        schema = schema_for(root.get("schemaVersion", ""))
    except UnknownSchemaVersionError as error:
        return Check("schema", "DCC 模式", Status.FAILED, str(error))
    if schema.validate(root):
        return Check("schema", "DCC 模式", Status.PASSED, f"DCC {root.get('schemaVersion')}")
    log: Any = schema.error_log
    return Check("schema", "DCC 模式", Status.FAILED, f"第 {log[0].line} 行：{log[0].message}")


def _entry_checks(files: Mapping[str, bytes], result: SignatureResult) -> Iterator[Check]:
    if ENTRY not in files or ENTRY_SIGNATURE not in files:
        yield Check("entry", "登记条目", Status.FAILED, f"证书包中没有 {ENTRY} 或 {ENTRY_SIGNATURE}")
        return
    try:
        check_entry_signature(files[ENTRY], files[ENTRY_SIGNATURE], result.signer)
        entry = decode(files[ENTRY])
    except EntryError as error:
        yield Check("entry", "登记条目", Status.FAILED, str(error))
        return
    yield Check("entry", "登记条目", Status.PASSED, f"{entry.number}，{entry.at.isoformat()}")
    yield _number(entry, result)
    yield _hash(XML, "DCC 与登记一致", entry, files)


def _number(entry: Entry, result: SignatureResult) -> Check:
    number = number_of(result.signed)
    if number == entry.number:
        return Check("number", "证书编号一致", Status.PASSED, number)
    return Check("number", "证书编号一致", Status.FAILED, f"DCC 中为 {number}，登记为 {entry.number}")


def _hash(name: str, label: str, entry: Entry, files: Mapping[str, bytes]) -> Check:
    check = name.replace(".", "_")
    if entry.event != "issued" or entry.sha256.get(name) != hashlib.sha256(files[name]).hexdigest():
        return Check(check, label, Status.FAILED, f"{name} 与登记的哈希不符")
    return Check(check, label, Status.PASSED)


def _contents(files: Mapping[str, bytes]) -> Check:
    known = {XML, PDF, ENTRY, ENTRY_SIGNATURE, REVOCATION, PROOF, ANCHOR, TIMESTAMP, *NOTICE_FILES, *PARALLEL_FILES}
    strange = [name for name in files if name not in known and not name.startswith("chain/")]
    if strange:
        return Check("contents", "证书包内容", Status.FAILED, f"有不属于证书包的文件：{'、'.join(strange)}")
    return Check("contents", "证书包内容", Status.PASSED)


def _chain(files: Mapping[str, bytes], result: SignatureResult, anchors: Sequence[x509.Certificate]) -> Check:
    label, names = "证书链", sorted(name for name in files if name.startswith("chain/"))
    if not names:
        return Check("chain", label, Status.FAILED, "证书包中没有签名人证书")
    try:
        chain = [read_certificate(files[name]) for name in names]
        if chain[0] != result.signer:
            return Check("chain", label, Status.FAILED, f"{names[0]} 不是签名人的证书")
        # A chain may end with its root or, as many PKCS#12 files do, just below it.
        if not any(chain[-1] == anchor or _certified_by(chain[-1], anchor) for anchor in anchors):
            return Check("chain", label, Status.FAILED, f"{names[-1]} 不是信任的根证书，也不是由其签发")
        for issued, issuer in pairwise(chain):
            issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        return Check("chain", label, Status.FAILED, f"证书链不连续或无法读取（{error}）")
    return Check("chain", label, Status.PASSED, f"{len(chain)} 张证书")


def _certified_by(certificate: x509.Certificate, anchor: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _pdf(
    files: Mapping[str, bytes], result: SignatureResult, anchors: Sequence[x509.Certificate], at: datetime
) -> Check:
    label = "PDF 签名"
    if PDF not in files:
        return Check("certificate_pdf", label, Status.ABSENT)
    try:
        found = verify_pdf(files[PDF], anchors, at)
    except SignatureError as error:
        return Check("certificate_pdf", label, Status.FAILED, str(error))
    if found.signer != result.signer:
        return Check("certificate_pdf", label, Status.FAILED, "PDF 的签名人不是 DCC 的签名人")
    return Check("certificate_pdf", label, Status.PASSED, found.signed_at.isoformat())


def _attachment(files: Mapping[str, bytes]) -> Check:
    label = "PDF 所附即此 DCC"
    if PDF not in files:
        return Check("attachment", label, Status.ABSENT)
    try:
        same = attachment(files[PDF]) == files[XML]
    except PdfError as error:
        return Check("attachment", label, Status.FAILED, str(error))
    return Check("attachment", label, Status.PASSED if same else Status.FAILED)


def _revocation(files: Mapping[str, bytes], result: SignatureResult, anchors: Sequence[x509.Certificate]) -> Check:
    label, data = "签名人证书未被吊销（签发时）", files.get(REVOCATION)
    if data is None:
        return Check("revocation", label, Status.ABSENT)
    try:
        listed = x509.load_der_x509_crl(data)
        if listed.issuer != result.signer.issuer:
            return Check("revocation", label, Status.FAILED, "吊销列表不是由签名人证书的签发者签发")
        if not any(_issued_by(listed, anchor) for anchor in anchors):
            return Check("revocation", label, Status.FAILED, "吊销列表不是由信任的根证书签发")
        entry = listed.get_revoked_certificate_by_serial_number(result.signer.serial_number)
    except (ValueError, x509.InvalidVersion) as error:
        return Check("revocation", label, Status.FAILED, f"吊销列表无法读取（{error}）")
    if entry is not None and entry.revocation_date_utc <= result.signed_at:
        return Check("revocation", label, Status.FAILED, f"已于 {entry.revocation_date_utc.isoformat()} 吊销")
    return Check("revocation", label, Status.PASSED, f"吊销列表日期 {listed.last_update_utc.isoformat()}")


def _issued_by(listed: x509.CertificateRevocationList, anchor: x509.Certificate) -> bool:
    if is_unreadable(anchor):
        return False
    key = anchor.public_key()
    if listed.issuer != anchor.subject or not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return False
    return listed.is_signature_valid(key)


def _timestamp(
    files: Mapping[str, bytes], result: SignatureResult, anchors: Sequence[x509.Certificate], at: datetime
) -> Check:
    label = "可信时间戳"
    if TIMESTAMP not in files:
        return Check("timestamp", label, Status.ABSENT)
    try:
        found = check_timestamp(files[TIMESTAMP], files[XML], anchors, at, POLICIES)
    except TimestampError as error:
        return Check("timestamp", label, Status.FAILED, str(error))
    if found.at < result.signed_at - TIMESTAMP_TOLERANCE:
        return Check("timestamp", label, Status.FAILED, f"时间戳 {found.at.isoformat()} 早于签名时间")
    authority = found.authority.subject.rfc4514_string()
    return Check("timestamp", label, Status.PASSED, f"{found.at.isoformat()}，{authority}")
