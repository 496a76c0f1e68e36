import csv
import io
import json
import os

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caio_portal.accounts.models import User
from caio_portal.audit import trail, verification
from caio_portal.audit.events import record
from caio_portal.audit.models import AuditEvent
from caio_portal.audit.verify_csv import COLUMNS, Broken, verify, verify_segment
from caio_portal.common import roles

ALTERATIONS = int(os.environ.get("LONG_ALTERATIONS", "120"))


@pytest.fixture
def user(db):
    return User.objects.create_user("ada@example.com", name="Ada <Lovelace>")


def test_record_outside_a_transaction_is_refused(transactional_db):
    with pytest.raises(RuntimeError, match="in the transaction of its change"):
        record("user.created", User(pk=1, name="A"), by=None)


def test_record_of_an_unknown_action_is_refused(user):
    with pytest.raises(ValueError, match="not a known action"):
        record("user.vanished", user, by=user)


def test_record_keeps_the_names_of_the_time(user):
    record("user.created", user, by=user, email=user.email)

    event = AuditEvent.objects.get()
    assert json.loads(event.payload) == {
        "actor": "Ada <Lovelace>",
        "subject": "Ada <Lovelace>",
        "email": "ada@example.com",
    }
    assert (event.actor_id, event.subject_type, event.subject_id) == (user.pk, "accounts.user", str(user.pk))


def test_entry_escapes_names(user):
    record("user.created", user, by=user)

    sentence = trail.entries_of(user)[0].sentence

    assert sentence == "<b>Ada &lt;Lovelace&gt;</b> created the account of <b>Ada &lt;Lovelace&gt;</b>."


def _exported(user, events=4):
    for number in range(events):
        record("user.created", user, by=None if number % 2 else user, note=f'„Zitat" \\ \n\t {number} ☃ \x7f')
    connection.check_constraints()  # the chain is linked at commit; this is as near as a test that rolls back comes
    file = io.StringIO()
    verification.export_trail(file)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


@pytest.fixture
def trail_rows(user):
    return _exported(user)


def test_database_and_csv_verifiers_agree(user):
    rows = _exported(user)

    verdict = verification.verify_trail()

    assert verdict.whole
    assert (verdict.events, verdict.head) == verify(rows) == trail.head()


@pytest.mark.parametrize("column", COLUMNS)
def test_one_changed_character_in_any_column_is_found(user, column):
    rows = _exported(user)
    text = rows[2][column] or "0"
    rows[2][column] = ("1" if text[0] == "0" else "0") + text[1:]

    with pytest.raises((Broken, ValueError)):
        verify(rows)


@pytest.mark.parametrize("column", ["salt", "leaf", "prev", "head"])
def test_a_hash_written_otherwise_is_found(user, column):
    rows = _exported(user)
    rows[2][column] = rows[2][column].upper()

    for check in (verify, verify_segment):
        with pytest.raises(Broken):
            check(rows)


@pytest.mark.parametrize(
    "damage",
    [
        lambda rows: rows.pop(1),
        lambda rows: rows.insert(1, dict(rows[1])),
        lambda rows: rows.reverse(),
        lambda rows: rows.pop(0),
    ],
    ids=["deleted", "doubled", "swapped", "beheaded"],
)
def test_a_row_gone_doubled_or_moved_is_found(user, damage):
    rows = _exported(user)
    damage(rows)

    with pytest.raises(Broken):
        verify(rows)


@settings(max_examples=ALTERATIONS, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_alteration_of_the_exported_trail_is_found(trail_rows, data):
    """One character changed, a row taken out, doubled or moved: whichever, and wherever it is."""
    rows = [dict(row) for row in trail_rows]
    place = data.draw(st.integers(0, len(rows) - 2))
    if data.draw(st.booleans()):
        column = data.draw(st.sampled_from(COLUMNS))
        old = rows[place][column]
        at = data.draw(st.integers(0, max(0, len(old) - 1)))
        new = data.draw(st.sampled_from('0159afzA "{}☃').filter(lambda letter: letter != old[at : at + 1]))
        rows[place][column] = old[:at] + new + old[at + 1 :]
    else:
        row = rows.pop(place)
        copies = data.draw(st.integers(0, 2))
        goal = data.draw(st.integers(0, len(rows)).filter(lambda goal: copies != 1 or goal != place))
        rows[goal:goal] = [row] * copies

    with pytest.raises((Broken, ValueError)):
        verify(rows)


def test_a_cut_tail_is_found_with_a_checkpoint(user):
    _exported(user)
    seq, head = trail.head()

    assert verification.verify_trail((seq, head)).whole
    assert not verification.verify_trail((seq + 1, head)).whole
    assert not verification.verify_trail((seq, "0" * 64)).whole


def test_the_chain_is_written_at_commit_and_a_rolled_back_event_leaves_no_gap(transactional_db):
    with transaction.atomic():
        user = User.objects.create_user("ada@example.com", name="Ada")
        record("user.created", user, by=None)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("user.created", user, by=None)
        raise ZeroDivisionError
    with transaction.atomic():
        record("user.deactivated", user, by=None)

    verdict = verification.verify_trail()

    assert (verdict.whole, verdict.events) == (True, 2)


def test_an_edit_by_an_administrator_is_found(transactional_db):
    with transaction.atomic():
        user = User.objects.create_user("ada@example.com", name="Ada")
        record("user.created", user, by=None)
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER no_change")
        cursor.execute("UPDATE audit_event SET action = 'user.deactivated'")
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER no_change")

    verdict = verification.verify_trail()

    assert verdict.problem == "Event 1 was altered: its contents do not give its hash."
