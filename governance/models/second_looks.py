"""Second looks: a share of what was cleared automatically is judged again by somebody who does not know the tier."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.models.decisions import Decision


class SecondLook(models.Model):
    """A standing clearance that was drawn, and what the person who looked at its facts made of them."""

    decision = models.OneToOneField(Decision, models.PROTECT, primary_key=True, related_name="second_look")
    drawn_at = models.DateTimeField()
    due_on = models.DateField()
    looked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    looked_at = models.DateTimeField(null=True)
    tier = models.PositiveSmallIntegerField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "second_look"
        constraints = [
            models.CheckConstraint(
                name="second_look_is_whole",
                condition=Q(looked_by=None, looked_at=None, tier=None, note="")
                | Q(looked_by__isnull=False, looked_at__isnull=False, tier__range=(1, 5), note__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="second_look_after_the_draw", condition=Q(looked_at=None) | Q(looked_at__gte=F("drawn_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"Second look at {self.decision.review}"

    def get_absolute_url(self) -> str:
        return f"/second-looks/{self.pk}/"

    @property
    def is_waiting(self) -> bool:
        return self.looked_at is None
