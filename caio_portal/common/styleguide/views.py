from django.http import HttpResponseBase

from caio_portal.common import exports, tokens
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from caio_portal.common.styleguide import samples
from caio_portal.common.styleguide.forms import SampleForm
from caio_portal.common.styleguide.lists import SampleTable, empty_table, sample_table

SECTIONS = ("marks", "cards", "charts", "lists", "forms", "flow", "messages", "colours")


def styleguide(request: Request) -> HttpResponseBase:
    """All components, in sections that a demanding eye can go through one by one."""
    table = sample_table(request.GET, request.path)
    if table.file_format:
        return exports.table_response(table)
    context = {
        "sections": SECTIONS,
        "table": table,
        "empty_table": empty_table(request.path),
        "form": SampleForm(),
        "wrong_form": SampleForm(samples.WRONG_ANSWERS, prefix="wrong"),
        "colours": [(role, value, tokens.DARK[role]) for role, value in tokens.LIGHT.items()],
        "sample": samples.page(),
    }
    return render_page(request, "styleguide/page.html", context, partials=[SampleTable.id])
