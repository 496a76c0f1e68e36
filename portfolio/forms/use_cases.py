"""What people type about use cases."""

from collections.abc import Iterable
from typing import Any

from django import forms

from caio_portal.accounts.models import OrgUnit, User, UserKind
from caio_portal.accounts.selectors import roles_of, units_with_depth
from portfolio.models import DutyState, Part, UseCase
from portfolio.retirement import duties
from portfolio.rules import REGISTRANTS
from portfolio.stages import Stage

_INDENT = "\u2003"


class UnitField(forms.ModelChoiceField):
    """A unit out of the tree, indented by its depth."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(OrgUnit.objects.none(), **kwargs)

    def offer(self, unit_ids: frozenset[int]) -> None:
        """Offer these units."""
        units = units_with_depth(unit_ids)
        self.queryset = OrgUnit.objects.filter(pk__in=unit_ids)
        self.choices = [("", "Choose a unit"), *((unit.pk, f"{_INDENT * unit.depth}{unit.name}") for unit in units)]
        if len(units) == 1:
            self.initial = units[0].pk


class PersonField(forms.ModelChoiceField):
    """Somebody of the organisation, guests included."""

    def __init__(self, **kwargs: Any) -> None:
        people = User.objects.filter(is_active=True).exclude(kind=UserKind.SERVICE).order_by("name")
        super().__init__(people, empty_label="Nobody" if kwargs.get("required") is False else "Choose", **kwargs)

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.name} ({obj.email})"


_TODAY = [
    (Stage.IDEA, "An idea: nothing has been built or bought"),
    (Stage.EXPERIMENT, "An experiment is running already"),
    (Stage.PILOT, "A pilot is running already"),
    (Stage.PRODUCTION, "It is in production already"),
]


class NewUseCaseForm(forms.Form):
    title = forms.CharField(
        max_length=300,
        label="Title",
        help_text="What it does, for whom, in a few words: “Chat assistant for claims handlers”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    unit = UnitField(label="Unit", help_text="The unit whose work it serves, and that answers for it.")
    stage = forms.ChoiceField(
        label="Where is it today?",
        help_text="If it runs already, say so. Nobody is blamed: what is known can be put in order.",
        choices=_TODAY,
        initial=Stage.IDEA,
        widget=forms.RadioSelect,
    )
    confidential = forms.BooleanField(
        required=False,
        label="Confidential",
        help_text="Seen only by the people named in it and by those who review, decide and audit.",
    )
    separate_because = forms.CharField(
        required=False,
        max_length=1000,
        label="Why is yours a use case of its own?",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, units: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.twin: UseCase | None = None
        self.fields["unit"].offer(units)  # type: ignore[attr-defined]

    def clean_separate_because(self) -> str:
        """Somebody may have it already: join them, or say why not."""
        reason: str = self.cleaned_data["separate_because"]
        if self.twin and not reason.strip():
            raise forms.ValidationError(
                f"{self.twin} looks like the same. Ask to join it, or say why yours is another."
            )
        return reason


class JoinForm(forms.Form):
    unit = UnitField(label="Your unit", help_text="The one that would use it.")
    purpose = forms.CharField(
        label="What would your unit use it for?",
        help_text="Say what is the same, and what is not: other data, other people, other steps.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, units: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(units)  # type: ignore[attr-defined]


class SettleBranchForm(forms.Form):
    conditions = forms.CharField(required=False, max_length=4000)


class UseCaseForm(forms.ModelForm):
    unit = UnitField(label="Unit")
    owner = PersonField(label="Owner", required=False, help_text="The person accountable for it.")
    sponsor = PersonField(label="Sponsor", required=False, help_text="The executive who wants it and pays for it.")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = UseCase
        fields = ("title", "unit", "owner", "sponsor", "confidential")
        help_texts = {
            "confidential": "Seen only by the people named in it and by those who review, decide and audit.",
        }

    field_order = ("title", "unit", "owner", "sponsor", "confidential", "revision")

    def __init__(self, *args: Any, units: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["revision"] = self.instance.revision
        self.fields["unit"].offer(units | {self.instance.unit_id})  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    """Whom to send a link by which one use case is registered without an account."""

    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(label="E-mail address")
    unit = UnitField(label="Unit", help_text="The one that the use case will belong to.")
    days = forms.TypedChoiceField(
        label="Good for", coerce=int, choices=[(7, "7 days"), (14, "14 days"), (30, "30 days")], initial=14
    )
    note = forms.CharField(
        label="What they should know", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(roles_of(user).unit_ids(*REGISTRANTS))  # type: ignore[attr-defined]


class GuestStartForm(forms.Form):
    title = forms.CharField(
        max_length=300,
        label="What is the AI used for?",
        help_text="What it does, for whom, in a few words: “Chat assistant for claims handlers”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    stage = forms.ChoiceField(label="Where is it today?", choices=_TODAY, initial=Stage.IDEA, widget=forms.RadioSelect)


_DONE = ("pause", "resume", "retire")
_NEEDED = (
    (("unit",), "unit", "Choose the unit to which they move."),
    (("contributor", "reader"), "person", "Choose whom to name."),
    (("retire",), "reason", "Say why they are retired."),
)


class SeveralForm(forms.Form):
    """One change to several use cases: which field, and its new value; or what is done to them, and why."""

    field = forms.ChoiceField(
        label="Change",
        choices=[
            ("owner", "Owner"), ("sponsor", "Sponsor"), ("contributor", "Name a contributor"),
            ("reader", "Name a reader"), ("unit", "Unit"), ("confidential", "Confidentiality"), ("pause", "Pause"),
            ("resume", "Resume"), ("retire", "Retire"),
        ],
        widget=forms.RadioSelect,
    )  # fmt: skip
    person = PersonField(label="Who", required=False)
    reason = forms.CharField(
        label="Why", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stays in the history of each.",
    )  # fmt: skip
    unit = UnitField(label="New unit", required=False)
    confidential = forms.ChoiceField(
        label="New confidentiality", required=False, choices=[("no", "Open"), ("yes", "Confidential")]
    )

    def __init__(self, *args: Any, units: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(units)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for fields, name, sentence in _NEEDED:
            if cleaned.get("field") in fields and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        return cleaned

    @property
    def heading(self) -> str:
        """What the plan tells of each use case."""
        name = self.cleaned_data["field"]
        return {"contributor": "Contributors", "reader": "Readers"}.get(
            name, "State" if name in _DONE else name.capitalize()
        )

    @property
    def change(self) -> dict[str, Any]:
        """The field and its new value, as the service takes it."""
        name = self.cleaned_data["field"]
        values = {"unit": self.cleaned_data.get("unit"), "confidential": self.cleaned_data["confidential"] == "yes"}
        return {
            name: self.cleaned_data["reason"] if name in _DONE else values.get(name, self.cleaned_data.get("person"))
        }


class CompareForm(forms.Form):
    """Two days."""

    first = forms.DateField(label="From the end of", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label="To the end of", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            raise forms.ValidationError("The first day lies after the second one.")
        if any(day and not 1990 <= day.year <= 2200 for day in (first, last)):
            raise forms.ValidationError("Choose days of this time.")
        return cleaned


class MoveForm(forms.Form):
    to = forms.ChoiceField(label="Move to", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="It stays in the history."
    )

    def __init__(self, *args: Any, stages: Iterable[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(stage.value, stage.label) for stage in stages]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class RetireForm(ReasonForm):
    """The reason, and how far each line of the checklist is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, duty in duties().items():
            self.fields[f"duty_{key}"] = forms.ChoiceField(
                label=duty.text, choices=DutyState.choices, initial=DutyState.OPEN, required=False, help_text=duty.why
            )

    @property
    def settled(self) -> dict[str, DutyState]:
        return {key: DutyState(self.cleaned_data[f"duty_{key}"] or DutyState.OPEN) for key in duties()}


class SourceForm(forms.Form):
    """The text of a draft of the questionnaire."""

    source = forms.CharField(
        label="Text",
        strip=False,
        help_text="TOML: sections, and in each the questions in their order. What each may hold is told at its top.",
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "wrap": "off", "class": "code-editor"}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class PublishForm(forms.Form):
    begins_on = forms.DateField(
        label="In force from", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class RemarkForm(forms.Form):
    fact = forms.CharField(max_length=60, widget=forms.HiddenInput)
    text = forms.CharField(label="Remark", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class NameForm(forms.Form):
    person = PersonField(label="Person")
    part = forms.ChoiceField(label="May", choices=[(Part.READER, "Read it"), (Part.CONTRIBUTOR, "Also change it")])


class SaveViewForm(forms.Form):
    name = forms.CharField(max_length=80)
    query = forms.CharField(max_length=2000, required=False)
    shared = forms.BooleanField(required=False)
