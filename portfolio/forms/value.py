"""What people type about costs and benefits."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet

from portfolio.models import Benefit, CostCategory, CostKind

CURRENCIES = [(code, code) for code in ("USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD")]


class MonthField(forms.DateField):
    """A month, as <input type=month> sends it; cleaned, its first day."""

    widget = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m", "%Y-%m-%d"], **kwargs)

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        return day and day.replace(day=1)


class CostForm(forms.Form):
    month = MonthField(label="Month")
    category = forms.ChoiceField(label="For", choices=CostCategory)
    kind = forms.ChoiceField(label="Kind", choices=CostKind)
    amount = forms.DecimalField(label="Amount", min_value=0, max_digits=14, decimal_places=2)
    currency = forms.ChoiceField(label="Currency", choices=CURRENCIES)
    running = forms.TypedChoiceField(
        label="Comes", choices=[("", "Once"), ("yes", "Every month")], required=False, coerce=bool
    )
    months = forms.IntegerField(
        label="For months", required=False, min_value=1, max_value=60, help_text="Of a running cost: how many."
    )

    def clean_running(self) -> bool:
        return bool(self.cleaned_data["running"])

    def clean_months(self) -> int:
        return self.cleaned_data["months"] or 1

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("months", 1) > 1 and not cleaned.get("running"):
            self.add_error("months", "Only what comes every month has months.")
        return cleaned


class BenefitForm(forms.ModelForm):
    currency = forms.ChoiceField(label="Currency", choices=[("", "None"), *CURRENCIES], required=False)

    class Meta:
        model = Benefit
        fields = (
            "metric", "uom", "lower_is_better", "period", "starts_on", "baseline", "target", "value", "sample", "low",
            "high", "confidence", "worth", "currency", "method", "state", "same_as", "share",
        )  # fmt: skip
        labels = {
            "metric": "What gets better",
            "uom": "Unit of measure",
            "lower_is_better": "Less of it is better",
            "worth": "Worth of one unit, in money",
            "value": "Measured value",
            "starts_on": "Starts on",
            "low": "From",
            "high": "To",
            "confidence": "Sure by, in percent",
            "same_as": "It is the same benefit as",
            "share": "Share of this use case, in percent",
        }
        help_texts = {
            "metric": "“Handling time a case”, “Licences saved”.",
            "uom": "minutes, cases, points, USD …",
            "baseline": "The figure before the AI.",
            "target": "The figure that was promised.",
            "sample": "How many cases, people or days the measurement rests on.",
            "low": "The interval in which the true value lies.",
            "confidence": "95 is usual.",
            "same_as": "What several use cases bring together is stated and counted once, with its figures there.",
            "share": "0 leaves all of it to the other one; all shares together are at most 100.",
            "worth": "What one unit of improvement brings in each period. Left open, it is not counted in money.",
            "method": "How the figures are got, so that somebody else gets the same.",
        }
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "method": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, sharable: "QuerySet[Benefit]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["same_as"].queryset = sharable  # type: ignore[attr-defined]
        self.fields["same_as"].label_from_instance = _named  # type: ignore[attr-defined]
        self.fields["same_as"].empty_label = "No other: it is stated here"  # type: ignore[attr-defined]
        for name in ("baseline", "target", "value", "worth", "low", "high", "share"):
            self.fields[name].widget.attrs["step"] = "any"
            if isinstance(stated := self.initial.get(name), Decimal):
                self.initial[name] = f"{stated.normalize():f}"  # as it was typed, without the zeros of its column


def _named(benefit: Benefit) -> str:
    return f"{benefit.use_case.ref}: {benefit.metric} ({benefit.uom}, {benefit.get_period_display().lower()})"
