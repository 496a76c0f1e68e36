"""Whose money it is."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from pydantic import ValidationError

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of, units_with_depth
from kpis import rules
from kpis.feeds.mapping import Rule
from kpis.models import Feed, FeedKind
from portfolio.models import UseCase
from portfolio.stages import Stage


class RuleForm(forms.Form):
    """A rule from what unmatched money is labelled with."""

    labels = forms.MultipleChoiceField(
        label="Told by", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Rows that carry all of these. Without any: everything that no other rule takes.",
    )  # fmt: skip
    use_case = forms.ChoiceField(label="Use case", required=False)
    unit = forms.ChoiceField(label="Or a unit, if no use case owns it", required=False)
    shares = forms.CharField(
        label="Or several use cases, with their shares", required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "placeholder": "UC-2026-0001 60"}),
        help_text="A line for each: its reference and its percentage; together 100.",
    )  # fmt: skip
    by_usage = forms.BooleanField(
        label="Or by what each use case spent through the gateway in the month", required=False
    )

    def __init__(self, *args: Any, user: User, feed: Feed, labels: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._labels = labels
        fields: Any = self.fields
        fields["labels"].choices = [(name, f"{name} = {value}") for name, value in labels.items()]
        fields["labels"].initial = [
            name for name in labels if name.startswith(("Tags.", "tag.", "key", "team", "project", "workspace"))
        ]
        seen = UseCase.objects.visible_to(user).filter(voided_at=None).exclude(stage=Stage.RETIRED)
        named = seen.order_by("title").values_list("ref", "title")
        fields["use_case"].choices = [("", "–"), *((ref, f"{title} ({ref})") for ref, title in named)]
        units = units_with_depth(roles_of(user).unit_ids(*rules.KEEPERS))
        fields["unit"].choices = [("", "–"), *((unit.name, unit.name) for unit in units)]
        if feed.kind != FeedKind.FOCUS:
            del fields["by_usage"]

    def clean_shares(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for line in self.cleaned_data["shares"].splitlines():
            if line.strip():
                ref, _, share = line.strip().replace("%", "").rpartition(" ")
                found[self._known(ref.strip().upper())] = self._share(share)
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        chosen = {name: data[name] for name in ("use_case", "unit", "shares", "by_usage") if data.get(name)}
        when = {name: str(self._labels[name]) for name in data["labels"]}
        try:
            self.rule = Rule(when=when, **chosen)
        except ValidationError as error:
            raise forms.ValidationError(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from None
        return data

    def _known(self, ref: str) -> str:
        if ref not in dict(self.fields["use_case"].choices):  # type: ignore[attr-defined]
            raise forms.ValidationError(f"There is no use case {ref or 'without a reference'}.")
        return ref

    @staticmethod
    def _share(text: str) -> Decimal:
        try:
            return Decimal(text)
        except InvalidOperation:
            raise forms.ValidationError("Write each line as in UC-2026-0001 60.") from None
