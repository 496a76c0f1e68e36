"""What people type about vendors."""

from decimal import Decimal
from typing import Any

from django import forms

from caio_portal.common import clock
from caio_portal.common.documents import DocumentField
from vendors import criteria
from vendors.models import Assessment, Contract, Product, Vendor

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CLAUSE_CHOICES = [("", "Not known"), ("agreed", "Agreed"), ("refused", "Not agreed")]
_SAID = {"agreed": True, "refused": False}


class VendorForm(forms.ModelForm):
    website = forms.URLField(required=False, assume_scheme="https")

    class Meta:
        model = Vendor
        fields = ("name", "criticality", "about", "website")
        widgets = {"about": forms.Textarea(attrs={"rows": 4})}
        labels = {"about": "What they supply"}
        help_texts = {"criticality": "Critical: a use case in production would stop without it."}


class ProductForm(forms.ModelForm):
    class Meta:
        model = Product
        fields = ("name", "version", "kind", "ends_on")
        widgets = {"ends_on": DAY}
        labels = {"ends_on": "End of life"}
        help_texts = {"ends_on": "The day the vendor has announced; leave it empty if none is."}

    def __init__(self, *args: Any, vendor: Vendor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.vendor = vendor

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        others = Product.objects.filter(vendor=self.instance.vendor).exclude(pk=self.instance.pk)
        if others.filter(name=data.get("name"), version=data.get("version") or "").exists():
            self.add_error("version", "This version of the product is already there.")
        return data


class ContractForm(forms.ModelForm):
    """The terms, and for each clause asked for whether it was agreed."""

    class Meta:
        model = Contract
        fields = ("title", "value", "currency", "starts_on", "ends_on", "notice_by", "availability")
        widgets = {"starts_on": DAY, "ends_on": DAY, "notice_by": DAY}
        labels = {
            "value": "Value over the whole term",
            "notice_by": "Notice by",
            "availability": "Promised availability, %",
        }
        help_texts = {
            "currency": "Three letters, such as USD.",
            "notice_by": "The last day on which notice prevents the renewal.",
        }

    def __init__(self, *args: Any, vendor: Vendor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.vendor = vendor
        said = {True: "agreed", False: "refused"}
        for clause in criteria.current().clauses:
            self.fields[f"clause_{clause.key}"] = forms.ChoiceField(
                label=clause.title, choices=CLAUSE_CHOICES, required=False,
                initial=said.get(self.instance.clauses.get(clause.key), ""),
            )  # fmt: skip

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).upper()
        if len(code) != 3 or not code.isascii() or not code.isalpha():
            raise forms.ValidationError("Write the currency as three letters, such as USD.")
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        starts, ends, notice = data.get("starts_on"), data.get("ends_on"), data.get("notice_by")
        if starts and ends and starts >= ends:
            self.add_error("ends_on", "A contract ends after it starts.")
        if ends and notice and notice > ends:
            self.add_error("notice_by", "Notice is due before the contract ends.")
        return data

    @property
    def clauses(self) -> dict[str, bool]:
        """What was said of the clauses; those not known are left out."""
        given = {clause.key: self.cleaned_data[f"clause_{clause.key}"] for clause in criteria.current().clauses}
        return {key: _SAID[said] for key, said in given.items() if said}

    @property
    def terms(self) -> dict[str, Any]:
        """The fields of the contract, clauses included."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields} | {"clauses": self.clauses}


class AssessmentForm(forms.ModelForm):
    upload = DocumentField(label="Report", required=False)

    class Meta:
        model = Assessment
        fields = ("kind", "performed_on", "valid_until", "result", "open_critical", "summary")
        widgets = {"performed_on": DAY, "valid_until": DAY, "summary": forms.Textarea(attrs={"rows": 4})}
        labels = {"open_critical": "Critical findings still open"}

    def __init__(self, *args: Any, vendor: Vendor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.vendor = vendor

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        performed, until = data.get("performed_on"), data.get("valid_until")
        if performed and performed > clock.today():
            self.add_error("performed_on", "Record an assessment after it was performed.")
        if performed and until and until < performed:
            self.add_error("valid_until", "It is valid at least until the day it was performed.")
        return data


class ScoreForm(forms.Form):
    """A score from 0 to 5 on one criterion, with the evidence it stands on."""

    score = forms.TypedChoiceField(
        widget=forms.RadioSelect, required=False, coerce=Decimal, empty_value=None, label="Score"
    )
    source = forms.CharField(
        label="Evidence", max_length=300, help_text="What shows it: a report, a test, a log; where it can be found."
    )
    as_of = forms.DateField(
        label="Date of the evidence", widget=DAY, help_text="Evidence loses weight as it ages, counted from this day."
    )

    def __init__(self, *args: Any, criterion: criteria.Criterion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = [(number, f"{number}: {level}") for number, level in enumerate(criterion.levels)]
        self.fields["score"].choices = [*reversed(levels), ("", "Not known")]  # type: ignore[attr-defined]
        self.fields["score"].help_text = criterion.question
        if criterion.evidence:
            self.fields["source"].help_text = f"What counts: {criterion.evidence}."

    def clean_as_of(self) -> Any:
        day = self.cleaned_data["as_of"]
        if day > clock.today():
            raise forms.ValidationError("Evidence cannot be from the future.")
        return day


class RetireForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=300)
