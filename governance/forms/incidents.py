"""What people type about incidents."""

from typing import Any

from django import forms

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.common import clock
from governance.models import Category, Harm, IncidentSeverity
from portfolio.models import UseCase
from vendors.models import Vendor

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
SEVERITY_HELP = "1: people harmed or the law broken; 2: serious; 3: limited; 4: hardly noticed."


def _moment(label: str, help_text: str = "", **options: Any) -> forms.DateTimeField:
    return forms.DateTimeField(label=label, help_text=help_text, widget=MOMENT, input_formats=MOMENTS, **options)


class IncidentForm(forms.Form):
    """What is known of an incident."""

    title = forms.CharField(max_length=200, label="What happened, in a few words")
    description = forms.CharField(widget=forms.Textarea(attrs={"rows": 5}), label="What happened")
    severity = forms.TypedChoiceField(choices=IncidentSeverity.choices, coerce=int, help_text=SEVERITY_HELP)
    category = forms.ChoiceField(choices=Category.choices)
    harm = forms.ChoiceField(choices=Harm.choices, label="Harm", help_text="It decides which statutory clocks run.")
    near_miss = forms.BooleanField(required=False, label="Near miss: it could have harmed, and did not")


class ReportForm(IncidentForm):
    """The first report: also where, when, and what is affected."""

    unit = forms.ModelChoiceField(OrgUnit.objects.none(), label="Unit")
    occurred_at = _moment("Occurred", "As well as you know.")
    detected_at = _moment("Detected", "Empty: now. Statutory clocks run from here.", required=False)
    use_cases = forms.CharField(
        required=False, label="Use cases affected", help_text="References such as UC-2026-0042, separated by commas."
    )
    vendors = forms.ModelMultipleChoiceField(
        Vendor.objects.none(), required=False, label="Vendors concerned", widget=forms.SelectMultiple(attrs={"size": 5})
    )
    field_order = ("title", "description", "unit", "occurred_at", "detected_at", "severity", "category", "harm")

    def __init__(self, *args: Any, user: User, units: list[OrgUnit], **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        choice = self.fields["unit"]
        choice.queryset = OrgUnit.objects.filter(pk__in=[unit.pk for unit in units])  # type: ignore[attr-defined]
        self.fields["vendors"].queryset = Vendor.objects.active()  # type: ignore[attr-defined]
        if len(units) == 1:
            choice.initial = units[0]

    def clean_use_cases(self) -> list[UseCase]:
        """Only what the person may see; what is not found is named."""
        wanted = [ref.strip().upper() for ref in self.cleaned_data["use_cases"].split(",") if ref.strip()]
        found = list(UseCase.objects.active().visible_to(self.user).filter(ref__in=wanted))
        if missing := sorted(set(wanted) - {use_case.ref for use_case in found}):
            raise forms.ValidationError(f"There is no use case {', '.join(missing)}.")
        return found


class MitigationForm(forms.Form):
    at = _moment("Mitigated", "Empty: now.", required=False)
    containment = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="What stopped the harm")


class ResolutionForm(forms.Form):
    at = _moment("Resolved", "Empty: now.", required=False)
    cause = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="Cause")
    lessons = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="What was learnt", required=False)


class ActionForm(forms.Form):
    text = forms.CharField(max_length=300, label="What is to be done")
    owner = forms.ModelChoiceField(User.objects.filter(is_active=True).order_by("name"), label="Who does it")
    due_on = forms.DateField(widget=DAY, label="Due")

    def clean_due_on(self) -> Any:
        day = self.cleaned_data["due_on"]
        if day < clock.today():
            raise forms.ValidationError("This day has passed.")
        return day


class AuthorityForm(forms.Form):
    sent_at = _moment("Sent", "Empty: now.", required=False)
    reference = forms.CharField(max_length=200, required=False, label="Their reference")
