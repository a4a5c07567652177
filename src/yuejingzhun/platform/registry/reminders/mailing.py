"""The day's notices by mail, one mail a person, where a mail server is configured; off otherwise.

That a mail is taken in hand is written before it is sent, so that none goes out twice; one that was refused is not
tried again, since what it says stands in the inbox.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from yuejingzhun.platform.foundation.parties.queries import Person, actor_of, reached_by_mail
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.registry.reminders.errors import MailError
from yuejingzhun.platform.registry.reminders.models import Inbox, Mailing, Notice, Round
from yuejingzhun.platform.registry.reminders.queries import of_day
from yuejingzhun.platform.registry.reminders.rules import Kind
from yuejingzhun.procedures.local_date import local_date

CHUNK = 200  # organisations


def send_mails(at: datetime, stopped: Callable[[], bool] = lambda: False) -> int:
    """Send what is still to be sent of the day's notices; how many mails. Raises MailError.

    Nothing where no mail server is configured, and nothing of days that are over.
    """
    current = Round.objects.filter(day=local_date(at), made_at__isnull=False, mailed_at=None).first()
    if current is None:
        return 0
    sent = 0
    while settings.EMAIL_HOST and not stopped() and (organisations := _next(current)):
        sent += _send_to(_people(organisations, current.day), current.day, at)
        _note(current, mailed_after=organisations[-1])
    if not settings.EMAIL_HOST or not _next(current):
        _note(current, mailed_at=at)
    return sent


def _next(current: Round) -> list[int]:
    found = Notice.objects.filter(day=current.day, organisation__gt=current.mailed_after).order_by("organisation")
    return list(found.values_list("organisation", flat=True).distinct()[:CHUNK])


def _note(current: Round, **progress: object) -> None:
    for name, value in progress.items():
        setattr(current, name, value)
    current.save(update_fields=list(progress))


def _people(organisations: Sequence[int], day: date) -> list[Person]:
    """Who wants the notices of those organisations by mail and had none yet that day."""
    notices = Notice.objects.filter(day=day, organisation__in=organisations)
    supervising = set(notices.filter(kind=Kind.WEEKLY.name).values_list("organisation", flat=True))
    holding = set(notices.exclude(kind=Kind.WEEKLY.name).values_list("organisation", flat=True))
    found = {
        person.pk: person
        for role, where in ((Role.HOLDER, holding), (Role.REGULATOR, supervising))
        for person in reached_by_mail(role, where, day)
    }
    off = set(Inbox.objects.filter(person__in=found, by_mail=False).values_list("person", flat=True))
    had = set(Mailing.objects.filter(person__in=found, day=day).values_list("person", flat=True))
    return [person for key, person in found.items() if key not in off | had]


def _send_to(people: Sequence[Person], day: date, at: datetime) -> int:
    if not people:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        raise MailError(f"邮件服务器 {settings.EMAIL_HOST} 连接不上：{error}") from error
    try:
        return sum(_send(person, day, at, connection) for person in people)
    finally:
        connection.close()


def _send(person: Person, day: date, at: datetime, connection: BaseEmailBackend) -> int:
    assert person.user is not None  # noqa: S101 - those without an account were not asked for
    told = of_day(actor_of(person.user.pk, day), day)
    if not told:
        return 0
    mailing, is_new = Mailing.objects.get_or_create(person=person, day=day)
    if not is_new:
        return 0
    context = {"person": person, "told": told, "day": day, "site": settings.PUBLIC_URL}
    message = EmailMessage(
        f"【粤精准】计量器具检定提醒（{day}）",
        render_to_string("reminders/mail.txt", context),
        to=[person.user.email],
        connection=connection,
    )
    try:
        message.send()
    except (SMTPRecipientsRefused, SMTPDataError, ValueError) as error:  # ValueError: an address that is none
        mailing.problem = str(error)[:500]
    except (SMTPException, OSError) as error:
        mailing.problem = f"结果不明：{error}"[:500]
        mailing.save()
        raise MailError(f"邮件服务器 {settings.EMAIL_HOST} 中断：{error}") from error
    else:
        mailing.sent_at = at
    mailing.save()
    return int(mailing.sent_at is not None)
