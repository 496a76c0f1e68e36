"""From an address to a KPI, a feed, a batch, and the units whose figures a person may see."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.selectors import roles_of
from kpis import catalogue, rules
from kpis.catalogue import Kpi
from kpis.models import Alert, AlertQuerySet, Feed, FeedBatch, KpiNote, KpiVersion, Objective, UnmatchedSpend
from portfolio.models import UseCase

ALL = "all"


@dataclass(frozen=True, slots=True)
class Scope:
    """The units that a page is about, and those that it could be about."""

    unit: OrgUnit | None  # with everything below it; None: all that the person may see
    unit_ids: frozenset[int]
    options: tuple[OrgUnit, ...]

    @property
    def name(self) -> str:
        return self.unit.name if self.unit else "All units"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The units of a select field, indented as the tree is."""
        top = min((unit.depth for unit in self.options), default=0)
        return [(str(unit.pk), "\u2003" * (unit.depth - top) + unit.name) for unit in self.options]

    @property
    def key(self) -> str:
        return str(self.unit.pk) if self.unit else ALL


def scope_of(user: User, wanted: str = "") -> Scope:
    """The unit that the address asks for; without one, the first tree. A foreign unit does not exist."""
    options = tuple(OrgUnit.objects.filter(pk__in=roles_of(user).unit_ids(*rules.VIEWERS)).order_by("path"))
    if wanted == ALL or not options:
        return Scope(None, frozenset(unit.pk for unit in options), options)
    unit = next((unit for unit in options if str(unit.pk) == wanted), None) if wanted else _first(options)
    if unit is None:
        raise Http404("There is no such unit.")
    return Scope(unit, frozenset(other.pk for other in options if other.path.startswith(unit.path)), options)


def _first(options: tuple[OrgUnit, ...]) -> OrgUnit:
    return min(options, key=lambda unit: (unit.depth, unit.pk))


def kpi_or_404(key: str) -> Kpi:
    if key not in catalogue.current().by_key:
        raise Http404("There is no such KPI.")
    return catalogue.current().by_key[key]


def version_or_404(kpi: Kpi, wanted: str) -> Kpi:
    """The KPI as an older version of its definition counted it; as it is, if the address asks for none."""
    if not wanted or wanted == str(kpi.version):
        return kpi
    if not wanted.isascii() or not wanted.isdecimal() or len(wanted) > 4:
        raise Http404("There is no such version.")
    row = get_object_or_404(KpiVersion, kpi=kpi.key, number=int(wanted))
    return Kpi.model_validate(row.document["text"])


def feeds_of(user: User) -> QuerySet[Feed]:
    return Feed.objects.filter(unit__in=roles_of(user).unit_ids(*rules.READERS)).select_related("unit")


def feed_or_404(user: User, pk: int) -> Feed:
    return get_object_or_404(feeds_of(user), pk=pk)


def batch_or_404(user: User, pk: int) -> FeedBatch:
    return get_object_or_404(FeedBatch.objects.filter(feed__in=feeds_of(user)).select_related("feed", "file"), pk=pk)


def unmatched_or_404(user: User, pk: int) -> UnmatchedSpend:
    found = UnmatchedSpend.objects.filter(batch__feed__in=feeds_of(user)).select_related("batch__feed")
    return get_object_or_404(found, pk=pk)


def alerts_of(user: User) -> AlertQuerySet:
    """The alerts of a person's units, and their own; none about a use case that they may not see."""
    mine = Q(unit__in=roles_of(user).unit_ids(*rules.VIEWERS)) | Q(owner=user)
    seen = Q(use_case=None) | Exists(UseCase.objects.visible_to(user).filter(pk=OuterRef("use_case")))
    return Alert.objects.filter(mine, seen)


def alert_or_404(user: User, pk: int) -> Alert:
    return get_object_or_404(alerts_of(user).for_page(), pk=pk)


def notes_of(key: str, scope: Scope) -> QuerySet[KpiNote]:
    """What was said of a KPI, for the units of a page and for all."""
    found = KpiNote.objects.filter(Q(unit__in=scope.unit_ids) | Q(unit=None), kpi=key, removed_at=None)
    return found.select_related("unit", "written_by")


def note_or_404(user: User, pk: int) -> KpiNote:
    seen = Q(unit__in=roles_of(user).unit_ids(*rules.VIEWERS)) | Q(unit=None)
    return get_object_or_404(KpiNote.objects.filter(seen).select_related("unit"), pk=pk)


def objectives_of(user: User) -> QuerySet[Objective]:
    """The objectives of a person's units, and those that they own."""
    return Objective.objects.filter(Q(unit__in=roles_of(user).unit_ids(*rules.VIEWERS)) | Q(owner=user))


def objective_or_404(user: User, pk: int) -> Objective:
    return get_object_or_404(objectives_of(user).select_related("unit", "owner"), pk=pk)
