"""How long use cases stay in a stage: from history when there is enough, else as planned."""

from datetime import timedelta

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from governance.models import GatePassage
from portfolio.models import MoveKind, StageMove
from portfolio.ports import Usual
from portfolio.selectors.stage_times import stage_times
from portfolio.stages import PLANNED_DAYS, Stage
from tests.factories import make_person, make_use_case, signed_in

pytestmark = pytest.mark.django_db


def stay(unit, days: float, *, ended_ago: int = 10, kind=MoveKind.GATED, after=Stage.PRODUCTION) -> None:
    """A use case that was a pilot for so many days."""
    use_case = make_use_case(unit=unit, stage=after)
    ended = clock.now() - timedelta(days=ended_ago)
    for before, stage, moved_at in ((None, Stage.PILOT, ended - timedelta(days=days)), (Stage.PILOT, after, ended)):
        move = StageMove.objects.create(use_case=use_case, before=before, after=stage, kind=kind, moved_at=moved_at)
        if kind == MoveKind.GATED:
            GatePassage.objects.create(stage_move=move)


def test_few_moves_leave_it_as_planned(unit):
    for days in (10, 20, 30, 40):
        stay(unit, days)

    times = stage_times()

    assert (times.usual, times.limits) == ({}, PLANNED_DAYS)
    assert times.words(Stage.PILOT) == "180 days are planned for pilot."
    assert (times.words(Stage.PRODUCTION), times.words(None)) == ("", "")


def test_history_tells_what_is_usual(unit):
    for days in (10, 20, 30, 40, 50):
        stay(unit, days)

    times = stage_times()

    assert times.usual == {Stage.PILOT: Usual(median=30, most=42, of=5)}
    assert times.limits == {**PLANNED_DAYS, Stage.PILOT: 42}
    assert times.words("pilot") == "Of late, use cases stayed 30 days in pilot; four of five no longer than 42."


@pytest.mark.parametrize(
    "other", [{"ended_ago": 400}, {"kind": MoveKind.RECORDED}, {"after": Stage.RETIRED}, {"after": Stage.EXPERIMENT}]
)
def test_what_is_long_past_recorded_ended_or_went_back_does_not_count(unit, other):
    for days in (10, 20, 30, 40):
        stay(unit, days)
    stay(unit, 300, **other)

    assert stage_times().usual == {}


def test_the_list_flags_who_stays_longer_than_others_did(unit):
    for days in (10, 20, 30, 40, 50):
        stay(unit, days)
    make_use_case("Slow", unit=unit, stage=Stage.PILOT, stage_since=clock.now() - timedelta(days=60))
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=unit))

    [row] = client.get("/use-cases/?lingering=1").context["table"].rows

    assert (row.title, row.days_over) == ("Slow", 18)
    assert "stayed 30 days in pilot" in client.get(row.get_absolute_url()).content.decode()
