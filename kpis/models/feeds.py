"""Where numbers come from, what each delivery brought, and the observations themselves."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from caio_portal.common import clock
from kpis import catalogue


class FeedKind(models.TextChoices):
    FOCUS = "focus", "Cost file (FOCUS)"
    OBSERVATIONS = "observations", "Observations (a table)"
    LITELLM = "litellm", "Gateway spend (LiteLLM)"
    PROVIDER = "provider", "Usage or cost of a provider (OpenAI, Anthropic)"
    PROMETHEUS = "prometheus", "Availability or latency (Prometheus)"
    PROMPTFOO = "promptfoo", "Evaluation (promptfoo)"
    INSPECT = "inspect", "Evaluation (Inspect)"
    GARAK = "garak", "Red-team scan (garak)"
    TRACES = "traces", "Assessed traces (MLflow)"
    TICKETS = "tickets", "Tickets (ServiceNow, Jira)"
    EXTERNAL = "external", "Incidents elsewhere"
    ROSTER = "roster", "Staff roster"
    TRAINING = "training", "Training records"
    SURVEY = "survey", "Survey"


class DeliveryStyle(models.TextChoices):
    REPLACEMENT = "replacement", "Each file replaces what it covers (a billing period, month, day or run)"
    DELTA = "delta", "Each file adds differences"
    LEDGER = "ledger", "Each file adds entries, corrections included"


class BatchState(models.TextChoices):
    LOADED = "loaded", "Loaded"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Feed(models.Model):
    """One source of observations, how it delivers, and how its rows find their use case."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12, choices=FeedKind)
    style = models.CharField(max_length=11, choices=DeliveryStyle, default=DeliveryStyle.REPLACEMENT)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+", help_text="Gets what maps to none.")
    mapping = models.JSONField(default=dict, blank=True)
    zone = models.CharField("time zone of times without one", max_length=60, default="UTC")
    date_format = models.CharField(max_length=3, default="mdy", help_text="Order in dates such as 5/1/25.")
    currency = models.CharField(max_length=3, default="USD")
    measures = ArrayField(models.CharField(max_length=40), default=list, editable=False)
    watermark = models.DateField(null=True, blank=True, editable=False)  # complete up to and including this day
    created_at = models.DateTimeField(default=clock.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "feed"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="feed_kind_is_known", condition=Q(kind__in=FeedKind.values)),
            models.CheckConstraint(name="feed_style_is_known", condition=Q(style__in=DeliveryStyle.values)),
            models.CheckConstraint(name="feed_currency_is_a_code", condition=Q(currency__regex="^[A-Z]{3}$")),
            models.CheckConstraint(name="feed_date_format_is_known", condition=Q(date_format__in=["mdy", "dmy"])),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def brings(self) -> list[str]:
        """The names of the measures that came so far."""
        known = catalogue.current().measures
        return [known[key].name if key in known else key for key in self.measures]


class FeedBatch(models.Model):
    """One delivery of one scope (of a cost file: billing account and period); several may come in one file."""

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="batches")
    scope = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64)
    file = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.LOADED)
    exported_at = models.DateTimeField(null=True, blank=True)
    watermark = models.DateField(null=True, blank=True)
    first_month = models.DateField()
    last_month = models.DateField()
    rows = models.PositiveIntegerField()
    report = models.JSONField(default=dict)
    loaded_by = models.BigIntegerField(null=True, blank=True)
    loaded_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "feed_batch"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="feed_batch_loaded_once", fields=["feed", "scope", "sha256"], condition=Q(state="loaded")
            ),
            models.CheckConstraint(name="feed_batch_state_is_known", condition=Q(state__in=BatchState.values)),
            models.CheckConstraint(
                name="feed_batch_ended_at_with_state",
                condition=Q(state="loaded", ended_at=None) | (~Q(state="loaded") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(name="feed_batch_months_in_order", condition=Q(first_month__lte=F("last_month"))),
        ]

    def __str__(self) -> str:
        return f"Batch {self.pk} of {self.feed}"


class PinnedRun(models.Model):
    """On which set of questions an observation was graded; nothing is compared across a change of it."""

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="+")
    batch = models.ForeignKey(FeedBatch, models.PROTECT, related_name="+")
    measure = models.SmallIntegerField()
    unit_id = models.BigIntegerField()
    use_case_id = models.BigIntegerField(null=True)
    suite = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    observed_at = models.DateTimeField()
    natural_key = models.BigIntegerField()

    class Meta:
        db_table = "pinned_run"
        indexes = [models.Index(name="pinned_run_by_time", fields=["measure", "observed_at"])]
        constraints = [models.UniqueConstraint(name="pinned_run_once", fields=["batch", "natural_key", "observed_at"])]

    def __str__(self) -> str:
        return f"{self.suite or 'A suite'} on {self.observed_at:%Y-%m-%d}"


class PulledPage(models.Model):
    """A page that a pull has fetched already: it goes on after it when it is run again. Gone once it is loaded."""

    job = models.ForeignKey("common.Job", models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    address = models.TextField()
    content = models.BinaryField()

    class Meta:
        db_table = "pulled_page"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="pulled_page_once", fields=["job", "number"])]

    def __str__(self) -> str:
        return f"Page {self.number} of job {self.job_id}"


class UnmatchedSpend(models.Model):
    """Money of a batch that no rule and no name allocates: how much of it is labelled alike in a month."""

    batch = models.ForeignKey(FeedBatch, models.PROTECT, related_name="unmatched")
    month = models.DateField()
    labels = models.JSONField(default=dict)
    amount = models.DecimalField(max_digits=20, decimal_places=6)
    rows = models.PositiveIntegerField()

    class Meta:
        db_table = "unmatched_spend"
        constraints = [models.UniqueConstraint(name="unmatched_spend_once", fields=["batch", "month", "labels"])]

    def __str__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in self.labels.items()) or "Without labels"


class Observation(models.Model):
    """What a feed saw of a measure at a moment: sums and counts, never ratios.

    Partitioned by month (UTC); read one month at a time. `measure` is the id in the catalogue.
    """

    pk = models.CompositePrimaryKey("feed_id", "natural_key", "observed_at")
    observed_at = models.DateTimeField()
    measure = models.SmallIntegerField()
    unit_id = models.BigIntegerField()
    use_case_id = models.BigIntegerField(null=True)  # null: not allocated to a use case
    vendor_id = models.BigIntegerField(null=True)
    feed = models.ForeignKey(Feed, models.DO_NOTHING, related_name="+", db_constraint=False)
    batch = models.ForeignKey(FeedBatch, models.DO_NOTHING, related_name="+", db_constraint=False)
    natural_key = models.BigIntegerField()
    row = models.IntegerField(null=True)  # the line of the file
    n = models.IntegerField()
    num = models.FloatField(null=True)
    den = models.FloatField(null=True)
    amount = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    hist = ArrayField(models.IntegerField(), null=True)

    class Meta:
        managed = False
        db_table = "observation"

    def __str__(self) -> str:
        return f"Observation of measure {self.measure} at {self.observed_at}"
