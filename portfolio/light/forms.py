"""What people state about common uses and tools."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from portfolio import rules
from portfolio.facts import parse_all
from portfolio.forms import UnitField
from portfolio.light import access
from portfolio.light.catalogue import title_of, titles
from portfolio.models import Tool
from portfolio.stages import Stage
from vendors.models import Product


class FiguresForm(forms.Form):
    users = forms.IntegerField(label="People who use it", min_value=1, max_value=10_000_000)
    licences = forms.IntegerField(label="Licences, if counted", required=False, min_value=0, max_value=10_000_000)

    def clean_licences(self) -> int:
        return self.cleaned_data["licences"] or 0


class DeclareForm(FiguresForm):
    """One common use of one unit, in a minute."""

    use = forms.ChoiceField(label="What is it used for?")
    tool = forms.ModelChoiceField(
        Tool.objects.none(), label="With which tool?", required=False, empty_label="Another product, not on the list"
    )
    product = forms.CharField(
        label="Which other product?",
        required=False,
        max_length=200,
        help_text="Say so although nobody approved it: you may go on for now, and nobody is blamed.",
    )
    unit = UnitField(label="Unit")
    within_limits = forms.BooleanField(
        label="None of these is so", error_messages={"required": "Then register it as a use case."}
    )
    field_order = ("use", "tool", "product", "unit", "users", "licences", "within_limits")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["use"].choices = [("", "Choose a use"), *titles().items()]  # type: ignore[attr-defined]
        self.fields["tool"].queryset = access.tools_of(user)  # type: ignore[attr-defined]
        self.fields["unit"].offer(roles_of(user).unit_ids(*rules.REGISTRANTS))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        tool, unit = cleaned.get("tool"), cleaned.get("unit")
        if tool is None and not cleaned.get("product", "").strip() and "tool" not in self.errors:
            self.add_error("product", "Choose a tool, or name the product.")
        if tool and unit and not unit.path.startswith(tool.unit.path):
            self.add_error("tool", f"{tool} is approved for {tool.unit.name}, not for {unit.name}.")
        if tool and cleaned.get("use") and not tool.serves(cleaned["use"]):
            words = ", ".join(title_of(use).lower() for use in tool.uses)
            self.add_error("tool", f"{tool} is approved for {words}; not for this.")
        return cleaned

    def declaration(self) -> dict[str, Any]:
        """What the service takes."""
        names = ("use", "tool", "product", "users", "licences")
        return {"unit_id": self.cleaned_data["unit"].pk, **{name: self.cleaned_data[name] for name in names}}


class RunningForm(forms.Form):
    """What runs already, in a few words."""

    title = forms.CharField(
        max_length=300,
        label="What is it used for?",
        help_text="In a few words: “Answering supplier questions with a chat service”.",
    )
    product = forms.CharField(
        max_length=200, required=False, label="With which product or service?", help_text="As far as you know."
    )
    unit = UnitField(label="In which unit?")
    stage = forms.ChoiceField(
        label="How far is it used?",
        choices=[
            (Stage.EXPERIMENT, "Somebody tries it out"),
            (Stage.PILOT, "A few people work with it"),
            (Stage.PRODUCTION, "It is part of the daily work"),
        ],
        widget=forms.RadioSelect,
    )
    since = forms.DateField(
        required=False, label="Since when?", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    users = forms.IntegerField(required=False, min_value=1, max_value=10_000_000, label="How many people use it?")
    note = forms.CharField(
        required=False, max_length=2000, label="Anything else the office should know?",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(roles_of(user).unit_ids(*rules.REGISTRANTS))  # type: ignore[attr-defined]

    def clean_since(self) -> date | None:
        since: date | None = self.cleaned_data["since"]
        if since and not date(1990, 1, 1) <= since <= clock.today():
            raise forms.ValidationError("It runs already: state a day that is over.")
        return since

    def facts(self) -> dict[str, Any]:
        """What is known, in the words of the catalogue."""
        given = {
            "vendor_product": self.cleaned_data["product"].strip(),
            "operational_on": self.cleaned_data["since"],
            "users_expected": self.cleaned_data["users"],
        }
        return parse_all({name: value for name, value in given.items() if value})


class ToolForm(forms.ModelForm):
    unit = UnitField(label="Unit", help_text="It and all units below it may use the tool.")
    uses = forms.MultipleChoiceField(
        label="Approved for",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="With none ticked: for every common use.",
    )

    class Meta:
        model = Tool
        fields = ("name", "product", "unit", "uses", "terms", "how_to_get", "licences", "approved_on", "review_on")
        labels = {
            "name": "Name",
            "product": "Product of a vendor",
            "terms": "On which terms",
            "how_to_get": "How to get it",
            "licences": "Licences bought",
            "approved_on": "Approved on",
            "review_on": "Next look on",
        }
        help_texts = {
            "name": "As people call it; declared uses of a product with this name rest on it at once.",
            "product": "If the vendor is known here: incidents and end-of-life dates reach it.",
            "terms": "What may go into it, what may not, and what is checked by whom.",
            "how_to_get": "Whom to ask, where to install it.",
            "licences": "Left open, they are not counted.",
        }
        widgets = {
            "terms": forms.Textarea(attrs={"rows": 4}),
            "how_to_get": forms.Textarea(attrs={"rows": 2}),
            "approved_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "review_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uses"].choices = list(titles().items())  # type: ignore[attr-defined]
        self.fields["unit"].offer(roles_of(user).unit_ids(*rules.OFFICE))  # type: ignore[attr-defined]
        products: QuerySet[Product] = Product.objects.select_related("vendor").order_by("vendor__name", "name")
        self.fields["product"].queryset = products  # type: ignore[attr-defined]
        self.fields["product"].label_from_instance = lambda one: f"{one} ({one.vendor.name})"  # type: ignore[attr-defined]
        self.initial.setdefault("approved_on", clock.today())
        if not self.instance.pk:
            self.initial.update(approved_on=clock.today(), review_on=clock.today() + timedelta(days=365))
