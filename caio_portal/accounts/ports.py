"""What home and the top bar show, answered by every app."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Model

from caio_portal.accounts.models import User
from caio_portal.common.ports import Port


@dataclass(frozen=True)
class WorkEntry:
    """Something that waits for a person."""

    title: str
    url: str
    kind: str  # what is asked, in two or three words: "Your vote"
    detail: str = ""
    due_on: date | None = None
    overdue: bool = False
    tier: int | None = None


@dataclass(frozen=True)
class SearchHit:
    """One thing found; `kind` groups them on the page."""

    kind: str
    title: str
    url: str
    detail: str = ""


@dataclass(frozen=True)
class Export:
    """A list that can be taken away as a file."""

    title: str
    url: str


my_work: Port[[User], list[WorkEntry]] = Port("my_work")
search: Port[[str, User], list[SearchHit]] = Port("search")
exports: Port[[User], list[Export]] = Port("exports")
# Where somebody without an account finds what a notice is about, by their link; None if no link of theirs leads there.
guest_address: Port[[User, Model], str | None] = Port("guest_address")
