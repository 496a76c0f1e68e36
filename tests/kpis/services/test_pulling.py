import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock, jobs
from caio_portal.common.errors import Invalid
from caio_portal.common.models import Job, JobState
from kpis.models import FeedBatch, FeedKind, PulledPage
from kpis.services import pulling
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import make_feed
from tests.kpis.feeds.deliveries import sums

pytestmark = pytest.mark.django_db


FIGURES = b"date,measure,num,den,key\n2026-11-14,training,1,2,\n"


class Answering(BaseHTTPRequestHandler):
    """A host that answers as the address asks it to, and remembers who asked."""

    asked: list[tuple[str, str | None]] = []
    pages: dict[int, list[tuple[int, dict[str, str], bytes]]] = {}  # what each page answers, time after time

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization")))
        if self.path.startswith("/pages"):
            self.answer_page()
            return
        if self.path.startswith("/elsewhere"):
            self.send_response(302)
            self.send_header("Location", "/figures")
            self.end_headers()
            return
        self.send_response(503 if self.path.startswith("/down") else 200)
        self.end_headers()
        self.wfile.write(
            b"" if self.path.startswith("/empty") else b"date,measure,num,den,key\n2026-11-14,training,1,2,\n"
        )

    def answer_page(self) -> None:
        """Page after page of a provider; what a page says of the next one is set by the test."""
        number = int(dict(parse_qsl(urlsplit(self.path).query)).get("page", "1"))
        status, headers, body = self.pages[number].pop(0) if len(self.pages[number]) > 1 else self.pages[number][0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def host(settings, monkeypatch) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.FEED_HOSTS = frozenset({f"127.0.0.1:{server.server_port}"})
    monkeypatch.setenv("FEED_SECRET_GATEWAY", "s3cret")
    Answering.asked.clear()
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def pulled(url, unit=None, **more):
    return make_feed(unit, mapping={"pull": {"url": url, **more}})


def test_a_feed_is_fetched_for_its_days_with_its_secret_and_loaded_once(host):
    feed = pulled(host + "/figures?from={start}&to={end}&unix={end_unix}", days=7, secret="GATEWAY")

    first, again = pulling.pull_feed(feed.pk), pulling.pull_feed(feed.pk)

    path = "/figures?from=2026-11-08&to=2026-11-15&unix=1794700800"
    assert Answering.asked == [(path, "Bearer s3cret")] * 2
    assert (first.new, again.unchanged, FeedBatch.objects.count()) == (1, True, 1)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("/down", "answered with 503"), ("/elsewhere", "answered with 302"), ("/empty", "sent nothing")],
)
def test_an_answer_that_is_none_loads_nothing(host, path, sentence):
    feed = pulled(host + path)

    with pytest.raises(Invalid, match=sentence):
        pulling.pull_feed(feed.pk)

    assert FeedBatch.objects.count() == 0


def test_a_host_that_is_gone_is_told(host, settings):
    settings.FEED_HOSTS |= {"127.0.0.1:9"}

    with pytest.raises(Invalid, match="did not answer"):
        pulling.pull_feed(pulled("http://127.0.0.1:9/figures").pk)


@pytest.mark.parametrize(
    "pull",
    [
        {"url": "http://127.0.0.1:22/"},
        {"url": "http://169.254.169.254/latest/meta-data/"},
        {"url": "file:///etc/passwd"},
        {"url": "HOST@evil.example/"},
        {"url": "HOST/x", "secret": "UNKNOWN"},
        {"url": "HOST/x", "secret": "../x"},
        {"url": "HOST/x", "hours": 0},
    ],
)
def test_no_other_address_is_asked(host, pull):
    with pytest.raises(Invalid):
        pulled(
            **{name: value.replace("HOST", host) if isinstance(value, str) else value for name, value in pull.items()}
        )

    assert Answering.asked == []


def test_a_host_that_is_no_longer_allowed_is_not_asked(host, settings):
    feed = pulled(host + "/figures")
    settings.FEED_HOSTS = frozenset()

    with pytest.raises(Invalid, match="not among the hosts"):
        pulling.pull_feed(feed.pk)

    assert Answering.asked == []


def test_each_feed_is_asked_for_once_in_its_period(host):
    pulled(host + "/figures", hours=6)
    make_feed()

    with clock.at(datetime(2026, 11, 15, 12, 10, tzinfo=UTC)):
        counts = [pulling.request_due(), pulling.request_due()]
    with clock.at(datetime(2026, 11, 15, 18, 10, tzinfo=UTC)):
        pulling.request_due()

    assert counts == [1, 1]
    assert Job.objects.filter(kind="kpis.pull_feed").count() == 2


def test_the_page_offers_to_fetch_now(host):
    root = make_unit()
    feed, client = pulled(host + "/figures", root), signed_in(make_person(Role.CAIO_OFFICE, unit=root))

    page = client.get(reverse("kpis:feed_detail", args=[feed.pk]))
    response = client.post(reverse("kpis:pull_now", args=[feed.pk]))

    job = Job.objects.get(kind="kpis.pull_feed")
    assert b"/figures" in page.content
    assert (response.status_code, response.url) == (302, job.get_absolute_url())
    plain = client.post(reverse("kpis:pull_now", args=[make_feed(root).pk]), follow=True)
    assert b"not pulled" in plain.content


def cost_page(number: int, following: object = None) -> bytes:
    """A page of OpenAI's costs: as many dollars as its number, on a day of its own."""
    bucket = {
        "start_time": 1_794_182_400 + number * 86_400,
        "results": [{"amount": {"value": number, "currency": "usd"}, "project_id": "p"}],
    }
    return json.dumps({"data": [bucket], "has_more": following is not None, "next_page": following}).encode()


def paged(host, *pages):
    """A feed whose address answers with these pages; a page is what it holds, or all its answers in turn."""
    Answering.pages = {
        number: page if isinstance(page, list) else [(200, {}, page)] for number, page in enumerate(pages, start=1)
    }
    url = host + "/pages?start={start_unix}&page=1&limit=7"
    return make_feed(kind=FeedKind.PROVIDER, mapping={"pull": {"url": url, "secret": "GATEWAY"}})


def asked_pages() -> list[str]:
    return [dict(parse_qsl(urlsplit(path).query))["page"] for path, _ in Answering.asked]


def pull_job(feed) -> Job:
    return jobs.run_here(pulling.request_pull(feed, by=make_person(Role.CAIO_OFFICE, unit=feed.unit)).pk)


def test_all_pages_of_an_answer_are_one_delivery(host):
    feed = paged(host, cost_page(1, "2"), cost_page(2, 3), cost_page(3))

    job = pull_job(feed)
    again = pulling.pull_feed(feed.pk)

    assert job.state == JobState.DONE
    assert sums("effective_cost")["2026-11"][3] == 6
    assert asked_pages() == ["1", "2", "3"] * 2
    assert [secret for _, secret in Answering.asked] == ["Bearer s3cret"] * 6
    assert all("&limit=7" in path for path, _ in Answering.asked)
    assert (FeedBatch.objects.values("sha256").distinct().count(), again.unchanged) == (1, True)
    assert (job.steps_done, PulledPage.objects.count()) == (3, 0)


@pytest.mark.parametrize(
    ("pages", "sentence"),
    [
        ([cost_page(1, "1")], "its pages do not end"),
        ([cost_page(1, "2"), cost_page(2, "2")], "names a page that was read already"),
        ([cost_page(1, "2"), cost_page(1, "2")], "sent the same page twice"),
        ([cost_page(1, "")], "not how to ask"),
        ([cost_page(1, {"a": 1})], "not how to ask"),
        ([cost_page(1, "https://evil.example/pages?page=2")], "elsewhere"),
        ([cost_page(1, "//evil.example/pages?page=2")], "elsewhere"),
        ([cost_page(1, "file:///etc/passwd")], "elsewhere"),
        ([cost_page(1, "2"), [(500, {}, b"x")]], "answered with 500"),
        ([cost_page(1, "2"), [(302, {"Location": "/figures"}, b"x")]], "answered with 302"),
        ([cost_page(1, "2"), b"{"], "not valid JSON"),
        ([cost_page(1, "2"), [(429, {"Retry-After": "86400"}, b"x")]], "asks to be left alone for 86,400 s"),
    ],
)
def test_pages_that_do_not_end_or_lead_elsewhere_load_nothing(host, pages, sentence):
    feed = paged(host, *pages)

    with pytest.raises(Invalid, match=sentence):
        pulling.pull_feed(feed.pk)

    assert FeedBatch.objects.count() == 0
    assert len(Answering.asked) <= 2


def test_no_more_pages_are_read_than_anybody_needs(host, monkeypatch):
    monkeypatch.setattr(pulling, "MOST", 2)
    feed = paged(host, cost_page(1, "2"), cost_page(2, "3"), cost_page(3))

    with pytest.raises(Invalid, match="More than 2 pages"):
        pulling.pull_feed(feed.pk)


def test_a_next_page_may_be_told_as_an_address_of_the_same_host(host):
    feed = paged(host, cost_page(1, "/pages?page=2"), cost_page(2, f"{host}/pages?page=3"), cost_page(3))

    pulling.pull_feed(feed.pk)

    assert sums("effective_cost")["2026-11"][3] == 6


def test_a_busy_host_is_given_time(host):
    busy = [(429, {"Retry-After": "0"}, b"slow down"), (503, {"Retry-After": "0"}, b"soon"), (200, {}, cost_page(2))]
    feed = paged(host, cost_page(1, "2"), busy)

    pulling.pull_feed(feed.pk)

    assert asked_pages() == ["1", "2", "2", "2"]
    assert sums("effective_cost")["2026-11"][3] == 3


def test_a_pull_that_was_stopped_goes_on_after_its_last_page(host):
    feed = paged(host, cost_page(1, "2"), [(500, {}, b"x"), (200, {}, cost_page(2, "3"))], cost_page(3))
    stopped = pull_job(feed)
    kept = list(PulledPage.objects.values_list("number", flat=True))

    with clock.at(datetime(2026, 11, 16, 12, tzinfo=UTC)):  # the days asked for stay those of the first page
        done = jobs.run_here(jobs.retry(stopped.pk).pk)

    assert (stopped.state, kept, done.state) == (JobState.FAILED, [1], JobState.DONE)
    assert asked_pages() == ["1", "2", "2", "3"]
    assert sums("effective_cost")["2026-11"][3] == 6


def test_a_pull_ends_when_somebody_wants_it_to(host):
    feed = paged(host, cost_page(1, "2"), cost_page(2))
    asked = pulling.request_pull(feed, by=make_person(Role.CAIO_OFFICE, unit=feed.unit))
    Job.objects.filter(pk=asked.pk).update(cancel_requested=True)

    job = jobs.run_here(asked.pk)

    assert (job.state, asked_pages(), FeedBatch.objects.count()) == (JobState.CANCELLED, ["1"], 0)


def test_pages_that_nobody_came_back_for_are_forgotten(host):
    job = pull_job(paged(host, cost_page(1, "2"), [(500, {}, b"x")]))

    recent = pulling.forget_pages()
    Job.objects.filter(pk=job.pk).update(finished_at=clock.now() - timedelta(days=8))

    assert (recent, pulling.forget_pages(), PulledPage.objects.count()) == (0, 1, 0)
