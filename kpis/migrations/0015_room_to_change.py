"""Values change in place: half of each page is left free, so that a new sum needs no new entry in any index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kpis", "0014_published_definitions")]
    operations = [
        migrations.RunSQL("ALTER TABLE kpi_value SET (fillfactor = 50)", "ALTER TABLE kpi_value RESET (fillfactor)"),
    ]
