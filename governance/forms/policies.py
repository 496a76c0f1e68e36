"""What the office types when it writes and publishes a policy."""

from datetime import date
from typing import Any

from django import forms

from governance.forms.controls import DAY
from governance.policy.mistakes import LONGEST


class PolicySourceForm(forms.Form):
    """A policy as text, or as a file that replaces the text."""

    source = forms.CharField(
        label="The policy, as TOML",
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "wrap": "off", "class": "code-editor"}),
        help_text="Tiers, rules, controls and routes. It is checked while you type.",
    )
    file = forms.FileField(required=False, label="or a file", help_text="A .toml file takes the place of the text.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if upload := given.get("file"):
            given["source"] = self._read(upload)
        source = given.get("source", "").replace("\r\n", "\n")
        if not source.strip() and not self.errors:
            raise forms.ValidationError({"source": "Write the policy, or choose a file."})
        return given | {"source": source}

    def _read(self, upload: Any) -> str:
        if upload.size > LONGEST:
            raise forms.ValidationError({"file": f"A policy has at most {LONGEST:,} characters."})
        try:
            text = str(upload.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError({"file": "This file is not text in UTF-8."}) from None
        if "\0" in text:
            raise forms.ValidationError({"file": "This file is not text."})
        return text


class PublishForm(forms.Form):
    valid_from = forms.DateField(
        widget=DAY,
        label="In force from",
        help_text="The version that holds now holds until then. The portfolio is tiered again on that day.",
    )

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["valid_from"].initial = today
