"""Auditing never stalls the office: the chain's lock is held only for the length of a commit."""

import os
import threading

import pytest
from django.db import connection, transaction

from caio_portal.accounts.models import OrgUnit
from caio_portal.audit import events
from caio_portal.audit.models import AuditEvent, AuditLink
from caio_portal.audit.verification import verify_trail
from tests.factories import make_unit

ACTION = "unit.tried"
events.register({ACTION: "{actor} tried {subject}."})
PATIENCE = 20
pytestmark = pytest.mark.django_db(transaction=True)


def _together(*works):
    """Run each in a thread with a connection of its own; returns what they raised."""
    raised = []

    def run(work):
        try:
            work()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def _record(unit):
    events.record(ACTION, unit, by=None)


def _lock(unit):
    OrgUnit.objects.select_for_update().get(pk=unit.pk)


@pytest.mark.parametrize("attempt", range(int(os.environ.get("LONG_DEADLOCKS", "5"))))
def test_event_then_lock_and_lock_then_event_do_not_deadlock(attempt):
    unit, both = make_unit(), threading.Barrier(2)

    def event_first():
        with transaction.atomic():
            _record(unit)
            both.wait(PATIENCE)
            _lock(unit)

    def lock_first():
        with transaction.atomic():
            _lock(unit)
            both.wait(PATIENCE)
            _record(unit)

    assert _together(event_first, lock_first) == []
    assert AuditEvent.objects.filter(action=ACTION).count() == 2


def test_a_transaction_left_open_after_an_event_stops_nobody():
    unit, recorded, others_done = make_unit(), threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            _record(unit)
            recorded.set()
            assert others_done.wait(PATIENCE)

    def quick():
        recorded.wait(PATIENCE)
        with transaction.atomic():
            _record(unit)
        others_done.set()

    assert _together(slow, quick) == []
    assert AuditEvent.objects.filter(action=ACTION).count() == 2


def test_eight_writers_make_one_chain():
    unit = make_unit()
    before = AuditLink.objects.count()

    def write():
        for _ in range(15):
            with transaction.atomic():
                _record(unit)

    raised = _together(*[write] * 8)

    assert raised == []
    assert AuditLink.objects.count() - before == 120
    assert verify_trail().whole


def test_without_the_right_to_record_nothing_changes():
    from caio_portal.common import roles

    units = OrgUnit.objects.count()
    with roles.as_owner():
        connection.cursor().execute("REVOKE INSERT ON audit_event FROM portal_app")
        for column in ("occurred_at", "actor_id", "action", "subject_type", "subject_id", "unit_id", "payload"):
            connection.cursor().execute(f"REVOKE INSERT ({column}) ON audit_event FROM portal_app")

    with pytest.raises(Exception, match="permission denied for table audit_event"):
        make_unit()

    assert OrgUnit.objects.count() == units
