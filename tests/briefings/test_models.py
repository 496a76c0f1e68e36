import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError

from caio_portal.briefings.models import Rendition
from caio_portal.common import clock, files
from tests.briefings.factories import make_briefing


def test_a_snapshot_is_what_its_hash_says(db):
    with pytest.raises(IntegrityError, match="briefing_snapshot_is_its_hash"):
        make_briefing(snapshot_hash="0" * 64)


@pytest.mark.parametrize(
    ("field", "value"),
    [("snapshot_hash", "0" * 64), ("quarter", "2026Q2"), ("audit_seq", 8), ("audit_head", "00"), ("number", 4)],
)
def test_a_snapshot_never_changes(db, field, value):
    briefing = make_briefing()
    setattr(briefing, field, value)

    with pytest.raises(IntegrityError, match=r"does not change|briefing_snapshot_is_its_hash"), transaction.atomic():
        briefing.save()


def test_the_narrative_ends_with_the_draft(db):
    briefing = make_briefing(narrative={"lead": "Well done."})
    briefing.state, briefing.approved_at = "approved", clock.now()
    briefing.save()
    briefing.narrative = {"lead": "Not so well."}

    with pytest.raises(IntegrityError, match="Only the draft"):
        briefing.save()


def test_an_approved_briefing_is_no_draft_again(db):
    briefing = make_briefing(state="approved", approved_at=clock.now())
    briefing.state, briefing.approved_at = "draft", None

    with pytest.raises(IntegrityError, match="Only the draft"):
        briefing.save()


def test_a_briefing_is_kept(db):
    with pytest.raises(ProgrammingError, match="briefing only grows"):
        make_briefing().delete()


def test_a_rendition_only_grows(db):
    file = files.store("a.pdf", b"%PDF", "application/pdf")
    rendition = Rendition.objects.create(
        briefing=make_briefing(), template_version="1", content_hash="0" * 64, file=file, sha256=file.sha256, pages=1
    )
    rendition.pages = 2

    with pytest.raises(ProgrammingError, match="permission denied"):
        rendition.save()
