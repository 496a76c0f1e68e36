"""A stored file as the kind of its feed reads it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from decimal import Decimal

from django.core.files.storage import default_storage
from django.db import connection
from pydantic import ValidationError

from caio_portal.accounts.models import OrgUnit
from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from caio_portal.common.models import StoredFile
from caio_portal.common.uploads.guard import Refused
from kpis import catalogue
from kpis.feeds import cells
from kpis.feeds.connectors import CONNECTORS, MEASURES
from kpis.feeds.delivery import Delivery, Report
from kpis.feeds.documents import DocumentFile, Settings
from kpis.feeds.focus import FocusFile, Ids
from kpis.feeds.mapping import FeedMapping, Finder, LabelFinder, Place, Portions, Register
from kpis.feeds.observations import ObservationFile
from kpis.feeds.source import Source
from kpis.models import BatchState, DeliveryStyle, Feed, FeedBatch, FeedKind
from portfolio.models import UseCase
from vendors.models import Vendor


@contextmanager
def delivery(feed: Feed, file: StoredFile, encoding: str = "") -> Iterator[Delivery]:
    """The file as its feed's module reads it; raises Invalid, here or while it is read."""
    try:
        with ExitStack() as stack:
            source = Source(stack.enter_context(default_storage.open(file.storage_name)), stack, encoding)
            yield (
                _table(feed, source)
                if feed.kind in (FeedKind.FOCUS, FeedKind.OBSERVATIONS)
                else _document(feed, source, stack)
            )
    except Refused as refused:
        raise Invalid(str(refused), field="file") from refused


def checked_mapping(feed: Feed) -> FeedMapping:
    """The feed's mapping; raises Invalid if it cannot be."""
    try:
        mapping = FeedMapping.model_validate(feed.mapping)
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", field="mapping") from None
    if feed.kind != FeedKind.FOCUS and any(rule.by_usage for rule in mapping.rules):
        raise Invalid("rules: only a cost file is divided by what a gateway counted.", field="mapping")
    known = tuple(catalogue.current().measures) if feed.kind == FeedKind.OBSERVATIONS else MEASURES.get(feed.kind, ())
    if mapping.measure and mapping.measure not in known:
        choice = "those of the catalogue" if len(known) > 9 else " or ".join(known) or "measures of its own"
        raise Invalid(f"measure: this kind of feed brings {choice}.", field="mapping")
    return mapping


def focus_ids() -> Ids:
    """The measures of a cost file, as the catalogue numbers them."""
    ids = {key: measure.id for key, measure in catalogue.current().measures.items()}
    tokens = {"any": "tokens", "input": "input_tokens", "output": "output_tokens", "cached": "cached_tokens"}
    return Ids(
        ids["effective_cost"], ids["billed_cost"], ids["inference_cost"],
        {kind: ids[measure] for kind, measure in tokens.items()},
    )  # fmt: skip


def _table(feed: Feed, source: Source) -> Delivery:
    header, rows = source.table()
    register, mapping = _register(feed), checked_mapping(feed)
    moment = cells.moments(feed.zone, feed.date_format)
    if feed.kind == FeedKind.OBSERVATIONS:
        measures = catalogue.current().measures
        return ObservationFile(header, rows, mapping, measures=measures, register=register, moment=moment,
                               adds=_adds(feed))  # fmt: skip
    return FocusFile(
        header, rows, ids=focus_ids(), moment=moment, currency=feed.currency,
        finder=lambda columns, warn: Finder(mapping, register, columns, warn),
    )  # fmt: skip


def _adds(feed: Feed) -> bool:
    return feed.style != DeliveryStyle.REPLACEMENT


def _document(feed: Feed, source: Source, stack: ExitStack) -> Delivery:
    mapping = checked_mapping(feed)
    # Asked here and not while rows are read: the connection is busy with COPY then.
    batch = (
        FeedBatch.objects.select_related("file")
        .filter(feed__name=mapping.roster, state=BatchState.LOADED)
        .exclude(file=None)
        .first()
    )

    def roster() -> Source:
        """The file that the roster's feed brought last."""
        if batch is None or batch.file is None:
            raise Invalid(f"The feed {mapping.roster} has brought no file yet.", field="file")
        return Source(stack.enter_context(default_storage.open(batch.file.storage_name)), stack)

    settings = Settings(mapping, feed.zone, feed.date_format, clock.today(), Report(), feed.currency, roster)
    finder = LabelFinder(settings.mapping, _register(feed), settings.warn)
    seen = CONNECTORS[feed.kind](source, settings)
    return DocumentFile(seen, settings, catalogue.current().measures, finder, adds=_adds(feed))


def _register(feed: Feed) -> Register:
    """The names by which files may call things; a name that two units share leads nowhere."""
    use_cases = UseCase.objects.filter(voided_at=None).values_list("ref", "pk", "unit_id")
    units: dict[str, Place | None] = {}
    for pk, name in OrgUnit.objects.values_list("pk", "name"):
        units[name.lower()] = None if name.lower() in units else Place(pk)
    return Register(
        default=Place(feed.unit_id),
        use_cases={ref: Place(unit_id, pk) for ref, pk, unit_id in use_cases},
        units={name: place for name, place in units.items() if place},
        vendors={name.lower(): pk for pk, name in Vendor.objects.values_list("pk", "name")},
        usage=_usage(feed) if '"by_usage": true' in json.dumps(feed.mapping) else {},
    )


_USAGE = """
SELECT date_trunc('month', observed_at, 'UTC')::date, observation.unit_id, use_case_id, sum(amount)
FROM observation JOIN org_unit ON org_unit.id = observation.unit_id
WHERE measure = %s AND use_case_id IS NOT NULL AND amount > 0 AND starts_with(org_unit.path, %s)
GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
"""


def _usage(feed: Feed) -> dict[date, Portions]:
    """Which share of a month's gateway spend each use case below the feed's unit has."""
    found: dict[date, list[tuple[Place, Decimal]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_USAGE, [catalogue.current().measures["gateway_cost"].id, feed.unit.path])
        for month, unit, use_case, amount in cursor.fetchall():
            found.setdefault(month, []).append((Place(unit, use_case), amount))
    return {
        month: tuple((place, amount / sum(part for _, part in shares)) for place, amount in shares)
        for month, shares in found.items()
    }
