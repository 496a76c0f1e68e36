"""What the office says about a register."""

from typing import Any

from django import forms

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.selectors import roles_of
from portfolio import facts
from portfolio.models import PublicRegister
from portfolio.register.rules import OFFICE
from portfolio.stages import Stage

USUAL_STAGES = (Stage.PILOT, Stage.PRODUCTION)
USUAL_FACTS = ("purpose", "expected_benefit", "technique", "personal_data", "human_involvement")


class RegisterForm(forms.Form):
    title = forms.CharField(label="Title", max_length=120)
    slug = forms.SlugField(label="Address", max_length=60, help_text="It is read at /register/ followed by this.")
    unit = forms.ModelChoiceField(OrgUnit.objects.none(), label="Unit", help_text="With all units below it.")
    intro = forms.CharField(
        label="Introduction", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    contact = forms.EmailField(label="Address for questions", required=False)
    stages = forms.MultipleChoiceField(
        label="Stages", choices=Stage.choices, widget=forms.CheckboxSelectMultiple, initial=USUAL_STAGES
    )
    facts = forms.MultipleChoiceField(
        label="What it tells besides title, unit and stage",
        required=False,
        choices=lambda: [(fact.name, fact.label) for fact in facts.CATALOGUE.values()],
        widget=forms.CheckboxSelectMultiple,
        initial=USUAL_FACTS,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = roles_of(user)
        units = OrgUnit.objects.order_by("path")
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = units if roles.everywhere(*OFFICE) else units.filter(pk__in=roles.unit_ids(*OFFICE))

    def register(self, kept: PublicRegister | None) -> PublicRegister:
        """The register as it was typed, not yet saved."""
        register = kept or PublicRegister()
        for name in self.fields:
            setattr(register, name, self.cleaned_data[name])
        return register


def initial_of(register: PublicRegister | None) -> dict[str, Any]:
    return {name: getattr(register, name) for name in RegisterForm.base_fields} if register else {}
