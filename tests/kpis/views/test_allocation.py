from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from kpis import selectors
from kpis.models import BatchState, Feed, FeedBatch, FeedKind
from kpis.services import feeds, rollups
from portfolio.stages import Stage
from tests.factories import make_person, signed_in
from tests.kpis.factories import make_feed, make_file, make_use_case
from tests.kpis.feeds.deliveries import sums

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_november")]
HEADER = "BillingAccountId,BillingPeriodStart,ChargePeriodStart,ServiceName,EffectiveCost,BilledCost,Tags"


@pytest.fixture
def client(root):
    return signed_in(make_person(Role.CAIO_OFFICE, unit=root))


def row(cost, tags="{}", service="Tokens", month="2026-10"):
    quoted = tags.replace('"', '""')
    return f'acc,{month}-01,{month}-01,{service},{cost},{cost},"{quoted}"'


def deliver(root, *rows, feed=None, **fields):
    feed = feed or make_feed(root, kind=FeedKind.FOCUS, **fields)
    feeds.load_file(feed.pk, make_file("\n".join([HEADER, *rows])), by=None)
    return feed


def running(root, number=1):
    return [make_use_case(root, (Stage.PRODUCTION, datetime(2026, 1, 1, tzinfo=UTC))) for _ in range(number)]


def groups(client):
    return [
        (group.labels, group.amount, group.rows)
        for each in client.get(reverse("kpis:allocation")).context["work"]
        for group in each.groups
    ]


def key_of(client, **labels):
    work = client.get(reverse("kpis:allocation")).context["work"]
    wanted = {name.replace("__", "."): value for name, value in labels.items()}
    return next(group.pk for each in work for group in each.groups if wanted.items() <= group.labels.items())


def by_use_case():
    return {key: amount for key, (_, _, _, amount) in sums("effective_cost", by="coalesce(use_case_id, 0)").items()}


def test_what_matches_nothing_is_listed_by_its_labels_and_never_dropped(root, client):
    (use_case,) = running(root)
    deliver(
        root, row(100, f'{{"use_case": "{use_case.ref}"}}'), row(30, '{"team": "cx"}'), row(12, '{"team": "cx"}'),
        row(50, '{"team": "ops"}'), row(-5, service="Credit"),
    )  # fmt: skip

    assert groups(client) == [
        ({"ServiceName": "Tokens", "Tags.team": "ops"}, D(50), 1),
        ({"ServiceName": "Tokens", "Tags.team": "cx"}, D(42), 2),
        ({"ServiceName": "Credit"}, D(-5), 1),
    ]
    assert by_use_case() == {use_case.pk: D(100), 0: D(87)}


def test_a_rule_from_the_list_counts_for_what_is_loaded_and_what_comes(root, client):
    (use_case,) = running(root)
    feed = deliver(root, row(30, '{"team": "cx"}'), row(50, '{"team": "ops"}'))
    url = reverse("kpis:allocate", args=[key_of(client, Tags__team="cx")])

    page = client.get(url)
    response = client.post(url, {"labels": ["Tags.team"], "use_case": use_case.ref})
    deliver(root, row(7, '{"team": "cx"}', month="2026-11"), feed=feed)

    assert page.status_code == 200
    assert (response.status_code, response.url) == (302, reverse("kpis:allocation"))
    assert by_use_case() == {use_case.pk: D(37), 0: D(50)}
    assert [amount for _, amount, _ in groups(client)] == [D(50)]
    states = list(FeedBatch.objects.order_by("pk").values_list("state", flat=True))
    assert states == [BatchState.SUPERSEDED, BatchState.LOADED, BatchState.LOADED]
    assert AuditEvent.objects.filter(action="feed.rule_added").count() == 1


def test_the_budget_follows_a_new_rule(root, client):
    (use_case,) = running(root)
    deliver(root, row(30, '{"team": "cx"}'), row(50))
    rollups.roll_up_due()
    before = selectors.budget(None, "2026Q4").unallocated

    client.post(reverse("kpis:allocate", args=[key_of(client, Tags__team="cx")]),
                {"labels": ["Tags.team"], "use_case": use_case.ref})  # fmt: skip
    rollups.roll_up_due()

    assert (before, selectors.budget(None, "2026Q4").unallocated) == (D(80), D(50))


def test_shares_add_up_to_the_cent(root, client):
    first, second, third = running(root, 3)
    deliver(root, row("100.000001", '{"team": "cx"}'), row("0.01", '{"team": "cx"}'))

    response = client.post(
        reverse("kpis:allocate", args=[key_of(client, Tags__team="cx")]),
        {"labels": ["Tags.team"], "shares": f"{first.ref} 33.3\n{second.ref} 33.3%\n{third.ref.lower()} 33.4\n"},
    )

    assert response.status_code == 302
    assert sum(by_use_case().values()) == D("100.010001")
    assert by_use_case()[third.pk] == D("33.403341")
    assert groups(client) == []


def test_money_is_divided_by_what_the_gateway_counted_in_the_month(root, client):
    first, second = running(root, 2)
    gateway = make_feed(root, kind=FeedKind.OBSERVATIONS)
    lines = ["date,measure,amount,use_case,key"]
    lines += [f"2026-10-09,gateway_cost,{cost},{one.ref},{one.ref}" for one, cost in ((first, 30), (second, 10))]
    feeds.load_file(gateway.pk, make_file("\n".join(lines)), by=None)
    deliver(root, row(1000), row(500, month="2026-09"))

    client.post(reverse("kpis:allocate", args=[key_of(client)]), {"by_usage": "on"})

    assert by_use_case() == {first.pk: D(750), second.pk: D(250), 0: D(500)}  # nobody used it in September


def test_a_rule_for_everything_else_leaves_tags_alone(root, client):
    first, second = running(root, 2)
    deliver(root, row(10, f'{{"use_case": "{first.ref}"}}'), row(5, '{"team": "x"}'))

    client.post(reverse("kpis:allocate", args=[key_of(client, Tags__team="x")]), {"use_case": second.ref})

    assert by_use_case() == {first.pk: D(10), second.pk: D(5)}


def test_a_rule_is_taken_back(root, client):
    (use_case,) = running(root)
    rules = [{"when": {"Tags.team": "cx"}, "use_case": use_case.ref}]
    feed = deliver(root, row(30, '{"team": "cx"}'), mapping={"rules": rules})
    assert by_use_case() == {use_case.pk: D(30)}

    gone = client.post(reverse("kpis:remove_rule", args=[feed.pk, 0]))

    assert gone.status_code == 302
    assert by_use_case() == {0: D(30)}
    assert Feed.objects.get().mapping["rules"] == []
    assert client.post(reverse("kpis:remove_rule", args=[feed.pk, 0])).status_code == 403


def test_a_delta_read_again_is_not_counted_twice_and_what_was_superseded_stays_away(root, client):
    feed = deliver(root, row(30, '{"team": "cx"}'), row(30, '{"team": "cx"}'), style="delta")
    deliver(root, row(1, '{"team": "cx"}'), feed=feed)
    replaced = deliver(root, row(500))
    deliver(root, row(400), feed=replaced)

    client.post(reverse("kpis:read_again", args=[feed.pk]))
    client.post(reverse("kpis:read_again", args=[replaced.pk]))

    assert by_use_case() == {0: D(461)}


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"use_case": "UC-1999-0001"},
        {"shares": "UC-1999-0001 100"},
        {"shares": "sixty"},
        {"use_case": "REF", "by_usage": "on"},
        {"shares": "REF 60"},
        {"labels": "Tags.owner", "use_case": "REF"},
    ],
)
def test_a_rule_that_leads_nowhere_is_refused(root, client, typed):
    (use_case,) = running(root)
    feed = deliver(root, row(30, '{"team": "cx"}'))
    known = {name: value.replace("REF", use_case.ref) for name, value in typed.items()}

    response = client.post(reverse("kpis:allocate", args=[key_of(client, Tags__team="cx")]), known)

    feed.refresh_from_db()
    assert (response.status_code, feed.mapping) == (422, {})


def test_the_list_never_outgrows_its_page(root, client):
    deliver(root, *(row(1, f'{{"id": "{number}"}}') for number in range(600)))

    (work,) = client.get(reverse("kpis:allocation")).context["work"]

    assert (len(work.groups), work.more, work.amount) == (50, 451, D(600))


@pytest.mark.parametrize("rows", [1, 3])
def test_allocation_query_count(root, client, rows, django_assert_num_queries):
    for number in range(rows):
        deliver(root, row(30, f'{{"team": "{number}"}}'))

    with django_assert_num_queries(6):  # session, user, roles; feeds, groups; notices
        client.get(reverse("kpis:allocation"))
