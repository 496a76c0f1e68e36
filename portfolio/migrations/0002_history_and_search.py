from django.db import migrations

from caio_portal.common.roles import append_only

# Not a Django field: nobody loads it, and PostgreSQL keeps it.
SEARCH = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
ALTER TABLE use_case ADD COLUMN search tsvector GENERATED ALWAYS AS (
  setweight(to_tsvector('english'::regconfig, title), 'A') ||
  setweight(to_tsvector('english'::regconfig, coalesce(facts ->> 'purpose', '')), 'B')) STORED;
CREATE INDEX use_case_search ON use_case USING gin (search);
CREATE INDEX use_case_title_trigrams ON use_case USING gin (title gin_trgm_ops);
"""
NO_SEARCH = """
DROP INDEX use_case_title_trigrams;
ALTER TABLE use_case DROP COLUMN search;
"""

GROWING = {
    "fact_change": ["use_case_id", "fact", "value", "source", "by_id", "batch_id", "recorded_at"],
    "stage_move": ["use_case_id", "before", "after", "kind", "by_id", "reason", "moved_at"],
    "submission": ["use_case_id", "questionnaire_id", "number", "facts", "facts_hash", "by_id", "at"],
}


def only_grow(apps, editor):
    for table, columns in GROWING.items():
        append_only(editor, table, columns)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_initial"), ("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(SEARCH, NO_SEARCH),
        migrations.RunPython(only_grow, migrations.RunPython.noop),
    ]
