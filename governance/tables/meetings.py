"""Every meeting of the councils that somebody may see."""

from typing import Any

from django.db.models import Count, Q

from caio_portal.accounts.models import User
from caio_portal.common.tables import Column, Flag, Table
from governance.access.reviews import councils_of
from governance.models import Meeting, Review


def meetings_of(user: User) -> Any:
    """With the number of entries on the agenda that USER may see, and how many of these are decided."""
    seen = Q(entries__review__in=Review.objects.visible_to(user))
    return (
        Meeting.objects.filter(council__in=councils_of(user))
        .select_related("council")
        .defer("minutes_text")
        .annotate(
            on_agenda=Count("entries", filter=seen, distinct=True),
            decided=Count("entries", filter=seen & Q(entries__review__decision__isnull=False), distinct=True),
        )
    )


class MeetingTable(Table[Meeting]):
    id = "meetings"
    noun = ("meeting", "meetings")
    caption = "Meetings of councils"
    file_name = "meetings"
    search = (
        "council__name__icontains",
        "entries__review__use_case__title__icontains",
        "entries__review__ref__icontains",
    )
    search_label = "Find a council, review or use case"
    default_sort = "-held_on"
    empty_title = "No meetings"
    empty_text = "The CAIO office calls a meeting from the page of the council."
    columns = (
        Column("held_on", "Day", sort="held_on", down_first=True),
        Column("council.name", "Council", sort="council__name"),
        Column("state", "State", value=lambda meeting: meeting.state),
        Column("on_agenda", "On the agenda", numeric=True, sort="on_agenda"),
        Column("decided", "Decided by now", numeric=True, sort="decided"),
        Column("opened_at", "Opened", on_page=False),
        Column("closed_at", "Closed", on_page=False),
        Column("minutes_approved_at", "Minutes approved", on_page=False),
    )
    filters = (
        Flag("open", "Not yet closed", Q(closed_at=None)),
        Flag("minutes", "Minutes to approve", Q(closed_at__isnull=False, minutes_approved_at=None)),
    )
