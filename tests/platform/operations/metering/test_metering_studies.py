"""Studies of all meters of an evaluation: their totals agree with the meters they are made of."""

from decimal import Decimal

import pytest
from django.test import Client

from mandatory_counter import client_of
from simulated_utility import AT, meters_of
from small_world import World
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.models import Analysis, Evaluation, MeterList
from yuejingzhun.platform.operations.metering.parts import stated_of_meters
from yuejingzhun.platform.operations.metering.plan_study import plan_rows
from yuejingzhun.platform.operations.metering.rules import Medium
from yuejingzhun.platform.operations.metering.services import analyse, assets
from yuejingzhun.platform.operations.metering.track import tracks_of

pytestmark = pytest.mark.django_db
METERS = [meter for number in range(3) for meter in meters_of(f"T{number:02}")]
PLAN = analyse.PlanRequest(Decimal(900), Decimal(60), Decimal(300), Decimal("0.6"), (("商业", Decimal("0.8")),), 5)


def table() -> bytes:
    """One maker a district, two models, and rows that are wrong."""
    rows = [
        f"{meter},{'甲乙丙'[n // 30]}厂,DDZY{n % 2},2019-{n % 3},{2012 + n % 10}-06-01,440106,"
        f"{'商业' if n % 5 == 0 else '居民'}"
        for n, meter in enumerate(METERS)
    ]
    wrong = ["X1,厂,,1,2019-06-01,440106,居民", "X2,厂,D,1,2031-06-01,440106,居民", "X3,厂,D,1,2019-06-01,999999,居民"]
    twice = ["X4,厂,D,1,2019-06-01,440106,居民"] * 2
    return "\n".join(["表号,制造单位,型号,批次,生产日期,行政区划,用户类别", *rows, *wrong, *twice]).encode()


@pytest.fixture
def meter_list(evaluated: Evaluation, engineer: Actor, world: World) -> MeterList:
    task = assets.bring_list(engineer, world.holder.pk, Medium.ELECTRICITY, "档案.csv", [table()], AT)
    run_long_task(task)
    done = LongTask.objects.get(pk=task)
    assert done.state == "DONE", done.message
    assert done.result == {"rows": 95, "kept": 90, "refused": 3, "twice": 2}
    assert [row for row, *_ in done.problems.order_by("row").values_list("row", "column")] == [92, 93, 94]
    return MeterList.objects.get()


def run(made: Analysis) -> Analysis:
    run_long_task(made.task_id or 0)
    found = Analysis.objects.select_related("task").get(pk=made.pk)
    assert found.task is not None and found.finished_at is not None, found.task
    return found


def test_the_population_by_maker_model_batch_and_age(
    meter_list: MeterList, evaluated: Evaluation, engineer: Actor
) -> None:
    asked = analyse.PopulationRequest(Decimal("0.05"), Decimal("20.0"), 10)
    found = run(analyse.ask_population(engineer, evaluated.pk, asked, AT))
    assert found.result is not None
    assert (found.result["meters"], found.result["known"]) == (evaluated.stated, evaluated.stated)
    makers, models, batches, ages = found.result["groupings"]
    assert {row["name"] for row in makers["rows"]} == {"甲厂", "乙厂", "丙厂"}
    for grouping in (makers, models, batches, ages):
        assert sum(row["meters"] for row in grouping["rows"]) == evaluated.stated
        assert all(row["low"] <= row["share"] <= row["high"] for row in grouping["rows"])
    expected = sum(one.exceeds or 0 for one in stated_of_meters(evaluated, METERS).values())
    shares = sum(row["share"] * row["meters"] for row in makers["rows"])
    assert shares == pytest.approx(expected, rel=0.5)
    assert len(found.result["life"].get("curve", [])) == 20 or found.result["life"]["problem"]
    lots = found.result["lots"]
    assert sum(row["size"] for row in lots["rows"]) == evaluated.stated and lots["tested"] <= (evaluated.stated or 0)


def test_without_a_list_there_is_no_population(evaluated: Evaluation, engineer: Actor) -> None:
    with pytest.raises(MeteringError, match="档案"):
        analyse.ask_population(engineer, evaluated.pk, analyse.PopulationRequest(Decimal("0.05"), Decimal(5), 10), AT)


def test_a_plan_keeps_to_its_budget_and_takes_the_worst(
    meter_list: MeterList, evaluated: Evaluation, engineer: Actor
) -> None:
    found = run(analyse.ask_plan(engineer, evaluated.pk, PLAN, AT))
    assert found.result is not None
    rows = list(plan_rows(found.pk))
    assert Decimal(found.result["cost"]) <= PLAN.budget
    assert len(rows) == found.result["test"] + found.result["replace"] == found.result["rows"] > 0
    assert sum(Decimal(str(row[5])) for row in rows) == Decimal(found.result["cost"])
    avoided = sum(Decimal(found.result["avoided"][name]) for name in ("over_yuan", "under_yuan"))
    assert sum(Decimal(str(row[6])) + Decimal(str(row[7])) for row in rows) == pytest.approx(
        avoided, abs=Decimal("0.1")
    )
    assert found.result["unknown_classes"] == []
    assert found.result["keep"] + len(rows) == evaluated.stated


def test_the_same_seed_draws_the_same_meters_and_their_results_speak_for_all(
    evaluated: Evaluation, engineer: Actor, world: World
) -> None:
    found = run(analyse.ask_sample(engineer, evaluated.pk, 30, AT))
    drawn = list(found.drawn.order_by("pk"))
    assert len(drawn) == 30 == len({one.meter for one in drawn})
    assert {one.chance for one in drawn} == {30 / (evaluated.stated or 1)}
    again = Analysis.objects.create(
        evaluation=evaluated, kind="SAMPLE", arguments=found.arguments, asked_at=AT, asked_by_id=engineer.person_id,
        task=LongTask.objects.create(kind=analyse.KIND, title="x", arguments={}, asked_by_id=engineer.person_id,
                                     asked_at=AT),
    )  # fmt: skip
    LongTask.objects.filter(pk=again.task_id).update(arguments={"analysis": again.pk})
    assert [one.meter for one in run(again).drawn.order_by("pk")] == [one.meter for one in drawn]
    client = client_of(engineer)
    day = evaluated.last_day.replace(day=evaluated.last_day.day + 1)
    answer = client.post(
        f"/api/v1/metering/utilities/{world.holder.pk}/truths",
        {"meter": drawn[0].meter, "tested_on": str(day), "error": "0.001", "passed": True},
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.content
    tracks = tracks_of(world.holder.pk, Medium.ELECTRICITY)
    assert tracks.drawn is not None and tracks.drawn.track.tested == 1 and "加权" in tracks.drawn.track.text


def test_the_pages_of_studies_and_their_files(meter_list: MeterList, evaluated: Evaluation, engineer: Actor) -> None:
    client: Client = client_of(engineer)
    forms = {
        "population": {"limit": 5, "limiting_quality": "20.0", "least_lot": 10},
        "plan": {"budget": 900, "test": 60, "replacement": 300, "tariff": "0.6", "years": 5, "tariffs": "商业 0.8"},
        "sample": {"size": 20},
    }
    for kind, form in forms.items():
        address = f"/metering/{evaluated.pk}/studies/{kind}"
        assert client.get(address).status_code == 200
        answer = client.post(address, form)
        assert answer.status_code == 302, answer.content.decode()
        assert "等待" in client.get(answer.url).content.decode()
        run(Analysis.objects.latest("pk"))
        assert client.get(answer.url).status_code == 200
        for suffix in ("csv", "xlsx"):
            file = client.get(f"{answer.url}/table.{suffix}")
            assert file.status_code == 200 and len(b"".join(file)) > 200
            for close in file._resource_closers:  # closing the answer itself would close the connection of the test
                close()
    bad = client.post(f"/metering/{evaluated.pk}/studies/plan", forms["plan"] | {"tariffs": "商业0.8"})
    assert bad.status_code == 422 and "应为类别、空格、电价" in bad.content.decode()
