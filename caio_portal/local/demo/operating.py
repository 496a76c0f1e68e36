"""What goes on beside the reviews: the council is seated, use cases move."""

from datetime import timedelta
from functools import partial

from caio_portal.common import clock
from caio_portal.common.errors import NotAllowed
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.portfolio import Telling
from caio_portal.local.demo.story import Calendar
from caio_portal.local.demo.timeline import Timeline
from governance.services import council, moves
from portfolio import services as portfolio
from portfolio.models import DutyState, MoveKind
from portfolio.retirement import duties
from portfolio.stages import Stage

SEATS = (
    ("legal", "Legal", "legal", True),
    ("ciso", "Information security", "ciso", True),
    ("data", "Data", "member1", False),
    ("privacy", "Privacy", "member2", False),
    ("risk", "Risk", "member3", False),
)


def tell(timeline: Timeline, tellings: list[Telling], calendar: Calendar, company: Company) -> None:
    timeline.add(calendar.moment("council", -26, 0.1), partial(_seat_council, company))
    for telling in tellings:
        for stage, month in telling.written["path"].items():
            timeline.add(telling.moment(month, 0.85), partial(_move, telling, Stage(stage), company))
        if month := telling.written.get("paused"):
            timeline.add(telling.moment(month, 0.5), partial(_pause, telling))


def _seat_council(company: Company) -> None:
    by, until = company.person("office"), clock.today() + timedelta(days=3 * 365)
    body = council.create_council("AI Governance Council", company.root, by=by)
    for function, title, key, mandatory in SEATS:
        council.fill_seat(body, function, title, company.person(key), by=by, mandatory=mandatory, term_ends_on=until)


def _move(telling: Telling, to: Stage, company: Company) -> None:
    if to == Stage.RETIRED:
        portfolio.retire_use_case(
            telling.pk, by=telling.owner, reason="Replaced by the supplier's own function.",
            settled=dict.fromkeys(duties(), DutyState.DONE),
        )  # fmt: skip
        return
    try:
        moves.move_use_case(telling.pk, to, by=telling.owner, reason="The gate is met.")
    except NotAllowed:
        # Some went on before the gate was met: that is on record, and on the list of what runs without approval.
        portfolio.record_move(
            telling.pk,
            to,
            by=company.person("office"),
            kind=MoveKind.RECORDED,
            reason="Found running by the office.",
        )


def _pause(telling: Telling) -> None:
    portfolio.pause_use_case(telling.pk, by=telling.owner, reason="Waiting for the new expense system.")
