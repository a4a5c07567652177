"""Who may do what: pure decisions over an actor's grants."""

from dataclasses import dataclass
from enum import Enum

from yuejingzhun.platform.foundation.parties.divisions import is_within


class Role(Enum):
    """What a person does; the value is the term on the screen."""

    VERIFIER = "检定员"
    REVIEWER = "核验员"
    SIGNATORY = "授权签字人"
    QUALITY_MANAGER = "质量负责人"
    RECEPTIONIST = "收发人员"
    HOLDER = "使用单位经办人"
    MAKER = "制造单位经办人"
    ASSESSOR = "考评员"
    METERING_ENGINEER = "计量工程师"
    REGULATOR = "监管人员"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in an organisation: `regulations` are a verifier's authorised items, `region` a regulator's reach."""

    role: Role
    organisation_id: int
    region: str
    regulations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with the grants in force now."""

    person_id: int
    name: str
    grants: tuple[Grant, ...]

    def has(self, role: Role) -> bool:
        """Whether the actor has that role anywhere."""
        return any(grant.role is role for grant in self.grants)


def may_act(actor: Actor, role: Role, organisation_id: int) -> bool:
    """Whether the actor has that role in that organisation."""
    return any(grant.role is role and grant.organisation_id == organisation_id for grant in actor.grants)


def is_authorised_for(actor: Actor, role: Role, organisation_id: int, regulation: str) -> bool:
    """Whether the actor has that role there, with that regulation among the authorised items."""
    return any(
        grant.role is role and grant.organisation_id == organisation_id and regulation in grant.regulations
        for grant in actor.grants
    )


def may_see_region(actor: Actor, region: str) -> bool:
    """Whether a regulator among the actor's grants is responsible for that division."""
    return any(grant.role is Role.REGULATOR and is_within(region, grant.region) for grant in actor.grants)
