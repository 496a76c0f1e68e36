"""What people type about controls, evidence, exceptions and risks."""

from typing import Any

from django import forms

from caio_portal.accounts.models import User
from caio_portal.common.documents import DocumentField
from governance.models import ExceptionKind, Grade, State, Treatment
from governance.policy import Control

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LONG = forms.Textarea(attrs={"rows": 3})
SCORES = [(n, f"{n} {word}") for n, word in enumerate(("very low", "low", "medium", "high", "very high"), start=1)]


class StateForm(forms.Form):
    state = forms.ChoiceField(choices=[pair for pair in State.choices if pair[0] != State.EXCEPTED])
    reason = forms.CharField(widget=LONG, required=False, help_text="Needed when the control does not apply.")


class EvidenceForm(forms.Form):
    """A file, a link or an attestation."""

    title = forms.CharField(max_length=200)
    file = DocumentField(required=False)
    url = forms.URLField(max_length=500, required=False, label="or a link", assume_scheme="https")
    attestation = forms.CharField(widget=LONG, required=False, label="or an attestation in your words")
    valid_until = forms.DateField(widget=DAY, required=False)

    def __init__(self, *args: Any, control: Control, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["title"].help_text = f"What counts: {', '.join(control.evidence)}."
        if control.valid_days:
            self.fields["valid_until"].help_text = f"At most {control.valid_days} days, which is also the default."


class GradeForm(forms.Form):
    grade = forms.ChoiceField(choices=Grade.choices)


class ExceptionForm(forms.Form):
    kind = forms.ChoiceField(choices=ExceptionKind.choices)
    reason = forms.CharField(widget=LONG)
    compensating = forms.CharField(widget=LONG, label="What compensates for it")
    expires_on = forms.DateField(widget=DAY, label="Ends", help_text="Within a year; it can be renewed then.")
    public_summary = forms.CharField(
        widget=LONG, required=False, max_length=4000, label="Summary for the public",
        help_text="Only of a waiver, which the Chief AI Officer grants and reports to OMB within 30 days.",
    )  # fmt: skip


class WaiverReportForm(forms.Form):
    on = forms.DateField(widget=DAY, label="Reported on")
    reference = forms.CharField(max_length=300, help_text="Where the report can be found: a number, or an address.")


def _score(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(choices=SCORES, coerce=int, label=label)


class AssessmentForm(forms.Form):
    """What is left of a risk after controls."""

    residual_likelihood = _score("Likelihood after controls")
    residual_impact = _score("Impact after controls")
    treatment = forms.ChoiceField(choices=Treatment.choices)
    mitigation = forms.CharField(widget=LONG, required=False, label="What is done about it")


class RiskForm(AssessmentForm):
    title = forms.CharField(max_length=300, label="What could happen")
    owner = forms.ModelChoiceField(User.objects.filter(is_active=True).order_by("name"), label="Who watches it")
    likelihood = _score("Likelihood before controls")
    impact = _score("Impact before controls")
    field_order = ("title", "owner", "likelihood", "impact", "residual_likelihood", "residual_impact")


class AcceptanceForm(forms.Form):
    until = forms.DateField(widget=DAY, label="Until", help_text="Within a year.")
    reason = forms.CharField(widget=LONG, label="Why it may remain")
