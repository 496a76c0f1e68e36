import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caio_portal.accounts.roles import Role
from kpis.models import BatchState, Feed, FeedBatch, Observation
from kpis.services import rollups
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import make_feed

pytestmark = pytest.mark.django_db
HEADER = "BillingAccountId,BillingCurrency,BillingPeriodStart,ChargePeriodStart,EffectiveCost,BilledCost"
FEED = {
    "name": "Cloud bill", "kind": "focus", "style": "replacement", "currency": "USD", "zone": "UTC",
    "date_format": "mdy", "mapping": "{}",
}  # fmt: skip
GOOD = "a,USD,2026-09-01,2026-09-03,10.5,9"
BAD = "a,USD,2026-09-01,2026-09-03,ten,9"


@pytest.fixture
def client(root):
    return signed_in(make_person(Role.CAIO_OFFICE, unit=root))


@pytest.fixture
def feed(root):
    return make_feed(root, kind="focus", name="Cloud bill")


def deliver(client, feed, *rows, name="cost.csv"):
    file = SimpleUploadedFile(name, "\n".join([HEADER, *rows]).encode(), "text/csv")
    return client.post(reverse("kpis:try_file", args=[feed.pk]), {"file": file})


def token(response):
    return re.search(r'name="file" value="([^"]+)"', response.content.decode()).group(1)


def test_a_feed_is_added_and_changed(client, root):
    data = FEED | {"unit": root.pk}

    client.post(reverse("kpis:add_feed"), data)
    feed = Feed.objects.get()
    client.post(reverse("kpis:edit_feed", args=[feed.pk]), data | {"style": "delta"})

    feed.refresh_from_db()
    assert (feed.name, feed.style) == ("Cloud bill", "delta")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"mapping": '{"rules": [{"when": {}}]}'}, "mapping"),
        ({"currency": "dollars"}, "currency"),
    ],
)
def test_a_bad_feed_comes_back(client, root, change, field):
    data = FEED | {"unit": root.pk}

    response = client.post(reverse("kpis:add_feed"), data | change)

    assert (response.status_code, Feed.objects.count()) == (422, 0)
    assert field in response.context["form"].errors


def test_a_file_is_looked_at_then_loaded(client, feed):
    report = deliver(client, feed, GOOD, GOOD)

    assert (report.status_code, Observation.objects.count()) == (200, 0)
    assert report.context["report"].rows == 2
    response = client.post(reverse("kpis:load_file", args=[feed.pk]), {"file": token(report), "rows": 2})
    assert (response.status_code, Observation.objects.count()) == (302, 4)
    page = client.get(reverse("kpis:feed_detail", args=[feed.pk]))
    assert b"a 2026-09" in page.content


def test_a_bad_row_is_shown_and_can_be_left_out(client, feed):
    report = deliver(client, feed, GOOD, BAD)
    url = reverse("kpis:load_file", args=[feed.pk])

    client.post(url, {"file": token(report)})
    assert Observation.objects.count() == 0
    client.post(url, {"file": token(report), "skip_invalid": "on"})

    assert "“ten” is not a number." in report.content.decode()
    assert Observation.objects.count() == 2


def test_what_is_no_cost_file_gets_a_sentence(client, feed):
    response = client.post(
        reverse("kpis:try_file", args=[feed.pk]), {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n", "text/csv")}
    )

    assert response.status_code == 422
    assert "This is not a FOCUS cost file" in response.content.decode()
    assert client.post(reverse("kpis:try_file", args=[feed.pk]), {}).status_code == 422


def test_only_a_file_that_was_looked_at_is_loaded(client, feed, root):
    other = make_feed(root, kind="focus")
    report = deliver(client, feed, GOOD)

    assert client.post(reverse("kpis:load_file", args=[other.pk]), {"file": token(report)}).status_code == 404
    assert client.post(reverse("kpis:load_file", args=[feed.pk]), {"file": "made-up"}).status_code == 404


def test_a_large_file_is_left_to_a_worker(client, feed):
    report = deliver(client, feed, GOOD)

    response = client.post(reverse("kpis:load_file", args=[feed.pk]), {"file": token(report), "rows": "20001"})

    assert response.url.startswith("/jobs/")
    assert Observation.objects.count() == 0


def test_a_batch_is_withdrawn_and_its_file_stays(client, feed):
    client.post(reverse("kpis:load_file", args=[feed.pk]), {"file": token(deliver(client, feed, GOOD))})
    batch = FeedBatch.objects.get()
    url = reverse("kpis:withdraw_batch", args=[batch.pk])

    assert client.post(url, {"reason": ""}).status_code == 422
    client.post(url, {"reason": "Wrong account"})

    batch.refresh_from_db()
    assert (batch.state, Observation.objects.count()) == (BatchState.WITHDRAWN, 0)
    assert client.get(reverse("kpis:download_batch", args=[batch.pk])).getvalue().startswith(b"BillingAccountId")
    assert client.get(url).status_code == 403


def test_feeds_of_other_units_do_not_exist(client):
    foreign = make_feed(make_unit("Elsewhere"))

    assert client.get(reverse("kpis:feed_detail", args=[foreign.pk])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_feed_list_query_count(client, root, rows, django_assert_num_queries):
    for _ in range(rows):
        make_feed(root)

    with django_assert_num_queries(7):  # session, user, roles, feeds, their number, facets, notices
        client.get(reverse("kpis:feed_list"))


def test_the_list_of_feeds_tells_what_comes_and_is_exported(client, feed):
    deliver_twice(client, feed, BAD, GOOD)

    row = client.get(reverse("kpis:feed_list")).context["table"].rows[0]
    exported = client.get(reverse("kpis:feed_list"), {"format": "csv"}).getvalue().decode()

    assert (row.loaded, row.quiet, "Effective cost" in row.brings) == (1, False, True)
    assert feed.name in exported
    assert "Billed cost" in exported


def test_deliveries_of_a_feed_are_found_and_exported(client, feed):
    deliver_twice(client, feed, BAD, GOOD)
    url = reverse("kpis:feed_detail", args=[feed.pk])

    states = [row.state for row in client.get(url, {"state": "superseded"}).context["table"].rows]

    assert states == [BatchState.SUPERSEDED]
    assert "2026-09" in client.get(url, {"format": "csv"}).getvalue().decode()


def test_a_replaced_file_is_looked_at_and_loaded_once_more(client, feed):
    newest = deliver_twice(client, feed, "a,USD,2026-09-01,2026-09-04,20,9")
    replaced = FeedBatch.objects.get(feed=feed, state=BatchState.SUPERSEDED)
    client.post(reverse("kpis:withdraw_batch", args=[newest.pk]), {"reason": "The wrong file"})

    report = client.post(reverse("kpis:try_again", args=[replaced.pk]))
    given = re.search(r'name="file" value="([^"]+)"', report.content.decode())[1]
    client.post(reverse("kpis:load_file", args=[feed.pk]), {"file": given})

    loaded = FeedBatch.objects.get(feed=feed, state=BatchState.LOADED)
    assert (loaded.sha256, Observation.objects.count()) == (replaced.sha256, 2)
    assert client.post(reverse("kpis:try_again", args=[loaded.pk])).status_code == 403


def test_a_retired_feed_takes_no_file_until_it_is_used_again(client, feed):
    detail = reverse("kpis:feed_detail", args=[feed.pk])

    assert client.post(reverse("kpis:retire_feed", args=[feed.pk]), {"reason": ""}).status_code == 422
    client.post(reverse("kpis:retire_feed", args=[feed.pk]), {"reason": "Another gateway"})
    assert deliver(client, feed, GOOD).status_code == 403
    assert list(client.get(reverse("kpis:feed_list")).context["table"].rows) == []
    assert list(client.get(reverse("kpis:feed_list"), {"retired": "1"}).context["table"].rows) == [feed]
    assert "Another gateway" in client.get(detail).content.decode()

    client.post(reverse("kpis:resume_feed", args=[feed.pk]))
    assert deliver(client, feed, GOOD).status_code == 200


def deliver_twice(client, feed, *rows):
    """The first delivery is computed, and then replaced by another."""
    for content in ([GOOD], rows):
        client.post(
            reverse("kpis:load_file", args=[feed.pk]),
            {"file": token(deliver(client, feed, *content)), "skip_invalid": "on"},
        )
        rollups.roll_up_due()
    return FeedBatch.objects.first()


def test_a_batch_tells_what_came_what_did_not_and_what_it_changed(client, feed):
    batch = deliver_twice(client, feed, "a,USD,2026-09-01,2026-09-04,20,9", BAD)

    response = client.get(reverse("kpis:batch_detail", args=[batch.pk]))
    page = response.context["page"]

    assert (page.rejected, page.unallocated, len(page.changed)) == (1, 20, 2)
    assert [problem["sentence"] for problem in page.problems] == ["“ten” is not a number."]
    assert dict(page.amounts) == {"billed 2026-09": 9, "effective 2026-09": 20}
    assert {each.key: (each.values, f"{each.first:%Y-%m}") for each in page.changed} == {
        "ai_portfolio_roi": (2, "2026-09"), "budget_variance": (1, "2026-09"),
    }  # fmt: skip
    assert batch.sha256.encode() in response.content
    older = FeedBatch.objects.last()
    assert b"Superseded" in client.get(reverse("kpis:batch_detail", args=[older.pk])).content


@pytest.mark.parametrize("rows", [1, 3])
def test_batch_query_count(client, feed, rows, django_assert_num_queries):
    batch = deliver_twice(client, feed, *(f"a,USD,2026-09-01,2026-09-0{number + 1},20,9" for number in range(rows)))

    with django_assert_num_queries(7):  # session, user, roles, batch, its person, changed, notices
        client.get(reverse("kpis:batch_detail", args=[batch.pk]))
