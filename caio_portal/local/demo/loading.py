"""Loads the demonstration: two years of a company, told by the services themselves. The same for one anchor."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from caio_portal.accounts.models import Notice, OrgUnit, User
from caio_portal.common import clock
from caio_portal.common.quarters import Quarter
from caio_portal.local.demo import (
    assets,
    assurance,
    boards,
    company,
    everyday,
    measures,
    operating,
    portfolio,
    reviewing,
    story,
    suppliers,
)
from caio_portal.local.demo.timeline import Timeline
from kpis.services import alerts, rollups
from portfolio.models import UseCase
from vendors import scoring
from vendors.models import Vendor

UNREAD = 4  # notices that a person has not yet seen, at most
READ_AFTER = timedelta(hours=5)


@dataclass(frozen=True)
class Loaded:
    """What there is afterwards."""

    anchor: str
    acts: int
    use_cases: int
    vendors: int

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def is_loaded() -> bool:
    return OrgUnit.objects.filter(name=story.read("company")["name"], parent=None).exists()


@transaction.atomic
def load(anchor: datetime, password: str) -> Loaded:
    """Everything or nothing: an interrupted load leaves no half company."""
    calendar, timeline = story.Calendar(anchor), Timeline(anchor)
    with clock.at(calendar.month(-27)):
        northfield = company.found(password)
        rollups.record_versions()
    supplied = suppliers.tell(timeline, calendar, northfield)
    tellings = portfolio.tell(timeline, calendar, northfield, supplied)
    operating.tell(timeline, tellings, calendar, northfield)
    assurance.tell(timeline, tellings, northfield, supplied)
    reviewing.tell(timeline, tellings, northfield)
    measures.tell(timeline, tellings, calendar, northfield)
    boards.tell(timeline, tellings, calendar, northfield)
    everyday.tell(timeline, calendar, northfield, supplied)
    assets.tell(timeline, calendar, northfield, supplied)
    acts = timeline.run()
    with clock.at(anchor):
        boards.close_month(2)
        alerts.watch()
        for quarters_back in reversed(range(4)):  # what was measured is known only now
            scoring.compute_scorecards(Quarter.of(anchor.date()).back(quarters_back))
    _read_notices()
    return Loaded(anchor.date().isoformat(), acts, UseCase.objects.count(), Vendor.objects.count())


def _read_notices() -> None:
    """People read what they are told, but for the last few things."""
    for user_id in User.objects.values_list("pk", flat=True):
        of_user = Notice.objects.filter(user_id=user_id)
        # What came at one moment is read in the order of its words: in which it was told is left to the database.
        unread = of_user.order_by("-created_at", "text", "-pk").values("pk")[:UNREAD]
        of_user.exclude(pk__in=list(unread.values_list("pk", flat=True))).update(read_at=F("created_at") + READ_AFTER)
