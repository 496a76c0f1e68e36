"""What the office types about calendars."""

from collections.abc import Iterable
from typing import Any

from django import forms

from caio_portal.accounts.models import OrgUnit
from governance.models import BusinessCalendar

LONGEST = 60_000


class CalendarForm(forms.Form):
    """A calendar as text."""

    source = forms.CharField(
        label="The calendar, as TOML",
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 26, "spellcheck": "false", "wrap": "off", "class": "code-editor"}),
        help_text="A name, the weekend, and holidays by day or by rule. It is checked while you type.",
    )

    def clean_source(self) -> str:
        return str(self.cleaned_data["source"]).replace("\r\n", "\n")


class GiveForm(forms.Form):
    """A unit, and the calendar that it goes by."""

    unit = forms.ModelChoiceField(OrgUnit.objects.none(), help_text="With all units below it that have none.")
    calendar = forms.ModelChoiceField(
        BusinessCalendar.objects.none(), required=False, empty_label="As the unit above it"
    )

    def __init__(self, *args: Any, units: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, found in (
            ("unit", OrgUnit.objects.filter(pk__in=units).order_by("name")),
            ("calendar", BusinessCalendar.objects.defer("document", "source").order_by("name")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = found
