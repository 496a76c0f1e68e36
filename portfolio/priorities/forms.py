"""How the office weighs."""

from typing import Any

from django import forms

from portfolio.facts import CATALOGUE
from portfolio.models import Weighing


class WeighingForm(forms.ModelForm):
    topics = forms.MultipleChoiceField(
        label="Topic areas that fit the strategy", required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Weighing
        fields = ("value", "feasibility", "risk", "fit", "topics")
        labels = {"risk": "Low risk", "fit": "Strategic fit"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].choices = list(CATALOGUE["topic_area"].choices.items())  # type: ignore[attr-defined]
        for name in ("value", "feasibility", "risk", "fit"):
            self.fields[name].max_value = 100  # type: ignore[attr-defined]
            self.fields[name].widget.attrs.update(min=0, max=100)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        weights = [cleaned.get(name) for name in ("value", "feasibility", "risk", "fit")]
        if any(weight is not None and weight > 100 for weight in weights):
            raise forms.ValidationError("A weight is at most 100.")
        if not any(weights) and not self.errors:
            raise forms.ValidationError("Give at least one weight.")
        return cleaned
