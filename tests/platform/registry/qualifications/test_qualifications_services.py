"""Authorisations and registrations: who may, what is refused, and what the database itself refuses."""

import threading
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from yuejingzhun.platform.foundation.audit.queries import history
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.registry.qualifications.errors import QualificationError, UnknownQualificationError
from yuejingzhun.platform.registry.qualifications.models import Authorisation, Cancellation, Registration, Withdrawal
from yuejingzhun.platform.registry.qualifications.queries import (
    authorisations_of,
    coverage_of,
    institutes_for,
    may_verify,
    metrologists_of,
    peer_reviews_of,
    registration_of,
    registrations_of,
    trainings_of,
)
from yuejingzhun.platform.registry.qualifications.rules import Certificate, Entitlement, Line, Scope, five_years_from
from yuejingzhun.platform.registry.qualifications.services.authorisations import (
    change_authorisation,
    grant_authorisation,
    withdraw_authorisation,
)
from yuejingzhun.platform.registry.qualifications.services.competence import record_peer_review, record_training
from yuejingzhun.platform.registry.qualifications.services.metrologists import (
    cancel_registration,
    change_registration,
    extend_registration,
    register_metrologist,
)
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.platform.registry.standards.queries import regulations_with_standard

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
BEGIN = date(2024, 3, 1)
END = five_years_from(BEGIN)


@dataclass(frozen=True)
class Regions:
    """Regulators of the province and of a county, a quality manager, and an institute at every level."""

    province: Actor
    tianhe: Actor
    quality: Actor
    provincial: Organisation
    county: Organisation


def acting(name: str, organisation: Organisation, role: Role) -> Actor:
    person = Person.objects.create(name=name, organisation=organisation)
    return Actor(person.pk, name, (Grant(role, organisation.pk, organisation.region),))


@pytest.fixture
def regions(world: Any) -> Regions:
    top = Organisation.objects.create(name="省市场监管局", kind="authority", region="440000")
    near = Organisation.objects.create(name="天河区市场监管局", kind="authority", region="440106")
    return Regions(
        province=acting("省监管员", top, Role.REGULATOR),
        tianhe=acting("区监管员", near, Role.REGULATOR),
        quality=acting("质量负责人", world.institute, Role.QUALITY_MANAGER),
        provincial=Organisation.objects.create(name="省计量院", kind="institute", region="440104"),
        county=Organisation.objects.create(name="天河计量所", kind="institute", region="440106"),
    )


def said(
    *scopes: tuple[str, str, str], level: str = "city", begin: date = BEGIN, end: date = END, number: str = "甲号"
) -> Certificate:
    lines = tuple(Line(Scope(*scope), "全量程", "2 级") for scope in scopes or [("19", "JJG 596-2012", "440100")])
    return Certificate("legal", level, number, begin, end, lines)


def entitled(world: Any, *regulations: str, begin: date = BEGIN, end: date = END, number: str = "乙号") -> Entitlement:
    return Entitlement(world.institute.pk, "first", number, regulations or ("JJG 596-2012",), begin, end)


def test_a_regulator_grants_and_the_institute_may_verify_from_the_first_day_to_the_last(world: Any) -> None:
    assert may_verify(world.institute.pk, "19.1", "JJG 596-2012", TODAY) == f"该机构 {TODAY} 没有有效的授权"
    made = grant_authorisation(world.regulator, world.institute.pk, said(), AT)
    for on in (BEGIN, TODAY, END):
        assert may_verify(world.institute.pk, "19.1", "JJG 596-2012", on) is None
        assert may_verify(world.institute.pk, "", "JJG 596-2029", on) is None
    assert may_verify(world.institute.pk, "19", "", TODAY) is None
    before, after = BEGIN - timedelta(days=1), END + timedelta(days=1)
    assert "尚未生效" in str(may_verify(world.institute.pk, "19.1", "JJG 596-2012", before))
    assert "已到期" in str(may_verify(world.institute.pk, "19.1", "JJG 596-2012", after))
    assert may_verify(world.institute.pk, "11.1", "JJG 162-2019", TODAY) == (
        f"该机构 {TODAY} 有效的授权不含目录项目 11.1、JJG 162-2019"
    )
    assert "不含" in str(may_verify(world.institute.pk, "19.1", "JJG 307-2006", TODAY))
    assert [event.action for event in history("authorisation", made.pk)] == ["机构授权"]


def test_a_scope_by_item_alone_answers_any_of_its_regulations(world: Any) -> None:
    grant_authorisation(world.regulator, world.institute.pk, said(("11", "", "440100")), AT)
    assert may_verify(world.institute.pk, "11.1", "", TODAY) is None
    assert may_verify(world.institute.pk, "", "JJG 162-2019", TODAY) is None
    assert may_verify(world.institute.pk, "", "JJG 577-2012", TODAY) is not None


@pytest.mark.parametrize("who", ["verifier", "stranger"])
def test_only_a_regulator_grants(who: str, world: Any) -> None:
    with pytest.raises(NotPermittedError, match="不是广州市的监管人员"):
        grant_authorisation(getattr(world, who), world.institute.pk, said(), AT)
    assert not Authorisation.objects.exists()


def test_a_regulator_grants_in_the_own_region_only_and_no_reach_beyond_it(world: Any, regions: Regions) -> None:
    with pytest.raises(NotPermittedError, match="不是深圳市的监管人员"):
        grant_authorisation(world.regulator, world.other_institute.pk, said(), AT)
    with pytest.raises(NotPermittedError, match="第 2 项：深圳市不在您的监管区域内"):
        scopes = said(("19", "", "440100"), ("19", "", "440300"))
        grant_authorisation(world.regulator, world.institute.pk, scopes, AT)
    with pytest.raises(NotPermittedError, match="区监管员 不是广州市的监管人员"):
        grant_authorisation(regions.tianhe, world.institute.pk, said(), AT)
    grant_authorisation(regions.tianhe, regions.county.pk, said(("19", "", "440106"), level="county"), AT)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (said(("77", "", "440100")), "第 1 项：2026-11-24 的强制管理目录没有项目 '77'"),
        (said(("19", "JJG 162-2019", "440100")), "第 1 项：JJG 162-2019 不是目录项目 19 的规程，应为 JJG 307、JJG 596"),
        (said(end=date(2030, 1, 1)), "有效期不超过 5 年"),
        (said(number=" "), "没有填写授权证书号"),
    ],
)
def test_a_certificate_that_says_what_it_cannot_is_refused_whole(given: Certificate, message: str, world: Any) -> None:
    with pytest.raises(QualificationError, match=message):
        grant_authorisation(world.regulator, world.institute.pk, given, AT)
    assert not Authorisation.objects.exists()


def test_only_an_institute_is_authorised(world: Any) -> None:
    with pytest.raises(QualificationError, match="不是计量技术机构"):
        grant_authorisation(world.regulator, world.holder.pk, said(), AT)
    with pytest.raises(UnknownPartyError):
        grant_authorisation(world.regulator, 10**6, said(), AT)


def test_a_second_certificate_for_the_same_days_is_refused_and_one_after_it_is_not(world: Any) -> None:
    grant_authorisation(world.regulator, world.institute.pk, said(), AT)
    with pytest.raises(QualificationError, match="与已有的有效期重叠"):
        grant_authorisation(world.regulator, world.institute.pk, said(begin=END, end=date(2030, 1, 1)), AT)
    next_day = END + timedelta(days=1)
    grant_authorisation(world.regulator, world.institute.pk, said(begin=next_day, end=date(2030, 1, 1)), AT)
    other_kind = replace(said(), kind="authorised")
    grant_authorisation(world.regulator, world.institute.pk, other_kind, AT)
    assert len(authorisations_of(world.institute.pk)) == 3


def test_a_change_supersedes_from_its_first_day_and_both_rows_stay(world: Any) -> None:
    old = grant_authorisation(world.regulator, world.institute.pk, said(), AT)
    begin = date(2026, 12, 1)
    new = change_authorisation(
        world.regulator, old.pk, said(("11.1", "", "440100"), begin=begin, end=date(2031, 11, 30), number="乙号"), AT
    )
    eve = begin - timedelta(days=1)
    assert may_verify(world.institute.pk, "19.1", "JJG 596-2012", eve) is None
    assert may_verify(world.institute.pk, "11.1", "", eve) is not None
    assert may_verify(world.institute.pk, "11.1", "", begin) is None
    assert may_verify(world.institute.pk, "19.1", "JJG 596-2012", begin) is not None
    old.refresh_from_db()
    assert (old.valid_until, old.number, new.supersedes_id) == (END, "甲号", old.pk)
    with pytest.raises(QualificationError, match="已经换证"):
        change_authorisation(world.regulator, old.pk, said(begin=date(2027, 1, 1)), AT)
    with pytest.raises(QualificationError, match="早于原生效日期"):
        change_authorisation(world.regulator, new.pk, said(begin=date(2026, 11, 30)), AT)
    with pytest.raises(QualificationError, match="不能改变机构的类别"):
        change_authorisation(world.regulator, new.pk, replace(said(begin=begin), kind="authorised"), AT)


def test_a_withdrawal_ends_what_holds_and_what_was_to_follow(world: Any) -> None:
    old = grant_authorisation(world.regulator, world.institute.pk, said(), AT)
    new = change_authorisation(world.regulator, old.pk, said(begin=date(2027, 6, 1), end=date(2031, 1, 1)), AT)
    with pytest.raises(QualificationError, match="须写明原因"):
        withdraw_authorisation(world.regulator, old.pk, TODAY, " ", AT)
    with pytest.raises(QualificationError, match="早于今天"):
        withdraw_authorisation(world.regulator, old.pk, TODAY - timedelta(days=1), "超范围", AT)
    with pytest.raises(NotPermittedError):
        withdraw_authorisation(world.stranger, old.pk, TODAY, "超范围", AT)
    withdraw_authorisation(world.regulator, old.pk, TODAY, "超范围", AT)
    assert may_verify(world.institute.pk, "19", "JJG 596-2012", TODAY - timedelta(days=1)) is None
    for on in (TODAY, date(2027, 6, 1), date(2030, 1, 1)):
        assert may_verify(world.institute.pk, "19", "JJG 596-2012", on) is not None
    assert set(Withdrawal.objects.values_list("authorisation_id", flat=True)) == {old.pk, new.pk}
    with pytest.raises(QualificationError, match="已撤销"):
        withdraw_authorisation(world.regulator, old.pk, TODAY, "再撤", AT)
    # A new one may begin the day the old one ended.
    grant_authorisation(world.regulator, world.institute.pk, said(begin=TODAY, end=date(2030, 1, 1)), AT)
    with pytest.raises(UnknownQualificationError):
        withdraw_authorisation(world.regulator, 10**6, TODAY, "超范围", AT)


@pytest.mark.parametrize("table", ["authorisation", "authoriseditem", "withdrawal", "registration", "training"])
def test_the_database_refuses_to_edit_or_delete(table: str, world: Any, regions: Regions) -> None:
    held = grant_authorisation(world.regulator, world.institute.pk, said(), AT)
    withdraw_authorisation(world.regulator, held.pk, TODAY, "超范围", AT)
    register_metrologist(world.regulator, world.verifier.person_id, entitled(world), AT)
    record_training(regions.quality, world.verifier.person_id, "JJG 596", "省院", 16, TODAY, True, AT)
    column = {"authorisation": "number", "authoriseditem": "region", "registration": "number", "training": "title"}
    for statement in (
        f"UPDATE qualifications_{table} SET {column.get(table, 'reason')} = '440300'",  # noqa: S608
        f"DELETE FROM qualifications_{table}",  # noqa: S608
        f"TRUNCATE qualifications_{table} CASCADE",
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else pending ones hide what refuses TRUNCATE
            cursor.execute(statement)


def test_the_database_refuses_an_overlap_that_no_service_saw(world: Any) -> None:
    held = grant_authorisation(world.regulator, world.institute.pk, said(), AT)
    row = {
        "institute": world.institute,
        "kind": "legal",
        "level": "city",
        "number": "丙号",
        "valid_until": date(2040, 1, 1),
        "granted_by_id": world.regulator.person_id,
        "granted_at": AT,
    }
    with pytest.raises(DatabaseError, match="overlaps another authorisation"), transaction.atomic():
        Authorisation.objects.create(**row, valid_from=END)
    with pytest.raises(DatabaseError, match="supersedes an earlier one of the same owner"), transaction.atomic():
        Authorisation.objects.create(**row, valid_from=date(2020, 1, 1), supersedes=held)
    with pytest.raises(DatabaseError, match="supersedes an earlier one of the same owner"), transaction.atomic():
        Authorisation.objects.create(**row | {"institute": world.other_institute}, valid_from=END, supersedes=held)


def test_of_two_who_grant_at_once_one_is_refused(committed: None) -> None:
    institute = Organisation.objects.create(name="演示所", kind="institute", region="440100")
    authority = Organisation.objects.create(name="演示局", kind="authority", region="440100")
    regulator = acting("监管员", authority, Role.REGULATOR)
    results: list[str] = []
    gate = threading.Barrier(2)

    def act(number: str) -> None:
        gate.wait()
        try:
            grant_authorisation(regulator, institute.pk, said(number=number), AT)
            results.append("granted")
        except QualificationError as error:
            results.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(f"{n}号",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results)[0] == "granted"
    assert "重叠" in sorted(results)[1]
    assert Authorisation.objects.count() == 1


def test_the_nearest_authority_comes_first_and_only_those_who_reach_the_place(world: Any, regions: Regions) -> None:
    grant = grant_authorisation
    whole = said(("19", "", "440000"), ("11", "", "440000"), level="province")
    grant(regions.province, regions.provincial.pk, whole, AT)
    grant(regions.province, world.institute.pk, said(("19.1", "JJG 596-2012", "440100"), ("19", "", "440106")), AT)
    grant(regions.province, regions.county.pk, said(("", "JJG 596-2012", "440106"), level="county"), AT)
    grant(regions.province, world.other_institute.pk, said(("19", "", "440300")), AT)
    names = [found.name for found in institutes_for("19.1", "440106", TODAY)]
    assert names == ["天河计量所", "演示市计量检定所", "省计量院"]
    assert [found.name for found in institutes_for("19.1", "440105", TODAY)] == ["演示市计量检定所", "省计量院"]
    assert [found.reach for found in institutes_for("19.2", "440106", TODAY)] == ["440106", "440106", "440000"]
    assert [found.name for found in institutes_for("19.1", "440000", TODAY)] == ["省计量院"]
    assert [found.name for found in institutes_for("19.1", "440300", TODAY)] == ["别市计量所", "省计量院"]
    assert [found.name for found in institutes_for("11.1", "441900", TODAY)] == ["省计量院"]
    assert institutes_for("11.1", "440106", END + timedelta(days=1)) == []
    assert [found.name for found in institutes_for("19.1", "440106", TODAY, "JJG 307-2006")] == [
        "演示市计量检定所",
        "省计量院",
    ]


def test_a_metrologist_is_registered_for_regulations_and_a_term(world: Any) -> None:
    who = world.verifier.person_id
    assert registration_of(who, "JJG 596-2012", TODAY) == "没有注册计量师注册"
    made = register_metrologist(world.regulator, who, entitled(world), AT)
    assert registration_of(who, "JJG 596-2012", BEGIN) is None
    assert registration_of(who, "JJG 596-2012", END) is None
    assert registration_of(who, "JJG 162-2019", TODAY) == "注册证 乙号 的注册项目不含 JJG 162-2019"
    late = END + timedelta(days=1)
    assert registration_of(who, "JJG 596-2012", late) == (
        f"{late} 没有有效的注册计量师注册：乙号 已到期，有效期至 {END}"
    )
    assert [event.action for event in history("registration", made.pk)] == ["初始注册"]
    assert [row.person_id for row in metrologists_of(world.institute.pk, TODAY)] == [who]
    with pytest.raises(QualificationError, match="重叠"):
        register_metrologist(world.regulator, who, entitled(world, "JJG 162-2019"), AT)


def test_who_may_register_whom_and_where(world: Any, regions: Regions) -> None:
    with pytest.raises(NotPermittedError):
        register_metrologist(regions.tianhe, world.verifier.person_id, entitled(world), AT)
    with pytest.raises(QualificationError, match="外单位戊 在 别市计量所，不能注册到 演示市计量检定所"):
        register_metrologist(world.regulator, world.stranger.person_id, entitled(world), AT)
    with pytest.raises(UnknownPartyError):
        register_metrologist(world.regulator, 10**6, entitled(world), AT)
    assert not Registration.objects.exists()


def test_a_registration_is_changed_extended_and_cancelled(world: Any) -> None:
    who = world.verifier.person_id
    first = register_metrologist(world.regulator, who, entitled(world), AT)
    with pytest.raises(QualificationError, match="变更注册不延长有效期"):
        change_registration(world.regulator, first.pk, entitled(world, begin=TODAY, end=date(2030, 1, 1)), AT)
    items = ("JJG 596-2012", "JJG 162-2019")
    changed = change_registration(world.regulator, first.pk, entitled(world, *items, begin=TODAY), AT)
    assert registration_of(who, "JJG 162-2019", TODAY) is None
    assert registration_of(who, "JJG 162-2019", TODAY - timedelta(days=1)) is not None
    begin = END + timedelta(days=1)
    with pytest.raises(QualificationError, match="截止日期晚于原截止日期"):
        extend_registration(world.regulator, changed.pk, entitled(world, begin=TODAY), AT)
    extend_registration(world.regulator, changed.pk, entitled(world, begin=begin, end=five_years_from(begin)), AT)
    assert registration_of(who, "JJG 596-2012", begin) is None
    assert [row.act for row in registrations_of(who)] == ["extension", "change", "registration"]
    cancel_registration(world.regulator, changed.pk, TODAY + timedelta(days=10), "调离", AT)
    assert registration_of(who, "JJG 596-2012", TODAY + timedelta(days=9)) is None
    assert "已撤销" in str(registration_of(who, "JJG 596-2012", TODAY + timedelta(days=10)))
    assert registration_of(who, "JJG 596-2012", begin) is not None
    assert Cancellation.objects.count() == 2


def test_training_and_peer_review_are_recorded_by_the_quality_manager(world: Any, regions: Regions) -> None:
    who, peer = world.verifier.person_id, world.reviewer.person_id
    with pytest.raises(NotPermittedError, match="不是该人员所在单位的质量负责人"):
        record_training(world.verifier, who, "规程宣贯", "省院", 16, TODAY, True, AT)
    with pytest.raises(QualificationError, match="学时为 0"):
        record_training(regions.quality, who, "规程宣贯", "省院", 0, TODAY, True, AT)
    with pytest.raises(QualificationError, match="晚于今天"):
        record_training(regions.quality, who, "规程宣贯", "省院", 8, TODAY + timedelta(days=1), True, AT)
    record_training(regions.quality, who, "规程宣贯", "省院", 16, TODAY, True, AT)
    with pytest.raises(QualificationError, match="不能评审自己"):
        record_peer_review(regions.quality, who, who, "JJG 596-2012", "盲样", True, "", TODAY, AT)
    with pytest.raises(UnknownPartyError):
        record_peer_review(regions.quality, who, 10**6, "JJG 596-2012", "盲样", True, "", TODAY, AT)
    record_peer_review(regions.quality, who, peer, "JJG 596-2012", "盲样", False, "重复性偏大", TODAY, AT)
    assert [found.title for found in trainings_of(who)] == ["规程宣贯"]
    assert [(found.confirmed, found.reviewer_id) for found in peer_reviews_of(who)] == [(False, peer)]


def test_the_coverage_of_a_small_province_counted_by_hand(world: Any, regions: Regions) -> None:
    # The world's institute holds a standard for every declared regulation; the provincial one for none.
    MeasurementStandard.objects.create(
        owner=regions.provincial,
        name="出租汽车计价器检定装置",
        number="粤 1",
        regulations=["JJG 517-2016"],
        expanded_uncertainty="0.1",
        unit="%",
        certificate="1",
        valid_until=TODAY - timedelta(days=1),
        traceable_to="国家计量标准",
    )
    grant_authorisation(
        regions.province, regions.provincial.pk, said(("18", "", "440000"), ("19", "", "440000"), level="province"), AT
    )
    grant_authorisation(world.regulator, world.institute.pk, said(("19", "", "440100"), ("11.1", "", "440106")), AT)
    whole, guangzhou, tianhe, shenzhen = coverage_of(["440000", "440100", "440106", "440300"], TODAY)
    assert whole.established == {"19.1", "19.2", "11.1"}  # taximeters: the standard lapsed yesterday
    assert whole.served == frozenset()
    assert guangzhou.served == {"19.1", "19.2"}
    assert tianhe.served == {"19.1", "19.2", "11.1"}
    assert shenzhen.established == frozenset()
    assert "18.1" in {gap.code for gap in whole.gaps}
    (yesterday,) = coverage_of(["440300"], TODAY - timedelta(days=1))
    assert yesterday.established == {"18.1"}
    assert (regions.provincial.pk, "JJG 517-2016") not in set(regulations_with_standard(TODAY))
    assert (world.institute.pk, "JJG 596-2012") in set(regulations_with_standard(TODAY))


def test_the_coverage_of_all_divisions_takes_two_queries(world: Any, django_assert_num_queries: Any) -> None:
    grant_authorisation(world.regulator, world.institute.pk, said(), AT)
    with django_assert_num_queries(2):
        assert len(coverage_of(["440000", "440100", "440106"], TODAY)) == 3
