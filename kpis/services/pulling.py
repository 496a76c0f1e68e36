"""Files that the portal fetches itself: from hosts that its operator allows, as often as the feed says."""

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
from kpis.feeds.fetching import Fetcher
from kpis.feeds.mapping import FeedMapping, Pull
from kpis.feeds.pages import MOST, after, joined
from kpis.models import Feed, PulledPage
from kpis.rules import objection_to_pull
from kpis.services.feeds import Loaded, load_file

KIND = "kpis.pull_feed"
KEPT = timedelta(days=7)


def pull_feed(feed_id: int, run: jobs.Run | None = None) -> Loaded:
    """Fetch what the feed's address has for its last days, page by page, and load it as one file.

    A RUN that was stopped goes on after the last page it has. Raises Invalid if there is nothing to use.
    """
    feed = Feed.objects.get(pk=feed_id, retired_at=None)
    pull = FeedMapping.model_validate(feed.mapping).pull
    if pull is None:
        raise Invalid("This feed is not pulled.")
    if objection := objection_to_pull(pull):
        raise Invalid(objection)
    content = joined(_pages(pull, run))
    with run.fenced() if run else transaction.atomic():
        stored = files.store(f"pulled-{clock.today()}", content, "application/octet-stream")
        loaded = load_file(feed.pk, stored, by=None)
        if run:
            PulledPage.objects.filter(job=run.job_id).delete()
    return loaded


def _pages(pull: Pull, run: jobs.Run | None) -> list[bytes]:
    """All pages, those that an earlier attempt fetched included; raises Invalid if they never end."""
    found = [(page.address, bytes(page.content)) for page in PulledPage.objects.filter(job=run.job_id)] if run else []
    fetcher = Fetcher(pull.secret, alive=lambda: run.progress(len(found)) if run else None)
    url = after(*found[-1]) if found else _address(pull)
    while url:
        _require_further(pull, url, found)
        content = fetcher.get(url)
        if content in [known for _, known in found]:
            raise Invalid(f"{urlsplit(url).netloc} sent the same page twice: its pages do not end.")
        found.append((url, content))
        if run:
            PulledPage.objects.create(job_id=run.job_id, number=len(found), address=url, content=content)
            run.progress(len(found))
        url = after(url, content)
    return [content for _, content in found]


def _require_further(pull: Pull, url: str, found: list[tuple[str, bytes]]) -> None:
    """A next page is asked for by the same rules as the first, once, and not without end."""
    if objection := objection_to_pull(pull.model_copy(update={"url": url})):
        raise Invalid(objection)
    if url in [known for known, _ in found]:
        raise Invalid(f"{urlsplit(url).netloc} names a page that was read already: its pages do not end.")
    size = sum(len(content) for _, content in found)
    if len(found) >= MOST or size > TEXT_BYTES:
        raise Invalid(f"More than {MOST} pages or {TEXT_BYTES >> 20} MB: ask for fewer days at once.")


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


def forget_pages() -> int:
    """Take away pages of pulls that ended without being loaded and were not run again for a week."""
    old = PulledPage.objects.filter(job__finished_at__lt=clock.now() - KEPT)
    return old.delete()[0]
