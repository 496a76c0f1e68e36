"""Technical things that serve use cases: AI systems, models, data sets and agents, and what each does for which."""

from collections.abc import Collection

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from caio_portal.common import clock


class AssetRole(models.TextChoices):
    """What an asset does for a use case."""

    CORE = "core", "Does the work"
    SUPPORT = "support", "Supports it"
    FALLBACK = "fallback", "Stands in"
    EVALUATION = "evaluation", "Used to test it"
    TRAINING = "training", "Trained on"
    INPUT = "input", "Works on"
    OUTPUT = "output", "Writes to"


class Asset(models.Model):
    """What all linked assets have in common."""

    name = models.CharField(max_length=200)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    about = models.TextField("what it is", blank=True)
    link = models.URLField(max_length=500, blank=True)
    changed_at = models.DateTimeField(default=clock.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    kind = ""  # as the address names it

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("portfolio:asset_detail", args=[self.kind, self.pk])

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Not for forms: the service says what is there already, and the database keeps the rest out."""


class AiSystem(Asset):
    """A running technical thing, with its models, data sets and tools, that serves one or more use cases."""

    kind = "systems"

    class Meta:
        db_table = "ai_system"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="ai_system_name_once_per_unit", fields=["unit", "name"])]


class Dataset(Asset):
    """A body of data that models are trained on or that use cases work with."""

    personal_data = models.BooleanField(null=True, blank=True)
    sensitive = models.CharField("sensitive contents", max_length=500, blank=True)
    licence = models.CharField(max_length=100, blank=True)
    origin = models.CharField("comes from", max_length=200, blank=True)
    kept_for = models.CharField("kept for", max_length=100, blank=True)
    kind = "datasets"

    class Meta:
        db_table = "dataset"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="dataset_name_once_per_unit", fields=["unit", "name"])]


class AiModel(Asset):
    """A model in one version: made here, or somebody else's."""

    version = models.CharField(max_length=60, blank=True)
    publisher = models.CharField(max_length=200, blank=True)
    product = models.ForeignKey("vendors.Product", models.PROTECT, null=True, blank=True, related_name="+")
    licence = models.CharField(max_length=100, blank=True)
    base_model = models.CharField("made from", max_length=200, blank=True)
    task = models.CharField(max_length=100, blank=True)
    limitations = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True, editable=False)
    metrics = models.JSONField(default=list, blank=True, editable=False)  # of found.Metric
    ends_on = models.DateField("end of life", null=True, blank=True)
    card = models.ForeignKey(  # the file that it was read from last
        "common.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", editable=False, db_index=False
    )
    kind = "models"

    class Meta:
        db_table = "ai_model"
        ordering = ["name", "version"]
        constraints = [
            models.UniqueConstraint(name="ai_model_version_once_per_unit", fields=["unit", "name", "version"]),
            models.CheckConstraint(name="ai_model_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


class Autonomy(models.TextChoices):
    PROPOSES = "proposes", "Proposes; people act"
    CONFIRMED = "confirmed", "Acts when a person has confirmed"
    ALONE = "alone", "Acts by itself within its limits"


class Per(models.TextChoices):
    RUN = "run", "a run"
    DAY = "day", "a day"
    MONTH = "month", "a month"


class Agent(Asset):
    """A program that pursues a goal with tools: what it may touch, how much it may spend, and who stops it."""

    model = models.ForeignKey(AiModel, models.PROTECT, null=True, blank=True, related_name="agents")
    autonomy = models.CharField(max_length=9, choices=Autonomy, default=Autonomy.PROPOSES)
    tools = models.JSONField(default=list, blank=True)  # of assets.agents.Tool
    spend_limit = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    spend_per = models.CharField("spending limit holds for", max_length=5, choices=Per, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    stopped_by = models.CharField("who stops it, and how", max_length=300, blank=True)
    kind = "agents"

    class Meta:
        db_table = "agent"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(name="agent_name_once_per_unit", fields=["unit", "name"]),
            models.CheckConstraint(name="agent_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(name="agent_autonomy_is_known", condition=Q(autonomy__in=Autonomy.values)),
            models.CheckConstraint(
                name="agent_spending_is_whole",
                condition=Q(spend_limit=None)
                | Q(spend_limit__gte=0, spend_per__in=Per.values, currency__regex="^[A-Z]{3}$"),
            ),
        ]


class SystemProduct(models.Model):
    """An AI system relies on a vendor's product."""

    ai_system = models.ForeignKey(AiSystem, models.PROTECT, related_name="products")
    product = models.ForeignKey("vendors.Product", models.PROTECT, related_name="+")

    class Meta:
        db_table = "system_product"
        constraints = [models.UniqueConstraint(name="system_product_once", fields=["ai_system", "product"])]

    def __str__(self) -> str:
        return f"{self.ai_system_id} relies on {self.product_id}"


class SystemModel(models.Model):
    """An AI system runs a model."""

    ai_system = models.ForeignKey(AiSystem, models.PROTECT, related_name="models")
    ai_model = models.ForeignKey(AiModel, models.PROTECT, related_name="systems")

    class Meta:
        db_table = "system_model"
        constraints = [models.UniqueConstraint(name="system_model_once", fields=["ai_system", "ai_model"])]

    def __str__(self) -> str:
        return f"{self.ai_system_id} runs {self.ai_model_id}"


class ModelData(models.Model):
    """A model was trained or tested with a data set."""

    ai_model = models.ForeignKey(AiModel, models.PROTECT, related_name="data")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="models")
    part = models.CharField(max_length=10, choices=[("training", "Trained on"), ("evaluation", "Tested with")])

    class Meta:
        db_table = "model_data"
        constraints = [
            models.UniqueConstraint(name="model_data_once", fields=["ai_model", "dataset", "part"]),
            models.CheckConstraint(name="model_data_part_is_known", condition=Q(part__in=["training", "evaluation"])),
        ]

    def __str__(self) -> str:
        return f"{self.ai_model_id} and {self.dataset_id}: {self.part}"


class AgentData(models.Model):
    """A data set that an agent may read, or also write."""

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="data")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="agents")
    may_write = models.BooleanField(default=False)

    class Meta:
        db_table = "agent_data"
        constraints = [models.UniqueConstraint(name="agent_data_once", fields=["agent", "dataset"])]

    def __str__(self) -> str:
        return f"{self.agent_id} {'writes' if self.may_write else 'reads'} {self.dataset_id}"


class SystemUse(models.Model):
    """An AI system serves a use case."""

    ai_system = models.ForeignKey(AiSystem, models.PROTECT, related_name="uses")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="system_uses")
    role = models.CharField(max_length=10, choices=AssetRole, default=AssetRole.CORE)

    class Meta:
        db_table = "system_use"
        constraints = [models.UniqueConstraint(name="system_use_once", fields=["ai_system", "use_case"])]

    def __str__(self) -> str:
        return f"{self.ai_system_id} serves {self.use_case_id}"


class DatasetUse(models.Model):
    """A use case works with a data set."""

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="uses")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="dataset_uses")
    role = models.CharField(max_length=10, choices=AssetRole, default=AssetRole.INPUT)

    class Meta:
        db_table = "dataset_use"
        constraints = [models.UniqueConstraint(name="dataset_use_once", fields=["dataset", "use_case"])]

    def __str__(self) -> str:
        return f"{self.use_case_id} uses {self.dataset_id}"


class ModelUse(models.Model):
    """A model serves a use case."""

    ai_model = models.ForeignKey(AiModel, models.PROTECT, related_name="uses")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="model_uses")
    role = models.CharField(max_length=10, choices=AssetRole, default=AssetRole.CORE)

    class Meta:
        db_table = "model_use"
        constraints = [models.UniqueConstraint(name="model_use_once", fields=["ai_model", "use_case"])]

    def __str__(self) -> str:
        return f"{self.ai_model_id} serves {self.use_case_id}"


class AgentUse(models.Model):
    """An agent works for a use case."""

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="uses")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="agent_uses")
    role = models.CharField(max_length=10, choices=AssetRole, default=AssetRole.CORE)

    class Meta:
        db_table = "agent_use"
        constraints = [models.UniqueConstraint(name="agent_use_once", fields=["agent", "use_case"])]

    def __str__(self) -> str:
        return f"{self.agent_id} works for {self.use_case_id}"
