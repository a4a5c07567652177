"""Reads of reference materials."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q, QuerySet

from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.materials.errors import MaterialNotUsableError, UnknownMaterialError
from yuejingzhun.platform.registry.materials.models import Batch, CertifiedValue, ReferenceMaterial
from yuejingzhun.platform.registry.materials.rules import BatchFacts, normal_number, refusal_to_use

PAGE = 50


def usable_batch(number: str, on: date, owner_id: int | None = None) -> Batch:
    """The batch of that GBW number that is in date on the day and expires first; of one organisation, or of any.

    Raises MaterialNotUsableError, saying what there is.
    """
    normal = normal_number(number)
    found = _in_date([normal], on)
    every = Batch.objects.filter(material__number=normal)
    if owner_id is not None:
        found, every = found.filter(owner_id=owner_id), every.filter(owner_id=owner_id)
    batch = found.select_related("material").prefetch_related("values").order_by("expires_on", "pk").first()
    if batch is not None:
        return batch
    last = every.order_by("-expires_on").first()
    if last is None:
        raise MaterialNotUsableError(f"标准物质 {normal} 没有登记的批次")
    reason = refusal_to_use(facts_of(last), on)
    raise MaterialNotUsableError(f"标准物质 {normal} 没有可用的批次：批号 {last.number} {reason}")


def batches_in_date(numbers: Iterable[str], on: date) -> set[tuple[str, int]]:
    """Which of the numbers have a batch in date, with the organisations that hold one; one query for many."""
    return set(_in_date(sorted(set(numbers)), on).values_list("material__number", "owner_id"))


def material_list(actor: Actor, words: str = "", after: str = "") -> list[ReferenceMaterial]:
    """A page of materials by number, each with `held`: how many batches the actor's organisations have in use."""
    mine = Q(batches__owner_id__in=own_organisations(actor), batches__withdrawn_on=None)
    found = ReferenceMaterial.objects.filter(number__gt=after)
    if text := words.strip():
        found = found.filter(Q(number__startswith=normal_number(text)) | Q(name__contains=text))
    return list(found.annotate(held=Count("batches", filter=mine)).order_by("number")[: PAGE + 1])


def material(number: str) -> ReferenceMaterial:
    """Raises UnknownMaterialError."""
    found = ReferenceMaterial.objects.filter(number=normal_number(number)).first()
    if found is None:
        raise UnknownMaterialError(f"没有编号为 {number} 的标准物质")
    return found


def batches_of(actor: Actor, material_id: int) -> list[Batch]:
    """The batches of the actor's organisations with their values, the one that lasts longest first."""
    found = Batch.objects.filter(material_id=material_id, owner_id__in=own_organisations(actor))
    return list(found.select_related("owner").prefetch_related("values").order_by("-expires_on", "pk")[:200])


def batches_ending(owner_ids: Iterable[int], until: date) -> list[Batch]:
    """The batches in use of these organisations that expire by that day, or have expired; the first fifty."""
    found = Batch.objects.filter(owner_id__in=list(owner_ids), expires_on__lte=until, withdrawn_on=None)
    return list(found.select_related("material").order_by("expires_on", "pk")[:PAGE])


def values_of(batch: Batch) -> list[CertifiedValue]:
    """The certified values of a batch."""
    return list(batch.values.all())


def own_organisations(actor: Actor) -> set[int]:
    """Where the actor has any role but that of a regulator."""
    return {grant.organisation_id for grant in actor.grants if grant.role is not Role.REGULATOR}


def facts_of(batch: Batch) -> BatchFacts:
    """What the rules need to know."""
    return BatchFacts(batch.received_on, batch.expires_on, batch.withdrawn_on)


def _in_date(numbers: list[str], on: date) -> QuerySet[Batch]:
    kept = Q(withdrawn_on=None) | Q(withdrawn_on__gt=on)
    return Batch.objects.filter(kept, material__number__in=numbers, received_on__lte=on, expires_on__gte=on)
