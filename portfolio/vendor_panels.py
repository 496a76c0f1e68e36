"""What the portfolio adds to a vendor's page: the use cases that rely on its products."""

from collections import defaultdict

from caio_portal.accounts.models import User
from caio_portal.common import words
from portfolio import ports
from portfolio.approvals import approval_label
from portfolio.models import SystemProduct, SystemUse, UseCase
from portfolio.stages import Stage
from vendors.models import Product, Vendor
from vendors.ports import Cell, VendorPanel

COLUMNS = ("Use case", "Unit", "Stage", "Tier", "Approval", "Through", "End of life")


def use_cases_relying(vendor: Vendor, user: User) -> list[VendorPanel]:
    """Those that USER may see; what runs keeps the vendor from being retired, seen or not."""
    links = _links(vendor)
    found = UseCase.objects.active().filter(pk__in=links)
    running = found.filter(stage=Stage.PRODUCTION).count()
    seen = found.visible_to(user).exclude(stage=Stage.RETIRED).select_related("unit").order_by("-tier", "ref")
    shown = list(seen.annotate(approval_state=ports.how_approvals_stand().of_row()))
    keeps = f"{words.plural(running, 'use case')} in production {'relies' if running == 1 else 'rely'} on {vendor}."
    return [
        VendorPanel(
            key="use-cases",
            title="Use cases that rely on it",
            summary=f"{words.plural(running, 'use case')} in production." if running else "None in production.",
            columns=COLUMNS,
            rows=tuple(_row(use_case, links[use_case.pk]) for use_case in shown),
            empty="No AI system of a use case is built on its products.",
            position=10,
            keeps=keeps if running else "",
        )
    ]


def _links(vendor: Vendor) -> dict[int, list[Product]]:
    """The products of VENDOR that each use case relies on, as it answers itself or through its AI systems."""
    by_system: dict[int, list[Product]] = defaultdict(list)
    for link in SystemProduct.objects.filter(product__vendor=vendor).select_related("product").order_by("pk"):
        by_system[link.ai_system_id].append(link.product)
    by_use_case: dict[int, list[Product]] = defaultdict(list)
    for use in SystemUse.objects.filter(ai_system__in=by_system).order_by("pk"):
        by_use_case[use.use_case_id] += by_system[use.ai_system_id]
    for use_case, product in _answered(vendor):
        if product not in by_use_case[use_case]:
            by_use_case[use_case].append(product)
    return by_use_case


def _answered(vendor: Vendor) -> list[tuple[int, Product]]:
    """The use cases whose answers name a product of VENDOR; two queries, one for a vendor without products."""
    products = {product.pk: product for product in vendor.products.all()}
    if not products:
        return []
    named = UseCase.objects.filter(facts__vendor_product__id__in=list(products))
    return [(pk, products[key]) for pk, key in named.values_list("pk", "facts__vendor_product__id")]


def _row(use_case: UseCase, products: list[Product]) -> tuple[Cell, ...]:
    ends = min((product.ends_on for product in products if product.ends_on), default=None)
    return (
        Cell(use_case.title, use_case.get_absolute_url()),
        Cell(use_case.unit.name),
        Cell(use_case.get_stage_display() or "Not stated"),
        Cell(str(use_case.tier) if use_case.tier else "Not yet known", number=True),
        Cell(approval_label(use_case) or "–"),
        Cell(", ".join(dict.fromkeys(map(str, products)))),
        Cell(words.day(ends)),
    )
