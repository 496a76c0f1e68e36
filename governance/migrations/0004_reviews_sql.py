"""What Django's models cannot say: composite keys between tables, and rules that hold whatever code runs."""

from django.conf import settings
from django.db import connection, migrations
from psycopg import sql

from caio_portal.common.roles import append_only

KEYS = """
ALTER TABLE review_seat ADD CONSTRAINT review_seat_holder_is_a_judge
  FOREIGN KEY (review_id, holder_id, capacity) REFERENCES review_person (review_id, user_id, capacity);
ALTER TABLE finding ADD CONSTRAINT finding_author_is_a_judge
  FOREIGN KEY (review_id, user_id, capacity) REFERENCES review_person (review_id, user_id, capacity);
ALTER TABLE finding ADD CONSTRAINT finding_on_a_snapshot
  FOREIGN KEY (review_id, snapshot_hash) REFERENCES review_snapshot (review_id, snapshot_hash);
ALTER TABLE vote ADD CONSTRAINT vote_needs_seat
  FOREIGN KEY (review_id, seat_id) REFERENCES review_seat (review_id, seat_id);
ALTER TABLE vote ADD CONSTRAINT vote_on_the_snapshot
  FOREIGN KEY (review_id, snapshot_hash) REFERENCES review (id, snapshot_hash);
ALTER TABLE decision ADD CONSTRAINT decision_on_the_snapshot
  FOREIGN KEY (review_id, snapshot_hash) REFERENCES review (id, snapshot_hash);
ALTER TABLE decision ADD CONSTRAINT decision_taken_in_capacity
  FOREIGN KEY (review_id, decided_by_id, capacity) REFERENCES review_person (review_id, user_id, capacity);
ALTER TABLE review ADD CONSTRAINT review_snapshot_has_its_hash
  CHECK (encode(sha256(convert_to(snapshot, 'UTF8')), 'hex') = snapshot_hash);
ALTER TABLE review_snapshot ADD CONSTRAINT review_snapshot_kept_with_its_hash
  CHECK (encode(sha256(convert_to(snapshot, 'UTF8')), 'hex') = snapshot_hash);
ALTER TABLE council ADD CONSTRAINT council_quorum_is_not_one
  CHECK (coalesce((charter ->> 'quorum_minimum')::int, 3) >= 2);
ALTER TABLE review ADD CONSTRAINT review_quorum_is_not_one
  CHECK (coalesce((charter ->> 'quorum_minimum')::int, 3) >= 2);
ALTER TABLE decision ADD CONSTRAINT decision_receipt_has_its_hash
  CHECK (encode(sha256(convert_to(receipt, 'UTF8')), 'hex') = receipt_hash);
"""

# Every refusal carries the name of the rule, as a constraint does, so that one table turns names into sentences.
REFUSE = """
CREATE FUNCTION refuse(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS
  $$ BEGIN RAISE check_violation USING MESSAGE = sentence, CONSTRAINT = rule; END $$;
"""

REVIEWS = """
CREATE FUNCTION review_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.closed_at IS NOT NULL THEN
    PERFORM refuse('review_is_final', 'a closed review does not change');
  END IF;
  IF (OLD.ref, OLD.use_case_id, OLD.policy_id, OLD.opened_at, OLD.up_to_stage, OLD.route)
     IS DISTINCT FROM (NEW.ref, NEW.use_case_id, NEW.policy_id, NEW.opened_at, NEW.up_to_stage, NEW.route)
     OR OLD.charter IS DISTINCT FROM NEW.charter THEN
    PERFORM refuse('review_terms_are_fixed', 'the terms of an open review do not change');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER review_guard BEFORE UPDATE ON review FOR EACH ROW EXECUTE FUNCTION review_guard();

CREATE FUNCTION review_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE one review; BEGIN
  SELECT * INTO one FROM review WHERE id = coalesce((to_jsonb(NEW) ->> 'review_id'), to_jsonb(NEW) ->> 'id')::bigint;
  IF (one.state = 'decided') <> EXISTS (SELECT 1 FROM decision WHERE review_id = one.id) THEN
    PERFORM refuse('review_decided_with_decision', 'a review is decided by its decision, and by nothing else');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER review_decided AFTER INSERT OR UPDATE ON review
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION review_decided();
CREATE CONSTRAINT TRIGGER review_decided AFTER INSERT ON decision
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION review_decided();
"""

VOTES = """
CREATE FUNCTION review_seat_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record; BEGIN
  PERFORM 1 FROM review WHERE id = NEW.review_id AND closed_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    PERFORM refuse('review_seat_while_open', 'the seats of a closed review do not change');
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF EXISTS (SELECT 1 FROM vote WHERE review_id = NEW.review_id) THEN
      PERFORM refuse('review_seat_before_voting', 'no seat is added once somebody has voted');
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.review_id, OLD.seat_id, OLD.mandatory) IS DISTINCT FROM (NEW.review_id, NEW.seat_id, NEW.mandatory) THEN
    PERFORM refuse('review_seat_is_fixed', 'only the holder of a seat may change');
  END IF;
  SELECT choice, voter_id INTO last FROM vote
    WHERE review_id = OLD.review_id AND seat_id = OLD.seat_id ORDER BY number DESC LIMIT 1;
  IF last.voter_id = OLD.holder_id AND last.choice <> 'recuse' THEN
    PERFORM refuse('review_seat_holder_has_voted', 'who has voted keeps the seat');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER review_seat_guard BEFORE INSERT OR UPDATE ON review_seat
  FOR EACH ROW EXECUTE FUNCTION review_seat_guard();

CREATE FUNCTION vote_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE one record; last record; BEGIN
  SELECT r.state, u.owner_id, u.sponsor_id, u.requester_id INTO one
    FROM review r JOIN use_case u ON u.id = r.use_case_id WHERE r.id = NEW.review_id FOR SHARE OF r;
  IF one.state <> 'ready' OR NOT EXISTS (SELECT 1 FROM review_step WHERE review_id = NEW.review_id
      AND kind = 'vote' AND started_at IS NOT NULL AND finished_at IS NULL) THEN
    PERFORM refuse('vote_while_open', 'votes are cast while the vote is open');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM review_seat
      WHERE review_id = NEW.review_id AND seat_id = NEW.seat_id AND holder_id = NEW.voter_id) THEN
    PERFORM refuse('vote_by_the_holder', 'only the holder of a seat votes on it');
  END IF;
  IF NEW.voter_id IN (one.owner_id, one.sponsor_id, one.requester_id) THEN
    PERFORM refuse('vote_not_by_a_party', 'nobody votes on a use case of their own');
  END IF;
  SELECT number, choice, voter_id INTO last FROM vote
    WHERE review_id = NEW.review_id AND seat_id = NEW.seat_id ORDER BY number DESC LIMIT 1;
  IF NEW.number > coalesce(last.number, 0) + 1 THEN
    PERFORM refuse('vote_numbered_in_order', 'the votes of a seat are numbered one after the other');
  END IF;
  IF last.voter_id = NEW.voter_id AND last.choice = 'recuse' THEN
    PERFORM refuse('vote_not_after_recusal', 'who has recused votes no more');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER vote_guard BEFORE INSERT ON vote FOR EACH ROW EXECUTE FUNCTION vote_guard();
"""

DECISIONS = """
CREATE FUNCTION decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM 1 FROM review WHERE id = NEW.review_id AND closed_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    PERFORM refuse('decision_while_open', 'only an open review is decided');
  END IF;
  IF NEW.kind IN ('council', 'executive') AND NEW.outcome IN ('approved', 'approved_with_conditions') AND EXISTS (
      SELECT 1 FROM review_seat s WHERE s.review_id = NEW.review_id AND s.mandatory AND coalesce((
        SELECT v.choice FROM vote v WHERE v.review_id = s.review_id AND v.seat_id = s.seat_id
          AND v.voter_id = s.holder_id ORDER BY v.number DESC LIMIT 1), '') NOT IN ('approve', 'approve_with_conditions')) THEN
    PERFORM refuse('decision_needs_mandatory_seats', 'nothing is approved without every mandatory seat');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER decision_guard BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION decision_guard();

CREATE FUNCTION approval_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (SELECT 1 FROM decision d JOIN review r ON r.id = d.review_id
        WHERE d.review_id = NEW.decision_id AND r.use_case_id = NEW.use_case_id
          AND d.outcome IN ('approved', 'approved_with_conditions')) THEN
      PERFORM refuse('approval_needs_favourable_decision', 'only a favourable decision gives an approval');
    END IF;
  ELSIF OLD.ended_at IS NOT NULL OR (to_jsonb(OLD) - 'ended_at' - 'end_reason')
      IS DISTINCT FROM (to_jsonb(NEW) - 'ended_at' - 'end_reason') THEN
    PERFORM refuse('approval_only_ends', 'an approval does not change, it ends');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approval_guard BEFORE INSERT OR UPDATE ON approval FOR EACH ROW EXECUTE FUNCTION approval_guard();

CREATE FUNCTION condition_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.met_at IS NOT NULL OR (OLD.decision_id, OLD.text, OLD.due_on)
      IS DISTINCT FROM (NEW.decision_id, NEW.text, NEW.due_on) THEN
    PERFORM refuse('condition_is_fixed', 'a condition is met, never rewritten');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER condition_guard BEFORE UPDATE ON condition FOR EACH ROW EXECUTE FUNCTION condition_guard();
"""

GATES = """
CREATE FUNCTION gate_passage_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM stage_move WHERE id = NEW.stage_move_id AND kind = 'gated') THEN
    PERFORM refuse('gate_passage_of_a_gated_move', 'a recorded move passes no gate');
  END IF;
  IF NEW.approval_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM approval a JOIN stage_move m
      ON m.use_case_id = a.use_case_id WHERE a.decision_id = NEW.approval_id AND m.id = NEW.stage_move_id) THEN
    PERFORM refuse('gate_passage_by_its_own_approval', 'the approval of another use case opens no gate');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER gate_passage_guard BEFORE INSERT ON gate_passage FOR EACH ROW EXECUTE FUNCTION gate_passage_guard();

CREATE FUNCTION gated_move_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.kind = 'gated' AND NOT EXISTS (SELECT 1 FROM gate_passage WHERE stage_move_id = NEW.id) THEN
    PERFORM refuse('gated_move_needs_passage', 'a gated move has its passage');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER gated_move_needs_passage AFTER INSERT ON stage_move
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gated_move_guard();
"""

# Rows that are added and never changed, with the columns that the application writes.
GROW_ONLY = {
    "vote": "review_id seat_id number voter_id choice reason conditions snapshot_hash cast_at",
    "decision": "review_id kind outcome reason tally snapshot_hash decided_by_id capacity decided_at receipt receipt_hash"
    " signature signed_with",
    "finding": "review_id user_id capacity function severity text wanted snapshot_hash reported_at",
    "review_person": "review_id user_id capacity",
    "review_snapshot": "review_id number snapshot snapshot_hash taken_at",
    "gate_passage": "stage_move_id checklist approval_id exception_id",
    "comment": "subject_type subject_id anchor by_id text at",
}
NEVER_DELETED = (
    "review", "review_step", "review_seat", "council", "council_seat", "delegation", "meeting", "agenda_entry",
    "approval", "condition", "suspension",
)  # fmt: skip


def protect(apps, schema_editor):
    """Whatever the application does, it may not delete; and some rows it may not even change."""
    for table, columns in GROW_ONLY.items():
        append_only(schema_editor, table, columns.split())
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    with connection.cursor() as cursor:
        for table in map(sql.Identifier, NEVER_DELETED):
            cursor.execute(sql.SQL("REVOKE DELETE, TRUNCATE ON {table} FROM {role}").format(table=table, role=role))


class Migration(migrations.Migration):
    dependencies = [("governance", "0003_reviews"), ("audit", "0001_initial")]
    operations = [
        *(migrations.RunSQL(part, migrations.RunSQL.noop) for part in (KEYS, REFUSE, REVIEWS, VOTES, DECISIONS, GATES)),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
