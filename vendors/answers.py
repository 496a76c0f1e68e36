"""What home, the search and the list of exports get from vendors."""

from datetime import date

from django.db.models import Q
from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.accounts.ports import Export, SearchHit, WorkEntry
from caio_portal.common import clock, words
from vendors import access, rules
from vendors.models import Assessment, Contract
from vendors.selectors import NOTICE_SOON


def work_of(user: User) -> list[WorkEntry]:
    """For those who keep vendors: notices to give and assessments that expire."""
    if rules.objection_to_register(user):
        return []
    today = clock.today()
    soon = today + NOTICE_SOON
    contracts = Contract.objects.filter(vendor__retired_at=None, ends_on__gte=today, notice_by__lte=soon)
    entries = [
        WorkEntry(
            title=f"{contract.vendor}: {contract}", url=contract.get_absolute_url(), kind="Renew or give notice",
            detail=f"Ends on {words.day(contract.ends_on)}", due_on=contract.notice_by,
            overdue=contract.notice_by < today,
        )
        for contract in contracts.select_related("vendor")
    ]  # fmt: skip
    return entries + _assessments_due(today, soon)


def _assessments_due(today: date, soon: date) -> list[WorkEntry]:
    newest = (
        Assessment.objects.filter(vendor__retired_at=None)
        .order_by("vendor_id", "kind", "-valid_until")
        .distinct("vendor_id", "kind")
        .select_related("vendor")
    )
    return [
        WorkEntry(
            title=f"{row.vendor}: {row.get_kind_display().lower()} assessment", url=row.get_absolute_url(),
            kind="Assess again", due_on=row.valid_until, overdue=row.valid_until < today,
        )
        for row in newest
        if row.valid_until <= soon
    ]  # fmt: skip


def search(text: str, user: User) -> list[SearchHit]:
    rows = access.vendors_of(user).filter(Q(name__icontains=text) | Q(products__name__icontains=text)).distinct()
    return [SearchHit("Vendor", row.name, row.get_absolute_url(), row.get_criticality_display()) for row in rows[:8]]


def exports_of(user: User) -> list[Export]:
    if not access.vendors_of(user).exists():
        return []
    return [Export("Vendors and their scores", reverse("vendors:vendor_list") + "?format=xlsx")]
