"""The roles of the portal, and what a person's grants amount to."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import models


class Role(models.TextChoices):
    REQUESTER = "requester", "Requester"
    OWNER = "owner", "Owner"
    REVIEWER = "reviewer", "Reviewer"
    COUNCIL_MEMBER = "council_member", "Council member"
    CAIO = "caio", "Chief AI Officer"
    CAIO_OFFICE = "caio_office", "CAIO office"
    EXECUTIVE = "executive", "Executive"
    VENDOR_MANAGER = "vendor_manager", "Vendor manager"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


@dataclass(frozen=True)
class Grant:
    """A role in force: for one unit and all units below it (whose keys are `units`)."""

    role: str
    function: str
    unit_id: int
    at_root: bool
    units: frozenset[int]


@dataclass(frozen=True)
class Roles:
    """Everything one person may be, today."""

    grants: tuple[Grant, ...] = field(default=())

    def has(self, *roles: str, unit: int | None = None) -> bool:
        """Whether any of ROLES is held, for UNIT (a key) if one is named, else anywhere."""
        return any(unit is None or unit in grant.units for grant in self._of(roles))

    def unit_ids(self, *roles: str) -> frozenset[int]:
        """The keys of all units for which any of ROLES is held."""
        return frozenset().union(*(grant.units for grant in self._of(roles)))

    def everywhere(self, *roles: str) -> bool:
        """Whether any of ROLES is held for a whole organisation tree."""
        return any(grant.at_root for grant in self._of(roles))

    def functions(self, unit: int | None = None) -> frozenset[str]:
        """The functions in which the person reviews (security, privacy, legal, …)."""
        held = self._of([Role.REVIEWER, Role.COUNCIL_MEMBER])
        return frozenset(g.function for g in held if g.function and (unit is None or unit in g.units))

    @property
    def names(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    def _of(self, roles: Iterable[str]) -> list[Grant]:
        wanted = set(roles)
        return [grant for grant in self.grants if grant.role in wanted]
