"""Definitions of the office's own, for tests."""

from decimal import Decimal

from kpis import catalogue
from kpis.catalogue import Kpi
from kpis.services import definitions


def shipped(key: str) -> Kpi:
    return catalogue.shipped().by_key[key]


def changed(key: str, /, **changes: object) -> Kpi:
    """The definition in force with some of it otherwise."""
    return Kpi.model_validate({**catalogue.current().by_key[key].model_dump(), **changes})


def own(key: str = "prompts_reused", /, **changes: object) -> Kpi:
    """Prompts used again, of all that are kept: a KPI that does not ship."""
    words = {"name": "Prompts used again", "numerator": "Prompts used again", "denominator": "Prompts kept"}
    terms = [{"measure": "prompts_kept", "num": "num", "den": "den"}]
    given = words | {"key": key, "terms": terms, "low": Decimal(50)} | changes
    return changed("releases_evaluated", **given)


def publish_own_measure(by, key: str = "prompts_kept", **fields: str) -> None:
    given = {"name": "Prompts kept", "uom": "share", "of": "num: used again; den: kept", "counts": "events"} | fields
    definitions.publish_measure(key, **given, reason="Teams keep prompts now", by=by)
