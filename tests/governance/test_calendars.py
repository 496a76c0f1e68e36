"""Calendars: what their documents mean, who goes by them, and what follows for the clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.toml_text import Mistaken
from governance.calendars import read, shipped
from governance.decisions import NamedCondition, Outcome
from governance.models import BusinessCalendar, Condition, ReviewStep
from governance.selectors.calendars import calendar_of, working_days_of
from governance.services.approvals import decide_single
from governance.services.calendars import create_calendar, edit_calendar, give_calendar
from governance.services.conditions import remind_of_conditions
from governance.services.council import call_meeting
from governance.services.reviews import resubmit, return_review
from governance.services.steps import escalate, remind
from tests.factories import make_person, make_unit, signed_in
from tests.governance.scene import make_scene

GULF = """
name = "Gulf office"
weekend = ["friday", "saturday"]
[[holidays]]
name = "National Day"
on = 2026-12-02
until = 2026-12-03
"""
THURSDAY = datetime(2026, 11, 26, 9, tzinfo=UTC)  # of Thanksgiving


def days_of(name: str, year: int) -> dict[str, str]:
    return {f"{day:%m-%d}": name for day, name in read(shipped()[name]).holidays_of(year).items()}


def test_federal_holidays_of_2026_are_those_of_the_office_of_personnel_management():
    assert list(days_of("United States, federal", 2026)) == [
        "01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25",
    ]  # fmt: skip


def test_a_holiday_of_the_next_year_may_be_kept_in_this_one():
    assert days_of("United States, federal", 2027)["12-31"] == "New Year's Day (observed)"
    assert "01-01" not in days_of("United States, federal", 2028)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]),
        (2027, ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"]),
    ],
)
def test_bank_holidays_on_a_weekend_are_kept_one_after_the_other(year, days):
    assert list(days_of("England and Wales", year)) == days


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('name = "X"\nweekend = ["fryday"]', 2, "Input should be 'monday'"),
        ('name = "X"\nweekend = []\n[[holidays]]\nname = "A"\nmonth = 2', 3, "give `on`"),
        ('name = "X"\nweekend = []\n[[holidays]]\nname = "A"\nmonth = 2\nday = 30', 3, "month 2 has no day 30"),
        ('name = "X"\nweekend = ["monday", "monday"]', 1, "names a day twice"),
        ('name = "X"\nweekend = []\n[[holidays]]\nname = "A"\non = 2026-01-02\nuntil = 2026-01-01', 3, "`until` ends"),
        ("name = ", 1, "This is not TOML"),
    ],
)
def test_a_mistake_in_a_calendar_is_told_at_its_line(text, line, message):
    with pytest.raises(Mistaken) as wrong:
        read(text)

    [mistake] = wrong.value.mistakes
    assert (mistake.line, message in mistake.message) == (line, True)


@pytest.fixture
def scene(db):
    with clock.at(datetime(2026, 11, 2, 9, tzinfo=UTC)):
        return make_scene()


@pytest.fixture
def chief(scene):
    with clock.at(datetime(2026, 11, 2, 9, tzinfo=UTC)):
        return make_person(Role.CAIO_OFFICE, unit=scene.unit)


def federal() -> BusinessCalendar:
    return BusinessCalendar.objects.get(name="United States, federal")


def test_a_unit_goes_by_the_calendar_of_the_nearest_unit_above_it(scene, chief):
    division = make_unit("Division", scene.unit)
    team, gulf = make_unit("Team", division), create_calendar(GULF, by=chief)
    names = [calendar_of(team).name]
    for unit, calendar in ((scene.unit, federal()), (division, gulf), (division, None)):
        give_calendar(unit, calendar, by=chief)
        names.append(calendar_of(team).name)

    assert names == ["Monday to Friday", "United States, federal", "Gulf office", "United States, federal"]


@pytest.mark.parametrize(("name", "due"), [("United States, federal", 30), ("Gulf office", 29), (None, 27)])
def test_the_clock_of_a_review_goes_by_the_calendar_of_its_unit(scene, chief, name, due):
    """Three business days from Tuesday the 24th: one leaves out Thanksgiving, one Friday and Saturday, one neither."""
    create_calendar(GULF, by=chief)
    give_calendar(scene.unit, BusinessCalendar.objects.get(name=name) if name else None, by=chief)

    with clock.at(THURSDAY - timedelta(days=2)):
        review = scene.review(2)

    assert review.steps.get().due_on == date(2026, 11, due)


def test_clocks_that_run_are_set_again_when_their_calendar_changes(scene, chief):
    gulf = create_calendar(GULF, by=chief)
    with clock.at(datetime(2026, 11, 30, 9, tzinfo=UTC)):  # a Monday; three business days
        step = scene.review(2).steps.get()
        dues = [step.due_on]
        give_calendar(scene.unit, gulf, by=chief)
        dues.append(ReviewStep.objects.get(pk=step.pk).due_on)
        edit_calendar(gulf.pk, GULF.replace("2026-12-03", "2026-12-02"), by=chief)
        dues.append(ReviewStep.objects.get(pk=step.pk).due_on)

    # Tue Wed Thu; then Tue, off from Wed to Sat, Sun Mon; then Tue, off on Wed, Thu, off on Fri and Sat, Sun.
    assert dues == [date(2026, 12, day) for day in (3, 7, 6)]
    event = AuditEvent.objects.get(action="calendar.edited")
    assert '"changes":"drops National Day (3 December 2026)"' in event.payload
    assert '"clocks":1' in event.payload


def test_days_that_the_team_took_are_business_days_of_its_calendar(scene, chief):
    give_calendar(scene.unit, federal(), by=chief)
    with clock.at(THURSDAY - timedelta(days=1)):
        review = scene.review(2)
        return_review(review.pk, "Say more.", by=scene.office)
    with clock.at(THURSDAY + timedelta(days=4)):  # Monday: Friday and Monday have passed
        resubmit(review.pk, by=scene.owner)

    review.refresh_from_db()
    assert review.waited_days == 2


def test_conditions_fall_due_on_a_business_day_and_are_reminded_of_five_before(scene, chief):
    give_calendar(scene.unit, federal(), by=chief)
    with clock.at(datetime(2026, 11, 5, 9, tzinfo=UTC)):
        review = scene.review(2)
        logs = NamedCondition(text="Keep logs", due_in_days=21)  # Thanksgiving, so the day after
        decide_single(review.pk, Outcome.APPROVED_WITH_CONDITIONS, "Useful.", [logs], by=scene.office)
    told = []
    for day in (18, 19):  # Thu 19, Fri 20, Mon to Wed, off on Thursday, Fri 27: five business days after the 19th
        with clock.at(datetime(2026, 11, day, 9, tzinfo=UTC)):
            told.append(remind_of_conditions())

    assert (Condition.objects.get().due_on, told) == (date(2026, 11, 27), [0, 1])


def test_reminders_and_escalations_skip_days_off(scene, chief):
    give_calendar(scene.unit, federal(), by=chief)
    with clock.at(datetime(2026, 11, 23, 9, tzinfo=UTC)):
        step = scene.review(2).steps.get()  # Tue, Wed, off on Thursday, Fri
    assert step.due_on == date(2026, 11, 27)
    told = []
    for month, day in ((11, 24), (11, 25), (12, 1), (12, 2)):  # Wednesday comes before Friday: Thursday is off
        with clock.at(datetime(2026, month, day, 9, tzinfo=UTC)):
            told.append((remind(), escalate()))

    assert told == [(0, 0), (1, 0), (0, 0), (0, 1)]


def test_a_council_meets_on_a_business_day(scene, chief):
    give_calendar(scene.unit, federal(), by=chief)

    with pytest.raises(Invalid, match=r"26 November 2026 is Thanksgiving Day, no business day of the calendar"):
        call_meeting(scene.council, date(2026, 11, 26), by=chief)


@pytest.mark.parametrize("name", ["United States, federal", "Gulf office", None])
def test_the_database_counts_the_same_days(scene, chief, name):
    create_calendar(GULF, by=chief)
    calendar = BusinessCalendar.objects.get(name=name) if name else None
    team = make_unit("Team", scene.unit)
    give_calendar(scene.unit, calendar, by=chief)
    known = working_days_of(calendar) if calendar else calendar_of(team)
    spans = [(date(2026, 11, 1) + timedelta(days=3 * n), date(2026, 11, 20) + timedelta(days=7 * n)) for n in range(9)]
    spans += [(date(year, 12, 20), date(year + 1, 1, 10)) for year in (1971, 1999, 2050, 2099, 2199)]

    with connection.cursor() as cursor:
        counted = []
        for first, last in spans:
            cursor.execute("SELECT business_days_between(%s, %s, %s, '{}')", [team.pk, first, last])
            counted.append(cursor.fetchone()[0])

    assert counted == [known.between(first, last) for first, last in spans]


def test_only_the_office_writes_and_gives_calendars(scene):
    other = make_person(Role.CAIO_OFFICE, unit=make_unit("Division", scene.unit))

    with pytest.raises(NotAllowed, match="whole organisation"):
        create_calendar(GULF, by=other)
    with pytest.raises(NotAllowed, match="Only the CAIO office of a unit"):
        give_calendar(scene.unit, federal(), by=other)


def test_a_name_is_taken_once(scene, chief):
    create_calendar(GULF, by=chief)

    with pytest.raises(Invalid, match="There is a calendar “Gulf office” already"):
        create_calendar(GULF, by=chief)


def test_the_office_keeps_a_calendar_and_gives_it_to_a_unit(scene, chief):
    client = signed_in(chief)
    refused = client.post("/calendars/new/", {"source": GULF.replace("friday", "fryday")})
    client.post("/calendars/new/", {"source": GULF})
    calendar = BusinessCalendar.objects.get(name="Gulf office")
    client.post("/calendars/units/", {"unit": scene.unit.pk, "calendar": calendar.pk})
    page, detail = client.get("/calendars/"), client.get(f"{calendar.get_absolute_url()}?year=2026")

    assert (refused.status_code, "Line 3" in refused.content.decode()) == (422, True)
    assert calendar_of(scene.unit).name == "Gulf office"
    assert "Friday and Saturday" in page.content.decode()
    assert "National Day" in detail.content.decode()


def test_calendar_list_asks_a_constant_number_of_queries(scene, chief, django_assert_max_num_queries):
    client = signed_in(chief)
    client.get("/calendars/")
    for number in (1, 3):
        for each in range(number):
            create_calendar(GULF.replace("Gulf office", f"Office {number}-{each}"), by=chief)
        with django_assert_max_num_queries(9):  # session, user, roles, unread, calendars, units, two choices, policy
            client.get("/calendars/")
