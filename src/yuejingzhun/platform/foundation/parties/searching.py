"""Holders found by a fragment of their name or the beginning of their credit code, by those who work with holders."""

from collections.abc import Sequence

from django.db.models import QuerySet

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role

LONGEST = 60
SUGGESTED = 20
STAFF = (Role.VERIFIER, Role.RECEPTIONIST, Role.REGULATOR)
# The fragments are what the index knows; that they stand one behind the other is seen in the row.
WITH_FRAGMENT = "grams(parties_organisation.name, 2) @> grams(%s, 2)"
WITH_TEXT = "strpos(folded(parties_organisation.name), folded(%s)) > 0"


def holders_like(actor: Actor, text: str, after: int = 0, most: int = SUGGESTED) -> Sequence[Organisation]:
    """Holders with that text in their name, or with a credit code that begins so: a page of them behind a key.

    For verifiers, receptionists and regulators; raises NotPermittedError for others.
    """
    if not any(actor.has(role) for role in STAFF):
        raise NotPermittedError(f"{actor.name} 不能查找使用单位，需要是{'、'.join(role.value for role in STAFF)}之一")
    wanted = text.replace("\0", "").strip()[:LONGEST]
    return list(_matching(wanted).filter(pk__gt=after).order_by("pk")[:most]) if wanted else []


def holder_of_text(text: str) -> Organisation:
    """The holder of a credit code or of a whole name, as typed; raises UnknownPartyError."""
    wanted = text.replace("\0", "").strip()
    if not wanted:
        raise UnknownPartyError("没有填写送检单位")
    coded = Organisation.objects.filter(credit_code=wanted.upper()).first()
    if coded is not None:
        return coded
    found = list(_holders().filter(name=wanted[:200])[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownPartyError(f"叫“{wanted[:60]}”的使用单位不止一个，请填写统一社会信用代码")
    raise UnknownPartyError(f"没有名称或统一社会信用代码为“{wanted[:60]}”的使用单位")


def text_of_holder(holder: Organisation) -> str:
    """What a form says of a holder, so that `holder_of_text` finds it again."""
    return holder.credit_code or holder.name


def _matching(text: str) -> QuerySet[Organisation]:
    if text.isascii() and text.isalnum() and any(character.isdigit() for character in text):
        return _holders().filter(credit_code__startswith=text.upper())
    named = _holders().extra(where=[WITH_TEXT], params=[text])  # noqa: S610 - bound by the server
    return named if len(text) < 2 else named.extra(where=[WITH_FRAGMENT], params=[text])  # noqa: S610 - bound, too


def _holders() -> QuerySet[Organisation]:
    return Organisation.objects.filter(kind=Organisation.Kind.HOLDER)
