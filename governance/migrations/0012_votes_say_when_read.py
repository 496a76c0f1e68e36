"""The application writes when a ballot was opened, and still changes no vote."""

from django.conf import settings
from django.db import connection, migrations
from psycopg import sql


def may_insert(apps, schema_editor):
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT INSERT (read_at) ON vote TO {role}").format(role=role))


class Migration(migrations.Migration):
    dependencies = [("governance", "0011_chairs")]
    operations = [migrations.RunPython(may_insert, migrations.RunPython.noop)]
