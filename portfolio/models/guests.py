"""Links by which people without an account register one use case each."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caio_portal.common import clock


class GuestLink(models.Model):
    """A signed link for one guest and one use case: good until a day, until it is revoked, or until they submit.

    Once they have submitted, it shows where their use case stands for as long as nobody revokes it.
    """

    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")
    guest = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.TextField(blank=True)  # what the guest is told
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    use_case = models.OneToOneField("portfolio.UseCase", models.PROTECT, null=True, related_name="guest_link")
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    files_sent = models.PositiveIntegerField(default=0, editable=False)
    bytes_sent = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        db_table = "guest_link"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="guest_link_expires_later", condition=Q(expires_at__gt=F("made_at"))),
            models.CheckConstraint(
                name="guest_link_submits_its_use_case", condition=Q(submitted_at=None) | Q(use_case__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"Link {self.pk} for {self.guest_id}"

    @property
    def is_over(self) -> bool:
        """Whether it opens nothing any more."""
        return self.revoked_at is not None or (self.submitted_at is None and self.expires_at <= clock.now())
