"""The application writes the control that a finding requires, and deletes no calendar."""

from django.conf import settings
from django.db import connection, migrations
from psycopg import sql


def may_insert(apps, schema_editor):
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT INSERT (control) ON finding TO {role}").format(role=role))
        for table in map(sql.Identifier, ("business_calendar", "unit_calendar")):
            cursor.execute(sql.SQL("REVOKE DELETE, TRUNCATE ON {table} FROM {role}").format(table=table, role=role))


class Migration(migrations.Migration):
    dependencies = [("governance", "0021_findings_require_controls")]
    operations = [migrations.RunPython(may_insert, migrations.RunPython.noop)]
