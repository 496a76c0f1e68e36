"""Which use cases an inventory is about."""

from collections.abc import Iterator
from functools import cached_property

from django.db.models import QuerySet
from django.http import QueryDict

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.common.errors import Invalid
from portfolio.inventory import exporting, profiles
from portfolio.inventory.exporting import Line
from portfolio.inventory.profiles import Profile
from portfolio.inventory.readiness import Readiness, assess
from portfolio.models import UseCase

DEFAULT = "omb-2025"


def use_cases_of(profile: Profile, unit: str = "") -> QuerySet[UseCase]:
    """The use cases of a unit and those below it; without a name those that the profile's imports go under.

    Raises Invalid for a unit that does not exist.
    """
    name = unit or profile.unit
    found = OrgUnit.objects.filter(name=name).order_by("path").first()
    if found is None:
        raise Invalid(f"There is no unit {name}.", "unit")
    return UseCase.objects.active().filter(unit__path__startswith=found.path)


class Scope:
    """What an address asks for: ?profile= and ?unit= (the key of a root); what makes no sense in it is ignored."""

    def __init__(self, query: QueryDict, user: User) -> None:
        self._query, self._user = query, user
        asked = query.get("profile", "")
        self.profiles = profiles.latest()
        by_key = {profile.key: profile for profile in self.profiles}
        self.profile = by_key.get(asked) or by_key[DEFAULT]

    @cached_property
    def units(self) -> list[OrgUnit]:
        """The roots of the organisation."""
        return list(OrgUnit.objects.filter(parent=None).order_by("name"))

    @cached_property
    def unit(self) -> OrgUnit | None:
        """The root asked for, else the one that the profile's imports go under, else the first."""
        asked = self._query.get("unit", "")
        usual = [unit for unit in self.units if unit.name == self.profile.unit]
        return next((unit for unit in self.units if str(unit.pk) == asked), next(iter(usual or self.units), None))

    def lines(self) -> Iterator[Line]:
        if self.unit is None:
            return iter(())
        rows = UseCase.objects.active().visible_to(self._user).filter(unit__path__startswith=self.unit.path)
        return exporting.lines(self.profile, rows)

    def readiness(self) -> Readiness:
        return assess(self.profile, self.lines())
