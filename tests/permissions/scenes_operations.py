"""Scenes of verification, certificates and mandatory verification."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from permissions.seats import Seat
from permissions.town import AT, TODAY, Call, Town, scene
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.operations.certificates import issuing
from yuejingzhun.platform.operations.certificates import queries as certificate_queries
from yuejingzhun.platform.operations.certificates import services as certificates
from yuejingzhun.platform.operations.certificates.models import Certificate
from yuejingzhun.platform.operations.mandatory import queries as counter
from yuejingzhun.platform.operations.mandatory.models import Application, Batch, BatchJob, Line
from yuejingzhun.platform.operations.mandatory.rules import Delivery, State
from yuejingzhun.platform.operations.mandatory.services import answer, apply, batch, reception
from yuejingzhun.platform.operations.mandatory.services.days_off import add_days_off
from yuejingzhun.platform.operations.mandatory.services.result import note_result
from yuejingzhun.platform.operations.mandatory.services.tariff import set_tariff
from yuejingzhun.platform.operations.verification import queries as jobs
from yuejingzhun.platform.operations.verification import services as verification
from yuejingzhun.platform.operations.verification.models import Job

VERIFICATION, CERTIFICATES = "operations.verification", "operations.certificates"
MANDATORY = "operations.mandatory"
LATER = date(2027, 6, 1)
# Made up; of a year that no term of these scenes reaches.
DAYS_OFF = ("01-01", "02-05", "02-06", "02-07", "02-08", "02-09", "04-05", "05-01", "05-02", "06-09", "10-01", "10-02",
            "10-03")  # fmt: skip


def _submit(town: Town, actor: Actor) -> Job:
    world = town.world
    return verification.submit_record(actor, town.institute, town.party, world.record(), world.standard(), TODAY, AT)


def _tested(town: Town) -> Job:
    return _submit(town, town.world.verifier)


def _reviewed(town: Town) -> Job:
    return verification.review(town.world.reviewer, _tested(town).pk, AT)


def _issued(town: Town) -> Certificate:
    return certificates.approve(town.world.signatory, _reviewed(town).pk, AT)


@scene(f"{VERIFICATION}.services.submit_record")
def _submit_record(town: Town) -> Call:
    return lambda actor: _submit(town, actor)


@scene(f"{VERIFICATION}.services.submit_records")
def _submit_records(town: Town) -> Call:
    many = [verification.Submission(town.world.record(seed=seed), TODAY) for seed in (1, 2)]
    standard = town.world.standard()
    return lambda actor: verification.submit_records(actor, town.institute, town.party, many, standard, AT)


@scene(f"{VERIFICATION}.queries.recent_of")
def _recent(town: Town) -> Call:
    here = replace(town.one(Role.VERIFIER, Seat.INSTITUTE), person_id=town.themselves.pk)  # as they once worked there
    job = _submit(town, here)
    return lambda actor: job in jobs.recent_of(actor)


@scene(f"{VERIFICATION}.queries.visible_instrument")
def _instrument(town: Town) -> Call:
    job = _tested(town)
    return lambda actor: jobs.visible_instrument(actor, job.instrument_id)


@scene(f"{CERTIFICATES}.services.revoke")
def _revoke(town: Town) -> Call:
    number = _issued(town).number
    return lambda actor: certificates.revoke(actor, number, "原因", AT)


@scene(f"{CERTIFICATES}.queries.file_for")
def _file_for(town: Town) -> Call:
    number = _issued(town).number
    return lambda actor: bool(certificate_queries.file_for(actor, number, "xml"))


def _step(key: str, before: Callable[[Town], Any], act: Callable[[Actor, int], Any]) -> None:
    """A scene in which something is done to what `before` made."""

    @scene(key)
    def _(town: Town) -> Call:
        found = before(town)
        return lambda actor: act(actor, found.pk)


def _among(rows: Any, key: int) -> bool:
    return any(row.pk == key for row in rows)


_step(f"{VERIFICATION}.services.review", _tested, lambda who, key: verification.review(who, key, AT))
_step(f"{VERIFICATION}.services.return_to_tester#tested", _tested,
      lambda who, key: verification.return_to_tester(who, key, "原因", AT))  # fmt: skip
_step(f"{VERIFICATION}.services.return_to_tester#reviewed", _reviewed,
      lambda who, key: verification.return_to_tester(who, key, "原因", AT))  # fmt: skip
_step(f"{VERIFICATION}.queries.visible_job", _tested, jobs.visible_job)
_step(f"{VERIFICATION}.queries.waiting_for#tested", _tested, lambda who, key: _among(jobs.waiting_for(who), key))
_step(f"{VERIFICATION}.queries.waiting_for#reviewed", _reviewed, lambda who, key: _among(jobs.waiting_for(who), key))
_step(f"{VERIFICATION}.services.review_all", _tested, lambda who, key: verification.review_all(who, [key], AT))
_step(f"{CERTIFICATES}.issuing.issue_all", _reviewed, lambda who, key: issuing.issue_all(who, [key], AT))
_step(f"{CERTIFICATES}.services.approve", _reviewed, lambda who, key: certificates.approve(who, key, AT))


def _request(town: Town, key: str = "k1") -> apply.Request:
    chosen = (town.meters[0].pk,)
    return apply.Request(town.party, town.institute, chosen, Delivery.DELIVERED, "联系人", "020-1", key)


def _applied(town: Town) -> Application:
    return apply.apply(town.one(Role.HOLDER, Seat.PARTY), _request(town), AT)


def _accepted(town: Town) -> Application:
    return answer.accept(town.one(Role.RECEPTIONIST, Seat.INSTITUTE), _applied(town).pk, AT)


def _appointed(town: Town) -> Application:
    return answer.appoint(town.one(Role.RECEPTIONIST, Seat.INSTITUTE), _accepted(town).pk, TODAY, AT)


def _received(town: Town) -> Line:
    return reception.receive(town.one(Role.RECEPTIONIST, Seat.INSTITUTE), _appointed(town).pk, [1], "完好", AT)[0]


def _finished(town: Town) -> Line:
    line = _received(town)
    note_result(line.instrument_id, town.institute, "证书-1", True, AT)
    return line


def _batch(town: Town, state: Callable[[Town], Job] = _tested) -> Batch:
    """Of one record, as if it came from the file of a test bench."""
    job = state(town)
    made = Batch.objects.create(
        institute_id=town.institute, first=job, regulation=job.regulation, keep="ALL", name="台.csv", sha256="0" * 64,
        content=b"x", rows=1, asked_at=AT, asked_by_id=job.tested_by_id,
    )  # fmt: skip
    BatchJob.objects.create(batch=made, job=job, row=1)
    return made


def _reviewed_batch(town: Town) -> Batch:
    return _batch(town, _reviewed)


@scene(f"{MANDATORY}.queries.applications_of")
def _of_the_holder(town: Town) -> Call:
    applied = _applied(town)
    return lambda actor: applied in counter.applications_of(actor, town.party)


@scene(f"{MANDATORY}.services.batch.check_may_bring")
def _may_bring(town: Town) -> Call:
    first = _submit(town, town.one(Role.VERIFIER, Seat.INSTITUTE))
    return lambda actor: batch.check_may_bring(actor, first)


@scene(f"{MANDATORY}.services.tariff.set_tariff")
def _set_tariff(town: Town) -> Call:
    item = town.meters[0].item
    return lambda actor: set_tariff(actor, item, Decimal("50.00"), TODAY, "文号", AT)


@scene(f"{MANDATORY}.services.days_off.add_days_off")
def _add_days_off(town: Town) -> Call:
    path = Path(tempfile.mkdtemp()) / "2027.csv"
    path.write_text("day,kind\n" + "".join(f"2027-{day},rest\n" for day in DAYS_OFF), encoding="utf-8")
    return lambda actor: add_days_off(actor, path, AT)


@scene(f"{MANDATORY}.queries.count_overdue")
def _count_overdue(town: Town) -> Call:
    _applied(town)
    return lambda actor: counter.count_overdue(actor, LATER) == 1


@scene(f"{MANDATORY}.queries.statistics_for")
def _statistics(town: Town) -> Call:
    _finished(town)
    return lambda actor: bool(counter.statistics_for(actor, "item", "440106", TODAY, TODAY))


@scene(f"{MANDATORY}.queries.count_waiting")
def _count_waiting(town: Town) -> Call:
    _received(town)
    return lambda actor: counter.count_waiting(actor) == 1


@scene(f"{MANDATORY}.queries.find_line")
def _find_line(town: Town) -> Call:
    sample = _received(town).sample or ""
    return lambda actor: counter.find_line(actor, sample)


@scene(f"{MANDATORY}.queries.filed_with")
def _filed_with(town: Town) -> Call:
    _applied(town)
    return lambda actor: counter.filed_with(actor, "k1") is not None


@scene(f"{VERIFICATION}.queries.instrument_to_test")
def _to_test(town: Town) -> Call:
    line = _received(town)
    return lambda actor: jobs.instrument_to_test(actor, line.instrument_id) is not None


@scene(f"{MANDATORY}.services.apply.apply")
def _apply(town: Town) -> Call:
    return lambda actor: apply.apply(actor, _request(town), AT)


@scene(f"{MANDATORY}.services.answer.refer")
def _refer(town: Town) -> Call:
    application, to = _applied(town), town.seats[Seat.AWAY]
    return lambda actor: answer.refer(actor, application.pk, to.pk, "能力所限", AT)


@scene(f"{MANDATORY}.queries.counts_of_desk")
def _counts(town: Town) -> Call:
    _applied(town)
    return lambda actor: counter.counts_of_desk(actor)[State.SUBMITTED] == 1


_step(f"{MANDATORY}.services.apply.withdraw", _applied, lambda who, key: apply.withdraw(who, key, "原因", AT))
_step(f"{MANDATORY}.services.answer.accept", _applied, lambda who, key: answer.accept(who, key, AT))
_step(f"{MANDATORY}.services.answer.refuse", _applied, lambda who, key: answer.refuse(who, key, "原因", AT))
_step(f"{MANDATORY}.services.answer.appoint", _accepted,
      lambda who, key: answer.appoint(who, key, TODAY + timedelta(days=1), AT))  # fmt: skip
_step(f"{MANDATORY}.services.reception.receive", _appointed,
      lambda who, key: reception.receive(who, key, [1], "完好", AT))  # fmt: skip
_step(f"{MANDATORY}.services.reception.drop", _received, lambda who, key: reception.drop(who, key, "原因", AT))
_step(f"{MANDATORY}.services.reception.seal", _finished, lambda who, key: reception.seal(who, key, "封 1", AT))
_step(f"{MANDATORY}.services.reception.give_back", _finished,
      lambda who, key: reception.give_back(who, [key], "取件人", AT))  # fmt: skip
_step(f"{MANDATORY}.queries.visible_application", _applied, counter.visible_application)
_step(f"{MANDATORY}.queries.line_of", _received, counter.line_of)
_step(f"{MANDATORY}.queries.desk", _applied, lambda who, key: _among(counter.desk(who, State.SUBMITTED), key))
_step(f"{MANDATORY}.queries.overdue", _applied, lambda who, key: _among(counter.overdue(who, LATER), key))
_step(f"{MANDATORY}.queries.of_holder", _applied, lambda who, key: _among(counter.of_holder(who), key))
_step(f"{MANDATORY}.queries.waiting_for_test", _received, lambda who, key: _among(counter.waiting_for_test(who), key))
_step(f"{MANDATORY}.queries.visible_batch", _batch, counter.visible_batch)
_step(f"{MANDATORY}.queries.batches", _batch, lambda who, key: _among(counter.batches(who), key))
_step(f"{MANDATORY}.services.batch.ask_review", _batch, lambda who, key: batch.ask_review(who, key, AT))
_step(f"{MANDATORY}.services.batch.ask_approval", _reviewed_batch, lambda who, key: batch.ask_approval(who, key, AT))
