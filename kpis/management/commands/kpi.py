import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caio_portal.accounts.models import OrgUnit
from caio_portal.common import clock
from kpis import published
from kpis.services.answers import Answer, answer


class Command(BaseCommand):
    help = "The value of a KPI on a day, computed now from its inputs; the last line is JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", metavar="KEY", help="such as training_completion")
        parser.add_argument("--unit", default="", help="name or number of a unit, which counts with those below it")
        parser.add_argument("--as-of", default="", help="a day such as 2026-09-30; today without")

    def handle(self, *args: Any, key: str, unit: str, as_of: str, **options: Any) -> None:
        try:
            day = date.fromisoformat(as_of) if as_of else clock.today()
        except ValueError:
            raise CommandError(f"“{as_of}” is not a day such as 2026-09-30.") from None
        known = published.latest().by_key
        if key not in known:
            raise CommandError(f"No KPI is called {key}; there are {', '.join(sorted(known))}.")
        found = answer(known[key], _unit(unit), day)
        self.stdout.write(json.dumps(_as_dict(found), ensure_ascii=False))


def _unit(name: str) -> OrgUnit | None:
    if not name:
        return None
    by = {"pk": int(name)} if name.isdigit() else {"name__iexact": name}
    found = list(OrgUnit.objects.filter(**by)[:2])
    if len(found) != 1:
        raise CommandError(f"{'No unit is' if not found else 'Several units are'} called {name}.")
    return found[0]


def _as_dict(found: Answer) -> dict[str, Any]:
    reading = found.reading
    low, high = reading.bands.low, reading.bands.high
    return {
        "kpi": reading.kpi.key, "name": reading.kpi.name, "unit": found.unit.name if found.unit else None,
        "as_of": found.day.isoformat(), "month": f"{reading.month:%Y-%m}",
        "value": None if reading.value is None else round(float(reading.value), 6), "uom": reading.kpi.uom,
        "num": float(reading.sums.num), "den": float(reading.sums.den), "n": reading.sums.n,
        "status": reading.status.value,
        "target": {
            "low": None if low is None else float(low), "high": None if high is None else float(high),
            "tolerance": float(reading.bands.tolerance), "words": reading.target_words,
        },
        "provisional": reading.provisional,
        "lineage": {
            "version": reading.kpi.version, "formula": reading.kpi.formula.value, "numerator": reading.kpi.numerator,
            "denominator": reading.kpi.denominator, "window": reading.kpi.window.value, "feed": reading.kpi.feed,
            "inputs": found.lineage.inputs, "coverage": reading.coverage,
            "computed_at": found.computed_at.isoformat(),
            "batches": [
                {"batch": batch.pk, "feed": batch.feed.name, "scope": batch.scope, "sha256": batch.sha256}
                for batch in found.lineage.batches
            ],
        },
    }  # fmt: skip
