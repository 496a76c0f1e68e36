"""What the pages of the intake show: one frozen object a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.forms import BoundField
from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.common import clock
from caio_portal.common.canonical import canonical_json
from caio_portal.common.parts import Step
from portfolio import ports
from portfolio.facts import CATALOGUE
from portfolio.intake.forms import SectionForm
from portfolio.intake.lookups import Asker
from portfolio.intake.questionnaire import Question, Questionnaire, Section
from portfolio.intake.showing import as_html, file_url
from portfolio.models import FactChange, Remark, UseCase
from portfolio.services import Clash
from portfolio.stages import Stage

_BESIDE = timedelta(minutes=30)  # somebody who answered so shortly ago is working on it, too


@dataclass(frozen=True)
class Asked:
    """A question of the section; one that is not shown keeps its place on the page, empty."""

    question: Question
    field: BoundField
    is_shown: bool
    is_needed: bool = False
    clash: Clash | None = None  # somebody else answered it otherwise meanwhile
    news: FactChange | None = None  # somebody else answered it a short while ago
    remarks: tuple[Remark, ...] = ()  # of those who examine it
    taken: str = ""  # the answers of somebody else that the one of this person would take away

    @property
    def theirs(self) -> str:
        """The answer that stands, in words; of an answer that would take others away, those."""
        if self.taken:
            return self.taken
        value = self.clash.theirs if self.clash else None
        return "not known yet" if value is None else f"“{self.question.about.label_of(value)}”"


@dataclass(frozen=True)
class Unknown:
    """A fact that is unknown and could raise the tier, with the page that asks for it."""

    label: str
    url: str


@dataclass(frozen=True)
class StageControls:
    """The controls that are asked for by one stage."""

    stage: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Outlook:
    """The panel beside the questions: the likely tier and what follows from it."""

    preview: ports.Preview
    unknown: tuple[Unknown, ...]
    controls: tuple[StageControls, ...]
    answered: int
    of: int

    @property
    def percent(self) -> int:
        return round(100 * self.answered / self.of) if self.of else 100


@dataclass(frozen=True)
class SectionPage:
    """One section of the intake of one use case."""

    use_case: UseCase
    section: Section
    form: SectionForm
    asked: tuple[Asked, ...]
    steps: tuple[Step, ...]
    outlook: Outlook
    seen: str  # the facts of the section as this page shows them, as JSON
    previous_url: str
    next_url: str
    number: int
    of: int
    beside: FactChange | None  # the last answer of somebody else who works on it now

    @property
    def url(self) -> str:
        return section_url(self.use_case, self.section)

    @property
    def open_questions(self) -> int:
        return len(self.section.missing(self.use_case.facts))


def section_url(use_case: UseCase, section: Section) -> str:
    if use_case.guest_token:
        return reverse("portfolio:guest_section", args=[use_case.guest_token, section.key])
    return reverse("portfolio:intake_section", args=[use_case.ref, section.key])


def check_url(use_case: UseCase) -> str:
    if use_case.guest_token:
        return reverse("portfolio:guest_check", args=[use_case.guest_token])
    return reverse("portfolio:intake_check", args=[use_case.ref])


def carry_over_url(use_case: UseCase) -> str:
    if use_case.guest_token:
        return reverse("portfolio:guest_carry_over", args=[use_case.guest_token])
    return reverse("portfolio:carry_over", args=[use_case.ref])


def asker_of(use_case: UseCase) -> Asker:
    """What may be proposed to those who answer; somebody with a link is a guest."""
    return Asker(bool(use_case.guest_token), use_case.unit.path if use_case.guest_token else "")


def section_page(
    use_case: UseCase,
    questionnaire: Questionnaire,
    section: Section,
    form: SectionForm | None = None,
    *,
    clashes: Sequence[Clash] = (),
    others: Sequence[FactChange] = (),
    remarks: Mapping[str, tuple[Remark, ...]] | None = None,
) -> SectionPage:
    """CLASHES and REMARKS are shown at their questions; of OTHERS, what they answered lately, newest first."""
    facts, clashing = use_case.facts, {clash.fact: clash for clash in clashes}
    seen = form.seen() if form else {}
    form = form or SectionForm(section, facts, asker=asker_of(use_case))
    taken = {fact for clash in clashes for fact in clash.takes}
    number = questionnaire.sections.index(section)
    around = [section_url(use_case, each) for each in questionnaire.sections]
    return SectionPage(
        use_case=use_case,
        section=section,
        form=form,
        asked=questions(use_case, section, form, clashes=clashes, others=others, remarks=remarks),
        steps=steps(use_case, questionnaire, section.key),
        outlook=outlook(use_case, questionnaire),
        # What clashes keeps the value that was seen first: sent again unchanged, it still clashes.
        seen=canonical_json(
            {q.fact: (seen if q.fact in {*clashing, *taken} else facts).get(q.fact) for q in section.questions}
        ),
        previous_url=around[number - 1] if number else "",
        next_url=around[number + 1] if number + 1 < len(around) else check_url(use_case),
        number=number + 1,
        of=len(around),
        beside=others[0] if others else None,
    )


def questions(
    use_case: UseCase,
    section: Section,
    form: SectionForm,
    *,
    clashes: Sequence[Clash] = (),
    others: Sequence[FactChange] = (),
    remarks: Mapping[str, tuple[Remark, ...]] | None = None,
) -> tuple[Asked, ...]:
    """The questions of a section as FORM shows them."""
    facts, clashing = use_case.facts, {clash.fact: clash for clash in clashes}
    news = {change.fact: change for change in reversed(others)}
    form.lead_to_files(lambda value: file_url(use_case, value))
    return tuple(
        Asked(
            question=q,
            field=form[q.fact],
            is_shown=q.is_shown(facts),
            is_needed=q.is_needed(facts),
            clash=clashing.get(q.fact),
            news=news.get(q.fact),
            remarks=(remarks or {}).get(q.fact, ()),
            taken=_in_words(clashing[q.fact].takes, facts) if q.fact in clashing else "",
        )
        for q in section.questions
    )


def _in_words(names: Sequence[str], facts: Mapping[str, Any]) -> str:
    return "; ".join(f"{CATALOGUE[name].label}: “{CATALOGUE[name].label_of(facts[name])}”" for name in names)


def answers_of_others(use_case: UseCase, user: User) -> list[FactChange]:
    """What other people answered within the last half hour, newest first: they may still be at it."""
    since = clock.now() - _BESIDE
    changes = FactChange.objects.filter(use_case=use_case, recorded_at__gte=since, by__isnull=False)
    return list(changes.exclude(by=user).select_related("by").order_by("-recorded_at", "-pk"))


def steps(use_case: UseCase, questionnaire: Questionnaire, current: str) -> tuple[Step, ...]:
    """The sections and the check at the end, with how much each still needs."""
    found = [_step(use_case, section, current) for section in questionnaire.sections]
    state = "current" if current == "check" else "todo"
    return (*found, Step("Check and submit", state, url=check_url(use_case)))


def outlook(use_case: UseCase, questionnaire: Questionnaire) -> Outlook:
    def url_of(section: Section, question: Question) -> str:
        return f"{section_url(use_case, section)}#question-{question.fact}"

    return outlook_of(use_case.facts, use_case.stage, questionnaire, url_of)


def outlook_of(
    facts: Mapping[str, Any],
    stage: str | None,
    questionnaire: Questionnaire,
    url_of: Callable[[Section, Question], str],
) -> Outlook:
    """What follows from FACTS; URL_OF says where a question is answered."""
    preview = ports.look_ahead(facts, stage)
    asked = ((section, question) for section in questionnaire.sections for question in section.shown(facts))
    pages = {question.fact: url_of(section, question) for section, question in asked}
    unknown = tuple(
        Unknown(CATALOGUE[name].label, pages.get(name, "")) for name in preview.unknown if name in CATALOGUE
    )
    answered, of = questionnaire.progress(facts)
    return Outlook(preview, unknown, _by_stage(preview), answered, of)


def missing_by_section(use_case: UseCase, questionnaire: Questionnaire) -> list[tuple[Section, int, str]]:
    """(section, how many needed questions are open, address of the first of them)."""
    found = [(section, section.missing(use_case.facts)) for section in questionnaire.sections]
    return [
        (section, len(missing), f"{section_url(use_case, section)}#question-{missing[0].fact}")
        for section, missing in found
        if missing
    ]


def _step(use_case: UseCase, section: Section, current: str) -> Step:
    missing = len(section.missing(use_case.facts))
    state = "current" if section.key == current else "todo" if missing else "done"
    detail = f"{missing} to answer" if missing else "Complete"
    return Step(section.title, state, detail, section_url(use_case, section))


def _by_stage(preview: ports.Preview) -> tuple[StageControls, ...]:
    by_stage: dict[str, list[str]] = {}
    for control in preview.controls:
        by_stage.setdefault(control.stage, []).append(control.title)
    return tuple(StageControls(stage.label, tuple(by_stage[stage])) for stage in Stage if stage in by_stage)


def answers_in_words(
    use_case: UseCase, questionnaire: Questionnaire
) -> list[tuple[Section, str, list[dict[str, Any]]]]:
    """(section, its address, every question that is shown with its answer in words), for the last look."""
    facts = use_case.facts
    return [
        (
            section,
            section_url(use_case, section),
            [
                {
                    "question": question,
                    "is_needed": question.is_needed(facts),
                    "answer": as_html(question.about, facts.get(question.fact), use_case),
                    "url": f"{section_url(use_case, section)}#question-{question.fact}",
                }
                for question in section.shown(facts)
            ],
        )
        for section in questionnaire.sections
    ]
