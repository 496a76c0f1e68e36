"""What people type about reviews, votes, decisions and councils."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer

from caio_portal.accounts.models import User
from caio_portal.common import clock
from caio_portal.common.documents import DocumentField
from governance.decisions import Choice, NamedCondition, Outcome
from governance.models import CouncilSeat, Review, Severity

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_OPENED = Signer(salt="ballot opened")
_WORDS = forms.Textarea(attrs={"rows": 3})
BALLOT = [(choice.value, choice.label) for choice in Choice if choice != Choice.RECUSE]
RULINGS = [(o.value, o.label) for o in (Outcome.APPROVED, Outcome.APPROVED_WITH_CONDITIONS, Outcome.REJECTED)]
MOST_CONDITIONS = 20


class _Conditions(forms.Form):
    """Conditions that others have named, and new ones, one a line."""

    proposed = forms.MultipleChoiceField(
        label="Conditions already named", required=False, widget=forms.CheckboxSelectMultiple
    )
    conditions = forms.CharField(
        label="Further conditions", required=False, max_length=4000, widget=_WORDS,
        help_text="One a line. They count only with an approval with conditions.",
    )  # fmt: skip
    due_in_days = forms.IntegerField(label="Days to meet them", required=False, min_value=1, max_value=1825, initial=90)

    def __init__(self, *args: Any, named: Sequence[NamedCondition] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.named = {condition.key: condition for condition in named}
        field = self.fields["proposed"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(key, f"{c.text} (within {c.due_in_days} days)") for key, c in self.named.items()]
        if not self.named:
            del self.fields["proposed"]

    def named_conditions(self) -> list[NamedCondition]:
        data = self.cleaned_data
        chosen = [self.named[key] for key in data.get("proposed") or ()]
        days = data.get("due_in_days") or 90
        lines = [" ".join(line.split()) for line in (data.get("conditions") or "").splitlines()]
        written = [NamedCondition(text=line, due_in_days=days) for line in lines if line]
        return chosen + written

    def clean_conditions(self) -> str:
        text: str = self.cleaned_data["conditions"]
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > MOST_CONDITIONS or any(len(line) > 500 for line in lines):
            raise ValidationError(f"At most {MOST_CONDITIONS} conditions of at most 500 characters each.")
        return text


class VoteForm(_Conditions):
    choice = forms.ChoiceField(label="Your vote", choices=BALLOT, widget=forms.RadioSelect)
    reason = forms.CharField(
        required=False, max_length=4000, widget=_WORDS, help_text="Needed for everything but a plain approval."
    )
    snapshot_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    opened = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)
    field_order = ("choice", "reason", "proposed", "conditions", "due_in_days", "snapshot_hash", "opened")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened"].initial = _OPENED.sign(clock.now().isoformat())

    def read_at(self) -> datetime | None:
        """When the ballot was opened; None if the browser says nothing that we have signed."""
        try:
            return datetime.fromisoformat(_OPENED.unsign(self.cleaned_data["opened"]))
        except (BadSignature, ValueError):
            return None


class RecuseForm(forms.Form):
    reason = forms.CharField(
        label="What binds you", max_length=4000, widget=_WORDS,
        help_text="An interest in the outcome, a tie to the team or the vendor. It cannot be taken back.",
    )  # fmt: skip


class RulingForm(_Conditions):
    outcome = forms.ChoiceField(label="Your decision", choices=RULINGS, widget=forms.RadioSelect)
    reason = forms.CharField(max_length=4000, widget=_WORDS)
    field_order = ("outcome", "reason", "proposed", "conditions", "due_in_days")


class RiskForm(forms.Form):
    accepted = forms.ChoiceField(
        label="The residual risk", choices=[("yes", "I accept it"), ("no", "I decline it")], widget=forms.RadioSelect
    )
    reason = forms.CharField(max_length=4000, widget=_WORDS)


class FindingForm(forms.Form):
    function = forms.ChoiceField(label="For the function")
    severity = forms.ChoiceField(choices=Severity.choices, widget=forms.RadioSelect)
    text = forms.CharField(label="What you found", max_length=8000, widget=forms.Textarea(attrs={"rows": 4}))
    control = forms.ChoiceField(label="Control that you require", required=False)
    wanted = forms.CharField(
        label="Evidence that you want", required=False, max_length=2000, widget=forms.TextInput,
        help_text="Such as the report of a bias test.",
    )  # fmt: skip
    finish = forms.BooleanField(label="This ends my examination", required=False, initial=True)

    def __init__(
        self, *args: Any, functions: Iterable[tuple[str, str]] = (), controls: Iterable[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        for name, choices in (("function", [*functions]), ("control", [("", "None"), *controls])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=4000, widget=_WORDS)


class CommentForm(forms.Form):
    text = forms.CharField(label="Your comment", max_length=4000, widget=_WORDS)
    finding = forms.IntegerField(required=False, widget=forms.HiddenInput)


class _PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.email})"


class AppointForm(forms.Form):
    holder = _PersonField(label="Who votes on this seat", queryset=User.objects.none())

    def __init__(self, *args: Any, people: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "holder", people)


class SeatForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="Whoever holds the seat of this title makes room.")
    function = forms.ChoiceField()
    holder = _PersonField(queryset=User.objects.none())
    alternate = _PersonField(queryset=User.objects.none(), required=False)
    mandatory = forms.BooleanField(required=False, label="Nothing is approved without its approval")
    chair = forms.BooleanField(required=False, label="Chairs the council")
    term_ends_on = forms.DateField(label="End of the term", widget=DAY)

    def __init__(self, *args: Any, people: Iterable[User], functions: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(people)
        _offer(self, "holder", people)
        _offer(self, "alternate", people)
        field = self.fields["function"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(functions)


class DelegationForm(forms.Form):
    to = _PersonField(label="Who sits instead", queryset=User.objects.none())
    starts_on = forms.DateField(label="From", widget=DAY)
    ends_on = forms.DateField(label="Until", widget=DAY)

    def __init__(self, *args: Any, people: Iterable[User], seat: CouncilSeat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "to", [person for person in people if person.pk != seat.holder_id])
        self.fields["starts_on"].initial = clock.today


class MeetingForm(forms.Form):
    held_on = forms.DateField(label="Day of the meeting", widget=DAY)


class ReviewChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Review) -> str:
        return f"{obj.ref} {obj.use_case.title}"


class AgendaForm(forms.Form):
    review = ReviewChoice(queryset=Review.objects.none())
    consent = forms.BooleanField(label="Consent item: decided without discussion", required=False)

    def __init__(self, *args: Any, reviews: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["review"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = reviews


class MeetConditionForm(forms.Form):
    """The evidence for a condition: one of a file, a link or an attestation."""

    title = forms.CharField(max_length=200, label="Title of the evidence")
    file = DocumentField(required=False)
    url = forms.URLField(required=False, label="Link", assume_scheme="https", max_length=500)
    attestation = forms.CharField(
        required=False, max_length=4000, widget=_WORDS, help_text="In your own words, signed with your name."
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if sum(bool(data.get(name)) for name in ("file", "url", "attestation")) != 1:
            raise ValidationError("Evidence is one thing: a file, a link or an attestation.")
        return data


def _offer(form: forms.Form, name: str, people: Iterable[User]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = User.objects.filter(pk__in=[person.pk for person in people]).order_by("name")
