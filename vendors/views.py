"""Pages about vendors."""

from itertools import groupby

from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase

from caio_portal.accounts.access import policy
from caio_portal.audit.trail import entries_of
from caio_portal.common import clock, files
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from caio_portal.common.quarters import Quarter
from vendors import access, criteria, pictures, rules, selectors
from vendors.tables import VendorTable

COMPARED_AT_MOST = 4


@policy(*rules.VIEWERS)
def vendor_list(request: Request) -> HttpResponseBase:
    """Every vendor with its four dimensions, total and recommendation of a quarter."""
    quarters = selectors.quarters_scored()
    quarter = _quarter(request) or (quarters[0] if quarters else str(Quarter.of(clock.today())))
    vendors = selectors.scored(access.vendors_of(request.user), quarter)
    if "retired" not in request.GET:
        vendors = vendors.active()
    table = VendorTable(request.GET, vendors, path=request.path)
    if table.file_format:
        return table_response(table)
    rows = [(row, selectors.cells(row), selectors.advice_mark(row)) for row in table.rows]
    context = {
        "table": table, "rows": rows, "quarter": quarter, "quarters": quarters, "criteria": criteria.current(),
        "objection": rules.objection_to_register(request.user),
    }  # fmt: skip
    return render_page(request, "vendors/vendor_list.html", context, partials=["vendors"])


@policy(*rules.VIEWERS)
def vendor_detail(request: Request, pk: int) -> HttpResponse:
    """One vendor: its scorecard with evidence, products, contracts, assessments, and who relies on it."""
    vendor = access.vendor_or_404(request.user, pk)
    page = selectors.vendor_page(vendor, request.user, _quarter(request))
    judged = next(criterion for criterion in criteria.current().criteria if not criterion.computed)
    context = {
        "vendor": vendor, "page": page, "events": entries_of(vendor, limit=12), "criteria": criteria.current(),
        "history": pictures.history_of(vendor, page.history, criteria.current()),
        "edit_objection": rules.objection_to_edit(request.user, vendor),
        "score_objection": rules.objection_to_score(request.user, vendor, judged, Quarter(page.quarter)),
        "retire_objection": rules.objection_to_retire(
            request.user, vendor, [panel.keeps for panel in page.panels if panel.keeps]
        ),
    }  # fmt: skip
    return render_page(request, "vendors/vendor_detail.html", context)


@policy(*rules.VIEWERS)
def vendor_comparison(request: Request) -> HttpResponse:
    """Up to four vendors side by side on the same criteria."""
    offered = list(access.vendors_of(request.user).filter(Q(retired_at=None) | Q(pk__in=_chosen(request))))
    chosen = [vendor for vendor in offered if vendor.pk in _chosen(request)][:COMPARED_AT_MOST]
    quarters = selectors.quarters_scored()
    quarter = _quarter(request) or (quarters[0] if quarters else str(Quarter.of(clock.today())))
    context = {
        "offered": offered, "chosen": {vendor.pk for vendor in chosen}, "quarters": quarters, "quarter": quarter,
        "comparison": selectors.comparison(chosen, quarter), "at_most": COMPARED_AT_MOST,
    }  # fmt: skip
    return render_page(request, "vendors/vendor_comparison.html", context)


@policy(*rules.VIEWERS)
def renewal_calendar(request: Request) -> HttpResponse:
    """Which contracts end within the year, and until when notice has to be given."""
    rows = selectors.renewals(access.vendors_of(request.user))
    months = [
        (month, list(group)) for month, group in groupby(rows, key=lambda row: row.contract.notice_by.replace(day=1))
    ]
    return render_page(request, "vendors/renewal_calendar.html", {"months": months, "count": len(rows)})


@policy(*rules.VIEWERS)
def download_assessment(request: Request, pk: int) -> HttpResponseBase:
    assessment = access.assessment_or_404(request.user, pk)
    if assessment.file is None:
        raise Http404("No report was filed.")
    return files.download(assessment.file)


def _quarter(request: Request) -> str:
    """The quarter that the address asks for; "" if none, or if it is no quarter."""
    try:
        return Quarter(request.GET.get("quarter", ""))
    except ValueError:
        return ""


def _chosen(request: Request) -> set[int]:
    return {int(text) for text in request.GET.getlist("vendor") if text.isdecimal() and len(text) < 19}
