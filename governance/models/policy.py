"""Versions of the policy, and the tiers that they gave."""

from datetime import date
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
from governance.policy.trial import Trial


class PolicyState(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
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
    source = models.TextField(blank=True)  # the document as it was typed, with its comments
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

    @property
    def is_draft(self) -> bool:
        return self.state == PolicyState.DRAFT

    @property
    def standing(self) -> tuple[str, str]:
        """Tone and word for how it stands today; what is published for later is not in force yet."""
        today = clock.today()
        if self.valid_from is None:
            return "info", "Draft"
        if self.valid_from > today:
            return "info", "Published for later"
        if self.valid_to is not None and self.valid_to <= today:
            return "neutral", "Superseded"
        return "good", "In force"

    @cached_property
    def policy(self) -> Policy:
        """The document, checked."""
        return Policy.model_validate(self.document)

    def holds_on(self, day: date) -> bool:
        """Whether this published version is the one in force on a day."""
        return self.valid_from is not None and self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


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


class PolicyTrial(models.Model):
    """What a draft would change for the whole portfolio, as it stood then; computed, so a newer one replaces it."""

    version = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="trials")
    sha256 = models.CharField(max_length=64)  # of the document that was tried
    against = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    figures = models.JSONField()
    tried_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "policy_trial"
        constraints = [models.UniqueConstraint(name="policy_trial_latest", fields=["version"])]

    def __str__(self) -> str:
        return f"Trial of {self.version_id}"

    @cached_property
    def found(self) -> Trial:
        return Trial.model_validate(self.figures)


class TrialMove(models.Model):
    """A use case that a trial puts in another tier, or whose approval would no longer do, and the rules why."""

    trial = models.ForeignKey(PolicyTrial, models.CASCADE, related_name="moves")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="+")
    before = models.PositiveSmallIntegerField(null=True)
    after = models.PositiveSmallIntegerField(null=True)
    reasons = models.JSONField(default=list)  # ids of the rules that raise it, or that held it up until then
    opens_review = models.BooleanField(default=False)

    class Meta:
        db_table = "policy_trial_move"
        constraints = [models.UniqueConstraint(name="policy_trial_move_once", fields=["trial", "use_case"])]

    def __str__(self) -> str:
        return f"{self.use_case_id}: {self.before} to {self.after}"
