"""What every act asks first, and how a new row is written."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, may_see_region
from yuejingzhun.platform.registry.qualifications.errors import QualificationError
from yuejingzhun.platform.registry.qualifications.models import Authorisation, Registration
from yuejingzhun.procedures.local_date import local_date

OVERLAP = "与已有的有效期重叠，或同时有人办理：请先查看已有的记录，换证请用变更"


def check_region(actor: Actor, region: str) -> None:
    """Raises NotPermittedError for one who is no regulator of that division."""
    if not may_see_region(actor, region):
        raise NotPermittedError(f"{actor.name} 不是{full_name(region)}的监管人员")


def check_ending(effective_from: date, reason: str, at: datetime) -> None:
    """An end needs a reason, and a day from today on; raises QualificationError."""
    if not reason.strip():
        raise QualificationError("须写明原因")
    if effective_from < local_date(at):
        raise QualificationError(f"失效日期 {effective_from} 早于今天 {local_date(at)}")


def refusal_to_replace(old: Authorisation | Registration, valid_from: date) -> str | None:
    """Why a row can't be followed by one that begins then, in Chinese; None where it can."""
    if getattr(old, "superseded_by", None):
        return f"{old.number} 已经换证，请在最新的一份上办理"
    if getattr(old, "withdrawal", None) or getattr(old, "cancellation", None):
        return f"{old.number} 已撤销，不能变更"
    if valid_from < old.valid_from:
        return f"生效日期 {valid_from} 早于原生效日期 {old.valid_from}"
    return None


def create(model: Any, **values: Any) -> Any:
    """One new row; what the database's own rules refuse is said in Chinese, and the transaction goes on."""
    try:
        with transaction.atomic():
            return model.objects.create(**values)
    except IntegrityError as error:
        raise QualificationError(OVERLAP) from error
