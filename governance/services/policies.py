"""Drafts of the policy, their trial, and publication by a second person."""

import json
from datetime import date

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock, jobs
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.errors import Invalid, require
from caio_portal.common.models import Job
from governance.models import PolicyState, PolicyTrial, PolicyVersion, TrialMove
from governance.policy import Policy
from governance.policy.mistakes import read
from governance.rules import policies as rules
from governance.selectors.policies import policy_of, version_in_force
from governance.selectors.trials import Progress, try_policy

TRY = "governance.try_policy"
ANNOUNCE = "governance.announce_policy"
APPLY = "governance.apply_policy"


@transaction.atomic
def propose_policy(source: str, *, by: User) -> PolicyVersion:
    """Keep the text of a policy as a draft."""
    require(rules.objection_to_draft(by))
    policy = read(source)
    _require_free(policy.number)
    document, digest = _stored(policy)
    version = PolicyVersion.objects.create(
        number=policy.number, document=document, sha256=digest, source=source, proposed_by=by
    )
    record("policy.proposed", version, by=by, sha256=digest)
    return version


@transaction.atomic
def edit_policy(version_id: int, source: str, *, by: User) -> PolicyVersion:
    """Change a draft; whoever does so stands behind it from then on, and does not publish it."""
    version = PolicyVersion.objects.select_for_update().get(pk=version_id)
    require(rules.objection_to_edit(by, version))
    policy = read(source)
    if policy.number != version.number:
        _require_free(policy.number)
    version.document, version.sha256 = _stored(policy)
    version.number, version.source, version.proposed_by = policy.number, source, by
    version.save(update_fields=["number", "document", "sha256", "source", "proposed_by"])
    record("policy.edited", version, by=by, sha256=version.sha256)
    return version


@transaction.atomic
def discard_policy(version_id: int, *, by: User) -> None:
    """Throw a draft away; the trail keeps that it was there."""
    version = PolicyVersion.objects.select_for_update().get(pk=version_id)
    require(rules.objection_to_edit(by, version))
    record("policy.discarded", version, by=by, sha256=version.sha256)
    version.delete()


@transaction.atomic
def publish_policy(version_id: int, valid_from: date, *, by: User) -> PolicyVersion:
    """Put a draft in force from a day on, after the version that holds until then."""
    versions = {version.pk: version for version in PolicyVersion.objects.select_for_update().order_by("pk")}
    version = versions[version_id]
    require(rules.objection_to_publish(by, version))
    published = [each for each in versions.values() if not each.is_draft]
    last = max(published, key=lambda each: each.valid_from or date.min, default=None)
    if objection := rules.objection_to_day(valid_from, last):
        raise Invalid(objection, "valid_from")
    if last:
        last.valid_to = valid_from
        last.save(update_fields=["valid_to"])
    version.state, version.valid_from, version.published_at = PolicyState.PUBLISHED, valid_from, clock.now()
    version.published_by = by
    version.save(update_fields=["state", "valid_from", "published_at", "published_by"])
    record("policy.published", version, by=by, valid_from=valid_from, sha256=version.sha256)
    jobs.request(ANNOUNCE, str(version.pk), {"policy": version.pk})
    begin_due_policy()
    return version


@transaction.atomic
def begin_due_policy() -> Job | None:
    """If a published policy has begun, have the portfolio tiered by it, once; None if nothing began."""
    today = clock.today()
    over = PolicyVersion.objects.filter(state=PolicyState.PUBLISHED, valid_to__lte=today)
    over.update(state=PolicyState.SUPERSEDED)
    version = PolicyVersion.objects.in_force().defer("document").first()
    if version is None or version.published_by_id is None:  # what came with the portal was there first
        return None
    return jobs.request(APPLY, str(version.pk), {"policy": version.pk})


@transaction.atomic
def request_trial(version: PolicyVersion, *, by: User) -> Job:
    """Have a draft tried over the whole portfolio as it stands now."""
    require(rules.objection_to_draft(by))
    return jobs.request(TRY, f"{version.pk}:{clock.now().isoformat()}", {"policy": version.pk}, by=by)


def keep_trial(version_id: int, progress: Progress | None = None) -> PolicyTrial:
    """Try a version against the policy in force and keep what was found in place of its last trial."""
    version = PolicyVersion.objects.get(pk=version_id)
    against = version_in_force()
    found, moves = try_policy(policy_of(against), policy_of(version), progress)
    with transaction.atomic():
        PolicyVersion.objects.select_for_update(no_key=True).get(pk=version_id)  # two trials keep one after the other
        PolicyTrial.objects.filter(version=version).delete()
        trial = PolicyTrial.objects.create(
            version=version, sha256=version.sha256, against=against, figures=found.model_dump(mode="json")
        )
        TrialMove.objects.bulk_create(
            (
                TrialMove(
                    trial=trial, use_case_id=move.use_case, before=move.pair.before.tier, after=move.pair.after.tier,
                    reasons=list(move.pair.reasons), opens_review=move.opens_review,
                )
                for move in moves
            ),
            batch_size=5_000,
        )  # fmt: skip
    return trial


def _stored(policy: Policy) -> tuple[dict[str, object], str]:
    text = canonical_json(policy.model_dump(mode="json", by_alias=True, exclude_none=True))
    return json.loads(text), sha256(text)


def _require_free(number: str) -> None:
    if PolicyVersion.objects.filter(number=number).exists():
        raise Invalid(f"There is a policy {number} already: give this one another number.", "source")
