"""How approvals stand, as lists of use cases filter by it and name it."""

from collections.abc import Sequence

from django.db.models import Q

from caio_portal.common.tables.filters import NONE
from portfolio import ports
from portfolio.models import UseCase
from portfolio.stages import Stage


def running_without_approval() -> Q:
    approved = next(iter(ports.approved_ids.ask_all()), None)
    running = Q(stage=Stage.PRODUCTION, paused_at=None)
    return running if approved is None else running & ~Q(pk__in=approved)


def approval_options() -> list[tuple[str, str]]:
    return [(state.key, state.label) for state in ports.how_approvals_stand().states]


def approval_label(row: UseCase) -> str:
    """How the approval of a row of the list stands, in a word; empty without one."""
    state = ports.how_approvals_stand().of(vars(row)["approval_state"])
    return state.label if state else ""


def lacking(row: UseCase) -> ports.ApprovalState | None:
    """How the approval of a row stands if something is wrong with it: all that other layouts say of it."""
    state = ports.how_approvals_stand().of(vars(row)["approval_state"])
    return state if state and state.tone != "good" else None


def approved_as(keys: Sequence[str]) -> Q:
    """The use cases whose approval stands in any of these ways, or that have none."""
    states = ports.how_approvals_stand()
    found = states.having([key for key in keys if key != NONE])
    return found | ~states.having([state.key for state in states.states]) if NONE in keys else found
