"""Versions of the questionnaire, and submissions: the facts of a use case as they were put to review."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from caio_portal.common import clock


class QuestionnaireState(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    SUPERSEDED = "superseded", "Superseded"


class QuestionnaireVersion(models.Model):
    """A version of the questions, their order and show-if; the document is the shipped file's content as JSON."""

    name = models.CharField(max_length=60)
    number = models.CharField(max_length=20)
    document = models.JSONField()
    state = models.CharField(max_length=10, choices=QuestionnaireState, default=QuestionnaireState.DRAFT)
    valid_from = models.DateField(null=True, blank=True)
    begins_on = models.DateField(null=True, blank=True)  # of a draft: the day on which it is published by itself
    source = models.TextField(blank=True)  # the TOML that somebody wrote; empty for the shipped file
    revision = models.PositiveIntegerField(default=1, editable=False)  # an editor that is older is refused
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "questionnaire_version"
        constraints = [
            models.UniqueConstraint(name="questionnaire_version_number_once", fields=["name", "number"]),
            models.UniqueConstraint(
                name="questionnaire_version_one_published", fields=["name"], condition=Q(state="published")
            ),
            models.CheckConstraint(
                name="questionnaire_version_published_from_a_day",
                condition=Q(state=QuestionnaireState.DRAFT, valid_from__isnull=True)
                | Q(state__in=["published", "superseded"], valid_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:questionnaire_detail", args=[self.pk])


class OwnFact(models.Model):
    """A fact that a published questionnaire declared, or declared anew; the newest row of a name counts."""

    name = models.CharField(max_length=60)
    document = models.JSONField()
    questionnaire = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="own_facts")

    class Meta:
        db_table = "own_fact"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="own_fact_once_per_version", fields=["questionnaire", "name"]),
            models.CheckConstraint(name="own_fact_has_a_name", condition=Q(name__regex=r"^[a-z][a-z0-9_]{2,59}$")),
        ]

    def __str__(self) -> str:
        return self.name


class Submission(models.Model):
    """The act of putting a use case to review: its facts, frozen under their hash."""

    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="submissions")
    questionnaire = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    facts = models.JSONField()
    facts_hash = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "submission"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="submission_number_once", fields=["use_case", "number"])]

    def __str__(self) -> str:
        return f"Submission {self.number} of {self.use_case_id}"
