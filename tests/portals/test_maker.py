"""What a maker sees on the first page and of the own products, counted here by hand."""

import pytest
from django.test import Client

from small_world import actor, make_world
from type_approvals import AT, TODAY, Office, accepted, applied, filed, issued, office_of, on_record
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.registry.approvals.own_counts import OwnCounts, own_counts
from yuejingzhun.platform.registry.approvals.services.decisions import withdraw_approval
from yuejingzhun.platform.registry.approvals.services.software_filings import block_software
from yuejingzhun.platform.registry.instruments import made_by
from yuejingzhun.platform.registry.instruments.made_by import count_made_by, products_of
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.portals.work import cards_of


@pytest.fixture
def office(db: None, settings, tmp_path) -> Office:
    settings.DATA = tmp_path
    return office_of(make_world())


def instruments(holder: Organisation, maker: str, model: str, number: int, in_use: str = "in_use") -> None:
    Instrument.objects.bulk_create(
        Instrument(
            holder=holder, name="电能表", maker=maker, model=model, serial=f"{model}{in_use}{n}", region="440106",
            city="4401", regulation="JJG 596-2012", regulation_series="JJG 596", item="33.1", in_use=in_use,
        )
        for n in range(number)
    )  # fmt: skip


def test_the_cards_are_the_makers_own(office) -> None:
    number = issued(office, "DDZY1").approval.number
    withdrawn = issued(office, "DDZY2").approval.number
    withdraw_approval(office.province, withdrawn, TODAY, "抽查不合格", AT)
    applied(office, "DDZY3")
    accepted(office, "DDZY4")
    filed(office, number, "1.0")
    block_software(office.province, on_record(office, number, "2.0").number, TODAY, "作弊", AT)
    assert own_counts(office.applicant, TODAY) == OwnCounts(1, for_samples=1, under_way=1, pending=1, blocked=1)
    instruments(office.institute, office.maker.name, "DDZY1", 3)
    instruments(office.institute, "别家", "DDZY1", 2)
    found = {card.title: card.number for card in cards_of(office.applicant, TODAY)}
    assert found == {
        "被禁用的软件版本": 1,
        "待送样的型式批准申请": 1,
        "办理中的型式批准申请": 1,
        "待审核的软件备案": 1,
        "有效的型式批准": 1,
        "在册产品（台件）": 3,
    }
    elsewhere = actor("别处", Organisation.objects.create(name="别家", kind="maker", region="440106"), Role.MAKER)
    assert own_counts(elsewhere, TODAY) == OwnCounts(0, 0, 0, 0, 0)


def test_products_are_counted_by_model_and_no_further_than_needed(office, monkeypatch) -> None:
    monkeypatch.setattr(made_by, "MOST", 5)
    instruments(office.institute, office.maker.name, "DDZY1", 4)
    instruments(office.institute, office.maker.name, "DDZY1", 2, "scrapped")
    instruments(office.institute, office.maker.name, "ACS-30", 2)
    instruments(office.institute, "别家", "ACS-30", 1)
    assert [(one.model, one.number) for one in products_of(office.applicant)] == [("ACS-30", 2), ("DDZY1", 5)]
    assert count_made_by(office.applicant) == 5
    Instrument.objects.filter(model="ACS-30", maker=office.maker.name).delete()
    assert [one.model for one in products_of(office.applicant)] == ["DDZY1"]
    for ask in (products_of, count_made_by):
        with pytest.raises(NotPermittedError, match="制造单位"):
            ask(office.province)


def test_the_pages_say_which_model_is_approved(office, django_assert_max_num_queries) -> None:
    number = issued(office, "DDZY1").approval.number
    client = client_of(office.applicant)
    assert "还没有以本单位名义备案的器具" in client.get("/products").content.decode()
    instruments(office.institute, office.maker.name, "ddzy1", 3)
    instruments(office.institute, office.maker.name, "DDZY9", 1)
    with django_assert_max_num_queries(14):
        page = client.get("/products").content.decode()
    assert f"/types/{number}" in page and page.count("没有查到有效的批准") == 1
    with django_assert_max_num_queries(14):
        work = client.get("/work").content.decode()
    assert 'href="/products"' in work and 'href="/approvals/apply"' in work
    assert client_of(office.province).get("/products").status_code == 403
    assert Client().get("/products").status_code == 302


def client_of(person) -> Client:
    user, client = User.objects.create_user(f"u{person.person_id}"), Client()
    Person.objects.filter(pk=person.person_id).update(user=user)
    client.force_login(user)
    return client
