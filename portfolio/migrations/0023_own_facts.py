import django.db.models.deletion
from django.db import migrations, models

from caio_portal.common.roles import append_only


def only_grow(apps, editor):
    append_only(editor, "own_fact", ["name", "document", "questionnaire_id"])


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0022_every_order"), ("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="OwnFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("document", models.JSONField()),
                (
                    "questionnaire",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_facts",
                        to="portfolio.questionnaireversion",
                    ),
                ),
            ],
            options={
                "db_table": "own_fact",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("questionnaire", "name"), name="own_fact_once_per_version"),
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "^[a-z][a-z0-9_]{2,59}$")), name="own_fact_has_a_name"
                    ),
                ],
            },
        ),
        migrations.RunPython(only_grow, migrations.RunPython.noop),
    ]
