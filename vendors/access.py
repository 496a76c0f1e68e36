"""From an address to a vendor."""

from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from vendors import rules
from vendors.models import Assessment, Contract, Product, Vendor, VendorQuerySet


def vendors_of(user: User) -> VendorQuerySet:
    """The vendors that USER may see: all for the roles that work with vendors, else none."""
    return Vendor.objects.all() if roles_of(user).has(*rules.VIEWERS) else Vendor.objects.none()


def vendor_or_404(user: User, pk: int) -> Vendor:
    return get_object_or_404(vendors_of(user), pk=pk)


def product_or_404(user: User, pk: int) -> Product:
    return get_object_or_404(Product.objects.filter(vendor__in=vendors_of(user)).select_related("vendor"), pk=pk)


def contract_or_404(user: User, pk: int) -> Contract:
    return get_object_or_404(Contract.objects.filter(vendor__in=vendors_of(user)).select_related("vendor"), pk=pk)


def assessment_or_404(user: User, pk: int) -> Assessment:
    found = Assessment.objects.filter(vendor__in=vendors_of(user)).select_related("vendor", "file")
    return get_object_or_404(found, pk=pk)
