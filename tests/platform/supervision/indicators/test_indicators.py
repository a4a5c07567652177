"""Indicators counted by hand beside what the services make of the same rows; nothing is edited."""

import io
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from docx import Document

from small_world import AT, TODAY, World, actor, make_world
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.qualifications.queries import coverage_of
from yuejingzhun.platform.registry.standards.models import Application, AssessmentCertificate, MeasurementStandard
from yuejingzhun.platform.supervision.indicators import queries
from yuejingzhun.platform.supervision.indicators.errors import IndicatorError, UnknownIndicatorError
from yuejingzhun.platform.supervision.indicators.models import Item, Milestone
from yuejingzhun.platform.supervision.indicators.report import as_docx, as_pdf, notice_of, tables_of
from yuejingzhun.platform.supervision.indicators.rules import Progress, indicators
from yuejingzhun.platform.supervision.indicators.services.items import (
    Draft,
    correct_item,
    record_item,
    record_items,
    withdraw_item,
)
from yuejingzhun.platform.supervision.indicators.services.plan import add_milestone, report_milestone, set_target
from yuejingzhun.platform.supervision.indicators.services.readings import note_month, note_values

DAY = timedelta(days=1)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def authority(world: World) -> Organisation:
    return Organisation.objects.create(name="省局", kind="authority", region="440000")


@pytest.fixture
def province(authority: Organisation) -> Actor:
    return actor("省监管", authority, Role.REGULATOR)


def draft(number: int = 1, region: str = "440106", since: date = date(2024, 5, 1), **more) -> Draft:
    return Draft(f"项目 {number}", "某单位", region, f"文〔2024〕{number} 号", since, **more)


def values(on: date) -> dict[str, Fraction]:
    return {value.indicator.code: value.value for value in queries.values_on(on)}


def test_the_eight_match_a_count_by_hand(world, province) -> None:
    record_items(province, "centres", [draft(n, since=date(2020 + n, 1, 1)) for n in range(1, 6)], AT)
    record_items(province, "materials", [draft(1), draft(2, ends_on=date(2025, 1, 1)), draft(3)], AT)
    gone = record_item(province, "devices", draft(1), AT)
    withdraw_item(province, gone.pk, "确认文件撤销", AT)
    institute = Organisation.objects.create(name="省院", kind="institute", region="440000")
    for n, (level, until) in enumerate(
        [("PUBLIC_HIGHEST", TODAY), ("PUBLIC_HIGHEST", TODAY - DAY), ("PUBLIC_OTHER", TODAY), ("PUBLIC_HIGHEST", TODAY)]
    ):
        owner = institute if n < 3 else world.institute  # the last is a city's
        MeasurementStandard.objects.create(
            owner=owner, name=f"标准 {n}", number=f"省 {n}", regulations=["JJG 596-2012"], expanded_uncertainty=1,
            unit="%", certificate="x", valid_until=until, traceable_to="x", level=level,
        )  # fmt: skip
    (coverage,) = coverage_of(["440000"], TODAY)
    assert coverage.items and coverage.established
    by_hand = Fraction(100 * sum(item.code in coverage.established for item in coverage.items), len(coverage.items))
    assert values(TODAY) == {
        "laboratories": 0, "platforms": 0, "devices": 0, "standards": 1, "materials": 2, "centres": 5,
        "demonstrations": 0, "coverage": by_hand,
    }  # fmt: skip
    assert values(date(2023, 6, 1))["centres"] == 3
    assert values(date(2024, 12, 31))["materials"] == 3
    for code in indicators():
        lines = queries.lines_of(code, TODAY)
        assert sum(line.counted for line in lines) == queries.value_on(code, TODAY).part


def test_a_standard_counts_within_its_terms(world, province, authority) -> None:
    standard = MeasurementStandard.objects.create(
        owner=Organisation.objects.create(name="省院", kind="institute", region="440000"), name="标准", number="省 9",
        regulations=["JJG 596-2012"], expanded_uncertainty=1, unit="%", certificate="x", valid_until=TODAY + 900 * DAY,
        traceable_to="x", level="PUBLIC_HIGHEST",
    )  # fmt: skip
    by = world.verifier.person_id
    application = Application.objects.create(
        standard=standard, applicant=standard.owner, name="标准", kind="RENEWAL", state="APPROVED", content={},
        applied_at=AT, applied_by_id=by, decided_at=AT, decided_by_id=by, presiding="440000",
        figures_hold=True,
    )  # fmt: skip
    AssessmentCertificate.objects.create(
        standard=standard, application=application, number="省 9", content={}, starts_on=date(2025, 1, 1),
        ends_on=date(2029, 12, 31), previous_until=date(2024, 6, 30), ended_on=date(2026, 3, 1), issued_by_id=by,
        issued_at=AT,
    )  # fmt: skip
    days = [date(2024, 6, 30), date(2024, 7, 1), date(2025, 1, 1), date(2026, 2, 28), date(2026, 3, 1)]
    assert [queries.value_on("standards", day).part for day in days] == [1, 0, 1, 1, 0]


def test_what_was_recorded_stays_and_is_corrected_by_another_row(world, province) -> None:
    made = record_item(province, "centres", draft(1), AT)
    other = correct_item(province, made.pk, draft(1, since=date(2025, 5, 1)), "日期抄错", AT)
    assert [queries.value_on("centres", day).part for day in (date(2024, 6, 1), date(2025, 6, 1))] == [0, 1]
    assert queries.item_of(made.pk).superseded_by.pk == other.pk
    with pytest.raises(IndicatorError, match="已被更正或撤销"):
        correct_item(province, made.pk, draft(1), "再改", AT)
    withdraw_item(province, other.pk, "不是本省的", AT)
    assert queries.value_on("centres", TODAY).part == 0
    with pytest.raises(IndicatorError, match="已登记过"):
        record_item(province, "centres", draft(1), AT)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"since": TODAY + DAY}, "计入日期"), ({"since": date(1900, 1, 1)}, "计入日期"),
        ({"ends_on": date(2024, 5, 1)}, "不再计入日期"), ({"region": "110000"}, "行政区划"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(province, wrong, text) -> None:
    with pytest.raises(IndicatorError, match=text):
        record_item(province, "centres", draft(1, **wrong), AT)
    assert not Item.objects.exists()


def test_a_list_is_recorded_whole_or_not_at_all(province) -> None:
    with pytest.raises(IndicatorError, match="第 2 项：名称：没有填写"):
        record_items(province, "centres", [draft(1), Draft(" ", "某", "440106", "文", date(2024, 1, 1))], AT)
    with pytest.raises(IndicatorError, match=r"项目 7（文〔2024〕7 号）"):
        record_items(province, "centres", [draft(6), draft(7), draft(7)], AT)
    assert not Item.objects.exists()


def test_what_the_registries_count_is_not_recorded_by_hand(province) -> None:
    for code in ("standards", "coverage"):
        with pytest.raises(IndicatorError, match="自动数出"):
            record_item(province, code, draft(1), AT)
    with pytest.raises(UnknownIndicatorError):
        record_item(province, "nothing", draft(1), AT)


def test_each_regulator_records_the_own_region(world, province) -> None:
    made = record_item(world.regulator, "centres", draft(1), AT)
    for act in (
        lambda: record_item(world.regulator, "centres", draft(2, region="440305"), AT),
        lambda: record_items(world.regulator, "centres", [draft(3), draft(4, region="440000")], AT),
        lambda: correct_item(world.regulator, made.pk, draft(1, region="440305"), "搬了", AT),
        lambda: record_item(world.verifier, "centres", draft(5), AT),
        lambda: set_target(world.regulator, "centres", 2030, Decimal(40), "依据", AT),
        lambda: add_milestone(world.regulator, "2.1", "一步", world.institute.pk, TODAY, AT),
    ):
        with pytest.raises(NotPermittedError):
            act()
    far = record_item(province, "centres", draft(6, region="440305"), AT)
    with pytest.raises(NotPermittedError):
        withdraw_item(world.regulator, far.pk, "不对", AT)


def test_the_database_keeps_every_row(province, authority) -> None:
    record_item(province, "centres", draft(1), AT)
    set_target(province, "centres", 2030, Decimal("40.5"), "依据", AT)
    milestone = add_milestone(province, "2.1", "一步", authority.pk, TODAY, AT)
    report_milestone(province, milestone.pk, Progress.DONE, "完成", AT)
    note_values(TODAY.replace(day=1), AT)
    for table in ("item", "target", "milestone", "milestonereport", "reading"):
        for change in (f"UPDATE indicators_{table} SET id = id", f"DELETE FROM indicators_{table}"):  # noqa: S608
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(change)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end of the transaction forbids it, too
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE indicators_target")
    row = Item.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.create(
            indicator="materials", name="x", holder="x", region="440106", document="x", counts_from=TODAY, reason="x",
            recorded_by_id=row.recorded_by_id, recorded_at=AT, supersedes=row,
        )  # fmt: skip


def test_the_newest_target_of_a_year_counts_and_the_plans_stays(province) -> None:
    for value in (40, 45):
        set_target(province, "centres", 2030, Decimal(value), "省局会议", AT)
    assert queries.targets_of("centres") == {2025: 34, 2030: 45}
    assert [row.value for row in queries.target_rows("centres")] == [45, 40]
    for year, value, text in ((2021, 1, "年"), (2036, 1, "年"), (2030, -1, "目标值"), (2030, "0.001", "目标值")):
        with pytest.raises(IndicatorError, match=text):
            set_target(province, "centres", year, Decimal(value), "依据", AT)
    with pytest.raises(IndicatorError, match="目标值"):
        set_target(province, "coverage", 2030, Decimal("100.5"), "依据", AT)


def test_monthly_values_are_noted_once_and_stay_as_they_were(province) -> None:
    record_item(province, "centres", draft(1), AT)
    assert note_month(AT) == 8
    assert note_month(AT + DAY) == 0
    record_item(province, "centres", draft(2), AT)
    assert queries.readings_of("centres") == [(TODAY.replace(day=1), 1)]
    assert note_month(AT, stopped=lambda: True) == 0


def test_milestones_are_late_until_their_owner_reports_them_done(world, province, authority) -> None:
    made = add_milestone(province, "3.1", "规范发布", world.institute.pk, TODAY - DAY, AT)
    assert queries.tasks_for(province, TODAY)["3.1"][0].late
    manager = actor("质量", world.institute, Role.QUALITY_MANAGER)
    assert [one.milestone for one in queries.tasks_for(manager, TODAY)["3.1"]] == [made]
    report_milestone(manager, made.pk, Progress.DONE, "已发布", AT)
    (standing,) = queries.tasks_for(province, TODAY)["3.1"]
    assert (standing.late, standing.progress) == (False, Progress.DONE)
    with pytest.raises(NotPermittedError):
        report_milestone(world.regulator, made.pk, Progress.DROPPED, "不做了", AT)
    with pytest.raises(NotPermittedError):
        report_milestone(world.verifier, made.pk, Progress.DROPPED, "不做了", AT)
    stranger = actor("别人", world.holder, Role.HOLDER)
    with pytest.raises(NotPermittedError):
        queries.tasks_for(stranger, TODAY)
    with pytest.raises(UnknownIndicatorError):
        queries.milestone_for(stranger, made.pk)
    with pytest.raises(IndicatorError, match="已有里程碑"):
        add_milestone(province, "3.1", "规范发布", world.institute.pk, TODAY, AT)


def test_the_notice_says_the_same_as_pdf_and_as_word_document(province, authority) -> None:
    record_item(province, "laboratories", draft(1), AT)
    add_milestone(province, "3.1", "规范发布", authority.pk, TODAY - DAY, AT)
    notice = notice_of(TODAY, AT, queries.tasks_for(province, TODAY))
    assert [row.value for row in notice.rows[:2]] == ["1", "0"]
    assert (notice.rows[0].reached, notice.rows[1].reached) == ("已达到", "0.0 %")
    assert "逾期 1 个" in notice.summary[1]
    read = Document(io.BytesIO(as_docx(notice)))
    assert [[cell.text for cell in row.cells] for row in read.tables[0].rows[1:]] == [
        list(row) for row in tables_of(notice)[0][2]
    ]
    assert read.tables[1].rows[1].cells[1].text == "规范发布"
    assert as_pdf(notice, AT).startswith(b"%PDF-1.7")


def test_a_character_that_cannot_be_printed_does_not_stop_the_notice(province, authority) -> None:
    add_milestone(province, "3.1", "规范\U0001f600发布", authority.pk, TODAY - DAY, AT)
    assert as_pdf(notice_of(TODAY, AT, queries.tasks_for(province, TODAY)), AT).startswith(b"%PDF")


def test_the_public_sees_the_indicators_and_no_acts(province) -> None:
    made = record_item(province, "centres", draft(1), AT)
    client = Client()
    page = client.get("/indicators?on=2026-11-24").content.decode()
    assert "建成国家和省级产业计量测试中心" in page and "通报" not in page
    one = client.get("/indicators/centres?on=2026-11-24").content.decode()
    assert "项目 1" in one and "登记项目" not in one and f"/indicators/items/{made.pk}" not in one
    assert "天河区" in client.get("/indicators/centres?region=440100&on=2026-11-24").content.decode()
    assert "这一天没有计入的项目" in client.get("/indicators/centres?region=440300").content.decode()
    for path in ("/nothing", "?on=x", "?on=1999-01-01", "/centres?region=11"):
        assert client.get(f"/indicators{path}").status_code == 404, path
    for path in ("/indicators/tasks", "/indicators/notice.pdf", "/indicators/centres/items/new"):
        assert client.get(path).status_code == 302, path


def test_a_regulator_records_by_form_and_by_table(world, province) -> None:
    client = client_of(world.regulator)
    said = {"name": "甲", "holder": "乙", "region": "440106", "document": "文 1", "counts_from": "2024-01-01"}
    assert client.post("/indicators/centres/items/new", said).status_code == 302
    assert client.post("/indicators/centres/items/new", said | {"region": "440305"}).status_code == 422
    table = "名称,单位,行政区划,文号,批准日期\n丙,丁,广州市,文 2,2024-03-01\n戊,丁,440106,文 3,2024-03-02\n"
    answer = client.post("/indicators/centres/items/new", {"file": SimpleUploadedFile("表.csv", table.encode())})
    assert answer.status_code == 302
    assert Item.objects.count() == 3
    bad = table.replace("文 2", "文 4").replace("440106", "990000").replace("文 3", "文 5")
    answer = client.post("/indicators/centres/items/new", {"file": SimpleUploadedFile("表.csv", bad.encode())})
    assert answer.status_code == 422
    assert "第 3 行行政区划：为“990000”" in answer.content.decode()
    broken = (("a.xlsx", b"PK\x03\x04 no"), ("a.csv", b"\x00\xff"), ("a.csv", "名称\n甲\n".encode()), ("a.csv", b""))
    for name, data in broken:
        answer = client.post("/indicators/centres/items/new", {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 422, name
    assert Item.objects.count() == 3


def test_an_item_is_corrected_and_withdrawn_on_its_page(world) -> None:
    made = record_item(world.regulator, "centres", draft(1), AT)
    client = client_of(world.regulator)
    assert "更正" in client.get(f"/indicators/items/{made.pk}").content.decode()
    said = {"name": "项目 1", "holder": "乙", "region": "440106", "document": "文 1", "counts_from": "2024-01-01"}
    assert client.post(f"/indicators/items/{made.pk}", said).status_code == 422  # no reason
    assert client.post(f"/indicators/items/{made.pk}", said | {"reason": "单位改名"}).status_code == 302
    newest = Item.objects.latest("pk")
    assert client.post(f"/indicators/items/{newest.pk}", {"act": "withdraw", "reason": "重复"}).status_code == 302
    assert "这项登记已撤销" in client.get(f"/indicators/items/{Item.objects.latest('pk').pk}").content.decode()
    assert client.get("/indicators/items/99999999999999999999").status_code == 404


def test_the_province_sets_targets_and_milestones_on_the_pages(province, authority) -> None:
    client = client_of(province)
    said = {"year": "2030", "value": "45", "reason": "会议"}
    assert client.post("/indicators/centres/targets/new", said).status_code == 302
    assert client.post("/indicators/centres/targets/new", said | {"year": "2050"}).status_code == 422
    said = {"title": "一步", "owner": str(authority.pk), "due_on": "2027-01-01"}
    assert client.post("/indicators/tasks/3.1/milestones/new", said).status_code == 302
    assert client.post("/indicators/tasks/9.9/milestones/new", said).status_code == 404
    milestone = Milestone.objects.get()
    said = {"progress": "DONE", "note": "完成"}
    assert client.post(f"/indicators/milestones/{milestone.pk}", said).status_code == 302
    assert "已完成" in client.get("/indicators/tasks").content.decode()
    for suffix, begin in (("pdf", b"%PDF"), ("docx", b"PK")):
        assert client.get(f"/indicators/notice.{suffix}").content.startswith(begin)
    page = client.get("/indicators/centres").content.decode()
    assert "月值不足 6 个" in page and "2030 年 45" in page


def test_the_forecast_is_told_with_its_interval(province) -> None:
    record_items(province, "centres", [draft(n, since=date(2025, 1, 1) + 30 * n * DAY) for n in range(20)], AT)
    for month in range(1, 11):
        note_values(date(2026, month, 1), AT)
    page = client_of(province).get("/indicators/centres").content.decode()
    assert "照现在的走势" in page and "90 % 的区间为" in page


def client_of(who: Actor) -> Client:
    client = Client()
    user = User.objects.get_or_create(username=f"u{who.person_id}")[0]
    Person.objects.filter(pk=who.person_id).update(user=user)
    client.force_login(user)
    return client
