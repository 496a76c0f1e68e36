"""What people type about their conflicts of interest."""

from typing import Any

from django import forms

from caio_portal.accounts.models import OrgUnit
from vendors.models import Vendor

_WORDS = forms.Textarea(attrs={"rows": 3})


class ConflictForm(forms.Form):
    """An interest in one unit or one vendor."""

    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), required=False, empty_label="None", help_text="With all units below it."
    )
    vendor = forms.ModelChoiceField(
        Vendor.objects.none(), required=False, empty_label="None", label="or a vendor",
        help_text="With every use case that relies on its products.",
    )  # fmt: skip
    reason = forms.CharField(label="What binds you", max_length=2000, widget=_WORDS)

    def __init__(self, *args: Any, units: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, found in (
            ("unit", OrgUnit.objects.filter(pk__in=units).order_by("name")),
            ("vendor", Vendor.objects.active().order_by("name")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "unit" in data and "vendor" in data and bool(data["unit"]) == bool(data["vendor"]):
            self.add_error("unit", "Name a unit or a vendor, and not both.")
        return data
