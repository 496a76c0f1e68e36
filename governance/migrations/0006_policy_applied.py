"""What was typed stays with what was published, and an approval may be restated in the facts of another policy."""

from django.db import migrations

KEPT = """
CREATE OR REPLACE FUNCTION policy_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.state <> 'draft' THEN
    RAISE EXCEPTION 'a published policy stays' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'policy_version_kept';
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND
     (OLD.number, OLD.sha256, OLD.document, OLD.source, OLD.valid_from, OLD.proposed_by_id, OLD.published_by_id)
     IS DISTINCT FROM
     (NEW.number, NEW.sha256, NEW.document, NEW.source, NEW.valid_from, NEW.proposed_by_id, NEW.published_by_id) THEN
    RAISE EXCEPTION 'a published policy is not changed' USING ERRCODE = 'restrict_violation',
      CONSTRAINT = 'policy_version_kept';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""

# Which facts are material is the policy's to say: when another one begins, the hash of the facts that were decided
# on is taken anew. Nothing else changes an approval, and nothing but that act sets the flag.
APPROVALS = """
CREATE OR REPLACE FUNCTION approval_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['ended_at', 'end_reason']; BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (SELECT 1 FROM decision d JOIN review r ON r.id = d.review_id
        WHERE d.review_id = NEW.decision_id AND r.use_case_id = NEW.use_case_id
          AND d.outcome IN ('approved', 'approved_with_conditions')) THEN
      PERFORM refuse('approval_needs_favourable_decision', 'only a favourable decision gives an approval');
    END IF;
    RETURN NEW;
  END IF;
  IF current_setting('governance.policy_begins', true) = 'on' THEN
    free := free || 'material_hash'::text;
  END IF;
  IF OLD.ended_at IS NOT NULL OR (to_jsonb(OLD) - free) IS DISTINCT FROM (to_jsonb(NEW) - free) THEN
    PERFORM refuse('approval_only_ends', 'an approval does not change, it ends');
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0005_policy_drafts")]
    operations = [migrations.RunSQL(part, migrations.RunSQL.noop) for part in (KEPT, APPROVALS)]
