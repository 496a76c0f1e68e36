"""Registers of use cases that anybody may read."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from caio_portal.common import clock


class PublicRegister(models.Model):
    """What a unit tells the public of its use cases: nothing before it is opened, nothing that it does not name."""

    slug = models.SlugField(max_length=60, unique=True)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    intro = models.TextField(blank=True)
    contact = models.EmailField(blank=True)
    stages = models.JSONField(default=list)
    facts = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "public_register"
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(
                name="public_register_closed_after_opened",
                condition=Q(closed_at=None) | Q(opened_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None
