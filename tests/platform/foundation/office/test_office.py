"""The back office: who enters, what is seen and changed there, what can't be; and that the trail tells of it."""

from datetime import date
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from yuejingzhun import project
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.office.tables import ChangedTable, OfficeTable
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant

LOCALE = Path(project.__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES"
TABLES = dict(admin.site._registry)


@pytest.fixture
def clerk(world, client) -> Client:
    """A staff account of a person."""
    user = User.objects.create_user("clerk", is_staff=True)
    Person.objects.create(name="后台丙", organisation=world.institute, user=user)
    client.force_login(user)
    return client


@pytest.fixture
def grant(world) -> RoleGrant:
    return RoleGrant.objects.get(person_id=world.verifier.person_id)


def address(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def fields(grant: RoleGrant, **changes) -> dict[str, object]:
    known = {
        "regulations": ",".join(grant.regulations),
        "valid_from": grant.valid_from,
        "valid_until": grant.valid_until,
    }
    return known | changes


def test_who_enters(world, client) -> None:
    entrance = reverse("admin:index")
    assert client.get(entrance).headers["location"] == reverse("admin:login") + "?next=/office/"
    assert client.get(reverse("admin:login") + "?next=/office/").headers["location"] == "/sign-in?next=%2Foffice%2F"
    client.force_login(User.objects.create_user("anyone"))
    assert client.get(entrance, follow=True).status_code == 403
    gone = User.objects.create_user("gone", is_staff=True, is_active=False)
    client.force_login(gone)
    assert client.get(entrance).status_code == 302


def test_staff_need_a_second_factor_where_it_is_required(clerk, settings) -> None:
    settings.MFA_REQUIRED = True
    assert clerk.get(reverse("admin:index")).headers["location"] == reverse("mfa_index")


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_every_table_is_listed_and_searched_and_nothing_is_deleted(model, clerk) -> None:
    found = clerk.get(address(model, "changelist"), {"q": "1"})
    assert found.status_code == 200
    assert 'lang="zh-hans"' in found.content.decode()
    row = model.objects.first()
    assert clerk.get(address(model, "changelist")).status_code == 200
    if row is not None:
        assert clerk.get(address(model, "change", row.pk)).status_code == 200
        assert clerk.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert model.objects.filter(pk=row.pk).exists()
        assert clerk.get(address(model, "history", row.pk)).headers["location"].startswith("/audit?subject=")


def test_only_tables_made_for_the_office_stand_in_it() -> None:
    assert all(isinstance(table, OfficeTable) for table in TABLES.values())
    assert {model._meta.label for model, table in TABLES.items() if isinstance(table, ChangedTable)} == {
        "accounts.User", "parties.Organisation", "parties.Person", "parties.RoleGrant",
    }  # fmt: skip


def test_a_grant_is_changed_and_the_trail_tells_of_it(clerk, grant) -> None:
    ends = date(2027, 6, 30)
    assert clerk.post(address(RoleGrant, "change", grant.pk), fields(grant, valid_until=ends)).status_code == 302
    grant.refresh_from_db()
    assert grant.valid_until == ends
    event = AuditEvent.objects.get(subject="grant", subject_id=grant.pk)
    assert (event.actor_name, event.action) == ("后台丙", "后台更改角色授予")
    assert (event.before, event.after) == ({"valid_until": "2029-12-31"}, {"valid_until": "2027-06-30"})


def test_what_a_form_refuses_changes_nothing(clerk, grant) -> None:
    before = AuditEvent.objects.count()
    answer = clerk.post(address(RoleGrant, "change", grant.pk), fields(grant, valid_until=date(2020, 1, 1)))
    assert answer.status_code == 200
    wrong = {"name": "错码", "kind": "holder", "region": "110000", "credit_code": "91440101MA59A1BC2D"}
    answer = clerk.post(address(Organisation, "add"), wrong)
    assert "广东省没有行政区划代码 110000" in answer.content.decode()
    assert not Organisation.objects.filter(name="错码").exists()
    assert AuditEvent.objects.count() == before


def test_role_and_person_of_a_grant_stay_and_nobody_grants_to_themselves(clerk, grant, world) -> None:
    posted = fields(grant, role="REGULATOR", person=world.reviewer.person_id, valid_until=date(2028, 1, 1))
    clerk.post(address(RoleGrant, "change", grant.pk), posted)
    grant.refresh_from_db()
    assert (grant.role, grant.person_id) == ("VERIFIER", world.verifier.person_id)
    me = Person.objects.get(name="后台丙")
    asked = {"person": me.pk, "role": "REGULATOR", "organisation": world.institute.pk} | fields(grant)
    assert clerk.post(address(RoleGrant, "add"), asked).status_code == 200
    own = RoleGrant.objects.create(
        person=me,
        role="VERIFIER",
        organisation=world.institute,
        valid_from=date(2025, 1, 1),
        valid_until=date(2026, 1, 1),
    )
    assert (
        clerk.post(address(RoleGrant, "change", own.pk), fields(own, valid_until=date(2030, 1, 1))).status_code == 403
    )
    own.refresh_from_db()
    assert own.valid_until == date(2026, 1, 1)
    assert RoleGrant.objects.filter(person=me).count() == 1


def test_accounts_are_for_superusers_and_the_first_account_acts_under_its_own_name(clerk, client) -> None:
    named = {"username": "new", "is_active": "on", "is_staff": "on"}
    assert clerk.post(address(User, "add"), named).status_code == 403
    client.force_login(User.objects.create_superuser("first"))
    assert client.post(address(User, "add"), named).status_code == 302
    made = User.objects.get(username="new")
    assert made.is_staff and not made.is_superuser and not made.has_usable_password()
    event = AuditEvent.objects.get(subject="account", subject_id=made.pk)
    assert (event.actor_id, event.actor_name) == (0, "账户 first")
    assert "password" not in str(event.after)


def test_the_policy_is_relaxed_only_here_and_never_for_scripts_in_the_page(clerk) -> None:
    inside = clerk.get(reverse("admin:index")).headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in inside + ";" and "style-src 'self' 'unsafe-inline'" in inside
    outside = clerk.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in outside


def test_the_compiled_words_are_those_of_the_text() -> None:
    text = (LOCALE / "django.po").read_text(encoding="utf-8")
    pairs = dict(zip(*(_quoted(text, key) for key in ("msgid", "msgstr")), strict=True))
    with (LOCALE / "django.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    assert all(compiled.gettext(english) == chinese for english, chinese in pairs.items() if english)


def _quoted(text: str, key: str) -> list[str]:
    return [line.removeprefix(f'{key} "').removesuffix('"') for line in text.splitlines() if line.startswith(f"{key} ")]


def test_lists_ask_for_all_rows_at_once(clerk, world, django_assert_max_num_queries) -> None:
    for number in range(60):
        Person.objects.create(name=f"人{number}", organisation=world.institute)
    with django_assert_max_num_queries(12):
        assert "人59" in clerk.get(address(Person, "changelist")).content.decode()
