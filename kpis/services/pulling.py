"""Files that the portal fetches itself: from hosts that its operator allows, as often as the feed says."""

import http.client
import os
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock, files, jobs
from caio_portal.common.errors import Invalid, require
from caio_portal.common.models import Job
from caio_portal.common.uploads.limits import TEXT_BYTES
from kpis import rules
from kpis.feeds.mapping import FeedMapping, Pull
from kpis.models import Feed
from kpis.rules import objection_to_pull
from kpis.services.feeds import Loaded, load_file

KIND = "kpis.pull_feed"
SECONDS = 60


def pull_feed(feed_id: int) -> Loaded:
    """Fetch what the feed's address has for its last days, and load it; raises Invalid if there is nothing to use."""
    feed = Feed.objects.get(pk=feed_id, retired_at=None)
    pull = FeedMapping.model_validate(feed.mapping).pull
    if pull is None:
        raise Invalid("This feed is not pulled.")
    if objection := objection_to_pull(pull):
        raise Invalid(objection)
    content = _fetched(pull, _address(pull))
    stored = files.store(f"pulled-{clock.today()}", content, "application/octet-stream")
    return load_file(feed.pk, stored, by=None)


@transaction.atomic
def request_pull(feed: Feed, *, by: User) -> Job:
    """Pull now, whenever it was done last."""
    require(rules.objection_to_feed(by, feed))
    if FeedMapping.model_validate(feed.mapping).pull is None:
        raise Invalid("This feed is not pulled.")
    record("feed.pull_asked", feed, by=by, unit=feed.unit_id)
    return jobs.request(KIND, f"{feed.pk}:{clock.now().isoformat()}", {"feed": feed.pk}, by=by)


def request_due() -> int:
    """A job for every feed whose time has come: once in every period of so many hours."""
    hours_of_epoch = int(clock.now().timestamp()) // 3600
    count = 0
    for feed, pull in _pulled():
        jobs.request(KIND, f"{feed.pk}:every:{hours_of_epoch // pull.hours}", {"feed": feed.pk})
        count += 1
    return count


def _pulled() -> Iterable[tuple[Feed, Pull]]:
    for feed in Feed.objects.filter(retired_at=None, mapping__has_key="pull").order_by("pk"):
        if pull := FeedMapping.model_validate(feed.mapping).pull:
            yield feed, pull


def _address(pull: Pull) -> str:
    """The address with its days filled in: the last complete ones, in UTC."""
    end = datetime.combine(clock.now().astimezone(UTC).date(), time(), UTC)
    start = end - timedelta(days=pull.days)
    words = {
        "{start}": f"{start:%Y-%m-%d}", "{end}": f"{end:%Y-%m-%d}",
        "{start_unix}": str(int(start.timestamp())), "{end_unix}": str(int(end.timestamp())),
    }  # fmt: skip
    address = pull.url
    for name, value in words.items():
        address = address.replace(name, value)
    return address


def _fetched(pull: Pull, url: str) -> bytes:
    """The answer; redirections are not followed, for they could lead anywhere."""
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    headers = {"Accept": "*/*", "User-Agent": "CAIO Portal"}
    if pull.secret:
        headers["Authorization"] = f"Bearer {os.environ[f'FEED_SECRET_{pull.secret}']}"
    connection = kind(address.netloc, timeout=SECONDS)
    try:
        connection.request("GET", f"{address.path or '/'}?{address.query}".removesuffix("?"), headers=headers)
        answer = connection.getresponse()
        content = answer.read(TEXT_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Invalid(f"{address.netloc} did not answer: {type(error).__name__}.") from error
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise Invalid(f"{address.netloc} answered with {answer.status} {answer.reason}.")
    if not content or len(content) > TEXT_BYTES:
        raise Invalid(f"{address.netloc} sent nothing, or more than {TEXT_BYTES >> 20} MB.")
    return content
