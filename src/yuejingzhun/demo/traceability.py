"""The chains of the demonstration: from its standards over one of the province each to a national standard."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.platform.registry.traceability.models import Link, Node
from yuejingzhun.platform.registry.traceability.rules import Item, Kind
from yuejingzhun.platform.registry.traceability.services import item_of

# A standard a third as uncertain stands above each; an assumption of the demonstration, as are all names here.
RATIO = 3
CALIBRATED, CALIBRATED_ABOVE = timedelta(days=300), timedelta(days=500)  # before today
VALID_FOR = timedelta(days=365)
AT_ONCE = 2000


def link_standards(today: date) -> None:
    """Links of every standard that has none: the province's own to a national one, all others to one of the province.

    In batches and not by the service, whose lock and search for rings each of thousands would wait for:
    a new item that only points upwards can't close one.
    """
    linked = set(Link.objects.filter(lower__kind=Kind.STANDARD.name).values_list("lower__key", flat=True))
    kinds: dict[tuple[str, str], list[MeasurementStandard]] = defaultdict(list)
    for standard in MeasurementStandard.objects.select_related("owner").order_by("pk"):
        if str(standard.pk) not in linked:
            kinds[standard.regulations[0], standard.unit].append(standard)
    pairs: list[tuple[Item, Item, date]] = []
    for (code, unit), found in kinds.items():
        finest = min(standard.expanded_uncertainty for standard in found)
        province = _item(Kind.STANDARD, "演示省级社会公用计量标准", code, _finer(finest, 1), unit)
        national = _item(Kind.NATIONAL, "演示国家计量基准", code, _finer(finest, 2), unit)
        if province.key not in linked:
            pairs.append((province, national, today - CALIBRATED_ABOVE))
        for standard in found:
            above = national if standard.owner.region == PROVINCE else province
            pairs.append((item_of(standard), above, today - CALIBRATED))
    _store(pairs)


def _item(kind: Kind, name: str, code: str, u: Decimal, unit: str) -> Item:
    return Item(
        kind, f"演示 {code} {u:f} {unit}", f"{name}（{code}）", PROVINCE, None, f"U = {u:f} {unit} (k = 2)", unit
    )


def _store(pairs: Sequence[tuple[Item, Item, date]]) -> None:
    """Every item once, and the links; nothing of what is there is changed."""
    nodes = _nodes(item for lower, upper, _ in pairs for item in (lower, upper))
    Link.objects.bulk_create(
        (
            Link(
                lower_id=nodes[lower.kind.name, lower.key],
                upper_id=nodes[upper.kind.name, upper.key],
                certificate=f"演示校准 {n:05}",
                made_on=made,
                until=made + VALID_FOR,
                institute_id=upper.holder_id,
                factor=1.0,
                unit=lower.unit,
            )
            for n, (lower, upper, made) in enumerate(pairs, Link.objects.count() + 1)
        ),
        batch_size=AT_ONCE,
    )


def _nodes(items: Iterable[Item]) -> dict[tuple[str, str], int]:
    """The key of the row of each item, by its kind and number."""
    wanted = {(item.kind.name, item.key): item for item in items}
    rows = (
        Node(
            kind=kind, key=key, label=item.label, region=item.region, holder_id=item.holder_id,
            uncertainty=item.uncertainty, unit=item.unit,
        )
        for (kind, key), item in wanted.items()
    )  # fmt: skip
    Node.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    found = Node.objects.filter(kind__in={kind for kind, _ in wanted})
    return {(kind, key): pk for kind, key, pk in found.values_list("kind", "key", "pk")}


def _finer(u: Decimal, levels: int) -> Decimal:
    """U of so many levels up, to two digits."""
    value = u / RATIO**levels
    return value.quantize(Decimal(1).scaleb(value.adjusted() - 1))
