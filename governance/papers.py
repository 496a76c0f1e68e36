"""The papers of a meeting as PDFs: the pack beforehand, the minutes afterwards."""

from dataclasses import dataclass

from django.db import transaction
from django.template.loader import render_to_string

from caio_portal.common import clock, files, pdf
from caio_portal.common.errors import Invalid
from caio_portal.common.parts import Fact, PaperDocument
from governance.models import AgendaEntry, Finding, Meeting, Review, ReviewStep, Severity, StepKind
from governance.selectors.arguments import Arguments, Reported, arguments
from governance.selectors.policies import policy_of
from governance.snapshots import Snapshot, thaw

PAPERS = ("pack", "minutes")
MEDIA_TYPE = "application/pdf"


@dataclass(frozen=True)
class PackEntry:
    """One page for one review."""

    entry: AgendaEntry
    review: Review
    snapshot: Snapshot
    arguments: Arguments
    findings: tuple[tuple[Finding, str], ...]
    days_due: str


def make(meeting_id: int, paper: str) -> Meeting:
    """Render one of PAPERS and keep it with the meeting; the pack is made anew, the minutes once."""
    meeting = Meeting.objects.select_related("council__unit", "minutes_approved_by").get(pk=meeting_id)
    if paper not in PAPERS:
        raise Invalid(f"There is no paper {paper}.")
    html = render_to_string(f"pdf/meeting_{paper}.html", _pack(meeting) if paper == "pack" else _minutes(meeting))
    content = pdf.render(html, made_at=clock.now())
    with transaction.atomic():
        fresh = Meeting.objects.select_for_update().get(pk=meeting_id)
        name = f"{paper}-{fresh.held_on:%Y-%m-%d}.pdf"
        setattr(fresh, paper, files.store(name, content, MEDIA_TYPE))
        fresh.save(update_fields=[paper])
    return fresh


def pack_entries(meeting: Meeting) -> list[PackEntry]:
    """What the pack says of each review, in the order of the agenda."""
    entries = list(
        AgendaEntry.objects.filter(meeting=meeting).select_related("review__use_case__unit", "review__policy")
    )
    findings: dict[int, list[Finding]] = {}
    for finding in Finding.objects.filter(review__agenda_entries__meeting=meeting).select_related("user"):
        findings.setdefault(finding.review_id, []).append(finding)
    votes = ReviewStep.objects.filter(review__agenda_entries__meeting=meeting, kind=StepKind.VOTE)
    due = {step.review_id: f"{step.due_on:%-d %B %Y}" for step in votes}
    return [_entry(entry, findings.get(entry.review_id, []), due.get(entry.review_id, "")) for entry in entries]


def _entry(entry: AgendaEntry, findings: list[Finding], due: str) -> PackEntry:
    review = entry.review
    snapshot, functions = thaw(review.snapshot), policy_of(review.policy).functions
    now = [finding for finding in findings if finding.snapshot_hash == review.snapshot_hash]
    named = tuple((finding, functions.get(finding.function, finding.function)) for finding in now)
    reported = [Reported(function, finding.severity, finding.text) for finding, function in named]
    gravest = list(reversed(Severity.values))
    named = tuple(sorted(named, key=lambda pair: gravest.index(pair[0].severity)))
    return PackEntry(entry, review, snapshot, arguments(snapshot, reported), named, due)


def _pack(meeting: Meeting) -> dict[str, object]:
    entries = pack_entries(meeting)
    document = PaperDocument(
        title=f"Meeting pack, {meeting.held_on:%-d %B %Y}",
        subtitle=meeting.council.name,
        organisation=meeting.council.unit.name,
        author=meeting.council.name,
        description="What the council is asked to decide.",
        made_at=clock.now(),
        classification="For members of the council",
        facts=[
            Fact("Held on", f"{meeting.held_on:%-d %B %Y}"),
            Fact("To discuss", sum(not each.entry.consent for each in entries)),
            Fact("Consent items", sum(each.entry.consent for each in entries)),
        ],
        contents=[(each.review.ref, f"{each.review.ref} {each.review.use_case.title}") for each in entries],
    )
    return {"document": document, "meeting": meeting, "entries": entries}


def _minutes(meeting: Meeting) -> dict[str, object]:
    assert meeting.minutes_approved_at
    assert meeting.minutes_approved_by
    head, _, rest = meeting.minutes_text.partition("\n")
    document = PaperDocument(
        title=f"Minutes, {meeting.held_on:%-d %B %Y}",
        subtitle=meeting.council.name,
        organisation=meeting.council.unit.name,
        author=meeting.council.name,
        description=head,
        made_at=clock.now(),
        classification="For members of the council",
        facts=[
            Fact("Held on", f"{meeting.held_on:%-d %B %Y}"),
            Fact("Approved", f"{meeting.minutes_approved_at:%-d %B %Y} by {meeting.minutes_approved_by.name}"),
        ],
        contents=[],
    )
    blocks = [block.strip() for block in rest.split("\n\n") if block.strip()]
    return {"document": document, "meeting": meeting, "blocks": blocks}
