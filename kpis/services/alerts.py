"""Alerts: raised and ended by what is found, taken up, muted and followed up by people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import people_with
from caio_portal.accounts.services import notify
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from governance.models import Approval, Cause, Incident, Review
from governance.selectors.grounds import Ground
from governance.selectors.policies import policy_in_force
from governance.services.rereviews import review_for_drift
from governance.services.reviews import open_review
from kpis import rules
from kpis.models import Alert, AlertKind
from kpis.selectors.concerns import Concern, concerns
from portfolio.models import UseCase
from portfolio.stages import Stage

LONGEST_MUTE = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Watched:
    """What looking for alerts came to."""

    raised: int
    ended: int
    running: int


@transaction.atomic
def watch() -> Watched:
    """Raise alerts for what is found, and end those whose reason is gone; a second run at once changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('kpis.watch', 0))")
    found = {concern.key: concern for concern in concerns()}
    running = {_key(alert): alert for alert in Alert.objects.running().select_related("unit", "owner")}
    for key, alert in running.items():
        if key in found:
            _renew(alert, found[key])
        else:
            alert.ended_at = clock.now()
            alert.save(update_fields=["ended_at"])
            record("alert.ended", alert, by=None, unit=alert.unit_id)
    new = [_raise(concern) for key, concern in found.items() if key not in running]
    for alert in [*running.values(), *new]:
        _have_reviewed(alert)
    ended = sum(alert.ended_at is not None for alert in running.values())
    return Watched(len(new), ended, len(found))


@transaction.atomic
def acknowledge_alert(alert_id: int, *, by: User, note: str = "") -> Alert:
    """Say that one has seen it, and what one will do."""
    alert = _handled(alert_id, by)
    alert.acknowledged_by, alert.acknowledged_at, alert.note = by, clock.now(), note.strip()
    alert.muted_until = alert.muted_by = None
    alert.save(update_fields=["acknowledged_by", "acknowledged_at", "note", "muted_until", "muted_by"])
    record("alert.acknowledged", alert, by=by, unit=alert.unit_id, note=alert.note)
    return alert


@transaction.atomic
def mute_alert(alert_id: int, until: date, *, by: User, reason: str) -> Alert:
    """Say nothing more of it until after a day; if it still runs then, its owner is told again."""
    alert = _handled(alert_id, by)
    if not clock.today() <= until <= clock.today() + LONGEST_MUTE:
        raise Invalid("An alert is muted for at most half a year from today.", "until")
    if not reason.strip():
        raise Invalid("Say why it can wait.", "reason")
    alert.muted_until, alert.muted_by = until, by
    alert.save(update_fields=["muted_until", "muted_by"])
    record("alert.muted", alert, by=by, unit=alert.unit_id, until=until, reason=reason.strip())
    return alert


@transaction.atomic
def link_incident(alert_id: int, incident: Incident, *, by: User) -> Alert:
    """Say which incident an alert belongs to; whoever links it has taken it up."""
    alert = _handled(alert_id, by)
    alert.incident = incident
    _take_up(alert, by)
    alert.save(update_fields=["incident", "acknowledged_by", "acknowledged_at"])
    record("alert.linked", alert, by=by, unit=alert.unit_id, to=incident.ref)
    return alert


@transaction.atomic
def ask_rereview(alert_id: int, *, by: User) -> Alert:
    """Have the use case of an alert reviewed again; a review that is open already will do."""
    alert = _handled(alert_id, by)
    require(rules.objection_to_ask_rereview(by, alert))
    use_case = UseCase.objects.get(pk=alert.use_case_id or 0)
    waiting = Review.objects.filter(use_case=use_case, closed_at=None).first()
    cause = Cause.DRIFT if _is_drift(alert) else Cause.INTERVAL
    alert.review = waiting or open_review(
        use_case.pk, by=by, up_to_stage=_stage(use_case), cause=cause, why=_why(alert)
    )
    _take_up(alert, by)
    alert.save(update_fields=["review", "acknowledged_by", "acknowledged_at"])
    record("alert.linked", alert, by=by, unit=alert.unit_id, to=alert.review.ref)
    return alert


def _have_reviewed(alert: Alert) -> None:
    """What drifts is reviewed again without anybody asking; tried again each time until a review is open."""
    if alert.ended_at or alert.review_id or alert.use_case_id is None or not _is_drift(alert):
        return
    if review := review_for_drift(alert.use_case_id, _why(alert)):
        alert.review = review
        alert.save(update_fields=["review"])
        record("alert.linked", alert, by=None, unit=alert.unit_id, to=review.ref)


def _is_drift(alert: Alert) -> bool:
    return alert.kpi in policy_in_force().rereview.drift_kpis


def _why(alert: Alert) -> Ground:
    return Ground(alert.text, alert.get_absolute_url())


def _stage(use_case: UseCase) -> str:
    """As far as it is approved now."""
    stages = Approval.objects.filter(use_case=use_case, ended_at=None).values_list("up_to_stage", flat=True)
    return stages.first() or Stage.PRODUCTION


def _handled(alert_id: int, by: User) -> Alert:
    alert = Alert.objects.select_for_update(of=("self",)).select_related("unit").get(pk=alert_id)
    require(rules.objection_to_handle_alert(by, alert))
    return alert


def _take_up(alert: Alert, by: User) -> None:
    if alert.acknowledged_at is None:
        alert.acknowledged_by, alert.acknowledged_at = by, clock.now()


def _key(alert: Alert) -> tuple[str, str, int | None, int | None, int | None]:
    return alert.kind, alert.kpi, alert.unit_id, alert.use_case_id, alert.feed_id


def _raise(concern: Concern) -> Alert:
    alert = Alert.objects.create(
        kpi=concern.kpi, unit_id=concern.unit_id, use_case_id=concern.use_case_id, feed_id=concern.feed_id,
        kind=concern.kind, month=concern.month, grave=concern.grave, text=concern.text[:300], raised_at=clock.now(),
        owner_id=concern.owner_id or _owner_of_use_case(concern),
    )  # fmt: skip
    record("alert.raised", alert, by=None, unit=alert.unit_id, kind=AlertKind(alert.kind).label)
    _tell(alert, alert.text)
    return alert


def _owner_of_use_case(concern: Concern) -> int | None:
    if concern.use_case_id is None:
        return None
    return UseCase.objects.filter(pk=concern.use_case_id).values_list("owner_id", flat=True).first()


def _renew(alert: Alert, concern: Concern) -> None:
    """What is known today; who is told again when it became grave, or when it was muted and still runs."""
    woken = alert.muted_until is not None and alert.muted_until < clock.today()
    worse = concern.grave and not alert.grave
    if (
        not woken
        and not worse
        and (alert.text, alert.grave, alert.month) == (concern.text, concern.grave, concern.month)
    ):
        return
    alert.text, alert.grave, alert.month = concern.text[:300], concern.grave, concern.month
    if woken:
        alert.muted_until = alert.muted_by = None
    if worse:
        alert.acknowledged_by = alert.acknowledged_at = None
    alert.save()
    if woken or worse:
        _tell(alert, f"Still: {alert.text}" if woken else f"Now grave: {alert.text}")


def _tell(alert: Alert, text: str) -> None:
    notify(_answerable(alert), alert, text, alert.get_absolute_url())


def _answerable(alert: Alert) -> Iterable[User]:
    """Its owner; without one, whoever holds the role that the catalogue names for the unit."""
    if alert.owner is not None:
        return [alert.owner]
    return people_with(alert.role, unit=alert.unit)
