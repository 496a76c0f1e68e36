"""What is typed at a second look."""

from collections.abc import Iterable
from typing import Any

from django import forms


class SecondLookForm(forms.Form):
    tier = forms.TypedChoiceField(label="Which tier would you give it?", coerce=int, widget=forms.RadioSelect)
    note = forms.CharField(
        label="What leads you to it", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The facts that weigh, and what you would have asked.",
    )  # fmt: skip

    def __init__(self, *args: Any, tiers: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tier"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = list(tiers)
