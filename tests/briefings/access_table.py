"""Who may open what: the truth that the declared policies are compared with."""

from typing import Any

from caio_portal.accounts.roles import Role
from caio_portal.briefings.content import content_of
from caio_portal.briefings.models import Briefing, Rendition
from caio_portal.briefings.rendering import template_version
from caio_portal.common import clock, files
from tests.briefings.factories import make_briefing

EDITORS = {Role.CAIO, Role.CAIO_OFFICE}
READERS = EDITORS | {Role.AUDITOR, Role.EXECUTIVE, Role.COUNCIL_MEMBER}


def make_published(unit, user):
    return {"quarter": _published().quarter}


def make_published_by_key(unit, user):
    return {"pk": _published().pk}


def _published() -> Briefing:
    """The published briefing of a quarter, with its PDF."""
    if found := Briefing.objects.first():
        return found
    now = clock.now()
    briefing = make_briefing(state="published", approved_at=now, published_at=now, approver="Ada")
    file = files.store("briefing.pdf", b"%PDF", "application/pdf")
    Rendition.objects.create(
        briefing=briefing,
        template_version=template_version(),
        content_hash=content_of(briefing).hash,
        file=file,
        sha256=file.sha256,
        pages=12,
    )
    return briefing


WHO_MAY: dict[str, Any] = {
    "briefings:executive": READERS,
    "briefings:briefing_list": READERS,
    "briefings:briefing_detail": READERS,
    "briefings:briefing_preview": READERS,
    "briefings:preview_stylesheet": READERS,
    "briefings:download_briefing": READERS,
    "briefings:draft_briefing": EDITORS,
    "briefings:edit_narrative": EDITORS,
    "briefings:request_rendition": EDITORS,
    "briefings:approve_briefing": EDITORS,
    "briefings:publish_briefing": EDITORS,
}
OBJECTS = {
    "briefings:briefing_detail": make_published,
    "briefings:briefing_preview": make_published,
    "briefings:download_briefing": make_published_by_key,
    "briefings:edit_narrative": make_published_by_key,
    "briefings:request_rendition": make_published_by_key,
    "briefings:approve_briefing": make_published_by_key,
    "briefings:publish_briefing": make_published_by_key,
}
EVERYBODYS = set(OBJECTS)  # a briefing is for its audience, wherever they sit
