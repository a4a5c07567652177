"""The numbers of the synthetic province's instruments lead to types on record, with software and with faults."""

import hashlib
import json
import time

import pytest
from conftest_demo import AT, people_who_act, tiny  # noqa: F401
from cryptography import x509
from django.db.models import Count

from yuejingzhun.demo.figures import places
from yuejingzhun.demo.institutes import load_institutes
from yuejingzhun.demo.makers import families
from yuejingzhun.demo.manufacture import load_makers
from yuejingzhun.demo.types_on_record import load_types
from yuejingzhun.evidence.entry import check_entry_signature, decode
from yuejingzhun.platform.foundation.ledger.models import Statement
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.registry.approvals import statements
from yuejingzhun.platform.registry.approvals.conformity import type_of_instrument
from yuejingzhun.platform.registry.approvals.models import (
    Application,
    Certificate,
    NumberSeries,
    SoftwareFiling,
    TypeApproval,
    Withdrawal,
)
from yuejingzhun.platform.registry.approvals.queries import find
from yuejingzhun.platform.registry.catalogue.queries import requires_type_approval
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.procedures.local_date import local_date

TODAY = local_date(AT)


def test_every_number_on_an_instrument_is_on_record(tiny) -> None:  # noqa: F811
    carried = set(Instrument.objects.exclude(type_approval="").values_list("type_approval", flat=True))
    known = set(TypeApproval.objects.values_list("number", flat=True))
    assert carried <= known and len(carried) > 100
    assert known == {family.number for family in families() if family.number}


def test_instruments_are_of_their_types_but_for_the_faults_of_life(tiny) -> None:  # noqa: F811
    found = Instrument.objects.exclude(type_approval="").order_by("pk")[:400]
    said = [type_of_instrument(one.type_approval, one.maker, one.model, TODAY).warning for one in found]
    fine = said.count(None) / len(said)
    assert 0.9 < fine < 1
    assert all("撤销" in text or "制造单位是" in text for text in said if text)


def test_the_faults_are_there_and_the_series_goes_on(tiny) -> None:  # noqa: F811
    assert 0 < Withdrawal.objects.count() < TypeApproval.objects.count() / 10
    states = dict(SoftwareFiling.objects.values_list("state").annotate(n=Count("pk")))
    assert states["ACCEPTED"] > 200 and 0 < states["FILED"] < 20
    assert 0 < SoftwareFiling.objects.exclude(block=None).count() < states["ACCEPTED"] / 10
    assert not SoftwareFiling.objects.filter(serial__gt=1, replaces=None).exists()
    assert not Application.objects.exclude(state="APPROVED").exists()
    for series in NumberSeries.objects.all():
        used = TypeApproval.objects.filter(number__startswith=f"{series.year}{series.letter}").values_list(
            "number", flat=True
        )
        assert max(int(number[5:-3]) for number in used) == series.last
    for item in TypeApproval.objects.values_list("item", flat=True).distinct():
        assert requires_type_approval(item, TODAY)


def test_what_the_authority_states_is_signed(tiny) -> None:  # noqa: F811
    one = Certificate.objects.order_by("-pk")[0]
    stated = Statement.objects.get(number=f"{one.approval.number}-E1", event="type-approved")
    check_entry_signature(
        bytes(stated.content), bytes(stated.signature), x509.load_der_x509_certificate(bytes(stated.signer))
    )
    content = statements.file_of_edition(one.approval.number, 1, "certificate.json")
    assert decode(bytes(stated.content)).sha256["certificate.json"] == hashlib.sha256(content).hexdigest()
    assert [row["model"] for row in json.loads(content)["models"]] == list(one.variants.values_list("model", flat=True))
    assert Statement.objects.filter(event="type-approved").count() == TypeApproval.objects.count()
    assert find(one.approval.number, TODAY)[0].certificate == one


@pytest.mark.django_db
def test_they_are_loaded_fast() -> None:
    people_who_act()
    by = Person.objects.get(user__username="jianguan")
    load_institutes(places(), by, AT, TODAY)
    makers = load_makers(places(), by, AT)
    began = time.perf_counter()
    load_types(makers, by, AT)
    assert time.perf_counter() - began < 30  # under 3 s on a busy machine, makers and institutes included
