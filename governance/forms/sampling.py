"""What an auditor types to draw a sample of decisions."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from governance.models import DecisionKind

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOST = 1000


class SampleForm(forms.Form):
    since = forms.DateField(label="Decided from", widget=DAY)
    until = forms.DateField(label="Decided until", widget=DAY)
    kind = forms.ChoiceField(label="Kind", choices=[("", "Every kind"), *DecisionKind.choices], required=False)
    size = forms.IntegerField(label="How many", min_value=1, max_value=MOST, initial=25)
    seed = forms.CharField(
        max_length=60,
        help_text="Any words, best of your own: the same ones draw the same sample from the same decisions.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            raise ValidationError("The last day comes before the first.")
        return data
