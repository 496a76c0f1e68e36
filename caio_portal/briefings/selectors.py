"""What the briefing pages show."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from caio_portal.briefings import narrative
from caio_portal.briefings.content import content_of
from caio_portal.briefings.difference import Difference, difference
from caio_portal.briefings.models import Briefing, BriefingState, Rendition
from caio_portal.briefings.rendering import rendition_of, template_version
from caio_portal.briefings.snapshot.schema import Figure, Snapshot
from caio_portal.common import clock
from caio_portal.common.models import Job
from caio_portal.common.quarters import Quarter

STATE_TONES = {BriefingState.DRAFT: "info", BriefingState.APPROVED: "good", BriefingState.PUBLISHED: "good"}
QUARTERS_OFFERED = 6
FIGURES_BESIDE = 8


@dataclass(frozen=True)
class Edition:
    """The briefings of one quarter for one audience, the newest number first."""

    newest: Briefing
    earlier: tuple[Briefing, ...]
    tone: str


def editions(briefings: QuerySet[Briefing]) -> list[Edition]:
    """BRIEFINGS by quarter and audience, the newest quarter first; one query."""
    groups: dict[tuple[str, str], list[Briefing]] = defaultdict(list)
    for briefing in briefings.defer("snapshot", "narrative").select_related("approved_by"):
        groups[briefing.quarter, briefing.audience].append(briefing)
    return [Edition(rows[0], tuple(rows[1:]), STATE_TONES[BriefingState(rows[0].state)]) for rows in groups.values()]


def quarters_offered() -> list[str]:
    running = Quarter.of(clock.today())
    return [str(running.back(count)) for count in range(QUARTERS_OFFERED)]


@dataclass(frozen=True)
class Passage:
    """A text of the narrative with the figures that it is about."""

    key: str
    title: str
    help: str
    limit: int
    text: str
    figures: tuple[Figure, ...]
    facts: tuple[str, ...]  # what else the section says, in short lines


@dataclass(frozen=True)
class BriefingPage:
    briefing: Briefing
    snapshot: Snapshot
    passages: tuple[Passage, ...]
    differences: tuple[Difference, ...]
    numbers: tuple[int, ...]
    tone: str


def briefing_page(briefing: Briefing, numbers: Iterable[int], texts: dict[str, str] | None = None) -> BriefingPage:
    """The briefing with its figures; TEXTS replace the narrative where a form was refused."""
    content = content_of(briefing)
    said = briefing.narrative | (texts or {})
    return BriefingPage(
        briefing=briefing, snapshot=content.snapshot, differences=difference(content.snapshot),
        passages=tuple(_passage(content.snapshot, key, field, said) for key, field in narrative.FIELDS.items()),
        numbers=tuple(numbers), tone=STATE_TONES[BriefingState(briefing.state)],
    )  # fmt: skip


def _passage(snapshot: Snapshot, key: str, field: narrative.Field, said: dict[str, str]) -> Passage:
    section = getattr(snapshot, field.section)
    figures: tuple[Figure, ...] = snapshot.headline if field.section == "headline" else getattr(section, "figures", ())
    return Passage(
        key=key, title=field.title, help=field.help, limit=field.limit, text=said.get(key, ""),
        figures=figures[:FIGURES_BESIDE] if key != "headline" else (), facts=_facts(snapshot, field.section, key),
    )  # fmt: skip


def _facts(snapshot: Snapshot, section: str, key: str) -> tuple[str, ...]:
    lines: dict[str, tuple[str, ...]] = {
        "changes": tuple(f"{change.title}: {change.detail}" for change in snapshot.changes) if key == "since" else (),
        "requests": tuple(request.title for request in snapshot.requests),
        "risk": tuple(f"{row.title}: {row.residual} against {row.appetite}" for row in snapshot.risk.breaches[:6]),
        "decisions": tuple(f"{row.title}: {row.outcome.lower()}" for row in snapshot.decisions.decisions[:6]),
        "vendors": tuple(f"{row.name}: {row.advice.lower()}" for row in snapshot.vendors.vendors if row.tone != "good"),
        "obligations": tuple(f"{row.on:%-d %b %Y}: {row.title}" for row in snapshot.obligations[:6]),
        "kpis": tuple(f"{row.name}: {row.words}" for row in snapshot.kpis if row.status == "off_track"),
    }
    return lines.get(section, ())


@dataclass(frozen=True)
class RenditionState:
    """The PDF of a briefing as it reads now: made, being made, failed, or not asked for."""

    rendition: Rendition | None
    job: Job | None

    @property
    def is_running(self) -> bool:
        return self.rendition is None and self.job is not None and not self.job.ended

    @property
    def error(self) -> str:
        return self.job.error if self.rendition is None and self.job is not None and self.job.ended else ""


def rendition_state(briefing: Briefing) -> RenditionState:
    rendition = rendition_of(briefing)
    job = None
    if rendition is None:
        job = Job.objects.filter(kind="briefing.render", idem_key=rendition_key(briefing)).first()
    return RenditionState(rendition, job)


def rendition_key(briefing: Briefing) -> str:
    """What makes one request for a PDF the same as another."""
    return f"{briefing.pk}:{content_of(briefing).hash[:32]}:{template_version()}"


def numbers_of(briefings: QuerySet[Briefing], briefing: Briefing) -> list[int]:
    rows = briefings.filter(quarter=briefing.quarter, audience=briefing.audience)
    return list(rows.order_by("-number").values_list("number", flat=True))
