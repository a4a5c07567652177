"""What may stand behind a measurement standard, as somebody names it in a form."""

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.registry.materials.errors import UnknownMaterialError
from yuejingzhun.platform.registry.materials.queries import material
from yuejingzhun.platform.registry.standards.errors import UnknownStandardError
from yuejingzhun.platform.registry.standards.queries import standard_of_number
from yuejingzhun.platform.registry.traceability.errors import TraceabilityError, UnknownItemError
from yuejingzhun.platform.registry.traceability.queries import node_of
from yuejingzhun.platform.registry.traceability.rules import Item, Kind
from yuejingzhun.platform.registry.traceability.services import item_of


def upper_of(kind: Kind, number: str, name: str, uncertainty: str) -> Item:
    """The item with that number; a registered standard and material as their registries know them.

    What nobody keeps here, a national standard or an outside certificate, is as it was first told: a second person
    can't rename it for everybody. Raises TraceabilityError.
    """
    number = number.strip()
    if kind is Kind.STANDARD:
        try:
            return item_of(standard_of_number(number))
        except UnknownStandardError as error:
            raise TraceabilityError(f"{error}；上级不在本系统登记的，请选“外部证书”") from error
    if kind is Kind.MATERIAL:
        try:
            found = material(number)
        except UnknownMaterialError as error:
            raise TraceabilityError(str(error)) from error
        return Item(Kind.MATERIAL, found.number, f"{found.name} {found.number}", PROVINCE)
    try:
        known = node_of(kind.name, number)
    except UnknownItemError:
        if not name.strip():
            raise TraceabilityError(f"{kind.value} {number} 第一次登记，须写明名称") from None
        return Item(kind, number, name.strip(), PROVINCE, None, uncertainty.strip())
    return Item(kind, number, known.label, known.region, known.holder_id, known.uncertainty, known.unit)
