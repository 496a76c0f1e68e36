"""The suppliers: registered, contracted, assessed, and scored every quarter."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from caio_portal.common import clock
from caio_portal.common.quarters import Quarter
from caio_portal.local.demo import story
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.timeline import Timeline
from vendors import criteria, scoring, services
from vendors.models import Assessment, Contract, Product, Vendor

SOURCE = "Vendor review of the quarter"


@dataclass
class Suppliers:
    """Which products the company has, by name; filled as time goes by."""

    vendors: dict[str, Vendor]
    products: dict[str, Product]


def tell(timeline: Timeline, calendar: story.Calendar, company: Company) -> Suppliers:
    suppliers = Suppliers({}, {})
    for written in story.read("vendors")["vendors"]:
        _Supplier(written, calendar, company, suppliers).tell(timeline)
    return suppliers


class _Supplier:
    def __init__(self, written: dict[str, Any], calendar: story.Calendar, company: Company, all_: Suppliers) -> None:
        self.written, self.calendar, self.all = written, calendar, all_
        self.by = company.person("vendors")
        self.name: str = written["name"]

    def tell(self, timeline: Timeline) -> None:
        begins = self.written["contract"]["from"]
        timeline.add(self.calendar.moment(self.name, begins - 1, 0.1), self.register)
        timeline.add(self.calendar.moment(self.name, begins, 0.0), self.sign)
        for kind, month, valid_months, result in self.written["assessments"]:
            moment = self.calendar.moment(f"{self.name}{kind}", month)
            timeline.add(moment, partial(self.assess, kind, moment.date(), valid_months, result))
        for quarters_back in range(4):
            month = -3 * quarters_back
            timeline.add(self.calendar.moment(self.name, month, 0.97), partial(self.score, quarters_back))

    def register(self) -> None:
        vendor = services.register_vendor(Vendor(name=self.name, criticality=self.written["criticality"]), by=self.by)
        self.all.vendors[self.name] = vendor
        for written in self.written["products"]:
            ends = written.get("ends")
            product = services.add_product(
                Product(
                    vendor=vendor, name=written["name"], version=written["version"], kind=written["kind"],
                    ends_on=self.calendar.month(ends).date() if ends is not None else None,
                ),
                by=self.by,
            )  # fmt: skip
            self.all.products.setdefault(written["name"], product)

    def sign(self) -> None:
        terms = self.written["contract"]
        over = terms["from"] + terms["months"]
        starts, ends = self.calendar.month(terms["from"]).date(), self.calendar.month(over).date()
        notice_by = self.calendar.month(over - terms["notice_months"]).date()
        services.sign_contract(
            Contract(
                vendor=self.vendor, title=f"{self.name}, framework agreement", value=Decimal(terms["value"]),
                currency="USD", starts_on=starts, ends_on=ends - timedelta(days=1), notice_by=notice_by,
                availability=Decimal("99.9"), clauses=self.clauses(),
            ),
            by=self.by,
        )  # fmt: skip

    def clauses(self) -> dict[str, bool]:
        """Every clause that the criteria ask for, agreed or refused."""
        return {clause.key: clause.key in self.written["clauses"] for clause in criteria.current().clauses}

    def assess(self, kind: str, on: date, valid_months: int, result: str) -> None:
        until = on + timedelta(days=30 * valid_months)
        services.record_assessment(
            Assessment(vendor=self.vendor, kind=kind, performed_on=on, valid_until=until, result=result), by=self.by
        )

    def score(self, quarters_back: int) -> None:
        """The judged criteria of a quarter, each near the vendor's level; the computed ones follow by themselves."""
        on = clock.today()
        quarter = Quarter.of(on)
        level = self.written["score"] - self.written["drift"] * quarters_back
        scores = {
            criterion.key: self._score_near(level, criterion.key)
            for criterion in criteria.current().criteria
            if not criterion.computed
        }
        scoring.score_criteria(self.vendor.pk, quarter, scores, SOURCE, on, by=self.by)

    def _score_near(self, level: float, criterion: str) -> Decimal:
        wobble = random.Random(f"{self.name}{criterion}").uniform(-0.7, 0.7)
        return Decimal(str(round(min(5.0, max(0.0, level + wobble)) * 2) / 2))

    @property
    def vendor(self) -> Vendor:
        return self.all.vendors[self.name]
