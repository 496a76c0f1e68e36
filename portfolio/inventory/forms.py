"""What people choose when they import an inventory."""

from typing import Any

from django import forms
from django.http import QueryDict

from caio_portal.common.uploads.limits import MB, TABLE_BYTES
from portfolio.inventory import profiles
from portfolio.inventory.importing import Order

ENCODINGS = [("", "As the file says, else UTF-8"), ("windows-1252", "Windows-1252"), ("utf-16", "UTF-16")]


UNKNOWN = "look"


class ImportForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text=f"CSV (also gzipped) or XLSX, at most {TABLE_BYTES // MB} MB. You see a report first.",
        widget=forms.FileInput(attrs={"accept": ".csv,.gz,.xlsx,text/csv"}),
    )
    profile = forms.ChoiceField(label="Profile", help_text="Which columns the file has, and what they say.")
    unit = forms.CharField(
        label="Unit",
        required=False,
        max_length=200,
        help_text="The use cases go under this unit, those of each agency or department under one of its own. A unit "
        "that does not exist is made. Leave it empty for the usual unit of the profile.",
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )
    encoding = forms.ChoiceField(label="Encoding of a CSV file", choices=ENCODINGS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["profile"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*profiles.titles(), (UNKNOWN, "None of these: show me the columns")]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > TABLE_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {TABLE_BYTES // MB} MB. Split it and import the parts."
            )
        return file

    @property
    def is_unknown(self) -> bool:
        """Whether nobody has described the columns of this file yet."""
        return bool(self.cleaned_data["profile"] == UNKNOWN)

    def order(self) -> Order:
        """What was chosen, as an order."""
        data = self.cleaned_data
        unit = " ".join(data["unit"].split()) or profiles.load(data["profile"]).unit
        return Order(profile=data["profile"], unit=unit, encoding=data["encoding"])


class ContinueForm(forms.Form):
    """How to go on with a file that was examined."""

    encoding = forms.ChoiceField(choices=ENCODINGS, required=False)
    profile = forms.ChoiceField(required=False)
    skip_invalid = forms.BooleanField(required=False)
    dry_run = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profile"].choices = [("", ""), *profiles.titles()]  # type: ignore[attr-defined]

    def same(self) -> list[list[int]]:
        """The rows that were recognised: line and use case, as the boxes of the report send them."""
        sent = self.data.getlist("same") if isinstance(self.data, QueryDict) else []
        pairs = [one.split("-") for one in sent]
        return [[int(part) for part in pair] for pair in pairs if len(pair) == 2 and all(p.isdecimal() for p in pair)]
