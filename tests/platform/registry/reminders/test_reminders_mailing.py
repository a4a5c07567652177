"""Notices by mail: to whom, once, and what a mail server can do to them."""

import smtplib
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends import locmem

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.reminders.errors import MailError
from yuejingzhun.platform.registry.reminders.mailing import send_mails
from yuejingzhun.platform.registry.reminders.models import Inbox, Mailing, Round
from yuejingzhun.platform.registry.reminders.rounds import make_notices

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _configured(settings) -> None:
    settings.EMAIL_HOST = "mail.example"


def person(
    name: str, role: str, organisation: Organisation, email: str | None = None, ends: str = "2035-12-31"
) -> Person:
    user = User.objects.create_user(name, email=f"{name}@example.org" if email is None else email)
    made = Person.objects.create(name=name, organisation=organisation, user=user)
    RoleGrant.objects.create(
        person=made, role=role, organisation=organisation, valid_from="2025-01-01", valid_until=ends
    )
    return made


@pytest.fixture
def due(world) -> Organisation:
    """A holder with one instrument overdue and one due in 3 days."""
    Instrument.objects.bulk_create(
        Instrument(
            holder=world.holder,
            name="电能表",
            model="DDS",
            serial=f"E{days}",
            maker="厂",
            regulation="JJG 596-2012",
            regulation_series="JJG 596",
            item="33.1",
            region="440106",
            city="4401",
            last_passed=True,
            valid_until=TODAY + timedelta(days),
        )
        for days in (-1, 3)
    )
    return world.holder


def test_each_is_told_once_in_one_mail_the_most_urgent_first(due: Organisation) -> None:
    person("jia", "HOLDER", due)
    person("ting", "REGULATOR", Organisation.objects.get(kind="authority"))
    person("wu", "HOLDER", due, email="")
    person("guo", "HOLDER", due, ends="2026-01-01")
    person("jian", "VERIFIER", due)
    make_notices(AT)
    assert send_mails(AT) == 2
    assert {to for message in mail.outbox for to in message.to} == {"jia@example.org", "ting@example.org"}
    text = next(message.body for message in mail.outbox if message.to == ["jia@example.org"])
    assert text.index("已超过检定有效期") < text.index("7 天内到期")
    assert "http" in text and "/instruments?from=2026-11-27&until=2026-11-27" in text
    assert "辖区内有 1 台" in next(message.body for message in mail.outbox if message.to == ["ting@example.org"])
    assert send_mails(AT) == 0 and len(mail.outbox) == 2
    Round.objects.update(mailed_at=None, mailed_after=0)  # as if killed before this was written
    assert send_mails(AT) == 0 and len(mail.outbox) == 2


def test_who_switched_mails_off_and_who_left_gets_none(due: Organisation) -> None:
    off, left = person("off", "HOLDER", due), person("left", "HOLDER", due)
    Inbox.objects.create(person=off, by_mail=False)
    User.objects.filter(pk=left.user_id).update(is_active=False)
    make_notices(AT)
    assert send_mails(AT) == 0 and not mail.outbox and not Mailing.objects.exists()


def test_without_a_mail_server_nothing_is_sent_then_or_later(due: Organisation, settings) -> None:
    person("jia", "HOLDER", due)
    settings.EMAIL_HOST = ""
    make_notices(AT)
    assert send_mails(AT) == 0
    settings.EMAIL_HOST = "mail.example"
    assert send_mails(AT) == 0 and not mail.outbox


def test_nothing_is_sent_of_days_that_are_over(due: Organisation) -> None:
    person("jia", "HOLDER", due)
    make_notices(AT)
    assert send_mails(AT + timedelta(days=1)) == 0 and not mail.outbox


def test_a_server_that_is_away_is_tried_again(due: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    person("jia", "HOLDER", due)
    make_notices(AT)

    def away(self: object) -> None:
        raise ConnectionRefusedError("refused")

    with monkeypatch.context() as patched:
        patched.setattr(locmem.EmailBackend, "open", away)
        with pytest.raises(MailError, match="连接不上"):
            send_mails(AT)
    assert not Mailing.objects.exists()
    assert send_mails(AT + timedelta(minutes=5)) == 1


@pytest.mark.parametrize(
    ("error", "breaks"),
    [
        (smtplib.SMTPRecipientsRefused({"jia@example.org": (550, b"no such user")}), False),
        (smtplib.SMTPServerDisconnected("gone"), True),
    ],
)
def test_a_mail_that_failed_is_noted_and_never_sent_twice(
    due: Organisation, monkeypatch: pytest.MonkeyPatch, error: Exception, breaks: bool
) -> None:
    person("jia", "HOLDER", due)
    person("yi", "HOLDER", due)
    make_notices(AT)
    real, tried = locmem.EmailBackend.send_messages, []

    def once(self: locmem.EmailBackend, messages: list[mail.EmailMessage]) -> int:
        tried.append(messages[0].to[0])
        if len(tried) == 1:
            raise error
        return real(self, messages)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", once)
    if breaks:
        with pytest.raises(MailError):
            send_mails(AT)
    assert send_mails(AT) == 1
    assert tried == ["jia@example.org", "yi@example.org"]
    assert Mailing.objects.get(person__name="jia").problem and Mailing.objects.get(person__name="yi").sent_at == AT
