"""The board's documents and the files that were made of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from caio_portal.common import clock, quarters
from caio_portal.common.models import StoredFile


class Audience(models.TextChoices):
    BOARD = "board", "Board"
    EXECUTIVE = "executive", "Executive committee"
    COUNCIL = "council", "Governance council"


class BriefingState(models.TextChoices):
    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"


class Briefing(models.Model):
    """The document for a quarter and audience; its numbers are those of its own frozen snapshot."""

    quarter = models.CharField(max_length=6)
    audience = models.CharField(max_length=10, choices=Audience)
    number = models.PositiveSmallIntegerField()  # a quarter that is drafted anew has a second, a third, ...
    as_of = models.DateTimeField()
    snapshot = models.TextField()  # canonical JSON: the text itself is what the hash is of
    snapshot_hash = models.CharField(max_length=64)
    audit_seq = models.BigIntegerField()
    audit_head = models.CharField(max_length=64, blank=True)
    narrative = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=BriefingState, default=BriefingState.DRAFT)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField(default=clock.now)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approver = models.CharField(max_length=150, blank=True)  # the name as it was: it is printed
    approved_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "briefing"
        ordering = ["-quarter", "audience", "-number"]
        constraints = [
            models.UniqueConstraint(name="briefing_numbered", fields=["quarter", "audience", "number"]),
            models.CheckConstraint(name="briefing_quarter", condition=Q(quarter__regex=quarters.PATTERN)),
            models.CheckConstraint(name="briefing_audience_is_known", condition=Q(audience__in=Audience.values)),
            models.CheckConstraint(name="briefing_state_is_known", condition=Q(state__in=BriefingState.values)),
            models.CheckConstraint(
                name="briefing_approved_with_date",
                condition=Q(state="draft", approved_at=None) | (~Q(state="draft") & Q(approved_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="briefing_published_with_date",
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at=None)),
            ),
        ]

    def __str__(self) -> str:
        suffix = f" ({self.number})" if self.number > 1 else ""
        return f"{self.get_audience_display()} briefing {self.quarter}{suffix}"

    def get_absolute_url(self) -> str:
        address = reverse("briefings:briefing_detail", args=[self.quarter])
        return address if self.audience == Audience.BOARD else f"{address}?audience={self.audience}"


class Rendition(models.Model):
    """One PDF of a briefing: the same content under the same template gives the same bytes."""

    briefing = models.ForeignKey(Briefing, models.PROTECT, related_name="renditions")
    template_version = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64)  # of the snapshot, the narrative and the marking (draft or not)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField()
    rendered_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "rendition"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(name="rendition_once", fields=["briefing", "template_version", "content_hash"])
        ]

    def __str__(self) -> str:
        return f"{self.briefing_id} {self.template_version}"
