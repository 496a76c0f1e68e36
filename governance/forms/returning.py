"""Why a review goes back to its team, and what is to change at which answer."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms import BoundField

_LIMIT = 2_000


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label="What has to change?",
        help_text="Said to the whole team. What concerns one answer is better said at that answer, below.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, facts: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for fact in facts:
            self.fields[f"at-{fact}"] = forms.CharField(
                label="What is unclear or missing?", required=False, max_length=_LIMIT,
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip

    def at(self, fact: str) -> BoundField | None:
        """The field for a remark at an answer, if there is one."""
        return self[f"at-{fact}"] if f"at-{fact}" in self.fields else None

    def remarks(self) -> dict[str, str]:
        """What was said at which answer."""
        said = {name.removeprefix("at-"): text for name, text in self.cleaned_data.items() if name.startswith("at-")}
        return {fact: text.strip() for fact, text in said.items() if text.strip()}
