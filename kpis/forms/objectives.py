"""What people aim at."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.selectors import people_with
from caio_portal.common import clock
from caio_portal.common.quarters import Quarter
from kpis import catalogue, months
from kpis.models import Objective
from kpis.rules import VIEWERS
from kpis.selectors.objectives import Result


class ObjectiveForm(forms.ModelForm):
    """What is to be achieved, and for which outcome of the enterprise."""

    period = forms.ChoiceField(label="Period")

    class Meta:
        model = Objective
        fields = ("title", "outcome", "unit", "owner", "period")
        labels = {"title": "Objective", "outcome": "Outcome of the enterprise", "unit": "Unit", "owner": "Owner"}
        help_texts = {"outcome": "What the company wants that this serves, such as “Claims are settled in a day”."}

    def __init__(self, *args: Any, units: list[OrgUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["unit"].queryset = OrgUnit.objects.filter(pk__in=[unit.pk for unit in units])
        people = [person.pk for person in people_with(*VIEWERS)]
        fields["owner"].queryset = User.objects.filter(pk__in=people).order_by("name")
        fields["outcome"].required = True
        year = clock.today().year
        quarters = [months.quarter(months.add(months.first(clock.today()), 3 * step)) for step in range(-1, 5)]
        offered = [str(year), str(year + 1), *quarters]
        if self.instance.period and self.instance.period not in offered:
            offered.append(self.instance.period)
        fields["period"].choices = [(each, _period(each)) for each in offered]


class KeyResultForm(forms.Form):
    """How one would know."""

    kpi = forms.ChoiceField(label="KPI")
    title = forms.CharField(label="Key result", max_length=200)
    start = forms.DecimalField(label="From", max_digits=14, decimal_places=4)
    target = forms.DecimalField(label="To", max_digits=14, decimal_places=4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kpi"].choices = [("", "Choose one"), *((kpi.key, kpi.name) for kpi in catalogue.current().kpis)]


class ObjectiveReviewForm(forms.Form):
    """A quarter looked back at: a grade for each key result, and what was learnt."""

    quarter = forms.ChoiceField(label="Quarter")
    text = forms.CharField(label="What was learnt", max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))
    close = forms.BooleanField(label="The objective is over", required=False)

    def __init__(self, *args: Any, results: Sequence[Result], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        this = Quarter.of(clock.today())
        last = Quarter.of(months.add(months.of_quarter(this)[0], -1))
        fields["quarter"].choices = [(each, _period(each)) for each in (last, this)]
        for result in results:
            progress = result.progress
            fields[f"grade_{result.key_result.pk}"] = forms.DecimalField(
                label=result.key_result.title, min_value=Decimal(0), max_value=Decimal(1), max_digits=3,
                decimal_places=2, initial=None if progress is None else round(progress, 2),
                help_text=f"{result.way_words}, now {result.value_words}: computed {result.progress_words}.",
            )  # fmt: skip
        self.order_fields(["quarter", *(name for name in fields if name.startswith("grade_")), "text", "close"])

    @property
    def grades(self) -> dict[int, Decimal]:
        return {
            int(name.removeprefix("grade_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("grade_")
        }


def _period(text: str) -> str:
    return f"Q{text[-1]} {text[:4]}" if "Q" in text else text
