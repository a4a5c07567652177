"""Certificates without a server (`yjz sample`, `yjz issue`), signed by a demonstration authority or a given key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.serialization import Encoding

from yuejingzhun.evidence.authority import create_authority, issue_revocation_list, issue_signer
from yuejingzhun.evidence.certificate import Certificate, CertificateKind, Organisation, Signatories
from yuejingzhun.evidence.issue import Issued, issue
from yuejingzhun.evidence.keys import SigningIdentity
from yuejingzhun.procedures.catalogue import procedure as find_procedure
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.procedure import Procedure
from yuejingzhun.procedures.record import Record, ReferenceStandard
from yuejingzhun.procedures.sample import sample_record
from yuejingzhun.procedures.workbook.template import write_template

INSTITUTE = Organisation("演示市计量检定所", "Demo Institute of Metrology", "", "广州市", "演示路 1 号")
HOLDER = Organisation("演示使用单位", "", "", "广州市", "演示路 2 号")
SIGNATORIES = Signatories("演示检定员", "演示核验员", "演示签字人")
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs offline: the identity, and the authority whose root and list go with it, if it is ours."""

    identity: SigningIdentity
    authority: SigningIdentity | None


def demonstration_signer(at: datetime) -> Signer:
    """A new authority and a signer of it, for this one run."""
    authority = create_authority("粤精准离线演示根证书", at - timedelta(days=1))
    return Signer(issue_signer(authority, INSTITUTE.name, at - timedelta(days=1)), authority)


def issue_record(record: Record, standard: ReferenceStandard, number: str, signer: Signer, at: datetime) -> Issued:
    """The certificate of one record; raises RecordError for one that can't be evaluated."""
    evaluation = evaluate(find_procedure(record.regulation), record, standard)
    content = Certificate(
        number=number,
        kind=CertificateKind.VERIFICATION if evaluation.passed else CertificateKind.REJECTION,
        institute=INSTITUTE,
        authorisation="演示",
        holder=HOLDER,
        place=INSTITUTE.address,
        record=record,
        standard=standard,
        evaluation=evaluation,
        signatories=SIGNATORIES,
        received_on=record.tested_on,
        issued_at=at,
        lookup_url=f"http://127.0.0.1:8000/c/{number}",
    )
    listed = issue_revocation_list(signer.authority, {}, at) if signer.authority else None
    return issue(content, signer.identity, listed)


def write_samples(folder: Path, at: datetime, progress: Progress) -> None:
    """For each regulation a passing and a failing record with the bundle of each, and the root to trust."""
    folder.mkdir(parents=True, exist_ok=True)
    signer = demonstration_signer(at)
    if signer.authority:
        (folder / "root.pem").write_bytes(signer.authority.certificate.public_bytes(Encoding.PEM))
    generator = np.random.default_rng(2022)
    for serial, (declared, passing) in enumerate(_pairs(), 1):
        name = f"{declared.code.replace(' ', '-')}-{'pass' if passing else 'fail'}"
        progress(f"{name}（{declared.instrument}）")
        record, standard = sample_record(declared, passing=passing, generator=generator, tested_on=local_date(at))
        issued = issue_record(record, standard, f"YJZ-440000-{at.year}-{serial:06}", signer, at)
        (folder / f"{name}.xlsx").write_bytes(write_template(declared, record=record, standard=standard))
        (folder / f"{name}.yjz").write_bytes(issued.bundle)
        (folder / f"{name}.pdf").write_bytes(issued.pdf)


def now() -> datetime:
    """The second we are in, in UTC: signatures and entries carry no fractions."""
    return datetime.now(UTC).replace(microsecond=0)


def _pairs() -> Iterator[tuple[Procedure, bool]]:
    for declared in procedures().values():
        yield declared, True
        yield declared, False
