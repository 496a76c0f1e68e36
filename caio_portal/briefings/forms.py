"""What people type into a briefing."""

from typing import Any

from django import forms

from caio_portal.briefings import narrative, selectors
from caio_portal.briefings.models import Audience
from caio_portal.common.errors import Invalid


class DraftForm(forms.Form):
    quarter = forms.ChoiceField(label="Quarter", help_text="The figures are frozen at this moment.")
    audience = forms.ChoiceField(label="For", choices=Audience.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quarters = selectors.quarters_offered()
        self.fields["quarter"].choices = [(quarter, quarter) for quarter in quarters]  # type: ignore[attr-defined]


class NarrativeForm(forms.Form):
    """The texts of a briefing; those that were not sent stay as they are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, field in narrative.FIELDS.items():
            self.fields[key] = forms.CharField(label=field.title, required=False, widget=forms.Textarea)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for key in narrative.FIELDS:
            try:
                data[key] = narrative.clean(key, data.get(key, ""))
            except Invalid as error:
                self.add_error(key, error.sentence)
        return data
