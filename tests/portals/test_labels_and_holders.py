"""What a label says to anyone, and a holder's page for its regulators."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from small_world import World, make_world, signed_in
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.operations.certificates.models import Certificate
from yuejingzhun.platform.operations.certificates.services import approve, revoke
from yuejingzhun.platform.operations.verification.services import review, submit_record
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.procedures.local_date import local_date

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def certify(world, *, passing: bool, at: datetime) -> Certificate:
    record = world.record(passing=passing)
    record = replace(record, item=replace(record.item, serial="L0001"))  # the same instrument each time
    received = date(2026, 11, 20)
    job = submit_record(world.verifier, world.institute.pk, world.holder.pk, record, world.standard(), received, at)
    review(world.reviewer, job.pk, at)
    approve(world.signatory, job.pk, at)
    return Certificate.objects.get(job=job)


def test_a_label_tells_every_certificate_the_newest_first_and_nothing_of_the_holder(
    world, client: Client, django_assert_max_num_queries
) -> None:
    first = certify(world, passing=True, at=AT)
    second = certify(world, passing=False, at=AT + timedelta(minutes=1))
    tag = Instrument.objects.get().tag
    with django_assert_max_num_queries(2):
        page = client.get(f"/i/{tag.lower()}").content.decode()
    assert page.index(second.number) < page.index(first.number)
    assert "不合格" in page and "检定不合格" in page and world.institute.name in page
    for private in (world.holder.name, world.verifier.name, "演示路"):
        assert private not in page
    revoke(world.signatory, first.number, "签发有误", AT + timedelta(minutes=2))
    assert "已撤销" in client.get(f"/i/{tag}").content.decode()


def test_a_label_without_certificates_and_one_that_is_none(world, client: Client) -> None:
    made = Instrument.objects.create(
        holder=world.holder, name="表", model="M", serial="1", maker="厂", regulation="", region="440106", city="4401"
    )
    page = client.get(f"/i/{made.tag}").content.decode()
    assert "未检定" in page and "还没有签发过证书" in page and f"/instruments/{made.pk}" not in page
    assert f"/instruments/{made.pk}" in signed_in("HOLDER", world.holder).get(f"/i/{made.tag}").content.decode()
    for nonsense in ("000000000000", "%00", "x" * 300, "%F0%9F%98%80"):
        assert client.get(f"/i/{nonsense}").status_code in (400, 404)


def store(holder: Organisation, region: str, days: tuple[int | None, ...]) -> None:
    today = local_date(timezone.now())
    Instrument.objects.bulk_create(
        Instrument(
            holder=holder,
            name="电能表",
            model="DDS",
            serial=f"{region}-{n}",
            maker="厂",
            regulation="JJG 596-2012",
            regulation_series="JJG 596",
            region=region,
            city=region[:4],
            last_passed=None if ahead is None else True,
            valid_until=None if ahead is None else today + timedelta(ahead),
        )
        for n, ahead in enumerate(days)
    )


@pytest.fixture
def regulator(world) -> Client:
    return signed_in("REGULATOR", Organisation.objects.get(kind="authority"))


def test_a_regulator_finds_a_holder_and_sees_how_it_stands_in_the_own_region(
    world, regulator: Client, django_assert_max_num_queries
) -> None:
    store(world.holder, "440106", (-3, -2, 5, None))
    store(world.holder, "440305", (-9,))
    listed = regulator.get("/holders", {"text": "供电"}).content.decode()
    assert f"/holders/{world.holder.pk}" in listed
    assert "没有名称含" in regulator.get("/holders", {"text": "没有这家"}).content.decode()
    with django_assert_max_num_queries(20):
        page = regulator.get(f"/holders/{world.holder.pk}").content.decode()
    assert "440106-0" in page and "440106-1" in page and "440305-0" not in page and "没有申请" in page
    assert "440106-3" in regulator.get(f"/holders/{world.holder.pk}", {"standing": "NEVER"}).content.decode()
    assert regulator.get(f"/holders/{world.holder.pk}", {"standing": "x", "after": "y.z"}).status_code == 200
    assert regulator.get("/holders/99999999").status_code == 404


def test_holders_and_their_pages_are_the_regulators(world) -> None:
    holder = signed_in("HOLDER", world.holder)
    assert holder.get("/holders").status_code == holder.get(f"/holders/{world.holder.pk}").status_code == 403
    assert signed_in("VERIFIER", world.institute).get(f"/holders/{world.holder.pk}").status_code == 403
    assert Client().get("/holders").status_code == 302
