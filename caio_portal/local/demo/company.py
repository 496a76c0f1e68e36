"""The invented company: its units, people and roles."""

from dataclasses import dataclass, field

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import QuerySet

from caio_portal.accounts import services
from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.local.demo import story
from governance.models import BusinessCalendar
from governance.services.calendars import give_calendar


@dataclass
class Company:
    units: dict[str, OrgUnit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    @property
    def root(self) -> OrgUnit:
        return next(iter(self.units.values()))

    def person(self, key: str) -> User:
        return self.people[key]


def found(password: str) -> Company:
    """Found the company: everybody who works there may sign in with PASSWORD."""
    written = story.read("company")
    company = Company()
    for unit in written["units"]:
        parent = company.units.get(unit.get("parent", ""))
        company.units[unit["name"]] = services.create_unit(unit["name"], parent=parent, by=None)
    for person in written["people"]:
        user = services.create_user(f"{person['key']}@demo.example", person["name"], title=person["title"], by=None)
        company.people[person["key"]] = user
        for role in person["roles"]:
            services.grant_role(
                user, company.units[role["unit"]], Role(role["role"]), function=role.get("function", ""), by=None
            )
    for unit in written["units"]:
        if name := unit.get("calendar"):
            calendar = BusinessCalendar.objects.get(name=name)
            give_calendar(company.units[unit["name"]], calendar, by=company.person("office"))
    _admit(password)
    return company


def readmit(password: str) -> bool:
    """Let everybody of a company that was founded before sign in with PASSWORD; whether that changed anything."""
    somebody = _people().order_by("pk").first()
    if somebody is None or check_password(password, somebody.password):
        return False
    _admit(password)
    return True


def _admit(password: str) -> None:
    # Hashed once: hashing is slow on purpose, and a demonstration has one password for all.
    _people().update(password=make_password(password))


def _people() -> QuerySet[User]:
    return User.objects.filter(email__endswith="@demo.example")
