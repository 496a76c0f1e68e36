"""Server time of the main pages with the federal inventory loaded, in times of an empty page; and their queries."""

from benchmarks import place
from benchmarks.measurement import Measurement

READER = "caio@demo.example"
LIST_QUERIES = 10
EXECUTIVE_QUERIES = 20


def measure() -> list[Measurement]:
    place.manage("migrate", "--verbosity", "0")
    place.manage("collectstatic", "--noinput", "--verbosity", "0")
    place.django()
    _know_the_tables()
    from benchmarks.timing import Visit, Visitor, compare, is_there

    dossier, scorecard = _addresses()
    visits = (
        Visit("list of 50 use cases", "/use-cases/?page=2", 12, LIST_QUERIES),
        Visit("list with facets", "/use-cases/", 16, LIST_QUERIES),
        Visit("dossier", dossier, 12, EXECUTIVE_QUERIES),
        Visit("vendor and its scorecard", scorecard, 12, EXECUTIVE_QUERIES),
        Visit("KPI scorecard", "/kpis/", 12, EXECUTIVE_QUERIES),
        Visit("executive page, cold", "/executive/", 18, EXECUTIVE_QUERIES, cold=True),
        Visit("executive page, cached", "/executive/", 10, EXECUTIVE_QUERIES),
    )
    visits = tuple(visit for visit in visits if is_there(visit))
    visitor = Visitor(READER)
    empty, times = compare(visitor, visits)
    figures = [Measurement(visit.name, times[visit.name], "ms", visit.limit, empty) for visit in visits]
    counts = [Measurement(f"{visit.name}: queries", visitor.queries(visit), "queries", visit.queries)
              for visit in visits]  # fmt: skip
    return figures + counts


def _know_the_tables() -> None:
    """The planner's statistics, which the database refreshes by itself within a minute of an import."""
    from django.db import connection

    from caio_portal.common import roles

    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _addresses() -> tuple[str, str]:
    """A dossier and a scorecard that have something to show."""
    from portfolio.models import UseCase
    from vendors.models import Vendor

    use_case = UseCase.objects.exclude(source="import").order_by("-tier", "pk").first()
    vendor = Vendor.objects.order_by("pk").first()
    if use_case is None or vendor is None:
        raise place.NotThere("there are no demonstration data; `make bench` loads them first.")
    return use_case.get_absolute_url(), vendor.get_absolute_url()
