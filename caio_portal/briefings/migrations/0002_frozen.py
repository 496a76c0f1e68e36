from django.db import migrations

from caio_portal.common.roles import append_only

# A snapshot is what its hash says, and neither ever changes; the narrative ends with the draft.
FROZEN = r"""
ALTER TABLE briefing ADD CONSTRAINT briefing_snapshot_is_its_hash
  CHECK (snapshot_hash = encode(sha256(convert_to(snapshot, 'UTF8')), 'hex'));

CREATE FUNCTION briefing_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.quarter, OLD.audience, OLD.number, OLD.as_of, OLD.snapshot_hash, OLD.audit_seq, OLD.audit_head)
     IS DISTINCT FROM (NEW.quarter, NEW.audience, NEW.number, NEW.as_of, NEW.snapshot_hash, NEW.audit_seq, NEW.audit_head)
  THEN RAISE check_violation USING MESSAGE = 'The snapshot of a briefing does not change';
  END IF;
  IF OLD.state <> 'draft' AND (OLD.narrative <> NEW.narrative OR NEW.state = 'draft')
  THEN RAISE check_violation USING MESSAGE = 'Only the draft of a briefing is edited';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER briefing_frozen BEFORE UPDATE ON briefing FOR EACH ROW EXECUTE FUNCTION briefing_frozen();
CREATE TRIGGER briefing_kept BEFORE DELETE ON briefing FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
THAWED = """
DROP TRIGGER briefing_kept ON briefing;
DROP TRIGGER briefing_frozen ON briefing;
DROP FUNCTION briefing_frozen();
ALTER TABLE briefing DROP CONSTRAINT briefing_snapshot_is_its_hash;
"""


COLUMNS = ["briefing_id", "template_version", "content_hash", "file_id", "sha256", "pages", "rendered_at"]


def protect(apps, schema_editor):
    append_only(schema_editor, "rendition", COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("briefings", "0001_initial"), ("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(FROZEN, THAWED),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
