import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from caio_portal.common.errors import Invalid
from caio_portal.common.models import Job
from kpis.models import FeedBatch
from kpis.services import pulling
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import make_feed

pytestmark = pytest.mark.django_db


FIGURES = b"date,measure,num,den,key\n2026-11-14,training,1,2,\n"


class Answering(BaseHTTPRequestHandler):
    """A host that answers as the address asks it to, and remembers who asked."""

    asked: list[tuple[str, str | None]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization")))
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
