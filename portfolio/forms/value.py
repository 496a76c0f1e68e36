"""What people type about costs and benefits."""

from datetime import date
from typing import Any

from django import forms

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


class BenefitForm(forms.ModelForm):
    currency = forms.ChoiceField(label="Currency", choices=[("", "None"), *CURRENCIES], required=False)

    class Meta:
        model = Benefit
        fields = (
            "metric", "uom", "lower_is_better", "period", "starts_on", "baseline", "target", "value", "worth",
            "currency", "method", "state",
        )  # fmt: skip
        labels = {
            "metric": "What gets better",
            "uom": "Unit of measure",
            "lower_is_better": "Less of it is better",
            "worth": "Worth of one unit, in money",
            "value": "Measured value",
            "starts_on": "Starts on",
        }
        help_texts = {
            "metric": "“Handling time a case”, “Licences saved”.",
            "uom": "minutes, cases, points, USD …",
            "baseline": "The figure before the AI.",
            "target": "The figure that was promised.",
            "worth": "What one unit of improvement brings in each period. Left open, it is not counted in money.",
            "method": "How the figures are got, so that somebody else gets the same.",
        }
        widgets = {
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "method": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("baseline", "target", "value", "worth"):
            self.fields[name].widget.attrs["step"] = "any"
