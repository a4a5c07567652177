"""Scenes of the evaluation of meters in service: a finished evaluation, as its task would leave it."""

import hashlib
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from permissions.seats import Seat
from permissions.town import AT, TODAY, Call, Town, scene
from reading_tables import district_table, write_parquet
from yuejingzhun.metrology.fleet.prior import default_prior
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.operations.mandatory.rules import Delivery
from yuejingzhun.platform.operations.metering import queries
from yuejingzhun.platform.operations.metering.kernel import FOUND
from yuejingzhun.platform.operations.metering.lakes import folder_of, lake_of
from yuejingzhun.platform.operations.metering.models import (
    Analysis,
    DistrictResult,
    Evaluation,
    MeterList,
    SampledMeter,
    Suspect,
    Truth,
    WorkItem,
)
from yuejingzhun.platform.operations.metering.parts import write_index
from yuejingzhun.platform.operations.metering.rules import Choice, Medium, Wanted
from yuejingzhun.platform.operations.metering.services import analyse, assets, decide, evaluate, flow_back, truth
from yuejingzhun.platform.operations.metering.stating import to_json
from yuejingzhun.platform.operations.metering.version import method
from yuejingzhun.telemetry.importing import import_readings

METERING, ELECTRICITY = "operations.metering", Medium.ELECTRICITY
FIRST, DAYS = TODAY - timedelta(days=40), 30
COUNTS = {"districts": 1, "kept": 1, "meters": 1, "stated": 1, "suspicious": 1}
SUMMARY = {"reasons": {}, "errors": [0, 1], "edges": [0.0]}


def evaluation_row(town: Town) -> Evaluation:
    """Finished, but without a district."""
    task = LongTask.objects.create(
        kind=evaluate.KIND, title="状态评价", arguments={}, asked_by_id=engineer(town).person_id, asked_at=AT,
        state="DONE", result={}, finished_at=AT, organisation_id=town.party,
    )  # fmt: skip
    return Evaluation.objects.create(
        organisation_id=town.party, region="440106", medium="ELECTRICITY", first_day=FIRST, days=DAYS,
        last_day=FIRST + timedelta(days=DAYS - 1), mpe=Decimal("0.02"), threshold=Decimal("0.5"), commit=1,
        method=method(), task=task, asked_at=AT, asked_by_id=engineer(town).person_id, prior=to_json(default_prior()),
        finished_at=AT, summary=SUMMARY, **COUNTS,
    )  # fmt: skip


def evaluation(town: Town, district: str = "T1") -> Evaluation:
    """With one district of one meter, which is suspicious; of the files only what its pages read."""
    made = evaluation_row(town)
    meter = town.meters[0].serial
    rows = [
        {"district": district, "meter": meter, "role": "meter", "group": "1A", "mean": 0.05, "variance": 1e-6,
         "energy_kwh": 100.0},
        {"district": district, "meters": 1, "power": 0.9, "total_kwh": 104.0, "sum_kwh": 100.0, "fixed_loss_kwh": 1.0,
         "groups": ["1A"], "group_loss_kwh": [2.0], "residual_kwh": [0.001] * 24},
    ]  # fmt: skip
    folder = folder_of(made.pk)
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=FOUND), folder / "4401-0.parquet")
    write_index(made.pk)
    DistrictResult.objects.create(
        evaluation=made, district=district, city="4401", part="4401-0.parquet", meters=1, stated=1, suspicious=1,
        total_kwh=104.0, loss_share=0.04, power=0.9,
    )  # fmt: skip
    return made


def engineer(town: Town) -> Actor:
    """Of the utility that is concerned."""
    return town.one(Role.METERING_ENGINEER, Seat.PARTY)


def item(town: Town) -> WorkItem:
    """The suspicious meter, on the work list."""
    made = evaluation(town)
    suspect = Suspect.objects.create(
        evaluation=made, district="T1", meter=town.meters[0].serial, error=0.05, uncertainty=0.001, low=0.048,
        high=0.052, exceeds=0.99, energy_kwh=100.0,
    )  # fmt: skip
    found, _ = WorkItem.objects.get_or_create(
        organisation_id=town.party, medium="ELECTRICITY", meter=suspect.meter,
        defaults={"suspect": suspect, "exceeds": 0.99, "standing": "OPEN"},
    )  # fmt: skip
    return found


def entered(town: Town) -> Truth:
    """A test result by hand."""
    tested = truth.Outcome(town.meters[0].serial, TODAY, Decimal("0.05"), False)
    return truth.record_truth(engineer(town), town.party, ELECTRICITY, tested, AT)


def analysis(town: Town) -> Analysis:
    """A finished sample of one meter."""
    made = Analysis.objects.create(
        evaluation=evaluation(town), kind="SAMPLE", arguments={"size": 1, "seed": 1}, asked_at=AT,
        asked_by_id=engineer(town).person_id, finished_at=AT, result={"size": 1, "chance": 1.0, "meters": 1},
    )  # fmt: skip
    SampledMeter.objects.create(
        analysis=made, organisation_id=town.party, meter=town.meters[0].serial, district="T1", chance=1.0, exceeds=0.99
    )
    return made


def listed(town: Town) -> MeterList:
    """A list of meters, on record."""
    return MeterList.objects.create(
        organisation_id=town.party, medium="ELECTRICITY", name="档案.csv", sha256=hashlib.sha256(b"").hexdigest(),
        rows=1, at=AT, by_id=engineer(town).person_id,
    )  # fmt: skip


def readings(town: Town) -> None:
    """Two days of one district in the lake of the utility."""
    if not lake_of(town.party).commits():
        path = write_parquet(Path(tempfile.mkdtemp()) / "t.parquet", district_table("T1", first=FIRST))
        import_readings(lake_of(town.party), [path], AT)


@scene(f"{METERING}.services.evaluate.ask_evaluation")
def _ask(town: Town) -> Call:
    readings(town)
    wanted = Wanted(FIRST, DAYS, Decimal("0.02"), Decimal("0.5"))
    return lambda actor: evaluate.ask_evaluation(actor, town.party, ELECTRICITY, wanted, AT)


@scene(f"{METERING}.services.decide.decide")
def _decide(town: Town) -> Call:
    found = item(town)
    return lambda actor: decide.decide(actor, town.party, [found.pk], Choice.WATCH, "理由", AT)


@scene(f"{METERING}.services.decide.sending")
def _sending(town: Town) -> Call:
    found = item(town)
    return lambda actor: decide.sending(actor, town.party, [found.pk], AT)


@scene(f"{METERING}.services.decide.send_to_test")
def _send(town: Town) -> Call:
    found = item(town)
    asked = decide.SendRequest(town.institute, Delivery.DELIVERED, "联系人", "020-1", "k-metering")
    return lambda actor: decide.send_to_test(actor, town.party, [found.pk], asked, AT)


@scene(f"{METERING}.services.truth.record_truth")
def _record(town: Town) -> Call:
    tested = truth.Outcome(town.meters[0].serial, TODAY, Decimal("0.01"), True)
    return lambda actor: truth.record_truth(actor, town.party, ELECTRICITY, tested, AT)


@scene(f"{METERING}.services.truth.record_table")
def _table(town: Town) -> Call:
    path = Path(tempfile.mkdtemp()) / "t.csv"
    path.write_text(f"表号,检定日期,误差（%）,结论\nM1,{TODAY},1.0,合格\n", encoding="utf-8")
    return lambda actor: truth.record_table(actor, town.party, ELECTRICITY, path, AT)


@scene(f"{METERING}.services.truth.withdraw_truth")
def _withdraw(town: Town) -> Call:
    found = entered(town)

    def act(actor: Actor) -> Any:
        truth.withdraw_truth(actor, found.pk, "原因", AT)

    return act


@scene(f"{METERING}.services.flow_back.bring_results")
def _bring(town: Town) -> Call:
    evaluation(town)
    return lambda actor: flow_back.bring_results(actor, town.party, AT)


@scene(f"{METERING}.services.assets.bring_list")
def _list(town: Town) -> Call:
    table = "表号,制造单位,型号\nM1,厂,DDS\n".encode()
    return lambda actor: assets.bring_list(actor, town.party, ELECTRICITY, "表.csv", [table], AT)


@scene(f"{METERING}.services.analyse.ask_population")
def _population(town: Town) -> Call:
    key = evaluation(town).pk
    listed(town)
    asked = analyse.PopulationRequest(Decimal("0.05"), Decimal("5.00"), 100)
    return lambda actor: analyse.ask_population(actor, key, asked, AT)


@scene(f"{METERING}.services.analyse.ask_plan")
def _plan(town: Town) -> Call:
    key = evaluation(town).pk
    asked = analyse.PlanRequest(Decimal(1000), Decimal(60), Decimal(300), Decimal("0.6"), (), 5)
    return lambda actor: analyse.ask_plan(actor, key, asked, AT)


@scene(f"{METERING}.services.analyse.ask_sample")
def _sample(town: Town) -> Call:
    key = evaluation(town).pk
    return lambda actor: analyse.ask_sample(actor, key, 1, AT)


@scene(f"{METERING}.queries.evaluations")
def _evaluations(town: Town) -> Call:
    found = evaluation(town)
    return lambda actor: found in queries.evaluations(actor)


@scene(f"{METERING}.queries.visible_evaluation")
def _evaluation(town: Town) -> Call:
    key = evaluation(town).pk
    return lambda actor: queries.visible_evaluation(actor, key)


@scene(f"{METERING}.queries.visible_analysis")
def _analysis(town: Town) -> Call:
    key = analysis(town).pk
    return lambda actor: queries.visible_analysis(actor, key)


@scene(f"{METERING}.queries.visible_utility")
def _utility(town: Town) -> Call:
    return lambda actor: queries.visible_utility(actor, town.party)
