"""What is typed in a meeting."""

from collections.abc import Sequence
from typing import Any

from django import forms

from caio_portal.accounts.models import User
from caio_portal.common import clock
from governance.forms.controls import DAY, LONG
from governance.models import Delegation
from governance.selectors.meetings import Presence


class AttendanceForm(forms.Form):
    """One select for each seat: its holder, the alternate, who sits for them, or nobody."""

    def __init__(self, *args: Any, present: Sequence[Presence], delegates: Sequence[Delegation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sitting = {delegation.seat_id: delegation.to for delegation in delegates}
        for presence in present:
            seat = presence.seat
            people = [seat.holder, *filter(None, [sitting.get(seat.pk), seat.alternate])]
            self.fields[f"seat-{seat.pk}"] = forms.TypedChoiceField(
                label=seat.title, required=False, coerce=int, empty_value=None,
                choices=[("", "Nobody"), *((user.pk, user.name) for user in dict.fromkeys(people))],
                initial=presence.user.pk if presence.user else "",
            )  # fmt: skip

    def sitting(self) -> dict[int, int | None]:
        return {int(name.removeprefix("seat-")): user for name, user in self.cleaned_data.items()}


class MeetingActionForm(forms.Form):
    text = forms.CharField(label="What is to be done", max_length=1000, widget=LONG)
    owner = forms.ModelChoiceField(User.objects.none(), label="By whom")
    due_on = forms.DateField(label="Until", widget=DAY)

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = User.objects.filter(pk__in=[user.pk for user in people]).order_by("name")

    def clean_due_on(self) -> Any:
        day = self.cleaned_data["due_on"]
        if day < clock.today():
            raise forms.ValidationError("An action is due today or later.")
        return day


class MinutesForm(forms.Form):
    text = forms.CharField(label="Minutes", max_length=100_000, widget=forms.Textarea(attrs={"rows": 20}))
