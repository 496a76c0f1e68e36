"""Versions of the policy, and the tiers that they gave."""

from functools import cached_property
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse

from caio_portal.common import clock
from governance.policy import Policy


class PolicyState(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "In force"
    SUPERSEDED = "superseded", "Superseded"


class PolicyQuerySet(models.QuerySet["PolicyVersion"]):
    def in_force(self) -> Self:
        """The version, at most one, that holds today."""
        today = clock.today()
        began = self.exclude(state=PolicyState.DRAFT).filter(valid_from__lte=today)
        return began.filter(Q(valid_to=None) | Q(valid_to__gt=today))


class PolicyVersion(models.Model):
    """A policy document; once published it is never changed, only followed by another."""

    number = models.CharField(max_length=20, unique=True)
    document = models.JSONField()
    sha256 = models.CharField(max_length=64, editable=False)
    state = models.CharField(max_length=10, choices=PolicyState, default=PolicyState.DRAFT)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)  # the first day on which another version holds
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        db_table = "policy_version"
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(name="policy_version_state_is_known", condition=Q(state__in=PolicyState.values)),
            models.CheckConstraint(
                name="policy_version_two_people",
                condition=Q(proposed_by=None) | Q(published_by=None) | ~Q(published_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="policy_version_published_from_a_day",
                condition=Q(state=PolicyState.DRAFT, valid_from=None, valid_to=None, published_at=None)
                | (~Q(state=PolicyState.DRAFT) & Q(valid_from__isnull=False, published_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="policy_version_superseded_until_a_day",
                condition=~Q(state=PolicyState.SUPERSEDED) | Q(valid_to__isnull=False),
            ),
            ExclusionConstraint(
                name="policy_version_one_in_force",
                expressions=[
                    (
                        Func("valid_from", "valid_to", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    )
                ],
                condition=Q(valid_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Policy {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("governance:policy_detail", args=[self.number])

    @cached_property
    def policy(self) -> Policy:
        """The document, checked."""
        return Policy.model_validate(self.document)


class Tiering(models.Model):
    """What a policy made of a use case's facts. Rows are added, never changed."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="+")
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="tierings")
    facts_hash = models.CharField(max_length=64)
    tier = models.PositiveSmallIntegerField()
    ceiling = models.PositiveSmallIntegerField()
    trace = models.JSONField()  # {"held": [rule ids], "undecided": [rule ids]}; all others did not hold
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "tiering"
        indexes = [models.Index(name="tiering_latest", fields=["use_case", "-id"])]
        constraints = [
            models.CheckConstraint(name="tiering_tier_is_1_to_5", condition=Q(tier__range=(1, 5))),
            models.CheckConstraint(
                name="tiering_ceiling_not_below_tier", condition=Q(ceiling__gte=F("tier"), ceiling__lte=5)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.use_case_id}: tier {self.tier}, ceiling {self.ceiling}"

    @property
    def provisional(self) -> bool:
        return self.ceiling > self.tier

    @property
    def known(self) -> bool:
        """False while no rule has decided anything and unknown facts could."""
        return bool(self.trace["held"]) or not self.provisional
