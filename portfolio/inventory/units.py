"""The units that imported rows go under: a root of their own, and below it one for each agency."""

from collections.abc import Collection

from caio_portal.accounts import services as accounts
from caio_portal.accounts.models import OrgUnit, User
from portfolio.inventory.profiles import Profile

_NAME_LIMIT = 200


class Units:
    """Finds units by name, and makes those that are not there yet."""

    def __init__(self, root: str, *, by: User | None) -> None:
        self._by = by
        self.root = self._root(" ".join(root.split())[:_NAME_LIMIT])
        self._keys = dict(OrgUnit.objects.filter(parent=self.root).values_list("name", "pk"))

    def ensure(self, names: Collection[str]) -> None:
        """Make the units of these names that do not exist; rows without a name stay with the root."""
        for name in sorted({self._short(name) for name in names} - self._keys.keys() - {""}):
            self._keys[name] = accounts.create_unit(name, parent=self.root, by=self._by).pk

    def key(self, name: str) -> int:
        short = self._short(name)
        return self._keys[short] if short else self.root.pk

    def _root(self, name: str) -> OrgUnit:
        found = OrgUnit.objects.filter(name=name).order_by("path").first()
        return found or accounts.create_tree(name, by=self._by)

    def _short(self, name: str) -> str:
        return " ".join(name.split())[:_NAME_LIMIT]


def source_of(profile: Profile, root: OrgUnit) -> str:
    """What the keys of rows are unique in: two units may each have an inventory whose ids begin at 1."""
    return f"{profile.key}/{root.pk}"
