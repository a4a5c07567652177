"""The type approvals of the synthetic province, so that the numbers of its instruments lead somewhere.

Stored in bulk as makers, institute and authority would have left them, but without the papers. What the authority
states is signed with its key and logged.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from yuejingzhun.demo.figures import SEED
from yuejingzhun.demo.kinds import kinds
from yuejingzhun.demo.makers import Family, families
from yuejingzhun.demo.software_on_record import Office, load_software
from yuejingzhun.evidence.entry import Entry, encode, sign_entry
from yuejingzhun.evidence.type_statement import type_approved, type_withdrawn
from yuejingzhun.platform.foundation.ledger.services import submit_many
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.registry.approvals.models import (
    Application,
    Certificate,
    CertifiedVariant,
    Evaluation,
    NumberSeries,
    Step,
    TypeApproval,
    Withdrawal,
)
from yuejingzhun.platform.registry.approvals.rules import known_as
from yuejingzhun.platform.registry.approvals.signing import signer_for
from yuejingzhun.platform.registry.approvals.statements import said_by

WITHDRAWN = 0.02  # an assumption
COURSE = ("APPLIED", "ACCEPTED", "EVALUATING", "EVALUATED", "APPROVED")
DAYS = (0, 10, 30, 110, 120)  # of the steps of an application, from its day on


def load_types(makers: Sequence[Organisation], by: Person, at: datetime) -> None:
    """All families with a number as approved types, with their certificates and software; in the caller's transaction.

    `makers` in the order of the makers of the province.
    """
    authority = Organisation.objects.filter(kind="authority", region=PROVINCE).order_by("pk")[0]
    institute = Organisation.objects.filter(kind="institute", region=PROVINCE).order_by("pk")[0]
    office = Office(by, authority, institute, at)
    approved = [family for family in families() if family.number]
    types = TypeApproval.objects.bulk_create(
        TypeApproval(
            number=family.number, maker=makers[family.maker], item=kinds()[family.kind].item, letter=family.number[4]
        )
        for family in approved
    )
    _load_series(approved)
    certificates = _load_certificates(office, types, approved)
    withdrawn = _load_withdrawals(office, types)
    log = load_software(office, types)
    log += [type_approved(said_by(one), at) for one in certificates]
    log += [type_withdrawn(one.approval.number, at, one.effective_from.isoformat(), one.reason) for one in withdrawn]
    _sign(office, log)


def _load_series(approved: Iterable[Family]) -> None:
    last: dict[tuple[int, str], int] = {}
    for family in approved:
        key = int(family.number[:4]), family.number[4]
        last[key] = max(last.get(key, 0), int(family.number[5:].partition("-")[0]))
    NumberSeries.objects.bulk_create(
        NumberSeries(year=year, letter=letter, last=serial) for (year, letter), serial in sorted(last.items())
    )


def _load_certificates(office: Office, types: Sequence[TypeApproval], approved: Sequence[Family]) -> list[Certificate]:
    generator = np.random.default_rng([SEED, 21])
    days = [
        date(int(of.number[:4]), 1, 1) + timedelta(days=int(day))
        for of, day in zip(types, generator.integers(0, 365, len(types)), strict=True)
    ]
    applications = Application.objects.bulk_create(
        _application(office, of, family, day) for of, family, day in zip(types, approved, days, strict=True)
    )
    Step.objects.bulk_create(step for row in applications for step in _steps(office, row))
    Evaluation.objects.bulk_create(_evaluation(office, row) for row in applications)
    certificates = Certificate.objects.bulk_create(
        _certificate(office, of, row, day) for of, row, day in zip(types, applications, days, strict=True)
    )
    CertifiedVariant.objects.bulk_create(
        CertifiedVariant(certificate=one, model_key=known_as(variant["model"]), **variant)
        for one in certificates
        for variant in one.application.variants
    )
    return certificates


def _application(office: Office, of: TypeApproval, family: Family, day: date) -> Application:
    kind = kinds()[family.kind]
    variants = [
        {
            "model": model,
            "accuracy_class": kind.accuracy_class,
            "measuring_range": kind.measuring_range,
            "technical": "",
        }
        for model in family.models
    ]
    return Application(
        maker=of.maker,
        item=of.item,
        name=kind.name,
        variants=variants,
        samples=3,
        applied_by=office.by,
        applied_at=_noon(day - timedelta(days=DAYS[-1])),
        state="APPROVED",
        institute=office.institute,
    )


def _steps(office: Office, row: Application) -> Iterator[Step]:
    for state, days in zip(COURSE, DAYS, strict=True):
        yield Step(application=row, state=state, at=row.applied_at + timedelta(days=days), by=office.by)


def _evaluation(office: Office, row: Application) -> Evaluation:
    return Evaluation(
        application=row,
        institute=office.institute,
        report_number=f"演示型评 {row.pk:05}",
        passed=True,
        findings="各项试验结果符合要求。",
        reported_by=office.by,
        reported_at=row.applied_at + timedelta(days=DAYS[3]),
    )


def _certificate(office: Office, of: TypeApproval, row: Application, day: date) -> Certificate:
    return Certificate(
        approval=of,
        edition=1,
        application=row,
        name=row.name,
        maker_name=of.maker.name,
        maker_key=known_as(of.maker.name),
        authority_name=office.authority.name,
        institute_name=office.institute.name,
        report_number=f"演示型评 {row.pk:05}",
        valid_from=day,
        issued_by=office.by,
        issued_at=_noon(day),
    )


def _load_withdrawals(office: Office, types: Sequence[TypeApproval]) -> list[Withdrawal]:
    generator = np.random.default_rng([SEED, 22])
    chosen = np.flatnonzero(generator.random(len(types)) < WITHDRAWN)
    return Withdrawal.objects.bulk_create(
        Withdrawal(
            approval=types[place],
            effective_from=office.today - timedelta(days=int(generator.integers(1, 700))),
            reason="监督抽查发现产品与批准的型式不符",
            by=office.by,
            at=office.at,
        )
        for place in chosen
    )


def _sign(office: Office, entries: Sequence[Entry]) -> None:
    identity = signer_for(office.authority.pk, office.authority.name, office.at)
    signed = [(entry, sign_entry(encode(entry), identity)) for entry in entries]
    submit_many(signed, identity.certificate, office.at)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(4), UTC)  # in Guangdong
