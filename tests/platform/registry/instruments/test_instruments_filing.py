"""Filing, moving, handing over and scrapping instruments, and every refusal."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from yuejingzhun.platform.foundation.audit.queries import history
from yuejingzhun.platform.foundation.parties.credit_code import check_character
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.registry.instruments.desks import desk_of, desks
from yuejingzhun.platform.registry.instruments.errors import InstrumentError, UnknownInstrumentError
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse
from yuejingzhun.platform.registry.instruments.queries import due, find, instrument_of_tag, own_instruments
from yuejingzhun.platform.registry.instruments.rules import Filing, Standing, standing
from yuejingzhun.platform.registry.instruments.services import file, hand_over, relocate, set_in_use

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
METER = Filing("电能表", "DDS-1", "A0001", "演示制造厂", "440106", item="", regulation="JJG 596-2012")


def holder_of(organisation: Organisation) -> Actor:
    return Actor(901, "经办人", (Grant(Role.HOLDER, organisation.pk, organisation.region),))


def other_holder(serial: int = 7) -> Organisation:
    first17 = f"12440300MB2X{serial:05}"
    return Organisation.objects.create(
        name="另一家公司", kind="holder", region="440300", credit_code=first17 + check_character(first17)
    )


def test_an_instrument_is_filed_once_however_often(world) -> None:
    actor = holder_of(world.holder)
    first = file(actor, world.holder.pk, METER, AT)
    again = file(actor, world.holder.pk, replace(METER, place="三楼"), AT)
    assert first.pk == again.pk and first.city == "4401" and len(first.tag) == 12
    assert [event.action for event in history("instrument", first.pk)] == ["器具备案"]


def test_every_problem_of_a_filing_is_told(world) -> None:
    wrong = Filing("", "x" * 121, " ", "厂", "110000", use="fun", item="99.9")
    with pytest.raises(InstrumentError) as caught:
        file(holder_of(world.holder), world.holder.pk, wrong, AT)
    told = "\n".join(caught.value.problems)
    for part in (
        "名称：没有填写",
        "出厂编号：没有填写",
        "型号：至多 120 个字，为 121 个",
        "110000",
        "用途",
        "目录项目",
    ):
        assert part in told
    assert not Instrument.objects.exists()


def test_only_the_holder_or_a_receptionist_files(world) -> None:
    with pytest.raises(NotPermittedError):
        file(world.verifier, world.holder.pk, METER, AT)
    receptionist = Actor(902, "收发员", (Grant(Role.RECEPTIONIST, world.institute.pk, "440100"),))
    assert file(receptionist, world.holder.pk, METER, AT).holder == world.holder


def test_an_enterprises_receptionist_neither_files_nor_imports_for_the_neighbours(world) -> None:
    enterprise = Organisation.objects.create(name="集团公司", kind="holder", region="440100")
    receptionist = Actor(902, "收发员", (Grant(Role.RECEPTIONIST, enterprise.pk, "440100"),))
    assert desks(receptionist) == []
    with pytest.raises(NotPermittedError):
        desk_of(receptionist, f"RECEPTIONIST:{enterprise.pk}")
    with pytest.raises(NotPermittedError):
        file(receptionist, world.holder.pk, METER, AT)


def test_a_regulator_files_for_the_holders_of_the_own_region_as_by_a_table(world) -> None:
    assert file(world.regulator, world.holder.pk, METER, AT).holder == world.holder
    elsewhere = Actor(903, "监管", (Grant(Role.REGULATOR, world.institute.pk, "440300"),))
    with pytest.raises(NotPermittedError):
        file(elsewhere, world.holder.pk, METER, AT)


def test_a_number_under_another_holder_is_refused_without_saying_whose(world) -> None:
    file(holder_of(world.holder), world.holder.pk, METER, AT)
    other = other_holder()
    with pytest.raises(InstrumentError, match="另一单位名下") as caught:
        file(holder_of(other), other.pk, METER, AT)
    assert world.holder.name not in str(caught.value)
    assert Instrument.objects.get().holder == world.holder


def test_handing_over_changes_the_holder_and_is_told(world) -> None:
    actor, other = holder_of(world.holder), other_holder()
    found = file(actor, world.holder.pk, METER, AT)
    hand_over(actor, found.pk, other.credit_code, AT)
    assert Instrument.objects.get().holder == other
    assert history("instrument", found.pk)[-1].after == {"holder": other.pk}
    with pytest.raises(UnknownInstrumentError):
        hand_over(actor, found.pk, other.credit_code, AT)
    with pytest.raises(UnknownPartyError):
        hand_over(holder_of(other), found.pk, "91440000000000000X", AT)


def test_moving_checks_the_division(world) -> None:
    actor = holder_of(world.holder)
    found = file(actor, world.holder.pk, METER, AT)
    relocate(actor, found.pk, "440305", " 深圳仓库 ", AT)
    moved = Instrument.objects.get()
    assert (moved.region, moved.city, moved.place) == ("440305", "4403", "深圳仓库")
    with pytest.raises(InstrumentError, match="行政区划"):
        relocate(actor, found.pk, "990000", "", AT)


def test_what_is_scrapped_stays_scrapped(world) -> None:
    actor = holder_of(world.holder)
    found = file(actor, world.holder.pk, METER, AT)
    with pytest.raises(InstrumentError, match="原因"):
        set_in_use(actor, found.pk, InUse.STOPPED, " ", AT)
    set_in_use(actor, found.pk, InUse.STOPPED, "检修", AT)
    set_in_use(actor, found.pk, InUse.IN_USE, "修好", AT)
    set_in_use(actor, found.pk, InUse.SCRAPPED, "到期轮换", AT)
    with pytest.raises(InstrumentError, match="已报废"):
        set_in_use(actor, found.pk, InUse.IN_USE, "再用", AT)


@pytest.mark.parametrize(
    ("in_use", "passed", "days", "expected"),
    [
        (True, None, None, Standing.NEVER),
        (True, True, None, Standing.VALID),
        (True, True, 31, Standing.VALID),
        (True, True, 30, Standing.SOON),
        (True, True, 0, Standing.SOON),
        (True, True, -1, Standing.OVERDUE),
        (True, False, None, Standing.FAILED),
        (False, True, 31, Standing.NOT_USED),
    ],
)
def test_standing(in_use: bool, passed: bool | None, days: int | None, expected: Standing) -> None:
    until = None if days is None else TODAY + timedelta(days)
    assert standing(in_use, passed, until, TODAY) is expected


def many(world, count: int, *, region: str = "440106") -> None:
    Instrument.objects.bulk_create(
        Instrument(
            holder=world.holder,
            name="电能表",
            model="DDS",
            serial=f"M{n:05}",
            maker="厂",
            regulation="JJG 596-2012",
            regulation_series="JJG 596",
            region=region,
            city=region[:4],
            valid_until=None if n % 7 == 0 else TODAY + timedelta(days=n % 40 - 20),
        )
        for n in range(count)
    )


def test_pages_show_each_instrument_once_and_those_without_a_date_last(world, django_assert_max_num_queries) -> None:
    many(world, 173)
    seen, after = [], None
    while True:
        with django_assert_max_num_queries(2):
            page = own_instruments(holder_of(world.holder), world.holder.pk, after)
        if not page:
            break
        seen += page
        after = (page[-1].valid_until, page[-1].pk)
    assert len({found.pk for found in seen}) == len(seen) == 173
    days = [found.valid_until for found in seen]
    dated = [day for day in days if day]
    assert days == sorted(dated) + [None] * (173 - len(dated))


def test_a_due_list_is_the_regulators_of_the_place(world) -> None:
    many(world, 60)
    late = due(world.regulator, "440106", TODAY - timedelta(days=1))
    assert late and all(found.valid_until < TODAY for found in late)
    assert [found.pk for found in late] == [found.pk for found in due(world.regulator, "440100", TODAY - timedelta(1))]
    with pytest.raises(NotPermittedError):
        due(world.regulator, "440305", TODAY)
    with pytest.raises(NotPermittedError):
        due(world.verifier, "440106", TODAY)


def test_others_do_not_see_a_holders_instruments(world) -> None:
    many(world, 5)
    assert len(own_instruments(world.regulator, world.holder.pk)) == 5
    with pytest.raises(NotPermittedError):
        own_instruments(world.stranger, world.holder.pk)
    far = Actor(903, "深圳监管员", (Grant(Role.REGULATOR, world.other_institute.pk, "440300"),))
    assert own_instruments(far, world.holder.pk) == []
    with pytest.raises(NotPermittedError):
        find(Actor(904, "考评员", (Grant(Role.ASSESSOR, world.institute.pk, "440100"),)), "M0")


def test_a_label_leads_to_its_instrument(world) -> None:
    found = file(holder_of(world.holder), world.holder.pk, METER, AT)
    assert instrument_of_tag(found.tag) == found
    with pytest.raises(UnknownInstrumentError):
        instrument_of_tag("0" * 12)
