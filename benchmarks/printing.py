"""The board's briefing: the processor time of rendering it, against WeasyPrint alone with the same HTML and styles."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks import place
from benchmarks.measurement import Measurement

ROUNDS = 5
LIMIT = 1.3
BARE = """
import json, sys
from weasyprint import CSS, HTML
order = json.load(sys.stdin)
style = CSS(string=order["css"].replace("font:", "file://" + order["fonts"] + "/"))
HTML(string=order["html"], base_url="about:blank").write_pdf("/dev/null", stylesheets=[style])
"""


def measure() -> list[Measurement]:
    place.manage("migrate", "--verbosity", "0")
    place.django()
    from caio_portal.briefings import rendering
    from caio_portal.briefings.content import content_of
    from caio_portal.common import assets, fonts, pdf
    from caio_portal.local import web

    output = place.FOLDER / "briefing.pdf"
    place.manage("render_briefing", "--quarter", web.last_quarter(), "--output", str(output))
    content = content_of(_briefing(web.last_quarter()))
    order = {
        "html": rendering.render_html(content),
        "css": pdf.stylesheet(),
        "fonts": str(fonts.print_fonts(assets.folder() / "fonts")),
    }
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(_processor_time(lambda: rendering.render_pdf(content)))
        bare.append(_processor_time(lambda: _print_bare(json.dumps(order))))
    pages = rendering.page_count(output.read_bytes())
    return [Measurement(f"briefing of {pages} pages, processor time", median(ours), "s", LIMIT, median(bare))]


def _briefing(quarter: str) -> Any:
    from caio_portal.briefings.models import Briefing

    return Briefing.objects.filter(quarter=quarter).latest("pk")


def _print_bare(order: str) -> None:
    subprocess.run([sys.executable, "-c", BARE], input=order, text=True, check=True, capture_output=True)


def _processor_time(work: Callable[[], object]) -> float:
    """Seconds of this process and of the children that WORK starts and awaits."""
    before = _used()
    work()
    return _used() - before


def _used() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
