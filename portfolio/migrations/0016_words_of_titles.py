from django.db import migrations

# The words of all titles, to find what somebody meant who mistyped one. They only grow: a word that no title has any
# more finds nothing, and harms nobody. Written per statement: an import of thousands adds its words at once.
WORDS = r"""
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
CREATE TABLE search_word (word text COLLATE "C" PRIMARY KEY, CHECK (char_length(word) BETWEEN 4 AND 40));
CREATE FUNCTION learn_words(titles text[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO search_word
  SELECT DISTINCT word FROM unnest(titles) AS title, regexp_split_to_table(lower(title), '[^[:alpha:]]+') AS word
  WHERE char_length(word) BETWEEN 4 AND 40 ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION learn_new_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM learn_words((SELECT array_agg(title) FROM written));
  RETURN NULL;
END $$;
CREATE FUNCTION learn_changed_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM learn_words(ARRAY[NEW.title]);
  RETURN NULL;
END $$;
CREATE TRIGGER learn_new_words AFTER INSERT ON use_case REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION learn_new_words();
CREATE TRIGGER learn_changed_words AFTER UPDATE OF title ON use_case
  FOR EACH ROW WHEN (NEW.title IS DISTINCT FROM OLD.title) EXECUTE FUNCTION learn_changed_words();
SELECT learn_words((SELECT array_agg(title::text) FROM use_case));
"""
NO_WORDS = """
DROP TRIGGER learn_changed_words ON use_case; DROP TRIGGER learn_new_words ON use_case;
DROP FUNCTION learn_changed_words; DROP FUNCTION learn_new_words; DROP FUNCTION learn_words;
DROP TABLE search_word; DROP EXTENSION fuzzystrmatch;
"""


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0015_a_hundred_thousand")]
    operations = [migrations.RunSQL(WORDS, NO_WORDS)]
