"""The content of a certificate, from which the DCC and the printed document are both composed."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.record import Record, ReferenceStandard


class CertificateKind(Enum):
    """What is issued; the value is its title in Chinese, `english` the one in English."""

    VERIFICATION = "检定证书"
    REJECTION = "检定结果通知书"
    CALIBRATION = "校准证书"

    @property
    def english(self) -> str:
        """The title in English."""
        return {
            CertificateKind.VERIFICATION: "Verification Certificate",
            CertificateKind.REJECTION: "Notice of Verification Result",
            CertificateKind.CALIBRATION: "Calibration Certificate",
        }[self]


@dataclass(frozen=True, slots=True)
class Organisation:
    """An institute or a holder as it stands on the certificate."""

    name: str
    name_en: str
    credit_code: str
    city: str
    address: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Signatories:
    """The three acts: who tested, who reviewed, who approved."""

    tested_by: str
    reviewed_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate, before it becomes a document. `issued_at` is in UTC."""

    number: str
    kind: CertificateKind
    institute: Organisation
    authorisation: str  # number of the institute's 法定计量检定机构计量授权证书
    holder: Organisation
    place: str
    record: Record
    standard: ReferenceStandard
    evaluation: Evaluation
    signatories: Signatories
    received_on: date
    issued_at: datetime
    lookup_url: str
    supersedes: str | None = None
