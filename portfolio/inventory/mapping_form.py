"""The form of the mapping screen: a target for each column, a meaning for each answer, and what tells rows apart."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict

from portfolio import facts
from portfolio.inventory import answers
from portfolio.inventory.columns import ColumnLook, FileLook
from portfolio.inventory.drafting import Draft
from portfolio.inventory.guessing import (
    ID,
    PLACES,
    TITLE,
    UNIT,
    Guess,
    date_order_of,
    decimal_of,
    guess_columns,
    label_of,
)
from portfolio.inventory.profiles import Profile, folded

# Django reads a thousand fields of a form at most.
_ANSWERS_A_COLUMN = 30
_ANSWERS = 400
_NAMES = ("title", "unit", "date_order", "decimal", "separator")


# Another target has other answers: they are fetched at once.
_ASK = {"hx-post": "", "hx-trigger": "change", "hx-target": "#mapping", "hx-vals": '{"look": "1"}'}


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer of a column, and the control that says what it means."""

    answer: str
    count: int
    field: BoundField


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of the file on the page."""

    look: ColumnLook
    guess: Guess
    target: BoundField
    key: BoundField
    answers: list[AnswerRow]
    more: int  # answers that are read as guessed, without a control

    @property
    def filled(self) -> str:
        return f"{self.look.filled:,}"

    @property
    def has_open(self) -> bool:
        """Whether some of its answers mean nothing yet."""
        return self._open > 0

    @property
    def state(self) -> str:
        if self.has_open:
            return f"{self._open} of {len(self.answers)} answers say nothing"
        return "1 answer understood" if len(self.answers) == 1 else f"{len(self.answers)} answers understood"

    @property
    def _open(self) -> int:
        return sum(not answer.field.value() for answer in self.answers)


class MappingForm(forms.Form):
    """What each column is. Asked before somebody chose, it shows guesses; `is_new` while some were never shown."""

    title = forms.CharField(
        label="Name of the profile", max_length=100, help_text="The next file of this kind is read with it."
    )
    unit = forms.CharField(
        label="Unit", max_length=200, help_text="The use cases go under it.",
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )  # fmt: skip
    date_order = forms.ChoiceField(label="Dates", choices=[("dmy", "Day first: 31/12"), ("mdy", "Month first: 12/31")])
    decimal = forms.ChoiceField(label="Numbers", choices=[(".", "1,234.50"), (",", "1.234,50")])
    separator = forms.ChoiceField(
        label="Several answers in a cell", choices=[(";", "A; B"), (",", "A, B"), ("|", "A | B")]
    )

    def __init__(
        self, look: FileLook, data: QueryDict | None = None, base: Profile | None = None, **kwargs: Any
    ) -> None:
        self._sent = data.copy() if data is not None else None
        super().__init__(self._sent, auto_id="map-%s", **kwargs)
        self.look, self.base = look, base
        self.is_new = False
        self.guesses = _as_in(base, look) if base else guess_columns(look)
        for at, guess in enumerate(self.guesses):
            name = look.columns[at].name
            self.fields[f"column-{at}"] = forms.ChoiceField(
                label=f"What {name} is",
                choices=_targets(),
                required=False,
                initial=guess.target,
                widget=forms.Select(_ASK),
            )
            self.fields[f"key-{at}"] = forms.BooleanField(label=f"{name} tells rows apart", required=False)
        self._suggest()
        self._answers = {at: list(self._ask(at)) for at in range(len(look.columns))}

    def _target(self, at: int) -> str:
        target = self[f"column-{at}"].value() or ""
        return target if target in PLACES or target in facts.CATALOGUE else ""

    def _suggest(self) -> None:
        """What follows from the columns as they are guessed or chosen now."""
        chosen = [(column, self._target(at)) for at, column in enumerate(self.look.columns)]
        targets = [target for _, target in chosen]
        dates, numbers = _of_kind(chosen, facts.Kind.DATE), _of_kind(chosen, facts.Kind.NUMBER, facts.Kind.MONEY)
        self.fields["separator"].initial = answers.separator_of(chosen)
        self.fields["date_order"].initial = date_order_of(dates)
        self.fields["decimal"].initial = decimal_of(numbers)
        if self.base:
            self._suggest_base(self.base)
            return
        for at, target in enumerate(targets):
            self.fields[f"key-{at}"].initial = target in ((ID,) if ID in targets else (UNIT, TITLE))

    def _suggest_base(self, base: Profile) -> None:
        given = {"title": base.title, "unit": base.unit, "date_order": base.date_order, "decimal": base.decimal}
        for name, value in {**given, "separator": base.separators}.items():
            self.fields[name].initial = value
        for at, column in enumerate(self.look.columns):
            self.fields[f"key-{at}"].initial = column.name in base.identity.key

    def _guess(self, at: int, target: str, answer: str) -> str:
        """What an answer means: as the profile has it that is being changed, else as far as anybody can tell."""
        known = self.base.by_key.get(self.look.columns[at].name) if self.base else None
        if known and target_of(self.base, known.key) == target and (option := known.by_answer.get(folded(answer))):
            return answers.word(option.means) if option.means is not None else ""
        return answers.guess(target, answer)

    def _ask(self, at: int) -> Iterator[tuple[str, int, str]]:
        """A field for each answer of a column whose answers are chosen; what was never shown gets its guess."""
        target = self._target(at)
        if not answers.is_chosen(target):
            return
        asked = sum(name.startswith("answer-") for name in self.fields)
        sign = self["separator"].value() or ";"
        shown = answers.pieces(self.look.columns[at], target, sign)[: min(_ANSWERS_A_COLUMN, _ANSWERS - asked)]
        for answer, count in shown:
            name = f"answer-{at}-{target}-{_digest(answer)}"
            guess = self._guess(at, target, answer)
            self.fields[name] = forms.ChoiceField(
                label=f"What {answer} means",
                required=False,
                initial=guess,
                choices=[("", "Says nothing"), *answers.choices(target)],
            )
            if self._sent is not None and name not in self._sent:
                self.is_new = True
                self._sent[name] = guess
            yield answer, count, name

    def show_as_it_is(self) -> None:
        """For somebody who is still choosing: nothing is wrong yet."""
        self._errors = ErrorDict()

    def rows(self) -> list[ColumnRow]:
        """The columns, in the order of the file."""
        return [self._row(at, column) for at, column in enumerate(self.look.columns)]

    def _row(self, at: int, column: ColumnLook) -> ColumnRow:
        shown = [AnswerRow(answer, count, self[name]) for answer, count, name in self._answers[at]]
        target = self._target(at)
        found = len(answers.pieces(column, target, self["separator"].value() or ";")) if shown else 0
        return ColumnRow(column, self.guesses[at], self[f"column-{at}"], self[f"key-{at}"], shown, found - len(shown))

    @property
    def settings(self) -> list[BoundField]:
        return [self[name] for name in _NAMES]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        places: dict[str, list[int]] = {}
        for at in range(len(self.look.columns)):
            if target := data.get(f"column-{at}"):
                places.setdefault(target, []).append(at)
        for target, columns in places.items():
            for at in columns[1:]:
                first = self.look.columns[columns[0]].name
                self.add_error(f"column-{at}", f"{label_of(target)} is taken by {first}; each is read from one column.")
        if TITLE not in places:
            self.add_error(None, "Say which column is the title of a use case.")
        return data

    def draft(self) -> Draft:
        """What was chosen; of a valid form."""
        data = self.cleaned_data
        names = [column.name for column in self.look.columns]
        targets = {name: data[f"column-{at}"] for at, name in enumerate(names)}
        key = [name for at, name in enumerate(names) if data[f"key-{at}"]]
        return Draft(
            title=" ".join(data["title"].split()),
            unit=" ".join(data["unit"].split()),
            targets=targets,
            key=key or [name for name in names if targets[name] in (UNIT, TITLE)],
            meanings={names[at]: self._meanings(at) for at in self._answers},
            date_order=data["date_order"],
            decimal=data["decimal"],
            separator=data["separator"],
        )

    def _meanings(self, at: int) -> dict[str, str]:
        """What every answer means: as chosen, else as guessed; what is neither is left open and reported."""
        target = self._target(at)
        if not answers.is_chosen(target):
            return {}
        chosen = {answer: self.cleaned_data[name] for answer, _, name in self._answers[at]}
        found = answers.pieces(self.look.columns[at], target, self.cleaned_data["separator"])
        guessed = {answer: meant for answer, _ in found if (meant := answers.guess(target, answer))}
        return guessed | chosen


def target_of(profile: Profile | None, name: str) -> str:
    """What a column is in a profile that was made on this screen; blank: its cells are kept."""
    if profile is None or name not in profile.by_key:
        return ""
    place = next((place for place in PLACES if getattr(profile.identity, place) == name), "")
    return place or profile.by_key[name].fact or ""


def _as_in(base: Profile, look: FileLook) -> list[Guess]:
    targets = [target_of(base, column.name) for column in look.columns]
    return [Guess(target, f"So it is in {base.title}.") if target else Guess() for target in targets]


def _of_kind(chosen: Sequence[tuple[ColumnLook, str]], *kinds: facts.Kind) -> list[ColumnLook]:
    return [column for column, target in chosen if target in facts.CATALOGUE and facts.CATALOGUE[target].kind in kinds]


def _digest(answer: str) -> str:
    return hashlib.sha256(answer.encode()).hexdigest()[:10]


def _targets() -> list[tuple[str, Any]]:
    """What a column may be: a place of a use case, or any fact there is."""
    known = sorted(((fact.name, fact.label) for fact in facts.CATALOGUE.values()), key=lambda pair: pair[1])
    return [("", "Keep, read nothing"), ("What and where", list(PLACES.items())), ("Facts", known)]
