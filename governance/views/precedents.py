"""Looking for what was decided before."""

from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.tables.precedents import PrecedentTable, decided


@policy(ANYONE)
@require_GET
def precedent_list(request: Request) -> HttpResponseBase:
    """Decided cases by words, facts, tier, outcome and condition."""
    table = PrecedentTable(request.GET, decided(request.user), path=request.path)
    if table.file_format:
        return table_response(table)
    return render_page(request, "governance/precedents.html", {"table": table}, partials=["precedents"])
