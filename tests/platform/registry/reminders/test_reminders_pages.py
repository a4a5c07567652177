"""The inbox as its people see it."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.audit.queries import history
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.registry.reminders.models import Inbox, Notice

DAY = date(2026, 11, 24)


def signed_in(name: str, role: str, organisation: Organisation, email: str = "a@example.org") -> Client:
    user = User.objects.create_user(name, email=email)
    person = Person.objects.create(name=name, organisation=organisation, user=user)
    RoleGrant.objects.create(
        person=person, role=role, organisation=organisation, valid_from="2025-01-01", valid_until="2035-12-31"
    )
    client = Client()
    client.force_login(user)
    return client


def notice(organisation: Organisation, kind: str = "OVERDUE", day: date = DAY, number: int = 7) -> Notice:
    return Notice.objects.create(
        organisation=organisation,
        kind=kind,
        day=day,
        number=number,
        first_due=day,
        last_due=day,
        parts={"33.1": number},
    )


def test_an_inbox_is_of_ones_own_organisation_and_role(world) -> None:
    authority = Organisation.objects.get(kind="authority")
    notice(world.holder)
    notice(Organisation.objects.create(name="别家公司", kind="holder", region="440106"))
    Notice.objects.create(organisation=authority, kind="WEEKLY", day=DAY, number=9, parts={"440106": 9})
    notice(authority, number=3)
    holder = signed_in("h", "HOLDER", world.holder).get("/notices").content.decode()
    assert "7 台器具已超过检定有效期" in holder and "别家公司" not in holder and "辖区内" not in holder
    assert "/instruments?from=2026-11-24&amp;until=2026-11-24" in holder
    regulator = signed_in("r", "REGULATOR", authority).get("/notices").content.decode()
    assert "辖区内有 9 台" in regulator and "天河区 9 台" in regulator and "3 台器具" not in regulator
    assert "/instruments/due?region=440100" in regulator
    assert "没有提醒" in signed_in("v", "VERIFIER", world.holder).get("/notices").content.decode()
    assert Client().get("/notices").status_code == 302


def test_unread_notices_are_counted_until_they_are_marked(world) -> None:
    found = [notice(world.holder, day=date(2026, 1, day)) for day in range(1, 4)]
    client = signed_in("h", "HOLDER", world.holder)
    assert marked(client) == "，3 条未读"
    assert client.get("/notices").content.decode().count(">未读</span>") == 3
    client.post("/notices/seen", {"newest": found[1].pk})
    client.post("/notices/seen", {"newest": "x"})
    client.post("/notices/seen", {"newest": found[0].pk})  # an older page, handed in late
    assert marked(client) == "，1 条未读"
    client.post("/notices/seen", {"newest": "9" * 30})
    assert marked(client) == ""


def test_a_long_inbox_goes_page_by_page_without_a_query_a_row(world, django_assert_max_num_queries) -> None:
    Notice.objects.bulk_create(
        Notice(organisation=world.holder, kind="TODAY", day=day, number=1, first_due=day, last_due=day, parts={})
        for day in (date(2000 + n, 1, 1) for n in range(120))
    )
    client = signed_in("h", "HOLDER", world.holder)
    with django_assert_max_num_queries(14):
        first = client.get("/notices").content.decode()
    assert first.count("<li") >= 50 and "before=" in first
    assert marked(client) == "，99+ 条未读"
    assert client.get("/notices", {"before": "x"}).status_code == 200


def test_mails_are_switched_off_and_on_and_it_is_told(world) -> None:
    client = signed_in("h", "HOLDER", world.holder)
    assert "已开启" in client.get("/notices").content.decode()
    assert "今后不再发邮件" in client.post("/notices/mail", {"by_mail": "0"}, follow=True).content.decode()
    inbox = Inbox.objects.get()
    assert not inbox.by_mail
    assert [event.action for event in history("person", inbox.person_id)] == ["提醒邮件"]
    client.post("/notices/mail", {"by_mail": "1"})
    inbox.refresh_from_db()
    assert inbox.by_mail
    assert "没有登记邮箱" in signed_in("n", "HOLDER", world.holder, email="").get("/notices").content.decode()


@pytest.mark.django_db
def test_an_account_that_nobody_works_with_has_no_mark() -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody"))
    assert marked(client) == ""
    assert marked(Client()) is None


def test_the_mark_costs_one_read_and_none_for_those_who_are_told_nothing(world) -> None:
    notice(world.holder)
    for name, role, reads in (("h", "HOLDER", 1), ("v", "VERIFIER", 0)):
        client = signed_in(name, role, world.holder)
        with CaptureQueriesContext(connection) as asked:
            client.get("/check")
        assert sum("reminders_" in query["sql"] for query in asked) == reads


def test_before_the_second_factor_nothing_is_counted(world, settings) -> None:
    settings.MFA_REQUIRED = True
    authority = Organisation.objects.get(kind="authority")
    Notice.objects.create(organisation=authority, kind="WEEKLY", day=DAY, number=9, parts={"440106": 9})
    client = signed_in("r", "REGULATOR", authority)
    assert marked(client, "/account/second") == ""
    settings.MFA_REQUIRED = False
    assert marked(client, "/account/") == "，1 条未读"


def test_every_page_of_somebody_signed_in_leads_to_the_inbox(world) -> None:
    assert 'href="/notices"' in signed_in("h", "HOLDER", world.holder).get("/instruments").content.decode()


def marked(client: Client, page: str = "/check") -> str | None:
    """What stands beside the menu's link to the inbox, as it is read aloud; None where there is no link."""
    link = re.search(r'<a href="/notices">提醒(.*?)</a>', client.get(page).content.decode())
    return None if link is None else re.sub("<.*?>", "", link[1])
