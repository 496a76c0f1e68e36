"""One section of the questionnaire, shown and answered: by somebody who signed in, or by a guest with a link."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from caio_portal.accounts.models import User
from caio_portal.common.errors import Invalid
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import ports, rules, selectors, services
from portfolio.facts import CATALOGUE
from portfolio.intake.forms import SectionForm
from portfolio.intake.pages import (
    SectionPage,
    answers_in_words,
    answers_of_others,
    asker_of,
    carry_over_url,
    missing_by_section,
    outlook,
    questions,
    section_page,
    section_url,
    steps,
)
from portfolio.intake.questionnaire import Questionnaire, Section
from portfolio.intake.versions import newer_than
from portfolio.models import FactChange, GuestLink, Remark, UseCase

Clashes = Sequence[services.Clash]


@dataclass
class Answering:
    """Who answers which section of which use case; `base` is the frame around the page."""

    request: Request
    user: User
    use_case: UseCase
    questionnaire: Questionnaire
    section: Section
    base: str = "base.html"
    link: GuestLink | None = None  # of somebody without an account

    def respond(self) -> HttpResponse:
        """The questions; htmx posts them at each change, the button posts them and goes on."""
        return self._answer() if self.request.method == "POST" else self._page()

    def _answer(self) -> HttpResponse:
        form = SectionForm(
            self.section, self.use_case.facts, self.request.POST, self.request.FILES, asker_of(self.use_case)
        )
        answers, insist = self._answers(form), self.request.POST.getlist("mine")
        try:
            answered = self._write(answers, form.seen(), insist)
        except Invalid as refusal:
            form.add_error(None, refusal.sentence)
            return self._page(form, status=422)
        self.use_case.facts, self.use_case.tier = answered.use_case.facts, answered.use_case.tier
        for clash in answered.clashes:
            form.add_error(clash.fact, _sentence(clash))
        for fact, sentence in answered.refused.items():
            form.add_error(fact, sentence)
        told = _told(answered)
        if self.request.htmx:
            return self._saved(form, answered, told)
        for sentence in told:
            messages.info(self.request, sentence)
        if form.errors:
            return self._page(form, answered.clashes, status=422)
        return redirect(self._settled() or self._onwards(form))

    def _write(self, answers: dict[str, Any], seen: dict[str, Any], insist: list[str]) -> services.Answered:
        if self.link:
            return services.answer_as_guest(self.link.pk, answers, seen=seen, insist=insist)
        return services.answer_questions(self.use_case.pk, answers, by=self.user, seen=seen, insist=insist)

    def _settled(self) -> str:
        """The question whose remark somebody settles with their answers; "" if they settle none."""
        wanted = self.request.POST.get("settle", "")
        remark = next((each for found in self._remarks.values() for each in found if str(each.pk) == wanted), None)
        if remark is None:
            return ""
        services.settle_remark(remark.pk, by=self.user)
        return f"{section_url(self.use_case, self.section)}#question-{remark.fact}"

    def _answers(self, form: SectionForm) -> dict[str, Any]:
        """What is to be written: not what this person gives up for what somebody else answered."""
        answers = form.answers()
        if "rest" in self.request.POST:
            answers |= self.section.rest_of({**form.facts, **answers})
        given_up = self.request.POST.getlist("theirs")
        return {name: value for name, value in answers.items() if name not in given_up}

    def _onwards(self, form: SectionForm) -> str:
        """Where to go after a page of answers: on, unless one of them wants another look here."""
        here, facts = section_url(self.use_case, self.section), self.use_case.facts
        chosen = [*self.request.POST.getlist("mine"), *self.request.POST.getlist("theirs")]
        chosen += self._rows_asked_for
        if chosen:
            return f"{here}#question-{chosen[0]}"
        new = [q for q in self.section.shown(facts) if q.fact not in form.asked() and not q.is_answered(facts)]
        if new:
            more = f"{len(new)} more question{'s' if len(new) > 1 else ''}"
            messages.info(self.request, f"Your answers bring up {more} here.")
            return f"{here}#question-{new[0].fact}"
        return section_page(self.use_case, self.questionnaire, self.section).next_url

    @property
    def _rows_asked_for(self) -> list[str]:
        """The tables to which a row is added, or from which one is removed."""
        named = [self.request.POST.get("add_row", ""), self.request.POST.get("remove_row", "").partition(":")[0]]
        return [fact for fact in named if fact in {question.fact for question in self.section.questions}]

    def _section_page(
        self, form: SectionForm | None, clashes: Clashes = (), others: Sequence[FactChange] = ()
    ) -> SectionPage:
        return section_page(
            self.use_case, self.questionnaire, self.section, form, clashes=clashes, others=others,
            remarks=self._remarks,
        )  # fmt: skip

    @cached_property
    def _remarks(self) -> dict[str, tuple[Remark, ...]]:
        return selectors.open_remarks(self.use_case)

    def _page(self, form: SectionForm | None = None, clashes: Clashes = (), status: int = 200) -> HttpResponse:
        if self.request.htmx and form is not None and form.non_field_errors():
            refusal = {"sentence": form.non_field_errors()[0]}
            response = render(self.request, "components/refusal.html", refusal, status=status)
            response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
            return response
        others = answers_of_others(self.use_case, self.user)
        page = self._section_page(form, clashes, others)
        objection = rules.objection_to_edit(self.user, self.use_case)
        context = {
            "page": page,
            "use_case": self.use_case,
            "objection": objection,
            "base": self.base,
            "newer": newer_than(self.use_case),
            "carry_over_url": carry_over_url(self.use_case),
        }
        return render_page(self.request, "portfolio/intake_section.html", context, status=status)

    def _saved(self, form: SectionForm, answered: services.Answered, told: Sequence[str]) -> HttpResponse:
        """The parts of the page that an answer changes; the question under the reader's hands is not among them."""
        others = answers_of_others(self.use_case, self.user)
        page = self._section_page(form, answered.clashes, others)
        behind = {*form.behind(self.use_case.facts), *self._rows_asked_for, *form.uploads}
        changed = {
            asked.question.fact
            for asked in page.asked
            if asked.is_shown != (asked.question.fact in form.asked()) or asked.question.fact in behind
        }
        again = SectionForm(self.section, self.use_case.facts, asker=asker_of(self.use_case))
        fresh = questions(self.use_case, self.section, again, others=others, remarks=self._remarks)
        for shown in (form, again):
            shown.attend(self._rows_asked_for)
        context: dict[str, Any] = {
            "page": page,
            "use_case": self.use_case,
            "kept": [asked for asked in page.asked if asked.is_shown and asked.question.fact not in changed],
            "changed": [
                typed if typed.question.fact in form.errors else asked
                for typed, asked in zip(page.asked, fresh, strict=True)
                if asked.question.fact in changed
            ],
            "with_errors": form.errors,
            "told": told,
            "restored": answered.restored,
        }
        return render(self.request, "portfolio/_saved.html", context)


def _told(answered: services.Answered) -> list[str]:
    """What becomes of answers that this one did not give, in sentences."""
    dropped, restored = (
        ", ".join(CATALOGUE[name].label for name in names) for names in (answered.dropped, answered.restored)
    )
    told = [f"No longer asked, so it does not count: {dropped}. The history keeps it."] if dropped else []
    if restored:
        told.append(f"Asked again, with the earlier answer filled in: {restored}. Change it if it no longer holds.")
    return told


def _sentence(clash: services.Clash) -> str:
    who = clash.by or "Somebody else"
    if clash.takes:
        labels = ", ".join(CATALOGUE[name].label for name in clash.takes)
        return f"{who} answered “{labels}” meanwhile, which this would take away. Yours is not saved yet."
    return f"{who} answered this meanwhile. Yours is not saved yet."


def check_context(use_case: UseCase, questionnaire: Questionnaire, user: User) -> dict[str, Any]:
    """Everything once more, what is missing, and whether it may be submitted."""
    missing = questionnaire.missing(use_case.facts)
    return {
        "use_case": use_case,
        "steps": steps(use_case, questionnaire, "check"),
        "outlook": outlook(use_case, questionnaire),
        "missing": missing,
        "missing_by_section": missing_by_section(use_case, questionnaire),
        "answers": answers_in_words(use_case, questionnaire),
        "objection": rules.objection_to_submit(user, use_case, len(missing)),
        "remarks": remarks_of(use_case, questionnaire),
        "whereabouts": ports.where_it_stands(use_case, user),
        "submissions": use_case.submissions.order_by("-number")[:1],
    }


def remarks_of(use_case: UseCase, questionnaire: Questionnaire) -> list[tuple[Remark, str, str]]:
    """(remark, what it is about, where that is answered) of each that is open, in the order of the questions."""
    open_ones = selectors.open_remarks(use_case)
    return [
        (remark, question.about.label, f"{section_url(use_case, section)}#question-{question.fact}")
        for section in questionnaire.sections
        for question in section.questions
        for remark in open_ones.get(question.fact, ())
    ]
