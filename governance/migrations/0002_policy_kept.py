import json

from django.db import migrations
from django.utils import timezone

from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.roles import append_only
from governance.policy import shipped

KEPT = """
CREATE FUNCTION policy_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.state <> 'draft' THEN
    RAISE EXCEPTION 'a published policy stays' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'policy_version_kept';
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND
     (OLD.number, OLD.sha256, OLD.document, OLD.valid_from, OLD.proposed_by_id, OLD.published_by_id)
     IS DISTINCT FROM
     (NEW.number, NEW.sha256, NEW.document, NEW.valid_from, NEW.proposed_by_id, NEW.published_by_id) THEN
    RAISE EXCEPTION 'a published policy is not changed' USING ERRCODE = 'restrict_violation',
      CONSTRAINT = 'policy_version_kept';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER policy_version_kept BEFORE UPDATE OR DELETE ON policy_version
  FOR EACH ROW EXECUTE FUNCTION policy_version_kept();
"""
NOT_KEPT = "DROP TRIGGER policy_version_kept ON policy_version; DROP FUNCTION policy_version_kept();"

TIERING = ["use_case_id", "policy_id", "facts_hash", "tier", "ceiling", "trace", "at"]


def tierings_only_grow(apps, editor):
    append_only(editor, "tiering", TIERING)


def publish_shipped_policy(apps, editor):
    """Without a policy nothing could be tiered: the shipped one holds until the office publishes its own."""
    versions = apps.get_model("governance", "PolicyVersion").objects
    if versions.exists():
        return
    policy = shipped()
    text = canonical_json(policy.model_dump(mode="json", by_alias=True, exclude_none=True))
    versions.create(
        number=policy.number, document=json.loads(text), sha256=sha256(text), state="published",
        valid_from=policy.valid_from, published_at=timezone.now(),
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_policy"), ("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(KEPT, NOT_KEPT),
        migrations.RunPython(tierings_only_grow, migrations.RunPython.noop),
        migrations.RunPython(publish_shipped_policy, migrations.RunPython.noop),
    ]
