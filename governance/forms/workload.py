"""What the office does with many steps at once."""

from collections.abc import Collection
from typing import Any

from django import forms

from caio_portal.accounts.models import User

REMIND, GIVE = "remind", "give"


class StepsForm(forms.Form):
    """Some of the waiting steps, and what to do with them."""

    steps = forms.TypedMultipleChoiceField(coerce=int)
    act = forms.ChoiceField(
        label="With what is ticked", choices=[(REMIND, "Remind those who are asked"), (GIVE, "Give it to one person")]
    )
    person = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Choose a person")

    def __init__(self, *args: Any, steps: Collection[int], people: Collection[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, person = self.fields["steps"], self.fields["person"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        assert isinstance(person, forms.ModelChoiceField)
        field.choices = [(step, str(step)) for step in steps]
        field.error_messages["required"] = "Tick at least one step."
        person.queryset = User.objects.filter(pk__in=[user.pk for user in people]).order_by("name")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("act") == GIVE and not data.get("person") and "person" not in self.errors:
            self.add_error("person", "Choose to whom.")
        return data
