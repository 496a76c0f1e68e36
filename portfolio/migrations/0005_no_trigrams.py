from django.db import migrations

# Likeness of titles is computed for a few candidates only, so the words' index is enough.
DROP = "DROP INDEX use_case_title_trigrams; DROP EXTENSION pg_trgm"
BACK = "CREATE EXTENSION pg_trgm; CREATE INDEX use_case_title_trigrams ON use_case USING gin (title gin_trgm_ops)"


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0004_newest_changes_first")]
    operations = [migrations.RunSQL(DROP, BACK)]
