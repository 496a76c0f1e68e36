import pytest

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.briefings import narrative, services
from caio_portal.briefings.models import Briefing, BriefingState, Rendition
from caio_portal.briefings.rendering import rendition_of
from caio_portal.common import jobs
from caio_portal.common.canonical import sha256
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.models import JobState
from tests.briefings.factories import make_briefing
from tests.factories import make_person, make_unit


@pytest.fixture
def office(db):
    return make_person(Role.CAIO_OFFICE)


@pytest.fixture
def caio(db):
    return make_person(Role.CAIO)


@pytest.fixture
def _quick_pdf(monkeypatch):
    """A document of one page without WeasyPrint; the real one is tested with the renderer."""
    monkeypatch.setattr(services, "render_pdf", lambda content: b"%PDF << /Type /Pages /Count 12 >>")


def actions() -> list[str]:
    return [event.action for event in AuditEvent.objects.filter(subject_type="briefings.briefing").order_by("pk")]


def test_drafting_freezes_a_snapshot_under_its_hash(office):
    briefing = services.draft_briefing("2026Q3", "board", by=office)

    assert (briefing.number, briefing.state) == (1, BriefingState.DRAFT)
    assert briefing.snapshot_hash == sha256(briefing.snapshot)
    assert briefing.narrative.keys() == narrative.FIELDS.keys()
    assert actions() == ["briefing.drafted"]


def test_drafting_again_makes_the_next_number_and_keeps_the_first(office):
    first = services.draft_briefing("2026Q3", "board", by=office)
    second = services.draft_briefing("2026Q3", "board", by=office)

    assert (first.number, second.number, Briefing.objects.count()) == (1, 2, 2)


def test_a_briefing_remembers_the_figures_of_the_quarter_before(office):
    services.draft_briefing("2026Q2", "board", by=office)
    briefing = services.draft_briefing("2026Q3", "board", by=office)

    from caio_portal.briefings.content import snapshot_of

    previous = snapshot_of(briefing).previous
    assert previous is not None
    assert (previous.quarter, previous.words["use_cases"]) == ("2026Q2", "0")


def test_a_quarter_that_has_not_begun_is_refused(office):
    with pytest.raises(NotAllowed, match="2099Q1 has not begun yet"):
        services.draft_briefing("2099Q1", "board", by=office)


def test_others_do_not_draft(db):
    with pytest.raises(NotAllowed, match="Only the CAIO office"):
        services.draft_briefing("2026Q3", "board", by=make_person(Role.EXECUTIVE))


def test_the_portal_itself_may_draft(db):
    make_unit("Northfield")

    assert services.draft_briefing("2026Q3", "board", by=None).drafted_by is None


def test_editing_keeps_the_other_texts(office):
    briefing = make_briefing(narrative={"summary": "Old", "outlook": "Sunny"})

    services.edit_narrative(briefing.pk, {"summary": "  New\r\ntext "}, by=office)

    briefing.refresh_from_db()
    assert briefing.narrative == {"summary": "New\ntext", "outlook": "Sunny"}
    assert actions() == ["briefing.edited"]


def test_editing_without_a_change_leaves_no_trail(office):
    briefing = make_briefing(narrative={"summary": "Old"})

    services.edit_narrative(briefing.pk, {"summary": "Old"}, by=office)

    assert actions() == []


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [({"poem": "x"}, "no text called poem"), ({"headline": "x" * 241}, "241 characters are too many, 240 fit")],
)
def test_what_does_not_fit_is_refused(office, texts, sentence):
    with pytest.raises(Invalid, match=sentence):
        services.edit_narrative(make_briefing().pk, texts, by=office)


def test_only_the_caio_approves_and_then_the_text_stands(office, caio):
    briefing = make_briefing()

    with pytest.raises(NotAllowed, match="Only the Chief AI Officer"):
        services.approve_briefing(briefing.pk, by=office)
    services.approve_briefing(briefing.pk, by=caio)

    briefing.refresh_from_db()
    assert (briefing.state, briefing.approver) == (BriefingState.APPROVED, str(caio))
    with pytest.raises(NotAllowed, match="its text does not change any more"):
        services.edit_narrative(briefing.pk, {"summary": "x"}, by=office)
    with pytest.raises(NotAllowed, match="already approved"):
        services.approve_briefing(briefing.pk, by=caio)


@pytest.mark.usefixtures("_quick_pdf")
def test_the_whole_way_to_the_readers(office, caio):
    reader = make_person(Role.EXECUTIVE)
    briefing = make_briefing()
    services.approve_briefing(briefing.pk, by=caio)
    with pytest.raises(NotAllowed, match="Render the approved briefing first"):
        services.publish_briefing(briefing.pk, by=office)

    job = jobs.run_here(services.request_rendition(briefing.pk, by=office).pk)
    services.publish_briefing(briefing.pk, by=office)

    briefing.refresh_from_db()
    rendition = rendition_of(briefing)
    assert (job.state, briefing.state) == (JobState.DONE, BriefingState.PUBLISHED)
    assert job.result == {"rendition": rendition.pk, "pages": 12, "sha256": rendition.sha256}
    assert Notice.objects.filter(user=reader, text="The Board briefing 2026Q3 is published.").exists()
    assert actions() == [
        "briefing.approved",
        "briefing.rendition_requested",
        "briefing.rendered",
        "briefing.published",
    ]


@pytest.mark.usefixtures("_quick_pdf")
def test_asking_twice_gives_one_pdf(office):
    briefing = make_briefing()

    first = services.request_rendition(briefing.pk, by=office)
    second = services.request_rendition(briefing.pk, by=office)
    jobs.run_here(first.pk)
    third = jobs.run_here(services.request_rendition(briefing.pk, by=office).pk)

    assert first.pk == second.pk == third.pk
    assert Rendition.objects.count() == 1


@pytest.mark.usefixtures("_quick_pdf")
def test_an_edit_in_between_ends_the_job_with_a_sentence(office):
    briefing = make_briefing()
    job = services.request_rendition(briefing.pk, by=office)
    services.edit_narrative(briefing.pk, {"summary": "Changed"}, by=office)

    done = jobs.run_here(job.pk)

    assert (done.state, done.error) == (
        JobState.FAILED,
        "The text was edited after this PDF was asked for: ask again.",
    )
    assert services.request_rendition(briefing.pk, by=office).pk != job.pk


def test_a_machine_that_makes_no_pdfs_says_so_at_once(office, monkeypatch):
    def fail(content):
        raise services.PdfError("PDFs need the library Pango.")

    monkeypatch.setattr(services, "render_pdf", fail)
    briefing = make_briefing()
    job = services.request_rendition(briefing.pk, by=office)

    assert jobs.run_here(job.pk).error == "PDFs need the library Pango."
    assert services.request_rendition(briefing.pk, by=office).state == JobState.QUEUED
