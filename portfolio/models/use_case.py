"""The use case, its people, the counter of its references, and the views people keep of the list."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.urls import reverse

from caio_portal.common import clock
from portfolio.querysets import UseCaseQuerySet
from portfolio.stages import BY_STAGE, Stage


class Source(models.TextChoices):
    INTAKE = "intake", "Intake"
    IMPORT = "import", "Import"
    DECLARATION = "declaration", "Declaration"


class Part(models.TextChoices):
    CONTRIBUTOR = "contributor", "Contributor"
    READER = "reader", "Reader"


class UseCase(models.Model):
    """One purpose for which one unit uses AI: what is registered, tiered, decided and measured.

    `facts` holds the current values by name. `tier` and `tier_provisional` are written through governance only.
    """

    ref = models.CharField("reference", max_length=20, unique=True, editable=False)
    title = models.CharField(max_length=300)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="use_cases")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="owned_use_cases"
    )
    sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="sponsored_use_cases"
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="requested_use_cases"
    )
    stage = models.CharField(max_length=10, choices=Stage, null=True, blank=True)  # noqa: DJ001 (null: not stated)
    stage_since = models.DateTimeField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    settle_by = models.DateField(null=True, blank=True, editable=False)  # it runs already: until then without blame
    confidential = models.BooleanField(default=False)
    questionnaire = models.ForeignKey(  # the version it began with, until somebody carries it to a newer one
        "portfolio.QuestionnaireVersion", models.PROTECT, null=True, related_name="+", editable=False, db_index=False
    )
    source = models.CharField(max_length=11, choices=Source, default=Source.INTAKE)
    facts = models.JSONField(default=dict, blank=True)
    material_hash = models.CharField(max_length=64, blank=True, editable=False)
    tier = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    tier_provisional = models.BooleanField(default=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)  # a form that is older is refused
    registered_at = models.DateTimeField(default=clock.now, editable=False)
    changed_at = models.DateTimeField(default=clock.now, editable=False)
    voided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = UseCaseQuerySet.as_manager()
    guest_token = ""  # of the link by which somebody without an account answers; their pages have other addresses

    class Meta:
        db_table = "use_case"
        ordering = ["-pk"]
        indexes = [
            models.Index(  # of a list sorted by unit the keys alone, without the table
                name="use_case_in_units",
                fields=["unit", "id"],
                include=["stage", "tier", "source", "owner", "sponsor", "requester", "confidential"],
                condition=Q(voided_at=None),
            ),
            models.Index(name="use_case_by_stage", fields=["stage", "tier"], condition=Q(voided_at=None)),
            models.Index(name="use_case_changed", fields=["changed_at", "id"], condition=Q(voided_at=None)),
            models.Index(name="use_case_registered", fields=["registered_at", "id"], condition=Q(voided_at=None)),
            models.Index(name="use_case_by_source", fields=["source", "id"], condition=Q(voided_at=None)),
            models.Index(name="use_case_lightest_first", fields=["tier", "id"], condition=Q(voided_at=None)),
            models.Index(name="use_case_longest_here", fields=["stage_since", "id"], condition=Q(voided_at=None)),
            models.Index(
                OrderBy(F("stage_since"), descending=True, nulls_last=True),
                "id",
                name="use_case_newest_here",
                condition=Q(voided_at=None),
            ),
            models.Index(BY_STAGE, "id", name="use_case_first_stages", condition=Q(voided_at=None)),
            models.Index(
                OrderBy(BY_STAGE, descending=True, nulls_last=True),
                "id",
                name="use_case_last_stages",
                condition=Q(voided_at=None),
            ),
            models.Index(
                OrderBy(F("tier"), descending=True, nulls_last=True),
                "id",
                name="use_case_gravest_first",
                condition=Q(voided_at=None),
            ),
            models.Index(name="use_case_by_title", fields=["title", "id"], condition=Q(voided_at=None)),
            GinIndex(name="use_case_by_fact", fields=["facts"], opclasses=["jsonb_path_ops"]),
            models.Index(  # all that the facets count and that decides who sees it: the numbers need no table
                name="use_case_facets",
                fields=["stage", "tier", "unit"],
                include=[
                    "source",
                    "id",
                    "owner",
                    "sponsor",
                    "requester",
                    "confidential",
                    "tier_provisional",
                    "paused_at",
                ],
                condition=Q(voided_at=None),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="use_case_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="use_case_stage_is_known", condition=Q(stage__isnull=True) | Q(stage__in=Stage.values)
            ),
            models.CheckConstraint(name="use_case_source_is_known", condition=Q(source__in=Source.values)),
            models.CheckConstraint(
                name="use_case_tier_is_1_to_5", condition=Q(tier__isnull=True) | Q(tier__range=(1, 5))
            ),
            models.CheckConstraint(
                name="use_case_complete_unless_imported",
                condition=Q(source=Source.IMPORT) | Q(stage__isnull=False, requester__isnull=False),
            ),
            models.CheckConstraint(
                name="use_case_stage_since_with_stage", condition=Q(stage__isnull=True) | Q(stage_since__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("portfolio:use_case_detail", args=[self.ref])

    @property
    def purpose(self) -> str:
        return str(self.facts.get("purpose") or "")

    @property
    def party_ids(self) -> frozenset[int]:
        """Owner, requester and sponsor: nobody of them reviews or votes on it."""
        return frozenset(pk for pk in (self.owner_id, self.requester_id, self.sponsor_id) if pk)

    def fact(self, name: str) -> Any:
        """The current value of a fact; None when it is unknown."""
        return self.facts.get(name)


class UseCasePerson(models.Model):
    """Somebody who is named in a use case besides its parties, and may therefore see it though it is confidential."""

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    part = models.CharField(max_length=11, choices=Part, default=Part.READER)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "use_case_person"
        constraints = [
            models.UniqueConstraint(name="use_case_person_named_once", fields=["use_case", "user", "part"]),
            models.CheckConstraint(name="use_case_person_part_is_known", condition=Q(part__in=Part.values)),
        ]

    def __str__(self) -> str:
        return f"{self.use_case_id}: {self.user_id} ({self.part})"


class RefCounter(models.Model):
    """The last number given out for a kind of reference in a year."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        db_table = "ref_counter"
        constraints = [models.UniqueConstraint(name="ref_counter_one_per_year", fields=["prefix", "year"])]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}: {self.last}"


class SavedView(models.Model):
    """A search of the list of use cases that somebody keeps under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True)
    shared = models.BooleanField(default=False)  # everybody finds it among their views
    hidden_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "saved_view"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="saved_view_name_once_per_user", fields=["user", "name"], condition=Q(hidden_at=None)
            ),
            models.CheckConstraint(name="saved_view_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
