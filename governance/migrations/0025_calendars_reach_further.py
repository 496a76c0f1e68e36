from django.db import migrations

from governance.calendars import KEPT_YEARS, CalendarDocument


def keep_more_years(apps, editor):
    """The database knew the holidays of 2000 to 2050 only, and counted the other years without any."""
    calendars, days = apps.get_model("governance", "BusinessCalendar"), apps.get_model("governance", "CalendarDay")
    for calendar in calendars.objects.order_by("pk"):
        document = CalendarDocument.model_validate(calendar.document)
        days.objects.bulk_create(
            (
                days(calendar=calendar, day=day, name=name)
                for year in KEPT_YEARS
                for day, name in document.holidays_of(year).items()
            ),
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("governance", "0024_who_is_asked_again")]
    operations = [migrations.RunPython(keep_more_years, migrations.RunPython.noop)]
