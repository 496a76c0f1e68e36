"""The executive page: read by everybody who oversees."""

from html import escape

from django.db.models import Max, Subquery, Value
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from caio_portal.accounts.access import policy
from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of, units_with_depth
from caio_portal.audit.models import AuditLink
from caio_portal.briefings.executive import executive_page
from caio_portal.common import caching, clock, words
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from kpis.models import Rollup

READERS = (Role.EXECUTIVE, Role.CAIO, Role.CAIO_OFFICE, Role.AUDITOR, Role.COUNCIL_MEMBER)
HERE = ' aria-current="page"'
DEEPEST = 2  # levels of the tree that the filter offers


@policy(*READERS)
def executive(request: Request) -> HttpResponse:
    """Value, risk and money of a unit: drawn once for each state of the data."""
    tree = units_with_depth(roles_of(request.user).unit_ids(*READERS))
    units = [unit for unit in tree if unit.depth <= DEEPEST]
    unit = _chosen(units, request.GET.get("unit", ""))
    drawn = caching.remembered(_state_of_data(unit), lambda: _drawn(unit, tree)) if unit else {"lede": "", "body": ""}
    # Kept without their marking by the cache; they were escaped when they were made.
    html = {key: mark_safe(text) for key, text in drawn.items()}  # noqa: S308
    context = {**html, "units": units, "unit": unit, "unit_links": _links(units, unit)}
    return render_page(request, "briefings/executive.html", context, partials=["executive"])


def _links(units: list[OrgUnit], chosen: OrgUnit | None) -> SafeString:
    """The filter's entries; an organisation may have hundreds, so no template loops over them."""
    key = chosen.pk if chosen else None
    links = (
        f'<a href="?unit={one.pk}"{HERE if one.pk == key else ""} class="depth-{one.depth}">{escape(one.name)}</a>'
        for one in units
    )
    return mark_safe("".join(links))  # noqa: S308  (the names are escaped)


def _drawn(unit: OrgUnit, tree: list[OrgUnit]) -> dict[str, str]:
    below = frozenset(other.pk for other in tree if other.path.startswith(unit.path))
    page = executive_page(unit, below)
    return {
        "lede": str(page.lede),
        "body": str(render_to_string("briefings/_executive_body.html", {"page": page})),
        "side_note": str(format_html("Data as of<br><b>{}</b>", words.day(page.snapshot.as_of, short=False))),
    }


def _chosen(units: list[OrgUnit], wanted: str) -> OrgUnit | None:
    """The unit asked for, or else the root that was made first."""
    by_key = {str(unit.pk): unit for unit in units}
    roots = sorted((unit for unit in units if unit.parent_id is None), key=lambda unit: unit.pk)
    return by_key.get(wanted) or next(iter(roots or units), None)


def _state_of_data(unit: OrgUnit) -> str:
    """Changes with every act (each leaves an event), every rollup of KPIs, and every day."""
    newest = Rollup.objects.order_by().values(all=Value(1)).annotate(at=Max("computed_at")).values("at")
    links = AuditLink.objects.order_by("-seq").annotate(computed=Subquery(newest))
    seq, computed = links.values_list("seq", "computed").first() or (0, None)
    return f"executive:{unit.pk}:{seq}:{computed.timestamp() if computed else 0}:{clock.today():%Y%m%d}"
