"""A town in which whatever is not for everybody carries a mark that is nowhere else, and what leads to it."""

import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import type_approvals
from credit_cases import with_code
from instrument_tables import brought, csv_file, meters
from permissions import scenes_credit, scenes_indicators, scenes_metering, scenes_operations, scenes_traceability
from permissions.doors import Door
from permissions.seats import Seat
from permissions.town import AT, TODAY, Town, make_town
from small_world import actor
from standard_proposal import content
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.mandatory.models import Application as ToVerify
from yuejingzhun.platform.operations.mandatory.models import Batch as Bench
from yuejingzhun.platform.operations.mandatory.models import BatchJob
from yuejingzhun.platform.operations.metering.models import WorkItem
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.registry.instruments.importing import KIND
from yuejingzhun.platform.registry.instruments.kept_files import token_of
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.materials.models import Batch, ReferenceMaterial
from yuejingzhun.platform.registry.qualifications.models import Authorisation, Registration
from yuejingzhun.platform.registry.qualifications.services.competence import record_training
from yuejingzhun.platform.registry.standards.models import Declaration, Equipment, MeasurementStandard
from yuejingzhun.platform.registry.standards.rules import Kind
from yuejingzhun.platform.registry.standards.services import applications, declarations
from yuejingzhun.platform.registry.traceability.services import declare_and_list
from yuejingzhun.platform.supervision.credit.models import Fact

MARK = "龘"  # in no text of ours, in no name of a place
HOLDER, PLACE, SERIAL, CONTACT = f"{MARK}甲供电单位", f"{MARK}乙路 7 号", f"{MARK}0001", f"{MARK}丙联系人"
BENCH, TASK, REASON = f"{MARK}丁台.csv", f"{MARK}戊任务", f"{MARK}己失准原因"
DEVICE, STANDARD, SHELF = f"{MARK}庚装置", f"{MARK}辛部门标准", f"{MARK}壬柜"
COURSE, PART, PROBLEM = f"{MARK}癸培训", f"{MARK}子标准表", f"{MARK}丑问题行"
TYPE, FACT = f"{MARK}寅新型式", f"{MARK}辰信用事实"
DISTRICT = f"{MARK}卯台区"
MARKS = (HOLDER, PLACE, SERIAL, CONTACT, BENCH, TASK, REASON, DEVICE, STANDARD, SHELF, COURSE, PART, PROBLEM, TYPE,
         DISTRICT, FACT)  # fmt: skip


@dataclass(frozen=True)
class Secrets:
    """The town, what stands in addresses by the name that a route calls it, and what is asked behind them."""

    town: Town
    known: dict[str, list[Any]]
    asked: dict[str, list[str]]

    def addresses(self, door: Door) -> list[str]:
        """Every address of a door that leads to something."""
        names = door.parameters
        values = [self.known.get(f"{door.app}.{name}") or self.known[name] for name in names]
        found = (door.address(dict(zip(names, given, strict=True))) for given in product(*values))
        return [address + query for address in found if address for query in self.asked.get(door.name, [""])]


def hide() -> Secrets:
    """Everything that a page can show, once."""
    town = make_town()
    _mark_holder(town)
    line = scenes_operations._received(town)
    ToVerify.objects.filter(pk=line.application_id).update(contact=CONTACT)
    job, certificate = scenes_operations._tested(town), scenes_operations._issued(town)
    bench = _bench(town, job)
    task = LongTask.objects.create(
        kind=KIND, title=TASK, arguments={"desk": f"HOLDER:{town.party}"}, asked_at=AT, state="DONE", result={},
        finished_at=AT, asked_by_id=town.one(Role.HOLDER, Seat.PARTY).person_id,
    )  # fmt: skip
    task.problems.create(row=1, column="型号", found="", expected=PROBLEM)
    known = {
        "job_id": [job.pk, certificate.job_id],
        "instrument_id": [line.instrument_id, certificate.instrument_id],
        "mandatory.application_id": [line.application_id],
        "standards.application_id": [_application(town)],
        **_approvals(town),
        **_credit(town),
        **_plan(town),
        "mandatory.batch_id": [bench.pk],
        "materials.batch_id": [_material(town)],
        "recall_id": [_recall(town)],
        "standard_id": [_standard(town), _declared()],
        "equipment_id": [Equipment.objects.latest("pk").pk],
        "declaration_id": [Declaration.objects.latest("pk").pk],
        "institute_id": [town.institute],
        "holder_id": [town.party],
        "person_id": [_trained(town)],
        "registration_id": [Registration.objects.get(person_id=town.world.verifier.person_id).pk],
        "authorisation_id": [Authorisation.objects.get(institute_id=town.institute).pk],
        "task_id": [task.pk],
        "line_id": [line.pk],
        "number": [certificate.number],
        "materials.number": ["GBW(E)130001"],
        "approvals.number": ["2026E001-44"],
        "tag": [Instrument.objects.get(pk=line.instrument_id).tag],
        "kind": ["instrument", "INSTRUMENT", "standard", "certificate"],
        "key": [line.instrument_id, certificate.number, MeasurementStandard.objects.get(name=STANDARD).pk],
        "code": ["JJG 596-2012"],
        "catalogue.code": [line.application.item],
        **_metering(town),
        "suffix": ["csv", "xlsx", "json", "certificate.json", "pdf", "xml", "yjz", "parquet", "sig"],
        "path": ["tile/0/000"],
        "act": ["accept", "withdraw", "suspend", "contest", "change", "give-back"],
        "event": ["filed"],
    }
    return Secrets(town, known, _questions(town, task))


def _approvals(town: Town) -> dict[str, list[Any]]:
    """A type with its software for everybody, and an application that isn't."""
    office = type_approvals.office_of(town.world)
    number = type_approvals.issued(office).approval.number
    filing = type_approvals.on_record(office, number).number
    row = type_approvals.accepted(office, TYPE)
    return {
        "approvals.application_id": [row.pk],
        "approvals.number": [number, filing],
        "document_id": [row.documents.first().pk],
        "edition": [1],
    }


def _metering(town: Town) -> dict[str, list[Any]]:
    """An evaluation with a district, a meter, a result and a study of it."""
    scenes_metering.item(town)
    made = scenes_metering.evaluation(town, DISTRICT)
    study = scenes_metering.analysis(town)
    truth = scenes_metering.entered(town)
    return {
        "evaluation_id": [made.pk],
        "district": [DISTRICT],
        "meter": [town.meters[0].serial],
        "analysis_id": [study.pk],
        "truth_id": [truth.pk],
        "metering.kind": ["population", "plan", "sample"],
    }


def _credit(town: Town) -> dict[str, list[Any]]:
    """A fact that was contested, one to be repaired, a round, and a rule set that was tried."""
    with_code(town.world.holder)
    repair = scenes_credit.applied(town)
    contest = scenes_credit.contested(town)
    made = scenes_credit.rated(town)
    Fact.objects.create(
        party_id=town.party, kind="penalty", source=f"{MARK}文", occurred_on=TODAY, recorded_at=AT, region="440106",
        summary=FACT,
    )  # fmt: skip
    return {
        "party_id": [town.party],
        "fact_id": [contest.fact_id, repair.fact_id, Fact.objects.latest("pk").pk],
        "repair_id": [repair.pk],
        "credit_code": [town.world.holder.credit_code],
        "version": [1],
        "simulation_id": [scenes_credit.tried(town).pk],
        "credit.number": [made.number],
        "credit.act": ["contest", "decide", "repair", "simulate", "adopt"],
        "credit.suffix": ["json", "csv", "json.sig"],
    }


def _plan(town: Town) -> dict[str, list[Any]]:
    """An item of an indicator, which is public, and a milestone, which is not."""
    return {
        "indicators.code": ["centres", "2.1"],
        "indicators.item_id": [scenes_indicators.item(town).pk],
        "indicators.suffix": ["pdf", "docx"],
        "milestone_id": [scenes_indicators.milestone(town).pk],
    }


def _mark_holder(town: Town) -> None:
    Organisation.objects.filter(pk=town.party).update(name=HOLDER, address=PLACE)
    town.world.holder.refresh_from_db()
    for number, meter in enumerate(town.meters):
        Instrument.objects.filter(pk=meter.pk).update(serial=f"{SERIAL}{number}", place=PLACE)


def _bench(town: Town, job: Job) -> Bench:
    made = Bench.objects.create(
        institute_id=town.institute, first=job, regulation=job.regulation, keep="ALL", name=BENCH, sha256="0" * 64,
        content=b"x", rows=1, asked_at=AT, asked_by_id=job.tested_by_id,
    )  # fmt: skip
    BatchJob.objects.create(batch=made, job=job, row=1)
    return made


def _application(town: Town) -> int:
    manager = town.another(Role.QUALITY_MANAGER)
    return applications.apply(manager, town.institute, Kind.NEW, content(name=DEVICE), None, AT).pk


def _standard(town: Town) -> int:
    found = MeasurementStandard.objects.create(
        owner=town.world.institute, level="SECTOR_HIGHEST", name=STANDARD, number=f"{MARK}标 1", regulations=[],
        expanded_uncertainty="0.1", unit="%", certificate="C", valid_until=TODAY, traceable_to="国家计量基准",
    )  # fmt: skip
    Equipment.objects.create(
        standard=found, is_main=True, name=PART, model="S", serial="1", certificate="C", valid_until=TODAY,
        added_on=TODAY,
    )  # fmt: skip
    return found.pk


def _declared() -> int:
    """For anyone to see."""
    owner = Organisation.objects.create(name="声明企业", kind="holder", region="440106")
    manager, ends_on = actor("企业质量", owner, Role.QUALITY_MANAGER), TODAY + timedelta(days=900)
    given = content(level="ENTERPRISE_HIGHEST", name="企业装置")
    return declarations.declare(manager, owner.pk, given, ends_on, AT).standard_id


def _material(town: Town) -> int:
    found = ReferenceMaterial.objects.create(number="GBW(E)130001", name="溶液", grade="SECOND", producer="研制单位")
    return Batch.objects.create(
        material=found, owner=town.world.institute, number="B1", place=SHELF, received_on=TODAY, expires_on=TODAY
    ).pk


def _recall(town: Town) -> int:
    finding = replace(scenes_traceability.FINDING, reason=REASON)
    manager, source = town.another(Role.QUALITY_MANAGER), scenes_traceability._source(town)
    return declare_and_list(manager, "standard", source, finding, AT).pk


def _trained(town: Town) -> int:
    person = town.world.verifier.person_id
    record_training(town.another(Role.QUALITY_MANAGER), person, COURSE, "举办单位", 8, TODAY, True, AT)
    return person


def _questions(town: Town, task: LongTask) -> dict[str, list[str]]:
    """What stands behind an address to find something: words that are part of what is marked, never the mark."""
    path = csv_file(Path(tempfile.mkdtemp()) / "表.csv", meters(1, place=PLACE))
    token = token_of(brought(path), task.asked_by_id)
    desks = [f"{role}:{key}" for role, key in (("HOLDER", town.party), ("RECEPTIONIST", town.institute))]
    regions = [f"?region={code}" for code in ("440106", "440100", "440000")]
    months = "&first=2026-01-01&last=2026-12-31"
    return {
        "parties-suggestions": ["?holder=甲供电"],
        "regulator-holders": ["?text=甲供电"],
        "regulator-desk": ["", *regions],
        "screen": ["", *regions],
        "instruments-import-preview": [f"?file={token}"],
        "instruments-export": ["", *(f"?desk={desk}" for desk in desks)],
        "GET /instruments/export": ["", *(f"?desk={desk}" for desk in desks)],
        "instruments-own": ["", f"?holder={town.party}"],
        "instruments-file": ["", f"?holder={town.party}"],
        "instruments-labels": [f"?id={town.meters[0].pk}", f"?id={town.meters[0].pk}&holder={town.party}"],
        "mandatory-apply": ["", f"?holder={town.party}"],
        "GET /instruments": ["", f"?holder={town.party}"],
        "instruments-search": ["?text=0001"],
        "GET /instruments/search": ["?text=0001"],
        "instruments-due": ["", *regions, "?region=440106&never=1"],
        "GET /instruments/due": [f"{region}&until=2027-12-31" for region in regions],
        "GET /instruments/never": regions,
        "metering-find": [f"?meter={town.meters[0].serial}"],
        "metering-new": ["", f"?holder={town.party}"],
        "metering-send": [f"?item={WorkItem.objects.latest('pk').pk}"],
        "GET /metering/utilities/{int:holder_id}/readings": ["?first=2026-10-01&last=2026-11-24"],
        "GET /metering/utilities/{int:holder_id}/meter": [f"?number={town.meters[0].serial}"],
        "GET /metering/evaluations/{int:evaluation_id}/district": [f"?number={DISTRICT}"],
        "mandatory-find": [f"?text={town.meters[0].tag}"],
        "mandatory-desk": ["", "?state=TESTING"],
        "GET /mandatory/applications": ["", "?state=TESTING"],
        "GET /mandatory/statistics": [f"{region}{months}" for region in regions],
        "mandatory-statistics": ["", *regions],
        "institute-desk": ["", f"?institute={town.institute}"],
        "credit-own": ["", f"?party={town.party}"],
        "credit-parties": ["", *regions],
        "credit-facts": ["", *regions],
        "credit-find": ["", "?text=甲供电"],
        "new-record": ["", f"?instrument={town.meters[0].pk}"],
        "standards-list": ["", "?q=部门标准"],
        "standards-published-list": ["", "?q=部门标准"],
        "GET /standards": ["", "?q=部门标准"],
        "GET /published-standards": ["", "?q=部门标准"],
        "qualifications": ["", *regions],
    }
