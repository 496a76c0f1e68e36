from datetime import UTC, date, datetime, timedelta

import pytest

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.decisions import Outcome
from governance.models import Cause, Review
from governance.services.approvals import decide_single
from kpis.models import Alert, AlertKind, AlertState, Target
from kpis.services import alerts, feeds, rollups, targets
from portfolio.stages import Stage
from tests.factories import make_person, make_unit
from tests.governance.factories import make_incident
from tests.governance.scene import make_scene
from tests.kpis.factories import make_feed, make_file, make_use_case

pytestmark = pytest.mark.django_db
HEADER = "date,measure,num,den,unit,use_case,key"
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(NOW):
        yield


@pytest.fixture
def root():
    return make_unit("Northwind")


@pytest.fixture
def office(root):
    return make_person(Role.CAIO_OFFICE, unit=root)


def observe(unit, *rows, **fields):
    feed = make_feed(unit, **fields)
    feeds.load_file(feed.pk, make_file("\n".join([HEADER, *rows])), by=None)
    rollups.roll_up_due()
    return feed


def of(kind):
    return list(Alert.objects.running().filter(kind=kind).order_by("pk"))


def monthly(*shares):
    """Training completion of the months that end with October."""
    days = ("2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31")[-len(shares) :]
    return [f"{day},training,{share},1000,Northwind,," for day, share in zip(days, shares, strict=True)]


# --- breach and trend ---------------------------------------------------------------------------------------------


def test_a_missed_target_raises_one_alert_and_tells_the_office(root, office):
    observe(root, *monthly(600, 500))

    first = alerts.watch()
    again = alerts.watch()

    (alert,) = of(AlertKind.BREACH)
    assert (first.raised, again.raised, again.ended) == (1, 0, 0)
    assert (alert.kpi, alert.unit, alert.month, alert.grave) == ("training_completion", root, date(2026, 10, 1), True)
    assert alert.text == (
        "Training completion is 50%, target at least 95%, in October 2026; off track since September 2026."
    )
    assert list(Notice.objects.values_list("user", "text")) == [(office.pk, alert.text)]
    assert AuditEvent.objects.filter(action="alert.raised").count() == 1


def test_an_alert_ends_when_its_reason_is_gone_and_a_later_one_is_another(root):
    feed = observe(root, *monthly(500))
    alerts.watch()

    feeds.load_file(feed.pk, make_file("\n".join([HEADER, *monthly(990)])), by=None)
    rollups.roll_up_due()
    ended = alerts.watch()
    feeds.load_file(feed.pk, make_file("\n".join([HEADER, *monthly(400)])), by=None)
    rollups.roll_up_due()
    alerts.watch()

    assert ended.ended == 1
    assert [alert.state for alert in Alert.objects.order_by("pk")] == [AlertState.ENDED, AlertState.OPEN]


def test_the_owner_of_a_target_answers_for_it(root, office):
    owner = make_person(Role.EXECUTIVE, unit=root)
    bounds = {"high": None, "tolerance": 0, "period": ""}
    targets.set_target("training_completion", root, low=80, owner=owner, by=office, **bounds)
    observe(root, *monthly(700))

    alerts.watch()

    (alert,) = of(AlertKind.BREACH)
    assert (alert.owner, "target at least 80%" in alert.text) == (owner, True)
    assert list(Notice.objects.values_list("user", flat=True)) == [owner.pk]


def test_a_unit_with_a_target_of_its_own_is_watched_for_it_alone(root):
    team = make_unit("Claims", parent=root)
    Target.objects.create(kpi="training_completion", unit=team, low=99, set_at=NOW)
    observe(root, "2026-10-31,training,980,1000,Claims,,", "2026-10-31,satisfaction,1,100,Claims,,")

    alerts.watch()

    breaches = [(alert.kpi, alert.unit.name) for alert in of(AlertKind.BREACH)]
    assert sorted(breaches) == [("stakeholder_satisfaction", "Northwind"), ("training_completion", "Claims")]


@pytest.mark.parametrize(
    ("shares", "raised"),
    [
        ((990, 985, 975, 965, 958), True),  # each month worse, and below 95 % within three
        ((990, 985, 975, 980, 958), False),  # not in a row
        ((990, 989, 988, 987, 986), False),  # would take years
        ((958, 958, 958, 958), False),
        ((965, 958), False),  # two months are no trend
    ],
)
def test_a_trend_is_told_before_the_target_is_missed(root, shares, raised):
    observe(root, *monthly(*shares))

    alerts.watch()

    assert [alert.grave for alert in of(AlertKind.TREND)] == ([False] if raised else [])
    assert of(AlertKind.BREACH) == []


def test_a_trend_says_when_the_target_will_be_left(root):
    observe(root, *monthly(990, 980, 970, 960))

    alerts.watch()

    (alert,) = of(AlertKind.TREND)
    assert alert.text == (
        "Training completion got worse three months in a row, to 96% in October 2026; at this pace it will leave its "
        "target (at least 95%) in December 2026."
    )


# --- error budgets ------------------------------------------------------------------------------------------------


def hours(use_case, *failures, of_requests=10_000):
    """Requests of the hours that end with this one."""
    start = NOW - timedelta(hours=len(failures))
    return [
        f"{(start + timedelta(hours=place + 1)).isoformat()},service_requests,{of_requests - failed},{of_requests},,"
        f"{use_case.ref},{place}"
        for place, failed in enumerate(failures)
    ]


@pytest.mark.parametrize(
    ("failures", "words", "grave"),
    [
        ((10, 10, 720), "the last hour", True),  # 7.2 % failed: 14.4 times 0.5 %
        ((10, 10, 719), "the last 3 days", False),  # just under that, and over 6 hours 2.5 %: 4.9 times
        ((300,) * 6, "the last 6 hours", True),  # 3 %: 6 times
        ((51,) * 71, "the last 3 days", False),  # 0.51 %: 1.02 times
        ((49,) * 71, None, None),
        ((900, 900, 0, 0, 0, 0, 0, 0), None, None),  # it was bad, and is over: the short windows are clean
    ],
)
def test_error_budgets_are_watched_in_two_windows(root, failures, words, grave):
    use_case = make_use_case(root, (Stage.PRODUCTION, datetime(2026, 5, 4, tzinfo=UTC)))
    observe(root, *hours(use_case, *failures))

    alerts.watch()

    found = of(AlertKind.BURN)
    expected = [(use_case, True, grave)] if words else []
    assert [(alert.use_case, str(words) in alert.text, alert.grave) for alert in found] == expected


def test_an_error_budget_says_how_fast_it_goes(root):
    owner = make_person(Role.OWNER, unit=root)
    use_case = make_use_case(root, (Stage.PRODUCTION, datetime(2026, 5, 4, tzinfo=UTC)), owner=owner)
    observe(root, *hours(use_case, 10, 1000))

    alerts.watch()

    (alert,) = of(AlertKind.BURN)
    assert alert.owner == owner
    assert alert.text == (
        f"AI service availability of {use_case.title} ({use_case.ref}): 1,000 of 10,000 requests missed it in the last "
        "hour, which uses up the error budget of 0.5% 20.0 times as fast as planned."
    )


def test_counts_by_the_day_are_not_told_as_those_of_an_hour(root):
    use_case = make_use_case(root, (Stage.PRODUCTION, datetime(2026, 5, 4, tzinfo=UTC)))
    observe(
        root, *(f"2026-11-{day},service_requests,{good},1000,,{use_case.ref},a" for day, good in ((12, 990), (13, 900)))
    )

    alerts.watch()

    (alert,) = of(AlertKind.BURN)
    assert "100 of 1,000 requests missed it in the newest count, of 13 November, which" in alert.text


def test_counts_of_long_ago_or_of_one_moment_are_no_rate(root):
    use_case = make_use_case(root, (Stage.PRODUCTION, datetime(2026, 5, 4, tzinfo=UTC)))
    observe(
        root, f"2026-11-14,service_requests,1,100,,{use_case.ref},a",
        f"2026-11-01,fast_requests,1,100,,{use_case.ref},b", f"2026-11-02,fast_requests,1,100,,{use_case.ref},c",
    )  # fmt: skip

    alerts.watch()

    assert of(AlertKind.BURN) == []


# --- fresh data ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "raised"), [("2026-09-30", True), ("2026-10-01", False)])
def test_a_monthly_feed_is_stale_after_45_days(root, day, raised):
    feed = observe(root, f"{day},training,990,1000,,,")

    alerts.watch()

    assert [alert.feed for alert in of(AlertKind.STALE)] == ([feed] if raised else [])


def test_a_feed_keeps_the_rhythm_that_it_always_had(root):
    feed = observe(root, "2026-08-31,service_requests,9999,10000,,,", style="delta")
    for day in ("2026-09-30", "2026-10-31"):
        feeds.load_file(feed.pk, make_file(f"{HEADER}\n{day},service_requests,9999,10000,,,"), by=None)

    alerts.watch()

    assert of(AlertKind.STALE) == []  # availability is wanted daily, but this feed has always come monthly


def test_a_stale_feed_says_what_it_leaves_uncertain(root):
    feed = observe(root, "2026-08-31,training,990,1000,,,", "2026-08-31,headcount,990,,,,")

    alerts.watch()

    (alert,) = of(AlertKind.STALE)
    assert alert.text == (
        f"The feed {feed.name} is complete until 31 August 2026, 76 days ago: Training completion cannot be trusted "
        "until it delivers."
    )


# --- what people do -----------------------------------------------------------------------------------------------


@pytest.fixture
def alert(root):
    observe(root, *monthly(500))
    alerts.watch()
    return Alert.objects.get()


def test_an_alert_is_acknowledged_with_a_note(alert, office):
    alerts.acknowledge_alert(alert.pk, by=office, note=" Training days are booked. ")

    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by, alert.note) == (
        AlertState.ACKNOWLEDGED, office, "Training days are booked.",
    )  # fmt: skip
    assert AuditEvent.objects.latest("pk").action == "alert.acknowledged"
    assert Alert.objects.waiting().count() == 0


def test_a_muted_alert_wakes_and_tells_again(alert, office, root):
    alerts.mute_alert(alert.pk, date(2026, 11, 20), by=office, reason="The course starts on Monday.")
    told = Notice.objects.count()

    with clock.at(datetime(2026, 11, 20, 12, tzinfo=UTC)):
        alerts.watch()
        still = Alert.objects.get(pk=alert.pk).state
    with clock.at(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        alerts.watch()
        woken = Alert.objects.get(pk=alert.pk).state

    assert (still, woken) == (AlertState.MUTED, AlertState.OPEN)
    assert Notice.objects.count() == told + 1
    assert Notice.objects.latest("pk").text.startswith("Still: Training completion")


@pytest.mark.parametrize(
    ("until", "reason"),
    [(date(2026, 11, 14), "x"), (date(2027, 6, 1), "x"), (date(2026, 12, 1), "  ")],
)
def test_a_mute_needs_a_near_day_and_a_reason(alert, office, until, reason):
    with pytest.raises(Invalid):
        alerts.mute_alert(alert.pk, until, by=office, reason=reason)


def test_an_alert_that_becomes_grave_is_open_again(root, office):
    alert = Alert.objects.create(
        kpi="training_completion", unit=root, kind=AlertKind.BREACH, month=date(2026, 9, 1), text="Before",
        raised_at=NOW, acknowledged_by=office, acknowledged_at=NOW,
    )  # fmt: skip
    observe(root, *monthly(500))

    alerts.watch()

    alert.refresh_from_db()
    assert (alert.state, alert.grave, alert.month) == (AlertState.OPEN, True, date(2026, 10, 1))


def test_an_alert_is_linked_to_an_incident(alert, office, root):
    incident = make_incident(root, office)

    alerts.link_incident(alert.pk, incident, by=office)

    alert.refresh_from_db()
    assert (alert.incident, alert.state) == (incident, AlertState.ACKNOWLEDGED)
    assert f'"to":"{incident.ref}"' in AuditEvent.objects.latest("pk").payload


def test_only_alerts_about_a_use_case_lead_to_a_review(alert, office):
    with pytest.raises(NotAllowed, match="not about one use case"):
        alerts.ask_rereview(alert.pk, by=office)


@pytest.mark.parametrize(("passes", "causes"), [(40, [Cause.DRIFT]), (48, [])])
def test_what_drifts_is_reviewed_again_without_anybody_asking(passes, causes):
    scene = make_scene()
    review = scene.review(2)
    decide_single(review.pk, Outcome.APPROVED, "Useful.", by=scene.office)
    observe(scene.unit, f"2026-10-31,golden_set,{passes},50,{scene.unit.name},{review.use_case.ref},a")

    alerts.watch()
    alerts.watch()

    opened = Review.objects.filter(closed_at=None)
    assert [each.cause for each in opened] == causes
    if causes:
        alert = Alert.objects.get(use_case=review.use_case_id)
        assert (alert.review, opened[0].why_url) == (opened[0], alert.get_absolute_url())
        assert opened[0].why == (
            f"Model quality of {review.use_case.title} ({review.use_case.ref}) is 80%, target at least 90%, "
            "in October 2026."
        )


@pytest.mark.parametrize(("passes", "low", "drifts"), [(40, 70, False), (48, 98, True)])
def test_what_drifts_is_compared_with_the_target_of_its_own_unit(passes, low, drifts):
    scene = make_scene()
    review = scene.review(2)
    decide_single(review.pk, Outcome.APPROVED, "Useful.", by=scene.office)
    Target.objects.create(kpi="model_quality", unit=scene.unit, low=low, tolerance=0, set_at=NOW)
    Target.objects.create(kpi="model_quality", unit=make_unit(), low=90, set_at=NOW)
    observe(scene.unit, f"2026-10-31,golden_set,{passes},50,{scene.unit.name},{review.use_case.ref},a")

    alerts.watch()

    assert Review.objects.filter(closed_at=None, cause=Cause.DRIFT).exists() == drifts


def test_an_alert_that_somebody_follows_up_says_why_the_review_opened(root, office):
    scene = make_scene()
    review = scene.review(2)
    decide_single(review.pk, Outcome.APPROVED, "Useful.", by=scene.office)
    text = "Cost doubled overnight."
    alert = Alert.objects.create(
        kpi="cost_to_serve", unit=scene.unit, use_case=review.use_case, month=NOW.date(), kind=AlertKind.SPIKE,
        text=text, raised_at=NOW,
    )  # fmt: skip

    opened = alerts.ask_rereview(alert.pk, by=scene.office).review

    assert (opened.cause, opened.why, opened.why_url) == (Cause.INTERVAL, text, alert.get_absolute_url())


def test_nobody_else_handles_an_alert_and_none_that_is_over(alert, office, root):
    with pytest.raises(NotAllowed):
        alerts.acknowledge_alert(alert.pk, by=make_person(Role.EXECUTIVE, unit=root))
    with pytest.raises(NotAllowed):
        alerts.acknowledge_alert(alert.pk, by=make_person(Role.CAIO_OFFICE, unit=make_unit("Elsewhere")))
    Alert.objects.filter(pk=alert.pk).update(ended_at=NOW)
    with pytest.raises(NotAllowed, match="gone"):
        alerts.acknowledge_alert(alert.pk, by=office)
