"""Conflicts of interest, declared once for a unit or a vendor."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value

from portfolio.models import SystemProduct

if TYPE_CHECKING:
    from caio_portal.accounts.models import User
    from portfolio.models import UseCase


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def standing(self) -> Self:
        return self.filter(ended_at=None)

    def touching(self, use_case: "UseCase") -> Self:
        """Those in the unit of a use case, in a unit above it, or in a vendor on whose products it relies."""
        relied_on = SystemProduct.objects.filter(product__vendor=OuterRef("vendor"), ai_system__uses__use_case=use_case)
        at_or_above = self.alias(of=Value(use_case.unit.path))
        return at_or_above.filter(Q(of__startswith=F("unit__path")) | Exists(relied_on))

    def of(self, user: "User", use_case: "UseCase") -> "Conflict | None":
        """What binds USER in a use case, if anything that stands does; one cheap query for who has declared nothing."""
        mine = self.standing().filter(user=user)
        return mine.touching(use_case).select_related("unit", "vendor").first() if mine.exists() else None


class Conflict(models.Model):
    """Somebody has an interest in a unit (with all below it) or a vendor, and judges nothing of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, null=True, related_name="+")
    vendor = models.ForeignKey("vendors.Vendor", models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    declared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        db_table = "conflict"
        ordering = ["-declared_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="conflict_in_a_unit_or_a_vendor",
                condition=Q(unit__isnull=False, vendor=None) | Q(unit=None, vendor__isnull=False),
            ),
            models.CheckConstraint(name="conflict_says_why", condition=Q(reason__regex=r"\S")),
            models.CheckConstraint(
                name="conflict_ends_after_it_began", condition=Q(ended_at=None) | Q(ended_at__gte=F("declared_at"))
            ),
            models.UniqueConstraint(
                name="conflict_once",
                fields=["user", "unit", "vendor"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"Conflict of interest in {self.subject}"

    @property
    def subject(self) -> str:
        return str(self.unit or self.vendor)
