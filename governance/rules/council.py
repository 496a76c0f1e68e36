"""Who runs a council, its seats and its meetings."""

from datetime import date

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.models import AgendaEntry, CouncilSeat, Delegation


def objection_to_run(user: User | None, unit_id: int) -> str | None:
    """None as USER is the system: demonstration data and set-up."""
    if user is None or roles_of(user).has(Role.CAIO, Role.CAIO_OFFICE, unit=unit_id):
        return None
    return "Only the CAIO office runs the council, its seats and its meetings."


def objection_to_delegate(user: User, seat: CouncilSeat) -> str | None:
    if seat.ended_at:
        return "This seat has ended."
    if user.pk == seat.holder_id or objection_to_run(user, seat.council.unit_id) is None:
        return None
    return "Only the holder of a seat and the CAIO office delegate it."


def objection_to_end_delegation(user: User, delegation: Delegation, today: date) -> str | None:
    if delegation.ended_at or delegation.ends_on < today:
        return "This delegation is over."
    return objection_to_delegate(user, delegation.seat)


def objection_to_take_out(user: User, entry: AgendaEntry) -> str | None:
    if not entry.consent:
        return "This entry is already to be discussed."
    seats = entry.meeting.council.seats.filter(ended_at=None)
    if any(user.pk in (seat.holder_id, seat.alternate_id) for seat in seats):
        return None
    return "Only members of the council take an entry out of consent."
