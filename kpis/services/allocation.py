"""Rules that say whose money it is: added from the worklist, taken back, and applied to what is loaded already."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock, jobs
from caio_portal.common.errors import NotAllowed, require
from caio_portal.common.models import Job, StoredFile
from kpis import rules
from kpis.feeds.mapping import Rule
from kpis.models import BatchState, Feed, FeedBatch, UnmatchedSpend
from kpis.services import feeds, reading


@transaction.atomic
def add_rule(feed_id: int, rule: Rule, *, by: User) -> Feed:
    """Add a rule behind those that there are; it counts for what is read from now on."""
    feed = _locked(feed_id, by)
    known = list(feed.mapping.get("rules", ()))
    feed.mapping = feed.mapping | {"rules": [*known, rule.model_dump(mode="json", exclude_defaults=True)]}
    return _saved(feed, "feed.rule_added", rule, by)


@transaction.atomic
def remove_rule(feed_id: int, number: int, *, by: User) -> Feed:
    """Take the rule with this number (from 0) back."""
    feed = _locked(feed_id, by)
    known = list(feed.mapping.get("rules", ()))
    if not 0 <= number < len(known):
        raise NotAllowed("This rule is gone already.")
    removed = Rule.model_validate(known.pop(number))
    feed.mapping = feed.mapping | {"rules": known}
    return _saved(feed, "feed.rule_removed", removed, by)


@transaction.atomic
def reallocate(feed_id: int, *, by: User, unmatched_only: bool = False) -> int:
    """Read the loaded files of a feed again by the rules of now; returns how many. Each is superseded by itself."""
    feed = Feed.objects.get(pk=feed_id)
    files = list(_files(feed, unmatched_only=unmatched_only))
    for file, encoding in files:
        feeds.load_file(feed_id, file, by=by, encoding=encoding, skip_invalid=True, again=True)
    return len(files)


@transaction.atomic
def request_reallocation(feed: Feed, *, by: User, unmatched_only: bool, at_once: int) -> Job | None:
    """Apply the rules: at once if there are few rows to read, else by a job."""
    require(rules.objection_to_feed(by, feed))
    rows = _loaded(feed, unmatched_only=unmatched_only).aggregate(rows=Sum("rows"))["rows"] or 0
    if rows <= at_once:
        reallocate(feed.pk, by=by, unmatched_only=unmatched_only)
        return None
    payload = {"feed": feed.pk, "by": by.pk, "unmatched_only": unmatched_only}
    return jobs.request("kpis.reallocate", f"{feed.pk}:{clock.now().isoformat()}", payload, by=by)


def _loaded(feed: Feed, *, unmatched_only: bool) -> QuerySet[FeedBatch]:
    batches = FeedBatch.objects.filter(feed=feed, state=BatchState.LOADED, file__isnull=False)
    return batches.filter(Exists(UnmatchedSpend.objects.filter(batch=OuterRef("pk")))) if unmatched_only else batches


def _files(feed: Feed, *, unmatched_only: bool) -> list[tuple[StoredFile, str]]:
    """The oldest first, as they came: a file with several scopes is one."""
    batches = _loaded(feed, unmatched_only=unmatched_only).select_related("file").order_by("pk")
    found = {batch.file_id: (batch.file, str(batch.report.get("encoding", ""))) for batch in batches if batch.file}
    return list(found.values())


def _locked(feed_id: int, by: User) -> Feed:
    feed = Feed.objects.select_for_update(of=("self",)).select_related("unit").get(pk=feed_id)
    require(rules.objection_to_feed(by, feed))
    return feed


def _saved(feed: Feed, action: str, rule: Rule, by: User) -> Feed:
    reading.checked_mapping(feed)
    feed.save(update_fields=["mapping"])
    record(action, feed, by=by, unit=feed.unit_id, rule=rule.words)
    return feed
