import tomllib
from datetime import date
from pathlib import Path

from django.db import migrations

SHIPPED = Path(__file__).resolve().parent.parent / "intake" / "2026-11.toml"


def load_shipped(apps, editor):
    versions = apps.get_model("portfolio", "QuestionnaireVersion").objects
    document = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    if not versions.filter(name=document["name"]).exists():
        versions.create(
            name=document["name"],
            number=document["number"],
            document=document,
            state="published",
            valid_from=date(2026, 11, 1),
        )


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0002_history_and_search")]
    operations = [migrations.RunPython(load_shipped, migrations.RunPython.noop)]
