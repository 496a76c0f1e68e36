"""Approved minutes stay as they are, and nothing of a meeting is deleted."""

from django.conf import settings
from django.db import connection, migrations
from psycopg import sql

MEETINGS = """
CREATE FUNCTION meeting_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.minutes_approved_at IS NOT NULL AND
     (OLD.minutes_text, OLD.minutes_approved_at, OLD.minutes_approved_by_id, OLD.held_on, OLD.opened_at, OLD.closed_at)
     IS DISTINCT FROM
     (NEW.minutes_text, NEW.minutes_approved_at, NEW.minutes_approved_by_id, NEW.held_on, NEW.opened_at, NEW.closed_at)
  THEN
    PERFORM refuse('meeting_minutes_are_final', 'approved minutes do not change');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER meeting_guard BEFORE UPDATE ON meeting FOR EACH ROW EXECUTE FUNCTION meeting_guard();
"""


def keep(apps, schema_editor):
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    with connection.cursor() as cursor:
        for table in map(sql.Identifier, ("attendance", "meeting_action")):
            cursor.execute(sql.SQL("REVOKE DELETE, TRUNCATE ON {table} FROM {role}").format(table=table, role=role))


class Migration(migrations.Migration):
    dependencies = [("governance", "0007_meetings")]
    operations = [
        migrations.RunSQL(MEETINGS, migrations.RunSQL.noop),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
