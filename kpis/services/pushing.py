"""Files that programs push: a token names the feed, and an idempotency key makes sure that a file is loaded once."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction

from caio_portal.accounts.models import ApiToken, User
from caio_portal.audit.events import record
from caio_portal.common import clock, files, jobs
from caio_portal.common.errors import Invalid
from caio_portal.common.models import Job
from kpis import rules
from kpis.models import Feed

VALID = timedelta(days=365)


@transaction.atomic
def make_token(feed: Feed, *, by: User) -> str:
    """A new key for programs that deliver to this feed; only its hash is kept, and earlier keys of the feed end."""
    now, scope = clock.now(), _scope(feed.pk)
    ApiToken.objects.filter(scopes=[scope], expires_at__gt=now).update(expires_at=now)
    secret = f"caio_{secrets.token_urlsafe(32)}"
    ApiToken.objects.create(
        user=by, name=f"Feed {feed.name}"[:80], hash=_hash(secret), scopes=[scope], expires_at=now + VALID
    )
    record("feed.token_made", feed, by=by, unit=feed.unit_id)
    return secret


def pusher(feed_id: int, secret: str) -> tuple[Feed, User] | None:
    """The feed, and the person on whose behalf the token delivers, if they still may."""
    token = ApiToken.objects.select_related("user").filter(hash=_hash(secret), expires_at__gt=clock.now()).first()
    feed = Feed.objects.filter(pk=feed_id).first()
    if token is None or feed is None or _scope(feed_id) not in token.scopes or not token.user.is_active:
        return None
    return None if rules.objection_to_feed(token.user, feed) else (feed, token.user)


@transaction.atomic
def receive(feed: Feed, content: bytes, *, name: str, media_type: str, key: str, by: User) -> Job:
    """Keep the file and ask for its load; the same key again answers with the same job.

    Raises Invalid if the key was used for another file.
    """
    digest = hashlib.sha256(content).hexdigest()
    known = Job.objects.filter(kind="kpis.load_feed", idem_key=_job_key(feed, key)).first()
    if known is None:
        stored = files.store(name, content, media_type)
        payload = {
            "feed": feed.pk, "file": stored.pk, "by": by.pk, "encoding": "", "skip_invalid": False, "sha256": digest,
        }  # fmt: skip
        known = jobs.request("kpis.load_feed", _job_key(feed, key), payload, by=by)
    if known.payload.get("sha256") != digest:
        raise Invalid("This idempotency key was used for another file.", field="Idempotency-Key")
    return known


def _job_key(feed: Feed, key: str) -> str:
    return f"push:{feed.pk}:{_hash(key)[:32]}"


def _scope(feed_id: int) -> str:
    return f"feed:{feed_id}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
