"""The use cases: registered, described, counted and paid for."""

import random
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from caio_portal.accounts.models import User
from caio_portal.common import clock
from caio_portal.local.demo import story
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.suppliers import Suppliers
from caio_portal.local.demo.timeline import Timeline
from portfolio import services
from portfolio.intake.lookups import listed
from portfolio.models import AiSystem, Benefit, SystemProduct, SystemUse, UseCase
from portfolio.stages import Stage

CURRENCY = "USD"
STATES = ("claimed", "baselined", "measured", "verified")
BEFORE, TARGET = Decimal(100), Decimal(80)  # every benefit is a share of what something took before
PEOPLE = Decimal("0.6")  # what people who run, check and support a use case cost, for each dollar of models


@dataclass
class Telling:
    """One use case on its way: what is written of it, and the row once it is registered."""

    written: dict[str, Any]
    calendar: story.Calendar
    company: Company
    suppliers: Suppliers
    use_case: UseCase | None = None

    @property
    def title(self) -> str:
        return str(self.written["title"])

    @property
    def row(self) -> UseCase:
        """As it stands in the database now."""
        assert self.use_case is not None
        return UseCase.objects.get(pk=self.use_case.pk)

    @property
    def pk(self) -> int:
        assert self.use_case is not None
        return self.use_case.pk

    @property
    def owner(self) -> User:
        return self.company.person(self.written["owner"])

    @property
    def requester(self) -> User:
        """Whoever leads claims has somebody who writes the forms; the others do it themselves."""
        return self.company.person("requester" if self.written["owner"] == "owner" else self.written["owner"])

    def moment(self, month: int, part: float | None = None) -> datetime:
        return self.calendar.moment(self.title, month, part)

    @property
    def facts(self) -> dict[str, Any]:
        written = self.written
        one_off, monthly = written["cost"]
        stated = {
            "purpose": written["purpose"], "expected_benefit": written["benefit"],
            "outputs": "A proposal with its reasons, for the person or system named in the purpose.",
            "approach": "buy" if "product" in written else "build", "topic_area": "operations",
            "demographic_attributes": ["none"], "spend_per_year": monthly * 12, "users_expected": 10 + one_off // 4000,
            "custom_code": "product" not in written, "has_authority_to_operate": written["review"] == "approved",
            "data_description": "Records of the unit that registered it; kept for the time that the register states.",
        }  # fmt: skip
        if "declared" in written:  # what ran before anybody asked is known by halves
            stated.pop("demographic_attributes")
        if product := written.get("product"):
            known = self.suppliers.products.get(product)
            stated["vendor_product"] = listed(known) if known else product
        return story.facts_of_profile(written["profile"]) | stated | written.get("facts", {})


def tell(timeline: Timeline, calendar: story.Calendar, company: Company, suppliers: Suppliers) -> list[Telling]:
    tellings = [Telling(written, calendar, company, suppliers) for written in story.read("use_cases")["use_cases"]]
    for telling in tellings:
        month = telling.written["registered"]
        timeline.add(telling.moment(month, 0.2), partial(_register, telling))
        timeline.add(telling.moment(month, 0.25), partial(_connect, telling))
        _tell_of_value(timeline, telling)
    return tellings


def _register(telling: Telling) -> None:
    written, unit = telling.written, telling.company.units[telling.written["unit"]]
    telling.use_case = services.register_use_case(
        telling.title, unit.pk, by=telling.requester, owner=telling.owner, sponsor=telling.company.person("executive"),
        stage=Stage(written.get("declared", Stage.IDEA)), facts=telling.facts,
        confidential=written.get("confidential", False),
    )  # fmt: skip


def _connect(telling: Telling) -> None:
    """The running thing behind the use case, and the vendor's product that it relies on."""
    if product := telling.suppliers.products.get(telling.written.get("product", "")):
        system, _ = AiSystem.objects.get_or_create(name=product.name, unit=telling.company.root)
        SystemProduct.objects.get_or_create(ai_system=system, product=product)
        SystemUse.objects.create(ai_system=system, use_case=telling.row)


def _tell_of_value(timeline: Timeline, telling: Telling) -> None:
    path, calendar = telling.written["path"], telling.calendar
    timeline.add(telling.moment(telling.written["registered"], 0.3), partial(_claim, telling))
    last = STATES.index(telling.written["value"][2])
    running = path.get("pilot", path.get("experiment"))
    if last >= 1 and running is not None:
        timeline.add(telling.moment(running, 0.6), partial(_baseline, telling))
    if last >= 2 and "production" in path:
        timeline.add(telling.moment(path["production"] + 2, 0.5), partial(_measure, telling))
    if last >= 3 and "production" in path:
        timeline.add(telling.moment(path["production"] + 3, 0.7), partial(_verify, telling))
    first = path.get("experiment")
    if first is None:
        return
    for month in range(first, min(path.get("retired", 1), 1), 3):
        timeline.add(calendar.moment(telling.title, month, 0.95), partial(_pay, telling, month == first))


def _claim(telling: Telling) -> None:
    metric, worth, _ = telling.written["value"]
    benefit = Benefit(
        metric=metric, uom="percent of before", period="year", worth=Decimal(worth) / (BEFORE - TARGET),
        currency=CURRENCY, state="claimed", lower_is_better=True, baseline=BEFORE, target=TARGET,
        method="Before and after, against the units that do not use it.", starts_on=_next_month(clock.today()),
    )  # fmt: skip
    services.state_benefit(telling.pk, benefit, by=telling.owner)


def _baseline(telling: Telling) -> None:
    _change_benefit(telling, telling.owner, state="baselined", baseline=BEFORE)


def _measure(telling: Telling) -> None:
    """Most reach three quarters of what they promised, some all of it."""
    reached = random.Random(f"{telling.title}value").uniform(0.66, 1.03)
    value = BEFORE - round((BEFORE - TARGET) * Decimal(reached), 1)
    _change_benefit(telling, telling.owner, state="measured", baseline=BEFORE, value=value,
                    sample=40 + len(telling.title) * 7, low=value - 4, high=value + 4, confidence=95)  # fmt: skip


def _verify(telling: Telling) -> None:
    _change_benefit(telling, telling.company.person("controller"), state="verified")


def _change_benefit(telling: Telling, by: User, **fields: Any) -> None:
    benefit = Benefit.objects.get(use_case_id=telling.pk)
    for name, value in fields.items():
        setattr(benefit, name, value)
    services.state_benefit(telling.pk, benefit, by=by)


def _pay(telling: Telling, first: bool) -> None:
    """Paid by the quarter, once by the piece."""
    one_off, monthly = telling.written["cost"]
    row, by, month = telling.row, telling.owner, clock.today().replace(day=1)
    pay = partial(services.record_cost, row.pk, by=by, month=month, kind="actual", currency=CURRENCY)
    if first and one_off:
        pay(category="services", amount=Decimal(one_off), running=False)
    running = 3 * Decimal(monthly) if row.stage == Stage.PRODUCTION else 3 * Decimal(monthly) / 4
    if running:
        pay(category="models", amount=running, running=True)
        pay(category="people", amount=(running * PEOPLE).quantize(Decimal(1)), running=True)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
