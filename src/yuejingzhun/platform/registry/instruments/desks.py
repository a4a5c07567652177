"""For whom somebody brings or takes a table: a holder's own, or those of the region that a role is responsible for."""

from dataclasses import dataclass

from django.db.models import Q

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, divisions, is_within
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import institutes_among
from yuejingzhun.platform.foundation.parties.rules import Actor, Role

TRANSFER_ROLES = (Role.HOLDER, Role.RECEPTIONIST, Role.REGULATOR)


@dataclass(frozen=True, slots=True)
class Desk:
    """A role in an organisation, and the division that it reaches."""

    role: Role
    organisation_id: int
    region: str

    @property
    def key(self) -> str:
        """Its name in a form."""
        return f"{self.role.name}:{self.organisation_id}"

    def refusal(self, holder_id: int, holder_region: str) -> str | None:
        """Why instruments of that holder can't be brought from here, or None."""
        if self.role is Role.HOLDER:
            return None if holder_id == self.organisation_id else "本单位的统一社会信用代码：只能导入本单位的器具"
        if holder_region in divisions() and is_within(holder_region, self.region):
            return None
        return "本辖区内的使用单位：该单位不在您负责的行政区划内"

    def instruments(self) -> Q:
        """Which instruments can be taken away from here."""
        if self.role is Role.HOLDER:
            return Q(holder_id=self.organisation_id)
        if self.region == PROVINCE:
            return Q()
        return Q(city=self.region[:4]) if self.region.endswith("00") else Q(region=self.region)


def desks(actor: Actor) -> list[Desk]:
    """Every desk of the actor, for one instrument as for a table of them.

    A receptionist's is that of an institute: an enterprise has receptionists of its own, who have no business with
    their neighbours' instruments.
    """
    found = [grant for grant in actor.grants if grant.role in TRANSFER_ROLES]
    institutes = institutes_among(grant.organisation_id for grant in found if grant.role is Role.RECEPTIONIST)
    return [
        Desk(grant.role, grant.organisation_id, grant.region)
        for grant in found
        if grant.role is not Role.RECEPTIONIST or grant.organisation_id in institutes
    ]


def desk_of(actor: Actor, key: str = "") -> Desk:
    """The desk of that key, the first where none is named; raises NotPermittedError."""
    found = desks(actor)
    chosen = [desk for desk in found if desk.key == key] if key else found
    if not chosen:
        terms = "使用单位经办人、检定机构的收发人员、监管人员"
        raise NotPermittedError(f"{actor.name} 在所选的单位没有导入、导出器具的权限，需要是{terms}之一")
    return chosen[0]
