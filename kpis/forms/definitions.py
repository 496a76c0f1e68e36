"""What people write to define a KPI or a measure."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

from django import forms
from pydantic import ValidationError

from caio_portal.accounts.roles import Role
from kpis import catalogue
from kpis.catalogue import PERSPECTIVES, Kpi, Measure
from kpis.defining import PARTS, objections
from kpis.months import Window
from kpis.selectors.definitions import EXPLAINED, FORMULAS, UOMS
from kpis.services.definitions import numbered, told_apart
from kpis.values import Formula

EMPTY_ROWS = 2  # for further measures
DIRECTIONS = [("up", "More is better"), ("down", "Less is better"), ("band", "Between two bounds")]
FREQUENCIES = [(each, each.capitalize()) for each in ("daily", "weekly", "monthly", "quarterly")]
OWNERS = [("owner", "Use case owner"), *((role.value, role.label) for role in
          (Role.CAIO, Role.CAIO_OFFICE, Role.VENDOR_MANAGER))]  # fmt: skip
MISSING = [("no_data", "No data"), ("not_compliant", "Not compliant")]
DIMENSIONS = [("unit", "Unit"), ("tier", "Tier"), ("use_case", "Use case"), ("vendor", "Vendor")]
MEASURED_IN = [("share", "A share: numerator and denominator"), ("count", "A count: numerator"),
               ("money", "Money: amount"), ("hours", "Hours: numerator and sample")]  # fmt: skip
COUNTS = [("events", "Things that happen: they add up"), ("stock", "A stock, counted on a day: the last count stands"),
          ("distinct", "Distinct people or things: not added over use cases")]  # fmt: skip
# What is counted from the portal's own records is the product's: of these fields there are none.
_COUNTED = ("formula", "numerator", "denominator", "uom", "unit_label", "dimensions", "error_budget", "feed")

# What a copy says of itself is not what the original says.
_WORDS = ("key", "name", "question", "good", "numerator", "denominator", "feed")


class TermForm(forms.Form):
    """What one measure adds to a KPI; without a measure it adds nothing."""

    measure = forms.ChoiceField(label="Measure", required=False)
    num = forms.ChoiceField(label="To the numerator", required=False, choices=[("", "Nothing"), *PARTS.items()])
    den = forms.ChoiceField(label="To the denominator", required=False, choices=[("", "Nothing"), *PARTS.items()])
    series = forms.CharField(
        label="Series", required=False, max_length=20, widget=forms.TextInput(attrs={"placeholder": "the value itself"})
    )
    n = forms.BooleanField(label="Counts in the sample", required=False)

    def __init__(self, *args: Any, measures: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = [("", "None"), *measures]  # type: ignore[attr-defined]

    @property
    def legend(self) -> str:
        return f"Measure {int(str(self.prefix).rpartition('-')[2]) + 1}"

    def term(self) -> dict[str, Any] | None:
        told = self.cleaned_data
        if not told.get("measure"):
            return None
        return {name: told[name] or None for name in ("num", "den")} | {
            name: told[name] for name in ("measure", "series", "n")
        }


class DefinitionForm(forms.Form):
    """One version of the definition of a KPI, begun with another one."""

    key = forms.CharField(
        label="Key",
        max_length=40,
        help_text="Its name in addresses and files, for ever: small letters and underscores.",
    )
    name = forms.CharField(label="Name", max_length=60)
    question = forms.CharField(label="Question that it answers", max_length=200)
    perspective = forms.ChoiceField(label="Perspective", choices=list(PERSPECTIVES.items()))
    owner = forms.ChoiceField(label="Owner", choices=OWNERS)
    good = forms.CharField(label="What is good", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    feed = forms.CharField(label="Where the figures come from", max_length=200)
    formula = forms.ChoiceField(label="Formula")
    percentile = forms.IntegerField(label="Percentile", min_value=1, max_value=99, help_text="50 is the median.")
    numerator = forms.CharField(label="Numerator, in words", max_length=200)
    denominator = forms.CharField(label="Denominator, in words", max_length=200)
    uom = forms.ChoiceField(label="Unit of measure")
    unit_label = forms.CharField(
        label="Words after the number", max_length=40, required=False, help_text="“prompts”, “per 1,000 outputs” …"
    )
    decimals = forms.IntegerField(label="Decimals", min_value=0, max_value=6)
    direction = forms.ChoiceField(label="What is better", choices=DIRECTIONS)
    low = forms.DecimalField(label="At least", required=False, max_digits=20, decimal_places=6)
    high = forms.DecimalField(label="At most", required=False, max_digits=20, decimal_places=6)
    tolerance = forms.DecimalField(
        label="Worth a watch", min_value=Decimal(0), max_digits=20, decimal_places=6,
        help_text="So far outside a value may lie before it is off track.",
    )  # fmt: skip
    window = forms.ChoiceField(label="Counted", choices=[(each.value, each.label.capitalize()) for each in Window])
    frequency = forms.ChoiceField(label="Measured", choices=FREQUENCIES)
    lag_days = forms.IntegerField(
        label="Days for late data",
        min_value=0,
        max_value=400,
        help_text="A month is provisional so long after its end.",
    )
    minimum_sample = forms.IntegerField(
        label="Minimum sample", min_value=1, help_text="Below it there is a value, and no status."
    )
    suppress_below = forms.IntegerField(
        label="Hidden below", min_value=0, help_text="So few answers are shown nowhere. 0 hides nothing."
    )
    missing_counts_as = forms.ChoiceField(label="Missing data are", choices=MISSING)
    dimensions = forms.MultipleChoiceField(
        label="Shown by", choices=DIMENSIONS, widget=forms.CheckboxSelectMultiple, required=False
    )
    error_budget = forms.BooleanField(
        label="A service objective: alerts tell how fast its error budget is used up", required=False
    )
    # Where the draft began, and the version that was in force then.
    start = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, base: Kpi, before: Kpi | None, start: str = "") -> None:
        """BASE is what it begins with, BEFORE what it takes the place of, if anything."""
        self.base, self.before, self.draft = base, before, base
        initial = base.model_dump() | {"start": start, "version": before.version if before else None}
        initial |= {bound: _trimmed(initial[bound]) for bound in ("low", "high", "tolerance")}
        if before is None:
            initial |= dict.fromkeys(_WORDS, "")
        super().__init__(data, initial=initial)
        fields: Any = self.fields
        fields["formula"].choices = [
            (each.value, f"{said}: {EXPLAINED[each]}") for each, said in FORMULAS.items() if each != "percentile"
        ]
        fields["uom"].choices = [(key, said) for key, said in UOMS.items() if key != "business_days"]
        is_fed = base.source == "observations"
        gone = [] if is_fed else list(_COUNTED)
        gone += [] if base.formula is Formula.PERCENTILE else ["percentile"]
        gone += ["key"] if before else []
        for name in gone:
            del fields[name]
        self.terms = _term_forms(data, base) if is_fed else None

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if self.terms is not None and not self.terms.is_valid():
            self.add_error(None, "Some measures cannot be used as they are.")
        for field, sentence in _objections_to_bounds(told):
            self.add_error(field, sentence)
        if not self.errors:
            self._define(told)
        return told

    @property
    def hints(self) -> dict[str, str]:
        """The measures with what they count, for those who choose among them."""
        return {measure.name: measure.of for measure in catalogue.current().measures.values()}

    def _define(self, told: dict[str, Any]) -> None:
        """The document that was written, if it is one."""
        written = {name: value for name, value in told.items() if name in Kpi.model_fields and name != "version"}
        written |= self._counted() if self.terms is not None else {}
        if self.terms is not None and all(term["series"] for term in written["terms"]):
            self.add_error(None, "The value itself is made of no measure.")
            return
        try:
            draft = Kpi.model_validate({**self.base.model_dump(), **written})
        except ValidationError as error:
            for each in error.errors():
                self._object(str(each["loc"][0]) if each["loc"] else "", _sentence(each["msg"]))
            return
        book = catalogue.current()
        self.draft = numbered(draft, self.before, book)
        for field, sentence in objections(self.draft, self.before, book):
            self._object(field, sentence)
        if self.before and self.before.key in book.in_force and told_apart(self.before) == told_apart(self.draft):
            self._object("", "Nothing is different from the definition in force.")

    def _counted(self) -> dict[str, Any]:
        """The terms, and what of the base goes with them."""
        known = {(term.measure, term.series): term for term in self.base.terms}
        found = [form.term() for form in cast(Any, self.terms).forms]
        terms = []
        for term in filter(None, found):
            was, measure = known.get((term["measure"], term["series"])), catalogue.current().measures[term["measure"]]
            beside = {"hist": was.hist, "snapshot": was.snapshot} if was else {
                "hist": False, "snapshot": bool(term["series"]) and measure.counts == "stock"
            }  # fmt: skip
            terms.append(term | beside)
        series = {term["series"] for term in terms}
        shown = ["unit", *(each for each in self.cleaned_data.get("dimensions", ()) if each != "unit")]
        return {
            "terms": terms, "dimensions": shown, "extra_series": self.base.extra_series if self.before else (),
            "percentiles_beside": self.base.percentiles_beside if any(term["hist"] for term in terms) else (),
            "per_million": self.base.per_million if self.base.per_million in series else "",
        }  # fmt: skip

    def _object(self, field: str, sentence: str) -> None:
        """Say it at its field; of a measure at that of its row, too."""
        _, place, part = [*field.split("-"), "", ""][:3]
        if place and self.terms is not None:
            row = [form for form in self.terms.forms if form.cleaned_data.get("measure")][int(place)]
            row.add_error(part, sentence)
            sentence = f"{row.legend}: {sentence}"
        self.add_error(field if field in self.fields else None, sentence)


class PublishForm(forms.Form):
    reason = forms.CharField(
        label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the version, for whoever asks later why the figures changed.",
    )  # fmt: skip


class StartForm(forms.Form):
    """Which KPI a new one begins with."""

    copy = forms.ChoiceField(
        label="Begin with a copy of", help_text="One that is counted alike. Everything about it can be changed then."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fed = [kpi for kpi in catalogue.current().kpis if kpi.source == "observations"]
        self.fields["copy"].choices = [(kpi.key, kpi.name) for kpi in fed]  # type: ignore[attr-defined]


class MeasureForm(forms.Form):
    """A quantity that arrives by feed."""

    key = forms.CharField(
        label="Key", max_length=40, help_text="As files name it, for ever: small letters and underscores."
    )
    name = forms.CharField(label="Name", max_length=60)
    uom = forms.ChoiceField(label="Measured in", choices=MEASURED_IN)
    counts = forms.ChoiceField(label="What it counts", choices=COUNTS)
    of = forms.CharField(
        label="What it is of", max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="In words, part by part: “num: prompts used again; den: prompts kept”.",
    )  # fmt: skip
    reason = forms.CharField(label="Reason", max_length=500)

    def __init__(self, data: Any = None, *, measure: Measure | None = None) -> None:
        super().__init__(data, initial=measure.model_dump() if measure else None)
        if measure:
            for name in ("key", "uom", "counts"):  # what was delivered would mean something else
                del self.fields[name]


def _term_forms(data: Any, base: Kpi) -> Any:
    measures = [(key, measure.name) for key, measure in catalogue.current().measures.items()]
    factory = forms.formset_factory(TermForm, extra=EMPTY_ROWS, max_num=20, validate_max=True)
    initial = [term.model_dump() for term in base.terms]
    options = {"measures": sorted(measures, key=lambda pair: pair[1].casefold())}
    return factory(data, initial=initial, prefix="terms", form_kwargs=options)


def _objections_to_bounds(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Which bounds there are follows from what is better."""
    direction = told.get("direction")
    for field, said, only in (("low", "lower", "down"), ("high", "upper", "up")):
        if direction == only and told.get(field) is not None:
            yield field, f"{dict(DIRECTIONS)[direction]}: there is no {said} bound. Leave it empty."
        if direction and direction != only and field in told and told[field] is None:
            yield field, f"{dict(DIRECTIONS)[direction]}: the {said} bound is missing."


def _trimmed(bound: Decimal | None) -> str | None:
    return None if bound is None else f"{bound.normalize():f}"


def _sentence(message: str) -> str:
    """Of pydantic's “Value error, key: up needs low.” only what it says."""
    plain = message.removeprefix("Value error, ").partition(": ")[2] or message
    return plain[:1].upper() + plain[1:]
