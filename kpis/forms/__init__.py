"""What people type and send about figures."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.selectors import people_with
from caio_portal.common import clock
from governance.models import Incident
from kpis import months
from kpis.catalogue import Kpi
from kpis.models import Feed
from kpis.rules import VIEWERS

LATEST_INCIDENTS = 50


class TargetForm(forms.Form):
    """The bounds that a KPI has, for a unit and period."""

    unit = forms.ChoiceField(label="For", required=False)
    period = forms.ChoiceField(label="When", required=False)
    low = forms.DecimalField(label="At least", required=False, max_digits=20, decimal_places=6)
    high = forms.DecimalField(label="At most", required=False, max_digits=20, decimal_places=6)
    tolerance = forms.DecimalField(
        label="Worth a watch", min_value=Decimal(0), max_digits=20, decimal_places=6,
        help_text="How far outside the target a value may lie before it is off track.",
    )  # fmt: skip

    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Owner", required=False, empty_label="As the catalogue says",
        help_text="Answers for it: is told when the target is missed, or about to be.",
    )  # fmt: skip

    def __init__(self, *args: Any, kpi: Kpi, units: list[OrgUnit], everywhere: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [person.pk for person in people_with(*VIEWERS)]
        self.fields["owner"].queryset = User.objects.filter(pk__in=people).order_by("name")  # type: ignore[attr-defined]
        self._units = {str(unit.pk): unit for unit in units}
        everybody = [("", "All units")] if everywhere else []
        self.fields["unit"].choices = everybody + [(key, unit.name) for key, unit in self._units.items()]  # type: ignore[attr-defined]
        self.fields["period"].choices = _periods(clock.today())  # type: ignore[attr-defined]
        for name, bound in (("low", kpi.low), ("high", kpi.high)):
            if bound is None:
                del self.fields[name]
            else:
                self.fields[name].required = True
                self.fields[name].help_text = f"In {_unit_of(kpi)}; the catalogue says {bound.normalize():f}."

    def clean_unit(self) -> OrgUnit | None:
        return self._units.get(self.cleaned_data["unit"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        return {"low": None, "high": None} | data


class FeedForm(forms.ModelForm):
    """A source of figures, and how its files are read."""

    class Meta:
        model = Feed
        fields = ("name", "kind", "style", "unit", "currency", "zone", "date_format", "mapping")
        labels = {"zone": "Time zone of times without one", "unit": "Unit", "mapping": "Rules"}
        help_texts = {
            "unit": "Gets the cost that maps to no use case: it is shown as unallocated, never dropped.",
            "date_format": "Order of dates such as 5/1/25.",
            "mapping": 'JSON: {"rules": [{"when": {"Tags.application": "triage"}, "use_case": "UC-2026-0042"}]}; also '
            "columns, measure, metric, judge, objective (seconds), roster, training, valid_days, and pull (url, hours, "
            "days, secret); docs/feeds.md explains them with examples. Of observations, measure is the key of any "
            "measure under KPIs, Definitions, Measures, your own included.",
        }
        widgets = {
            "mapping": forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
            "date_format": forms.Select(choices=[("mdy", "Month/day/year"), ("dmy", "Day/month/year")]),
        }

    def __init__(self, *args: Any, units: list[OrgUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = OrgUnit.objects.filter(pk__in=[unit.pk for unit in units])  # type: ignore[attr-defined]


class DeliveryForm(forms.Form):
    """A file for a feed."""

    file = forms.FileField(
        label="File", help_text="CSV (also gzipped), XLSX, Parquet, JSON or JSON lines, up to 50 MB.",
        error_messages={"required": "Choose a file."},
    )  # fmt: skip
    encoding = forms.ChoiceField(
        label="Encoding", required=False,
        choices=[("", "Find out"), ("utf-8", "UTF-8"), ("windows-1252", "Windows-1252"), ("utf-16", "UTF-16")],
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why something is withdrawn or retired."""

    reason = forms.CharField(label="Reason", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class AcknowledgeForm(forms.Form):
    note = forms.CharField(label="What you will do", max_length=300, required=False)


class MuteForm(forms.Form):
    until = forms.DateField(label="Say nothing until", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Why it can wait", max_length=300)


class IncidentLinkForm(forms.Form):
    """The incident that an alert belongs to."""

    incident = forms.ModelChoiceField(queryset=Incident.objects.none(), label="Incident", empty_label="Choose one")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        latest = Incident.objects.visible_to(user).order_by("-occurred_at").values_list("pk", flat=True)
        offered = list(latest[:LATEST_INCIDENTS])
        self.fields["incident"].queryset = Incident.objects.filter(pk__in=offered)  # type: ignore[attr-defined]
        self.fields["incident"].label_from_instance = lambda one: f"{one.ref} {one.title}"  # type: ignore[attr-defined]


def _periods(today: date) -> list[tuple[str, str]]:
    """Always, this year and next, and the quarters around today."""
    year = today.year
    quarters = [months.quarter(months.add(months.first(today), 3 * step)) for step in range(-1, 5)]
    years = [(str(each), str(each)) for each in (year, year + 1)]
    return [("", "Always"), *years, *((quarter, f"Q{quarter[-1]} {quarter[:4]}") for quarter in quarters)]


def _unit_of(kpi: Kpi) -> str:
    return {"percent": "percent", "money": "US dollars", "percentage_points": "percentage points"}.get(
        kpi.uom, kpi.unit_label or kpi.uom.replace("_", " ")
    )
