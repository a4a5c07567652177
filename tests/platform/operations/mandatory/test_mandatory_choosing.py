"""What a holder is offered: what must be verified, what is most urgent first, and who may do it, the nearest first."""

from datetime import date

import pytest

from mandatory_counter import AT, ELECTRICITY, authorise, item_of_meters
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.operations.mandatory import choosing
from yuejingzhun.platform.operations.mandatory.choosing import Kind, all_of, kinds_waiting, members, proposals
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.services.apply import apply
from yuejingzhun.platform.registry.catalogue.rules import Verification
from yuejingzhun.platform.registry.instruments.models import Instrument

DAY = date(2026, 11, 24)


def kind() -> Kind:
    return Kind(item_of_meters(), ELECTRICITY, "440106")


def serials(holder_id: int) -> list[str]:
    return [one.serial for one in members(holder_id, kind(), DAY)]


def test_what_needs_no_verification_or_is_under_way_is_not_offered(counter) -> None:
    meters = counter.meters
    Instrument.objects.filter(pk=meters[0].pk).update(use="other")
    Instrument.objects.filter(pk=meters[1].pk).update(in_use="stopped")
    Instrument.objects.filter(pk=meters[2].pk).update(item="")
    Instrument.objects.filter(pk=meters[3].pk).update(last_passed=True, valid_until=None)
    assert serials(counter.holder.pk) == ["M00004", "M00005"]
    apply(counter.client, counter.request(instrument_ids=(meters[4].pk,)), AT)
    assert serials(counter.holder.pk) == ["M00005"]
    (waiting,) = kinds_waiting(counter.holder.pk, DAY)
    assert (waiting.kind, waiting.number, waiting.never) == (kind(), 1, 1)
    assert kinds_waiting(counter.other.pk, DAY) == []


def test_never_verified_and_failed_first_then_by_the_day_it_falls_due(counter) -> None:
    for place, (passed, until) in enumerate(
        ((True, date(2027, 1, 1)), (True, date(2026, 1, 1)), (False, None), (True, date(2026, 6, 1)))
    ):
        Instrument.objects.filter(pk=counter.meters[place].pk).update(last_passed=passed, valid_until=until)
    assert serials(counter.holder.pk) == ["M00002", "M00004", "M00005", "M00001", "M00003", "M00000"]
    (waiting,) = kinds_waiting(counter.holder.pk, DAY)
    assert (waiting.number, waiting.overdue, waiting.never) == (6, 2, 2)
    assert len(all_of(counter.holder.pk, kind(), DAY)) == 6


def test_a_holder_of_many_finds_the_one_that_is_meant(counter) -> None:
    Instrument.objects.filter(pk=counter.meters[1].pk).update(place="北街 7 号", holder_number="B-88")
    for words, found in (("m00004", ["M00004"]), ("B-88", ["M00001"]), ("北街", ["M00001"]), ("%", []), ("没有", [])):
        assert [one.serial for one in members(counter.holder.pk, kind(), DAY, words)] == found
    assert all_of(counter.holder.pk, kind(), DAY, "北街") == (counter.meters[1].pk,)


def test_what_is_verified_only_once_is_offered_until_it_was(counter, monkeypatch) -> None:
    monkeypatch.setattr(choosing, "requires_verification", lambda item, use, on: Verification.FIRST)
    Instrument.objects.filter(pk__in=[meter.pk for meter in counter.meters[:4]]).update(
        last_passed=True, valid_until=date(2026, 1, 1)
    )
    (waiting,) = kinds_waiting(counter.holder.pk, DAY)
    assert (waiting.number, waiting.overdue) == (2, 0) and serials(counter.holder.pk) == ["M00004", "M00005"]


def test_another_place_is_another_kind(counter) -> None:
    Instrument.objects.filter(pk=counter.meters[0].pk).update(region="440103")
    found = {one.kind.region: one.number for one in kinds_waiting(counter.holder.pk, DAY)}
    assert found == {"440103": 1, "440106": 5}


def test_institutes_are_proposed_county_then_city_then_province_with_the_reason(counter) -> None:
    by = Person.objects.first()
    assert by is not None
    county = Organisation.objects.create(name="区所", kind="institute", region="440106")
    city = Organisation.objects.create(name="市所", kind="institute", region="440100")
    far = Organisation.objects.create(name="外区所", kind="institute", region="440103")
    for institute, region in ((far, "440103"), (city, "440100"), (county, "440106")):
        authorise(institute, by.pk, region=region)
    found = proposals(kind(), DAY)
    assert [one.institute.name for one in found][:2] == ["区所", "市所"]
    assert {one.institute.name for one in found[2:]} == {counter.institute.name, counter.other.name}
    assert [one.why[:2] for one in found] == ["授权", "本县", "本市", "本市"]


@pytest.mark.parametrize("key", ["", "a", "|x|440106", "19|JJG 596-2012|990000", "19||"])
def test_a_forged_kind_is_refused(counter, key: str) -> None:
    with pytest.raises(MandatoryError):
        proposals(choosing.kind_of(key), DAY)
