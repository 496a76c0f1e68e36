"""Observations in partitions by month, and tables that only grow."""

from django.conf import settings
from django.db import migrations
from psycopg import sql

from caio_portal.common.roles import append_only

# No foreign keys: a million rows are loaded through COPY, and their batch was checked before.
TABLE = """
CREATE TABLE observation (
  observed_at timestamptz NOT NULL,
  natural_key bigint NOT NULL,
  unit_id bigint NOT NULL,
  use_case_id bigint,
  vendor_id bigint,
  batch_id bigint NOT NULL,
  feed_id integer NOT NULL,
  n integer NOT NULL CHECK (n >= 0),
  "row" integer,
  measure smallint NOT NULL,
  num double precision,
  den double precision,
  amount numeric(20, 6),
  hist integer[],
  PRIMARY KEY (feed_id, natural_key, observed_at)
) PARTITION BY RANGE (observed_at);

-- The application role owns nothing and may not create tables; this is the one kind that it may ask for.
CREATE FUNCTION observation_month(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  month date := make_date(extract(year FROM day)::int, extract(month FROM day)::int, 1);
  partition text := 'observation_' || to_char(month, 'YYYYMM');
BEGIN
  IF month NOT BETWEEN '2000-01-01' AND '2099-12-01' THEN
    RAISE data_exception USING MESSAGE = 'There are no observations of ' || month;
  END IF;
  IF to_regclass('public.' || partition) IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('observation_month', 0));
  IF to_regclass('public.' || partition) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE public.%I (LIKE public.observation INCLUDING ALL)', partition);
  -- Attaching an empty table holds up neither readers nor writers of the other months.
  EXECUTE format('ALTER TABLE public.observation ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
    partition, month::text || ' 00:00+00', (month + interval '1 month')::date::text || ' 00:00+00');
END $$;

-- Whole days to counts: [0, 2, 2] becomes [1, 0, 2]. Histograms add up element by element, medians do not.
CREATE FUNCTION day_counts(days integer[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(coalesce(counted.n, 0) ORDER BY day)
  FROM generate_series(0, (SELECT max(d) FROM unnest(days) AS d)) AS day
  LEFT JOIN (SELECT d, count(*) AS n FROM unnest(days) AS d GROUP BY d) AS counted ON counted.d = day
$$;
"""


def protect(apps, schema_editor):
    append_only(schema_editor, "kpi_revision", ["kpi_value_id", "before", "after", "cause", "batch_id", "at"])
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("REVOKE EXECUTE ON FUNCTION observation_month(date) FROM PUBLIC")
        cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION observation_month(date) TO {}").format(role))


class Migration(migrations.Migration):
    dependencies = [("kpis", "0001_initial"), ("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE observation; DROP FUNCTION observation_month; DROP FUNCTION day_counts"),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
