"""What the office published over the shipped catalogue, as this process knows it and as the database does."""

from collections.abc import Iterable

from django.db import connection

from kpis import catalogue
from kpis.catalogue import Catalogue, Kpi, Measure
from kpis.models import DefinitionKind, PublishedDefinition

_LOCK = "kpis.definitions"
# The number of the last publication, for a query of something else.
STAMP = "(SELECT coalesce(max(id), 0) FROM published_definition)"


def told(number: int) -> None:
    """Another process may have published meanwhile: then the definitions are read again."""
    if number != catalogue.kept():
        read()


def read() -> None:
    """Learn the definitions in force. One query."""
    _read()


def _read() -> Catalogue:
    found = rows()
    book, number = overlaid(found), max((row.pk for row in found), default=0)
    catalogue.keep(book if found else None, number)
    return book


def latest() -> Catalogue:
    """The catalogue as it is in the database now, whatever this process knew. One query while nothing is new."""
    number = PublishedDefinition.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return catalogue.current() if number == catalogue.kept() else _read()


def settled() -> Catalogue:
    """The latest one, and nobody publishes another before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_LOCK])
    return latest()


def publishing() -> Catalogue:
    """The latest one; who else publishes waits until this transaction ends, so that numbers follow each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK])
    return latest()


def rows() -> list[PublishedDefinition]:
    """The newest publication of each key."""
    newest = PublishedDefinition.objects.order_by("kind", "key", "-pk").distinct("kind", "key")
    return list(newest.select_related("by"))


def overlaid(published: Iterable[PublishedDefinition]) -> Catalogue:
    """The shipped catalogue with these documents over it; raises pydantic.ValidationError if they do not fit."""
    shipped = catalogue.shipped()
    measures, kpis, gone = dict(shipped.measures), {kpi.key: kpi for kpi in shipped.kpis}, {}
    for row in published:
        if row.kind == DefinitionKind.MEASURE:
            measures[row.key] = Measure.model_validate(row.document)
            continue
        kpis[row.key] = Kpi.model_validate(row.document)
        if row.retired:
            gone[row.key] = kpis.pop(row.key)
    return Catalogue(format=1, measures=measures, kpis=_in_order(kpis.values()), retired=_in_order(gone.values()))


def _in_order(kpis: Iterable[Kpi]) -> tuple[Kpi, ...]:
    """As the shipped catalogue has them, own ones after."""
    places = {kpi.key: place for place, kpi in enumerate(catalogue.shipped().kpis)}
    return tuple(sorted(kpis, key=lambda kpi: (places.get(kpi.key, len(places)), kpi.number)))
