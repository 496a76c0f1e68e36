"""The light lane of the company: tools that the office approved, and the common uses that units declared."""

from datetime import timedelta
from functools import partial
from typing import Any

from caio_portal.common import clock
from caio_portal.local.demo import story
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.suppliers import Suppliers
from caio_portal.local.demo.timeline import Timeline
from portfolio import services
from portfolio.models import Tool

_A_YEAR = timedelta(days=365)


def tell(timeline: Timeline, calendar: story.Calendar, company: Company, suppliers: Suppliers) -> None:
    """Tools first: a use of something that no office has approved by then is declared as such."""
    written = story.read("everyday")
    for tool in written["tools"]:
        timeline.add(calendar.moment(tool["name"], tool["month"]), partial(_approve, tool, company, suppliers))
    for use in written["uses"]:
        moment = calendar.moment(f"{use['unit']}{use['use']}", use["month"])
        timeline.add(moment, partial(_declare, use, company))


def _approve(written: dict[str, Any], company: Company, suppliers: Suppliers) -> None:
    today = clock.today()
    tool = Tool(
        name=written["name"], unit=company.root, product=suppliers.products.get(written.get("product", "")),
        uses=written["uses"], terms=written["terms"], how_to_get=written.get("how_to_get", ""),
        licences=written.get("licences"), approved_on=today, review_on=today + _A_YEAR,
    )  # fmt: skip
    services.save_tool(tool, by=company.person("office"))


def _declare(written: dict[str, Any], company: Company) -> None:
    tool = Tool.objects.filter(name=written["with"], ended_at=None).first()
    services.declare_common_use(
        company.units[written["unit"]].pk, written["use"], by=company.person(written["by"]), users=written["users"],
        licences=written.get("licences", 0), tool=tool, product="" if tool else written["with"],
    )  # fmt: skip
