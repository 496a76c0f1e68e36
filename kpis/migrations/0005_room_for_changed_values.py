"""Room in each page of values: a changed one then stays in its page, and no index has to learn of it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kpis", "0004_more_kinds_of_feeds")]
    operations = [
        migrations.RunSQL("ALTER TABLE kpi_value SET (fillfactor = 70)", "ALTER TABLE kpi_value RESET (fillfactor)")
    ]
