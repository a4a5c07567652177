"""What a verification would cost, as the province says: a new price is a new row with its day, never an edit."""

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Tariff
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.catalogue.queries import entry
from yuejingzhun.procedures.local_date import local_date

MOST = Decimal("9999999999.99")


@transaction.atomic
def set_tariff(actor: Actor, item: str, amount: Decimal, valid_from: date, source: str, at: datetime) -> Tariff:
    """Put a price on record from a day on; what was counted before that isn't counted anew.

    By a provincial regulator. Raises NotPermittedError and MandatoryError.
    """
    check_may_set(actor)
    try:
        entry(item, max(valid_from, local_date(at)))
    except UnknownEntryError as error:
        raise MandatoryError(str(error)) from error
    if not (amount.is_finite() and 0 <= amount <= MOST and amount == round(amount, 2)):
        raise MandatoryError(f"检定费：为 {amount}，应为 0 至 {MOST} 元，至多两位小数")
    if not source.strip():
        raise MandatoryError("依据：没有填写，应为批准收费标准的文件")
    try:
        with transaction.atomic():
            made = Tariff.objects.create(item=item, amount=amount, valid_from=valid_from, source=source.strip())
    except IntegrityError as error:
        raise MandatoryError(f"{item} 自 {valid_from} 起的收费标准已经登记，不能改动；请另选施行日期") from error
    told = {"item": item, "amount": str(amount), "valid_from": str(valid_from), "source": made.source}
    record_event(actor, "登记收费标准", "tariff", made.pk, at, after=told)
    return made


def check_may_set(actor: Actor) -> None:
    """Raises NotPermittedError for others than a regulator of the whole province."""
    if not any(grant.role is Role.REGULATOR and grant.region == PROVINCE for grant in actor.grants):
        raise NotPermittedError(f"{actor.name} 不是省级监管人员，不能登记收费标准")
