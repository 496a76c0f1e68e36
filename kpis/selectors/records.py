"""The portal's own records that a figure is made of: the same that its rollup counts, each with its page."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.common import clock
from governance.models import Incident, Review
from kpis import catalogue, months, rollup_sql, words
from kpis.catalogue import Kpi
from kpis.selectors.sums import UnitIds
from kpis.values import Sums
from portfolio.models import UseCase
from vendors.models import Vendor

PAGE = 100
_OF_UNITS = " WHERE series = '' AND (%(units)s::bigint[] IS NULL OR unit_id = ANY(%(units)s))"
_ROWS = """
ORDER BY num DESC, use_case_id, vendor_id, record, unit_id LIMIT %(limit)s OFFSET %(offset)s
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """One record as people read it: what it is, of whom, and what it adds."""

    month: date
    name: str  # empty if the reader may not see it
    ref: str
    url: str
    unit: str
    made_of: str
    is_known: bool  # everything about it that the figure needs


@dataclass(frozen=True, slots=True)
class _Row:
    month: date
    unit_id: int
    use_case_id: int | None
    vendor_id: int | None
    num: Decimal
    den: Decimal
    known: int | None
    record: str | None


def counted(
    kpi: Kpi, units: UnitIds, month: date, user: User, *, page: int = 1, known_on: datetime | None = None
) -> tuple[list[Counted], bool]:
    """A page of the records of a value's window, the newest month first, and whether there are more.

    As known on a day: of what had happened by then.
    Two queries for each month of the window at most, and five more.
    """
    rows = list(_rows(kpi, units, month, known_on, skip=(page - 1) * PAGE, wanted=PAGE + 1))
    use_cases = UseCase.objects.visible_to(user).in_bulk({row.use_case_id for row in rows if row.use_case_id})
    vendors = Vendor.objects.in_bulk({row.vendor_id for row in rows if row.vendor_id})
    units_by_id = OrgUnit.objects.in_bulk({row.unit_id for row in rows})
    pages = addresses({row.record for row in rows if row.record}, user)
    found = []
    for row in rows[:PAGE]:
        name, ref, url = _told(row, use_cases, vendors, pages)
        sums = Sums(Decimal(row.num), Decimal(row.den), 1)
        found.append(
            Counted(
                row.month, name, ref, url, str(units_by_id.get(row.unit_id, "")), words.made_of(kpi, sums),
                row.known != 0,
            )
        )  # fmt: skip
    return found, len(rows) > PAGE


def _rows(
    kpi: Kpi, units: UnitIds, month: date, known_on: datetime | None, *, skip: int, wanted: int
) -> Iterator[_Row]:
    statement = rollup_sql.records_statement(kpi.key) + _OF_UNITS
    with connection.cursor() as cursor:
        for each in reversed(kpi.window.months(month)):
            if wanted <= 0:
                return
            parameters = _parameters(each, units, known_on)
            cursor.execute(f"SELECT count(*) FROM ({statement}) AS counted", parameters)  # noqa: S608 (our own files)
            count = cursor.fetchone()[0]
            if skip < count:
                cursor.execute(statement + _ROWS, parameters | {"limit": wanted, "offset": skip})
                rows = cursor.fetchall()
                yield from (_Row(each, *row[1:6], *row[7:9]) for row in rows)
                wanted -= len(rows)
            skip = max(0, skip - count)


def _parameters(month: date, units: UnitIds, known_on: datetime | None) -> dict[str, Any]:
    cost = catalogue.current().measures["effective_cost"].id
    return {
        "month": month, "last": months.last(month), "start": months.start(month), "end": months.end(month),
        "as_of": min(filter(None, (clock.now(), months.end(month), known_on))),
        "holidays": sorted(settings.HOLIDAYS), "measures": [cost],
        "effective_cost": cost, "units": None if units is None else sorted(units),
    }  # fmt: skip


def addresses(records: Collection[str], user: User) -> dict[str, str]:
    """The addresses of those reviews and incidents that the reader may see."""
    refs: dict[str, list[str]] = {"review": [], "incident": []}
    for record in records:
        kind, _, ref = record.partition(" ")
        refs.setdefault(kind, []).append(ref)
    reviews = Review.objects.visible_to(user).filter(ref__in=refs["review"])
    incidents = Incident.objects.visible_to(user).filter(ref__in=refs["incident"])
    return {f"review {each.ref}": each.get_absolute_url() for each in reviews} | {
        f"incident {each.ref}": each.get_absolute_url() for each in incidents
    }


def _told(
    row: _Row, use_cases: dict[int, UseCase], vendors: dict[int, Vendor], pages: dict[str, str]
) -> tuple[str, str, str]:
    """Name, reference and address: of the record itself if it has a page, else of its use case or vendor."""
    use_case, vendor = use_cases.get(row.use_case_id or 0), vendors.get(row.vendor_id or 0)
    kind, _, ref = (row.record or "").partition(" ")
    if row.use_case_id and use_case is None:
        return "", "", ""
    if url := pages.get(row.record or ""):
        return (use_case.title if use_case else kind.capitalize()), ref, url
    if use_case is not None:
        return use_case.title, f"{kind} {ref}".strip() or use_case.ref, use_case.get_absolute_url()
    if vendor is not None:
        return vendor.name, "", vendor.get_absolute_url()
    return ("", "", "") if kind else ("Not allocated to a use case", "", "")
