"""The synthetic province keeps every promise of the tables, has the plan's figures, and the faults that life has."""

from datetime import date, timedelta

import pytest
from conftest_demo import AT, TINY, people_who_act
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Left

from yuejingzhun.demo import loading
from yuejingzhun.demo.copying import built_once, copy
from yuejingzhun.demo.figures import POPULATION, SCALES, places
from yuejingzhun.demo.holders import draw_holders
from yuejingzhun.demo.instruments import CHUNK, Source, draw_chunk
from yuejingzhun.demo.kinds import kinds
from yuejingzhun.demo.loading import ScaleError, load_scale, loaded_scale
from yuejingzhun.demo.makers import types
from yuejingzhun.platform.foundation.parties.credit_code import check_credit_code
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, divisions
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.operations.mandatory.models import Application, Line, Tally
from yuejingzhun.platform.registry.catalogue.queries import entry, interval_months, requires_verification
from yuejingzhun.platform.registry.catalogue.rules import Verification
from yuejingzhun.platform.registry.instruments.counting import standing_by_item, standing_by_region
from yuejingzhun.platform.registry.instruments.models import Instrument, KnownType
from yuejingzhun.platform.registry.qualifications.models import Authorisation, Registration
from yuejingzhun.platform.registry.standards.models import MeasurementStandard

TODAY = date(2026, 11, 24)


def test_registries_have_the_figures_of_the_plan(tiny) -> None:
    granted = dict(Authorisation.objects.values_list("kind").annotate(n=Count("pk")))
    assert granted == {"legal": 89, "authorised": 17}
    assert dict(Registration.objects.values_list("level").annotate(n=Count("pk"))) == {"first": 522, "second": 1397}
    assert MeasurementStandard.objects.count() == 7055
    assert MeasurementStandard.objects.filter(level="NATIONAL").count() == 3
    assert Organisation.objects.filter(kind="maker").count() == 501


def test_every_organisation_says_that_it_does_not_exist_and_has_a_true_check_character(tiny) -> None:
    loaded = Organisation.objects.exclude(kind="authority")
    assert not loaded.exclude(name__startswith="演示").exists()
    for code, region in loaded.values_list("credit_code", "region"):
        assert check_credit_code(code) == code
        assert region in divisions()


def test_the_maintained_counts_are_those_of_a_count(tiny) -> None:
    assert Instrument.objects.count() == TINY.instruments
    used = Instrument.objects.filter(in_use="in_use")
    never, overdue = Q(valid_until=None), Q(valid_until__lt=TODAY)
    soon = Q(valid_until__range=(TODAY, TODAY + timedelta(days=30)))
    by_city = used.values(of=Left("region", 4)).order_by("of")
    counted = by_city.annotate(
        n=Count("pk"), a=Count("pk", filter=never), b=Count("pk", filter=overdue), c=Count("pk", filter=soon)
    )
    expected = [(f"{row['of']}00", row["n"], row["a"], row["b"], row["c"]) for row in counted]
    kept = standing_by_region(PROVINCE, TODAY, TODAY + timedelta(days=30))
    assert [(row.region, row.number, row.never, row.overdue, row.soon) for row in kept] == expected
    items = dict(used.values_list("item").annotate(n=Count("pk")))
    assert {row.item: row.number for row in standing_by_item(PROVINCE, TODAY)} == items
    assert set(KnownType.objects.values_list("maker", "model", "name")) == set(
        Instrument.objects.values_list("maker", "model", "name")
    )


def test_the_faults_of_life_are_there(tiny) -> None:
    every = Instrument.objects.all()
    found = {
        "overdue": every.filter(in_use="in_use", valid_until__lt=TODAY),
        "failed": every.filter(last_passed=False),
        "never": every.filter(last_passed=None, last_certificate=""),
        "stopped": every.filter(in_use="stopped"),
        "without approval": every.filter(type_approval=""),
        "elsewhere": every.exclude(region=F("holder__region")),
    }
    shares = {name: rows.count() / TINY.instruments for name, rows in found.items()}
    assert all(0.001 < share < 0.12 for share in shares.values()), shares
    twice = every.values("model", "serial").annotate(n=Count("pk"), makers=Count("maker", distinct=True)).filter(n=2)
    assert 0 < twice.count() < 40
    assert all(row["makers"] == 2 for row in twice)
    assert not every.filter(last_passed=False).exclude(valid_until=None).exists()


def test_kinds_follow_the_catalogue() -> None:
    for kind in kinds():
        assert kind.series in entry(kind.item, TODAY).regulations
        assert requires_verification(kind.item, kind.use, TODAY) is not Verification.NONE, kind
        months = interval_months(kind.item, TODAY, kind.regulation)
        assert months is not None and months <= kind.months, kind
    assert sum(POPULATION.values()) == pytest.approx(12_601.25, abs=0.1)  # the census's sum for the province


def test_applications_are_whole_and_the_tally_is_of_what_was_tested(tiny) -> None:
    assert Application.objects.count() >= TINY.applications
    assert set(Application.objects.values_list("state", flat=True)) >= {"SUBMITTED", "APPOINTED", "TESTING", "REFUSED"}
    assert not Line.objects.exclude(instrument__holder=F("application__holder")).exists()
    assert not Line.objects.exclude(instrument__region=F("application__region")).exists()
    assert not Line.objects.exclude(instrument__item=F("application__item")).exists()
    assert not Application.objects.filter(lines=None).exists()
    sums = Tally.objects.aggregate(tested=Sum("tested"), failed=Sum("failed"))
    # What was tested within twelve months is certain from the certificate's year, but for its ends.
    this_year = Instrument.objects.filter(last_certificate__contains="-2026-").count()
    both_years = this_year + Instrument.objects.filter(last_certificate__contains="-2025-").count()
    assert this_year <= sums["tested"] <= both_years
    assert 0 < sums["failed"] < sums["tested"] / 20


def test_the_same_seed_gives_the_same_instruments_whatever_was_drawn_before() -> None:
    where = places()
    source = Source(where, draw_holders(where, 600, 1_000), types(), TODAY, 1)
    draw_chunk(source, 1, 10)
    first, again = draw_chunk(source, 0, 500), draw_chunk(source, 0, 500)
    assert first.columns == again.columns
    other = draw_chunk(source, 3, 500)
    assert other.columns["tag"] != first.columns["tag"]
    assert int(other.key[0]) == 1 + 3 * CHUNK


def test_a_scale_is_loaded_once_and_another_is_refused(tiny, monkeypatch) -> None:
    monkeypatch.setattr(loading, "SCALES", {"tiny": TINY})
    assert loaded_scale() == TINY
    assert load_scale(TINY, AT, lambda _: None) is False
    with pytest.raises(ScaleError, match="已载入 tiny 规模"):
        load_scale(SCALES["province"], AT, lambda _: None)
    assert Instrument.objects.count() == TINY.instruments


def test_too_small_a_disk_is_said_before_anything_is_done(db, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(loading, "disk_usage", lambda _: type("Usage", (), {"free": 10**9}))
    with pytest.raises(ScaleError, match=r"约需 72 GB.*只剩 1 GB"):
        load_scale(SCALES["x10"], AT, lambda _: None, tmp_path)


def test_an_interruption_leaves_nothing(db) -> None:
    people_who_act()

    def stop(what: str) -> None:
        if what.startswith("计量器具"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_scale(TINY, AT, stop)
    assert not Instrument.objects.exists()
    assert not Organisation.objects.exclude(kind="authority").exists()
    assert loaded_scale() is None


def definitions() -> list[tuple[str, ...]]:
    """What each index and constraint says; PostgreSQL doesn't write its casts twice in the same way."""
    noise = str.maketrans("", "", "()[] ")

    def plain(text: str) -> str:
        return text.replace("::text", "").replace("::character varying", "").translate(noise)

    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'instruments_instrument' ORDER BY 1")
        indexes = cursor.fetchall()
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'instruments_instrument'::regclass ORDER BY 1"
        )
        return sorted(tuple(map(plain, row)) for row in indexes + cursor.fetchall())


def test_indexes_built_once_are_the_same_and_still_refuse(tiny) -> None:
    before = definitions()
    with transaction.atomic():
        with built_once("instruments_instrument", lambda _: None):
            assert len([one for one in definitions() if len(one) == 1]) == 1  # the primary key
        assert definitions() == before
        transaction.set_rollback(True)
    where = places()
    source = Source(where, draw_holders(where, 600, 10**9), types(), TODAY, 10**9)
    strangers = draw_chunk(source, 5, 10).columns  # their holders don't exist
    with (
        pytest.raises(IntegrityError, match="holder_id"),
        transaction.atomic(),
        built_once("instruments_instrument", lambda _: None),
    ):
        copy("instruments_instrument", strangers)
    assert definitions() == before
