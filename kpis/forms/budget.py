"""What people plan to spend."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from caio_portal.accounts.models import OrgUnit, User
from kpis import months
from kpis.services.budgets import Line
from portfolio.models import CostCategory, UseCase
from portfolio.stages import Stage
from vendors.models import Vendor

MOST_MONTHS = 12
CATEGORIES = tuple(CostCategory.labels)


class BudgetForm(forms.Form):
    """The same amount for one month or several: of a unit, or of one use case, vendor or category of it."""

    unit = forms.ModelChoiceField(queryset=OrgUnit.objects.none(), label="Unit")
    month = forms.CharField(label="Month", widget=forms.DateInput(attrs={"type": "month"}))
    until = forms.CharField(
        label="Until", required=False, widget=forms.DateInput(attrs={"type": "month"}),
        help_text="For the same in every month from the first to this one.",
    )  # fmt: skip
    planned = forms.DecimalField(label="Planned a month", min_value=Decimal(0), max_digits=14, decimal_places=2)
    committed = forms.DecimalField(
        label="Committed of it", min_value=Decimal(0), max_digits=14, decimal_places=2, required=False,
        help_text="What contracts bind already.",
    )  # fmt: skip
    use_case = forms.ModelChoiceField(queryset=UseCase.objects.none(), label="For one use case", required=False)
    vendor = forms.ModelChoiceField(queryset=Vendor.objects.none(), label="For one vendor", required=False)
    category = forms.ChoiceField(label="Category", required=False, choices=[("", "–"), *((c, c) for c in CATEGORIES)])

    def __init__(self, *args: Any, units: list[OrgUnit], user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        kept = [unit.pk for unit in units]
        fields["unit"].queryset = OrgUnit.objects.filter(pk__in=kept)
        seen = UseCase.objects.visible_to(user).filter(voided_at=None).exclude(stage=Stage.RETIRED)
        fields["use_case"].queryset = seen.order_by("title")
        fields["vendor"].queryset = Vendor.objects.filter(retired_at=None).order_by("name")

    def clean_month(self) -> date:
        return self._month("month")

    def clean_until(self) -> date | None:
        return self._month("until") if self.cleaned_data["until"] else None

    def clean_committed(self) -> Decimal:
        return self.cleaned_data["committed"] or Decimal(0)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, until = data.get("month"), data.get("until")
        if first and until and not first <= until <= months.add(first, MOST_MONTHS - 1):
            self.add_error("until", "A plan is set for up to twelve months in order.")
        use_case, unit = data.get("use_case"), data.get("unit")
        if use_case and unit and use_case.unit_id != unit.pk:
            self.add_error("use_case", f"This use case belongs to {use_case.unit}: plan it there.")
        return data

    @property
    def lines(self) -> list[Line]:
        """A line for each month."""
        data = self.cleaned_data
        return [
            Line(month, data["planned"], data["committed"], data["use_case"], data["vendor"], data["category"])
            for month in months.between(data["month"], data["until"] or data["month"])
        ]

    def _month(self, name: str) -> date:
        try:
            return months.parse(self.cleaned_data[name])
        except ValueError:
            raise forms.ValidationError("Write the month as in 2026-09.") from None
