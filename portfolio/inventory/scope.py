"""Which use cases an inventory is about."""

from django.db.models import QuerySet

from caio_portal.accounts.models import OrgUnit
from caio_portal.common.errors import Invalid
from portfolio.inventory.profiles import Profile
from portfolio.models import UseCase


def use_cases_of(profile: Profile, unit: str = "") -> QuerySet[UseCase]:
    """The use cases of a unit and those below it; without a name those that the profile's imports go under.

    Raises Invalid for a unit that does not exist.
    """
    name = unit or profile.unit
    found = OrgUnit.objects.filter(name=name).order_by("path").first()
    if found is None:
        raise Invalid(f"There is no unit {name}.", "unit")
    return UseCase.objects.active().filter(unit__path__startswith=found.path)
