from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np
import pytest

from yuejingzhun.evidence.certificate import Certificate, CertificateKind, Organisation, Signatories
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.sample import sample_record


@pytest.fixture
def certificate() -> Callable[..., Certificate]:
    """A certificate of any regulation, from a sample record that passes or fails."""

    def make(code: str = "JJG 596-2012", passing: bool = True, seed: int = 1) -> Certificate:
        declared = procedure(code)
        generator = np.random.default_rng(seed)
        record, standard = sample_record(declared, passing=passing, generator=generator, tested_on=date(2026, 11, 24))
        evaluation = evaluate(declared, record, standard)
        return Certificate(
            number="YJZ-440100-2026-000001",
            kind=CertificateKind.VERIFICATION if evaluation.passed else CertificateKind.REJECTION,
            institute=Organisation("演示市计量检定所", "Demo Institute of Metrology", "", "广州市", "演示路 1 号"),
            authorisation="(粤)法计(2024)演示号",
            holder=Organisation("演示供电有限公司", "", "", "广州市", "演示路 2 号", "020-00000000"),
            place="本所电能实验室",
            record=record,
            standard=standard,
            evaluation=evaluation,
            signatories=Signatories("检定员甲", "核验员乙", "批准人丙"),
            received_on=date(2026, 11, 20),
            issued_at=datetime(2026, 11, 24, 8, 30, tzinfo=UTC),
            lookup_url="https://example.org/c/YJZ-440100-2026-000001",
        )

    return make
