"""Tools that the office has approved, and the common uses that units have declared."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from caio_portal.common import clock
from portfolio.light.catalogue import title_of


class Tool(models.Model):
    """A commercial product that units may use for some of the common uses (all, if none is named), on its terms."""

    name = models.CharField(max_length=200)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")  # it, and all units below it
    product = models.ForeignKey("vendors.Product", models.PROTECT, null=True, blank=True, related_name="+")
    uses = models.JSONField(default=list, blank=True)
    terms = models.TextField()
    how_to_get = models.TextField(blank=True)
    licences = models.PositiveIntegerField(null=True, blank=True)
    approved_on = models.DateField()
    review_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "tool"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="tool_name_once_per_unit", fields=["unit", "name"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="tool_reviewed_after_approval", condition=Q(review_on__gt=models.F("approved_on"))
            ),
            models.CheckConstraint(name="tool_has_terms", condition=Q(terms__regex=r"\S")),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("portfolio:tool_detail", args=[self.pk])

    def serves(self, use: str) -> bool:
        """Whether it may be used for a common use."""
        return not self.uses or use in self.uses


class CommonUse(models.Model):
    """A unit uses a product for a common use: an approved tool, or another product until `settle_by`."""

    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")
    use = models.CharField(max_length=40)
    tool = models.ForeignKey(Tool, models.PROTECT, null=True, blank=True, related_name="common_uses")
    product = models.CharField(max_length=200, blank=True)
    licences = models.PositiveIntegerField(default=0)
    users = models.PositiveIntegerField()
    settle_by = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "common_use"
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="common_use_once",
                fields=["unit", "use", "tool", "product"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="common_use_of_a_tool_or_until_a_day",
                condition=Q(tool__isnull=False, product="", settle_by=None)
                | (Q(tool=None, settle_by__isnull=False) & ~Q(product="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.use_title} ({self.with_what})"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:common_use_detail", args=[self.pk])

    @property
    def use_title(self) -> str:
        return title_of(self.use)

    @property
    def with_what(self) -> str:
        return self.tool.name if self.tool else self.product
