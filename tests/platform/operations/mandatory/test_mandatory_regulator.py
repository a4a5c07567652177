"""What a regulator sees: overdue applications, statistics by every way as page, picture and csv, and the tariffs."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from mandatory_counter import client_of, person
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.mandatory.chart import HEIGHT, WIDTH, bars
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Application, Tally, Tariff
from yuejingzhun.platform.operations.mandatory.queries import statistics
from yuejingzhun.platform.operations.mandatory.services.apply import apply
from yuejingzhun.platform.operations.mandatory.services.tariff import set_tariff
from yuejingzhun.procedures.local_date import local_date

COUNTS = (
    # month, county, item, institute, tested, failed, waived, unpriced
    ("2026-09-01", "440106", "19", 0, 100, 3, "3000.00", 0),
    ("2026-10-01", "440106", "19", 0, 50, 0, "1500.00", 0),
    ("2026-10-01", "440103", "01.1", 1, 7, 7, "0.00", 7),
    ("2026-10-01", "440305", "19", 1, 1000, 1, "30000.00", 0),
    ("2025-12-01", "440106", "19", 0, 9, 9, "270.00", 0),
)


@pytest.fixture
def tallies(counter) -> None:
    institutes = (counter.institute, counter.other)
    Tally.objects.bulk_create(
        Tally(
            month=month,
            region=region,
            item=item,
            institute=institutes[at],
            tested=tested,
            failed=failed,
            waived=Decimal(waived),
            unpriced=unpriced,
        )
        for month, region, item, at, tested, failed, waived, unpriced in COUNTS
    )


@pytest.fixture
def province(counter):
    return person("省局", Organisation.objects.create(name="省局", kind="authority", region="440000"), Role.REGULATOR)


def table(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]


@pytest.mark.parametrize("by", ["item", "region", "institute__name", "month"])
def test_every_way_adds_up_to_the_same_in_the_region_alone(counter, tallies, by: str) -> None:
    found = statistics(by, "440100", date(2026, 1, 1), date(2026, 12, 1))
    assert sum(one.tested for one in found) == 157 and sum(one.failed for one in found) == 10
    assert sum(one.waived for one in found) == Decimal("4500.00") and sum(one.unpriced for one in found) == 7
    answer = client_of(counter.regulator).get(
        "/mandatory/statistics.csv", {"by": by, "first": "2026-01", "last": "2026-12"}
    )
    assert sum(int(row[1]) for row in table(answer)) == 157
    labels = {
        "item": {"19 电能表", "01.1 玻璃体温计"},
        "region": {"广州市天河区", "广州市荔湾区"},
        "institute__name": {"演示市计量检定所", "别市计量所"},
        "month": {"2026-09", "2026-10"},
    }
    assert {row[0] for row in table(answer)} == labels[by]


def test_the_page_has_sums_and_a_picture_and_keeps_to_the_region(
    counter, tallies, django_assert_max_num_queries
) -> None:
    client = client_of(counter.regulator)
    with django_assert_max_num_queries(14):
        page = client.get("/mandatory/statistics", {"first": "2026-01", "last": "2026-12"}).content.decode()
    assert "157 台件" in page and "不合格 10 台件" in page and "4500.00 元" in page and "<svg" in page
    assert "93.63" in page  # 147 of 157
    assert client.get("/mandatory/statistics", {"region": "440300"}).status_code == 403
    assert client.get("/mandatory/statistics", {"region": "999999"}).status_code == 404
    for odd in ({"first": "x", "last": "0000-00", "by": "x"}, {"first": "9999-12", "last": "0001-01"}):
        assert client.get("/mandatory/statistics", odd).status_code == 200
    assert client_of(counter.receptionist).get("/mandatory/statistics").status_code == 403


def test_the_bars_are_as_high_as_their_counts() -> None:
    made = bars([("2026-01", 100, 25), ("2026-02", 50, 0), ("2026-03", 0, 0)])
    assert made is not None
    first, second, third = made.bars
    assert first.passed_height == pytest.approx(3 * first.failed_height, abs=0.2)
    assert second.passed_height == pytest.approx((first.passed_height + first.failed_height) / 2, abs=0.1)
    assert third.passed_height == third.failed_height == 0
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH and bar.failed_y >= 0 for bar in made.bars)
    assert all(bar.passed_y + bar.passed_height == pytest.approx(made.base, abs=0.1) for bar in made.bars)
    assert made.base < HEIGHT and bars([]) is None and bars([("2026-01", 0, 0)]) is None
    assert sum(bool(bar.label) for bar in bars([(f"20{n:02}-01", 1, 0) for n in range(120)]).bars) == 12


def test_overdue_applications_of_the_region_the_longest_first(counter) -> None:
    today = local_date(timezone.now())
    for n, days in ((0, 10), (1, 40), (2, -1)):
        made = apply(
            counter.client, counter.request(instrument_ids=(counter.meters[n].pk,), key=f"k{n}"), timezone.now()
        )
        Application.objects.filter(pk=made.pk).update(answer_by=today - timedelta(days=days))
    page = client_of(counter.regulator).get("/mandatory/overdue").content.decode()
    first, second, third = (
        page.find(number) for number in Application.objects.order_by("pk").values_list("number", flat=True)
    )
    assert 0 < second < first and third == -1
    elsewhere = person(
        "外市", Organisation.objects.create(name="外市局", kind="authority", region="440300"), Role.REGULATOR
    )
    assert "没有逾期的申请" in client_of(elsewhere).get("/mandatory/overdue").content.decode()


def test_tariffs_are_the_provinces_and_never_changed(counter, province) -> None:
    at, day = timezone.now(), date(2026, 1, 1)
    for actor in (counter.regulator, counter.receptionist):
        with pytest.raises(NotPermittedError):
            set_tariff(actor, "19", Decimal(30), day, "某文", at)
        assert client_of(actor).get("/mandatory/tariffs").status_code == 403
    made = set_tariff(province, "19", Decimal("30.00"), day, "某文", at)
    for item, amount, source, problem in (
        ("19", "31", "某文", "已经登记，不能改动"),
        ("99", "1", "某文", "没有项目"),
        ("19", "-1", "某文", "应为 0 至"),
        ("19", "0.001", "某文", "两位小数"),
        ("19", "NaN", "某文", "应为 0 至"),
        ("19", "1", " ", "依据"),
    ):
        with pytest.raises(MandatoryError, match=problem):
            set_tariff(province, item, Decimal(amount), day, source, at)
    with pytest.raises(DatabaseError), transaction.atomic():
        Tariff.objects.filter(pk=made.pk).update(amount=1)


def test_a_new_tariff_by_the_page(counter, province) -> None:
    client = client_of(province)
    given = {"item": "19", "amount": "12.5", "valid_from": "2026-01-01", "source": "粤价〔演示〕1 号"}
    assert client.post("/mandatory/tariffs", given | {"amount": "1.234"}).status_code == 422
    assert client.post("/mandatory/tariffs", given).status_code == 302
    again = client.post("/mandatory/tariffs", given)
    assert again.status_code == 422 and "不能改动" in again.content.decode()
    page = client.get("/mandatory/tariffs").content.decode()
    assert "12.50" in page and "粤价〔演示〕1 号" in page
