"""The only writers of briefings."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from caio_portal.accounts import services as accounts
from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import people_with
from caio_portal.audit.events import record
from caio_portal.briefings import narrative, rules
from caio_portal.briefings.content import Content, content_of
from caio_portal.briefings.models import Audience, Briefing, BriefingState, Rendition
from caio_portal.briefings.rendering import page_count, render_pdf, rendition_of, template_version
from caio_portal.briefings.selectors import rendition_key
from caio_portal.briefings.snapshot.build import build
from caio_portal.common import clock, files, jobs
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.errors import Invalid, require
from caio_portal.common.models import Job, JobState
from caio_portal.common.pdf import PdfError
from caio_portal.common.quarters import Quarter

STEPS = 4


@transaction.atomic
def draft_briefing(quarter: str, audience: str, *, by: User | None) -> Briefing:
    """Freeze a snapshot of everything for QUARTER and begin its briefing; an earlier draft stays as it is."""
    wanted = Quarter(quarter)
    require(rules.objection_to_draft(by, wanted) if by else rules.objection_to_quarter(wanted))
    rows = Briefing.objects.filter(quarter=wanted, audience=audience)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    snapshot = build(wanted, Audience(audience), number)
    text = canonical_json(snapshot)
    briefing = Briefing.objects.create(
        quarter=wanted, audience=audience, number=number, as_of=snapshot.as_of, snapshot=text,
        snapshot_hash=sha256(text), audit_seq=snapshot.audit_seq, audit_head=snapshot.audit_head,
        narrative=narrative.suggest(snapshot), drafted_by=by, drafted_at=clock.now(),
    )  # fmt: skip
    record("briefing.drafted", briefing, by=by, snapshot_hash=briefing.snapshot_hash, audit_seq=briefing.audit_seq)
    return briefing


@transaction.atomic
def edit_narrative(briefing_id: int, texts: dict[str, str], *, by: User) -> Briefing:
    """Replace the narrative texts that are named; the others stay."""
    briefing = _locked(briefing_id)
    require(rules.objection_to_edit(by, briefing))
    if unknown := sorted(texts.keys() - narrative.FIELDS.keys()):
        raise Invalid(f"A briefing has no text called {unknown[0]}.", field=unknown[0])
    cleaned = {key: narrative.clean(key, text) for key, text in texts.items()}
    changed = [key for key, text in cleaned.items() if briefing.narrative.get(key, "") != text]
    if changed:
        briefing.narrative = briefing.narrative | cleaned
        briefing.save(update_fields=["narrative"])
        titles = [narrative.FIELDS[key].title.lower() for key in changed]
        record("briefing.edited", briefing, by=by, changed=titles, narrative_hash=sha256(canonical_json(cleaned)))
    return briefing


@transaction.atomic
def approve_briefing(briefing_id: int, *, by: User) -> Briefing:
    """Close the text: from now on only its publication changes anything."""
    briefing = _locked(briefing_id)
    require(rules.objection_to_approve(by, briefing))
    briefing.state, briefing.approved_by, briefing.approved_at = BriefingState.APPROVED, by, clock.now()
    briefing.approver = str(by)
    briefing.save(update_fields=["state", "approved_by", "approver", "approved_at"])
    record("briefing.approved", briefing, by=by, content_hash=content_of(briefing).hash)
    return briefing


@transaction.atomic
def publish_briefing(briefing_id: int, *, by: User) -> Briefing:
    """Give the approved PDF to its readers."""
    briefing = _locked(briefing_id)
    rendition = rendition_of(briefing)
    require(rules.objection_to_publish(by, briefing, rendition is not None))
    briefing.state, briefing.published_at = BriefingState.PUBLISHED, clock.now()
    briefing.save(update_fields=["state", "published_at"])
    record("briefing.published", briefing, by=by, sha256=rendition.sha256 if rendition else None)
    readers = people_with("executive", "caio", "caio_office")
    accounts.notify(readers, briefing, f"The {briefing} is published.", briefing.get_absolute_url())
    return briefing


@transaction.atomic
def request_rendition(briefing_id: int, *, by: User | None) -> Job:
    """Ask for the PDF of a briefing as it reads now; asking again gives the same job."""
    briefing = _locked(briefing_id)
    if by:
        require(rules.objection_to_render(by))
    job = jobs.request(
        "briefing.render", rendition_key(briefing),
        {"briefing": briefing.pk, "content_hash": content_of(briefing).hash}, by=by, steps_total=STEPS,
    )  # fmt: skip
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        job = jobs.retry(job.pk)
    if job.state == JobState.QUEUED:
        record("briefing.rendition_requested", briefing, by=by, job=job.pk)
    return job


def render_briefing(run: jobs.Run) -> dict[str, Any]:
    """Make the PDF of a briefing and keep it, once for each content; the work of a job."""
    briefing = Briefing.objects.get(pk=run.payload["briefing"])
    content = content_of(briefing)
    if content.hash != run.payload["content_hash"]:
        raise Invalid("The text was edited after this PDF was asked for: ask again.")
    result: dict[str, Any] = {}
    document = b""
    if (rendition := rendition_of(briefing)) is None:
        run.progress(1, STEPS)
        document = _rendered(content)
        run.progress(3, STEPS)
    with run.finishing(result):
        rendition = rendition or _keep(briefing, content.hash, document, by=run.by_id)
        result |= {"rendition": rendition.pk, "pages": rendition.pages, "sha256": rendition.sha256}
    return result


def _rendered(content: Content) -> bytes:
    try:
        return render_pdf(content)
    except PdfError as error:  # trying again would not help
        raise Invalid(str(error)) from error


def _keep(briefing: Briefing, content_hash: str, document: bytes, *, by: int | None) -> Rendition:
    name = f"briefing-{briefing.quarter}-{briefing.audience}-{briefing.number}.pdf"
    file = files.store(name, document, "application/pdf")
    rendition = Rendition.objects.create(
        briefing=briefing, template_version=template_version(), content_hash=content_hash, file=file,
        sha256=file.sha256, pages=page_count(document), rendered_at=clock.now(),
    )  # fmt: skip
    record("briefing.rendered", briefing, by=by, pages=rendition.pages, sha256=rendition.sha256, content=content_hash)
    return rendition


def _locked(briefing_id: int) -> Briefing:
    return Briefing.objects.select_for_update().get(pk=briefing_id)
