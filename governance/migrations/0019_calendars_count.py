import json

from django.db import migrations

from caio_portal.common.canonical import canonical_json, sha256
from governance.calendars import read, shipped

YEARS = range(2000, 2051)
# The same sum as governance.business_days, for the statements of the database. A unit goes by the calendar of the
# nearest unit at or above it; where there is none, by Monday to Friday without HOUSE's days.
COUNT = """
CREATE FUNCTION business_days_between(for_unit bigint, first date, last date, house date[]) RETURNS int
LANGUAGE sql STABLE AS $$
  WITH nearest AS (
    SELECT calendar.id, calendar.weekend
    FROM org_unit AS unit
    JOIN unit_calendar AS given ON given.calendar_id IS NOT NULL
    JOIN org_unit AS above ON above.id = given.unit_id AND starts_with(unit.path, above.path)
    JOIN business_calendar AS calendar ON calendar.id = given.calendar_id
    WHERE unit.id = for_unit
    ORDER BY length(above.path) DESC
    LIMIT 1
  )
  SELECT count(*)::int
  FROM generate_series(first + 1, last, interval '1 day') AS each(moment)
  CROSS JOIN LATERAL (SELECT each.moment::date AS day, extract(isodow FROM each.moment)::smallint AS weekday) AS one
  LEFT JOIN nearest ON true
  WHERE CASE
    WHEN nearest.id IS NULL THEN one.weekday < 6 AND NOT one.day = ANY(house)
    ELSE NOT one.weekday = ANY(nearest.weekend)
      AND NOT EXISTS (SELECT 1 FROM calendar_day AS off WHERE off.calendar_id = nearest.id AND off.day = one.day)
  END
$$;
"""


def keep_shipped_calendars(apps, editor):
    """The calendars that the portal brings along; no unit goes by one until the office says so."""
    calendars, days = apps.get_model("governance", "BusinessCalendar"), apps.get_model("governance", "CalendarDay")
    for name, source in shipped().items():
        if calendars.objects.filter(name=name).exists():
            continue
        document = read(source)
        text = canonical_json(document.model_dump(mode="json", exclude_none=True))
        calendar = calendars.objects.create(
            name=name, source=source, document=json.loads(text), sha256=sha256(text),
            weekend=[day.number + 1 for day in document.weekend],
        )  # fmt: skip
        days.objects.bulk_create(
            days(calendar=calendar, day=day, name=holiday)
            for year in YEARS
            for day, holiday in document.holidays_of(year).items()
        )


class Migration(migrations.Migration):
    dependencies = [("governance", "0018_calendars")]
    operations = [
        migrations.RunSQL(COUNT, "DROP FUNCTION business_days_between(bigint, date, date, date[])"),
        migrations.RunPython(keep_shipped_calendars, migrations.RunPython.noop),
    ]
