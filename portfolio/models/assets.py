"""Technical things that serve use cases: AI systems, the products they are built on, and data sets."""

from django.db import models


class AiSystem(models.Model):
    """A running technical thing, with its models, data sets and tools, that serves one or more use cases."""

    name = models.CharField(max_length=200)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")
    about = models.TextField(blank=True)

    class Meta:
        db_table = "ai_system"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="ai_system_name_once_per_unit", fields=["unit", "name"])]

    def __str__(self) -> str:
        return self.name


class SystemUse(models.Model):
    """An AI system serves a use case."""

    ai_system = models.ForeignKey(AiSystem, models.PROTECT, related_name="uses")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="system_uses")

    class Meta:
        db_table = "system_use"
        constraints = [models.UniqueConstraint(name="system_use_once", fields=["ai_system", "use_case"])]

    def __str__(self) -> str:
        return f"{self.ai_system_id} serves {self.use_case_id}"


class SystemProduct(models.Model):
    """An AI system relies on a vendor's product."""

    ai_system = models.ForeignKey(AiSystem, models.PROTECT, related_name="products")
    product = models.ForeignKey("vendors.Product", models.PROTECT, related_name="+")

    class Meta:
        db_table = "system_product"
        constraints = [models.UniqueConstraint(name="system_product_once", fields=["ai_system", "product"])]

    def __str__(self) -> str:
        return f"{self.ai_system_id} relies on {self.product_id}"


class Dataset(models.Model):
    """A body of data that use cases train on or work with."""

    name = models.CharField(max_length=200)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="+")
    about = models.TextField(blank=True)
    personal_data = models.BooleanField(null=True, blank=True)
    link = models.URLField(max_length=500, blank=True)

    class Meta:
        db_table = "dataset"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="dataset_name_once_per_unit", fields=["unit", "name"])]

    def __str__(self) -> str:
        return self.name


class DatasetUse(models.Model):
    """A use case works with a data set."""

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="uses")
    use_case = models.ForeignKey("portfolio.UseCase", models.PROTECT, related_name="dataset_uses")

    class Meta:
        db_table = "dataset_use"
        constraints = [models.UniqueConstraint(name="dataset_use_once", fields=["dataset", "use_case"])]

    def __str__(self) -> str:
        return f"{self.use_case_id} uses {self.dataset_id}"
