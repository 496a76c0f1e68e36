"""What people state about AI systems, models, data sets and agents."""

from collections.abc import Collection
from typing import Any

from django import forms

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.uploads.limits import MB
from portfolio import rules
from portfolio.assets import access
from portfolio.assets.agents import Tool, Unreadable, tools_in
from portfolio.assets.found import BOM_BYTES
from portfolio.assets.kinds import KINDS, Kind
from portfolio.forms import CURRENCIES, PersonField, UnitField
from portfolio.models import Agent, AiModel, AiSystem, AssetRole, Dataset
from vendors.models import Product

_COMMON = ("name", "unit", "owner", "about", "link")
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_FEW_LINES = forms.Textarea(attrs={"rows": 3})
_LINKS = {"about": _FEW_LINES}


def _several(label: str, help_text: str = "") -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        Dataset.objects.none(), label=label, required=False, help_text=help_text, widget=forms.SelectMultiple
    )


class AssetForm(forms.ModelForm):
    """The fields of one kind, and its links to others (`link_names`)."""

    unit = UnitField(label="Unit")
    owner = PersonField(label="Owner", required=False)
    link = forms.URLField(label="Address", required=False, max_length=500, assume_scheme="https")
    link_names: tuple[str, ...] = ()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(roles_of(user).unit_ids(*rules.ASSET_KEEPERS) | self._own_unit())  # type: ignore[attr-defined]
        for name in self.link_names:
            field = self.fields[name]
            if name != "products":
                field.queryset = access.assets_of(user, KINDS["datasets"]).filter(retired_at=None)  # type: ignore[attr-defined]
            if self.instance.pk:
                field.initial = self._linked(name)

    def _own_unit(self) -> frozenset[int]:
        return frozenset({self.instance.unit_id}) if self.instance.pk else frozenset()

    def _linked(self, name: str) -> list[int]:
        raise NotImplementedError

    @property
    def links(self) -> dict[str, list[int]]:
        return {name: [each.pk for each in self.cleaned_data[name]] for name in self.link_names}


class SystemForm(AssetForm):
    products = _several("Products it relies on", "Of vendors; hold Ctrl to choose several.")
    models = _several("Models it runs")
    link_names = ("products", "models")

    class Meta:
        model = AiSystem
        fields = _COMMON
        widgets = _LINKS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["products"].queryset = Product.objects.select_related("vendor").order_by("vendor__name", "name")  # type: ignore[attr-defined]

        models = access.assets_of(kwargs["user"], KINDS["models"])
        self.fields["models"].queryset = models.filter(retired_at=None)  # type: ignore[attr-defined]

    def _linked(self, name: str) -> list[int]:
        links = self.instance.products if name == "products" else self.instance.models
        return list(links.values_list("product" if name == "products" else "ai_model", flat=True))


class ModelForm(AssetForm):
    trained_on = _several("Trained on")
    tested_with = _several("Tested with")
    link_names = ("trained_on", "tested_with")

    class Meta:
        model = AiModel
        fields = (
            "name", "version", "publisher", "product", "unit", "owner", "task", "licence", "base_model", "about",
            "limitations", "link", "ends_on",
        )  # fmt: skip
        widgets = _LINKS | {"ends_on": _DAY, "limitations": _FEW_LINES}
        labels = {"product": "Product of a vendor", "base_model": "Made from"}
        help_texts = {
            "base_model": "The model that it was tuned from.",
            "limitations": "What it must not be used for, and where it is known to fail.",
            "licence": "As its publisher writes it: Apache-2.0, MIT, a contract.",
        }

    def _linked(self, name: str) -> list[int]:
        part = {"trained_on": "training", "tested_with": "evaluation"}[name]
        return list(self.instance.data.filter(part=part).values_list("dataset", flat=True))


class DatasetForm(AssetForm):
    personal_data = forms.TypedChoiceField(
        label="Holds data about people",
        required=False,
        choices=[("", "Not known"), ("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
        empty_value=None,
    )

    class Meta:
        model = Dataset
        fields = (*_COMMON, "personal_data", "sensitive", "origin", "licence", "kept_for")
        widgets = _LINKS
        help_texts = {"sensitive": "Health, children, precise location … separated by commas."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance.personal_data
        self.initial["personal_data"] = "" if known is None else "yes" if known else "no"


class AgentForm(AssetForm):
    tools = forms.CharField(
        label="Tools",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="One a line: Send mail | answers suppliers | acts | asks first. A tool reads, writes or acts; "
        "“asks first” means that a person confirms each call.",
    )
    reads = _several("Data sets it may read")
    writes = _several("Data sets it may write")
    currency = forms.ChoiceField(label="Currency", choices=[("", "None"), *CURRENCIES], required=False)
    link_names = ("writes", "reads")

    class Meta:
        model = Agent
        fields = (
            "name", "unit", "owner", "about", "model", "autonomy", "tools", "spend_limit", "spend_per", "currency",
            "stopped_by", "link",
        )  # fmt: skip
        widgets = _LINKS
        labels = {"model": "Runs on the model", "spend_limit": "May spend at most", "spend_per": "In"}
        help_texts = {"stopped_by": "A name or a team, and the switch: “Service desk, kill switch on the status page”."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tools"] = "\n".join(str(Tool(**tool)) for tool in self.instance.tools)
        self.fields["model"].queryset = access.assets_of(kwargs["user"], KINDS["models"]).filter(retired_at=None)  # type: ignore[attr-defined]

    def clean_tools(self) -> list[dict[str, Any]]:
        try:
            return [tool.model_dump() for tool in tools_in(self.cleaned_data["tools"])]
        except Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        limit = cleaned.get("spend_limit")
        if limit is None:
            cleaned["spend_per"] = cleaned["currency"] = ""
        elif limit < 0:
            self.add_error("spend_limit", "A limit is 0 or more.")
        else:
            for name in ("spend_per", "currency"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, "State this for the limit.")
        both = {each.pk for each in cleaned.get("reads", ())} & {each.pk for each in cleaned.get("writes", ())}
        if both:
            cleaned["reads"] = [each for each in cleaned["reads"] if each.pk not in both]  # who writes, reads
        return cleaned

    def _linked(self, name: str) -> list[int]:
        return list(self.instance.data.filter(may_write=name == "writes").values_list("dataset", flat=True))


FORMS: dict[str, type[AssetForm]] = {
    "systems": SystemForm, "models": ModelForm, "datasets": DatasetForm, "agents": AgentForm,
}  # fmt: skip


class LinkForm(forms.Form):
    """An asset of one kind, and what it does for the use case."""

    asset = forms.ModelChoiceField(Dataset.objects.none(), empty_label="Choose")
    role = forms.ChoiceField(label="What it does")

    def __init__(self, *args: Any, kind: Kind, user: User, besides: Collection[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": kind.key})
        field = self.fields["asset"]
        field.label = kind.noun[0][0].upper() + kind.noun[0][1:]
        rows = access.assets_of(user, kind).filter(retired_at=None).exclude(pk__in=besides)
        field.queryset = rows  # type: ignore[attr-defined]
        self.fields["role"].choices = [(role.value, AssetRole(role).label) for role in kind.roles]  # type: ignore[attr-defined]


class ReadForm(forms.Form):
    """A file that describes models or data, and the unit that they go under."""

    file = forms.FileField(
        label="File",
        help_text="README.md of a Hugging Face model, or a CycloneDX bill of materials in JSON (1.5 to 1.7). "
        "You see what it says first.",
    )
    unit = UnitField(label="Unit")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(roles_of(user).unit_ids(*rules.ASSET_KEEPERS))  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > BOM_BYTES:
            raise forms.ValidationError(f"The file is larger than {BOM_BYTES // MB} MB.")
        return file
