"""Keep the words of the search by triggers, so that bulk inserts and repairs by hand are found as well."""

from django.db import migrations

# What is between words is no part of them: "Salem/Brebes" are two. A year, a code of a place and the last digits of a
# number are words as well. `s7:33.29` says who may see it: the offices of programme 7 in 33.29 that stand above the
# concealed tier, as `visible_to` reckons it; `r:33.29` says where it is. A colon is no part of a word that is typed.
FUNCTIONS = r"""
CREATE FUNCTION plain_words(text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    regexp_replace(left(text, 20000), '[^[:alnum:]]+', ' ', 'g');

CREATE FUNCTION complaint_words(
    number text, subject text, recorded text, programme bigint, region text, concealed_tier integer
) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE RETURN
    setweight(to_tsvector('indonesian', plain_words(subject) || ' ' || plain_words(number)), 'A')
    || setweight(to_tsvector('indonesian', plain_words(coalesce(
           (SELECT string_agg(name, ' ') FROM tiers_region
             WHERE code IN (left(region, 2), left(region, 5), left(region, 8), region)), ''))), 'B')
    || setweight(to_tsvector('indonesian', plain_words(recorded)), 'C')
    || array_to_tsvector(ARRAY[lower(number), ltrim(split_part(number, '-', 4), '0')]
           || (SELECT array_agg('s' || programme || ':' || left(region, length))
                 FROM unnest(ARRAY[1, 2, 3, 4, 5], ARRAY[13, 8, 5, 2, 0]) AS rung(tier, length)
                WHERE tier > concealed_tier AND length(region) >= length)
           || (SELECT array_agg('r:' || left(region, length)) FROM unnest(ARRAY[2, 5, 8, 13]) AS size(length)
                WHERE length(region) >= length));

CREATE FUNCTION keep_search_entry(complaint bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO pengaduan_searchentry AS entry (complaint_id, regency_code, words)
    SELECT c.id, coalesce(c.regency_code, ''),
           complaint_words(c.number, c.subject, coalesce(t.recorded, ''), c.programme_id, c.region_id, c.concealed_tier)
      FROM pengaduan_complaint c LEFT JOIN pengaduan_complainttext t ON t.complaint_id = c.id
     WHERE c.id = complaint
    ON CONFLICT (complaint_id) DO UPDATE SET regency_code = excluded.regency_code, words = excluded.words;
$$;

CREATE FUNCTION keep_words_of_complaint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_search_entry(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION keep_words_of_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_search_entry(NEW.complaint_id);
    RETURN NULL;
END $$;
"""
# The escalation changes none of these columns: it pays nothing.
TRIGGERS = """
CREATE TRIGGER words_of_new_complaint AFTER INSERT ON pengaduan_complaint
    FOR EACH ROW EXECUTE FUNCTION keep_words_of_complaint();
CREATE TRIGGER words_of_complaint
    AFTER UPDATE OF number, subject, programme_id, region_id, concealed_tier ON pengaduan_complaint FOR EACH ROW
    WHEN ((OLD.number, OLD.subject, OLD.programme_id, OLD.region_id, OLD.concealed_tier)
          IS DISTINCT FROM (NEW.number, NEW.subject, NEW.programme_id, NEW.region_id, NEW.concealed_tier))
    EXECUTE FUNCTION keep_words_of_complaint();
CREATE TRIGGER words_of_new_text AFTER INSERT ON pengaduan_complainttext FOR EACH ROW
    WHEN (NEW.recorded <> '') EXECUTE FUNCTION keep_words_of_text();
CREATE TRIGGER words_of_text AFTER UPDATE OF recorded ON pengaduan_complainttext FOR EACH ROW
    WHEN (OLD.recorded IS DISTINCT FROM NEW.recorded) EXECUTE FUNCTION keep_words_of_text();
"""
UNDO = """
DROP TRIGGER words_of_new_complaint ON pengaduan_complaint;
DROP TRIGGER words_of_complaint ON pengaduan_complaint;
DROP TRIGGER words_of_new_text ON pengaduan_complainttext;
DROP TRIGGER words_of_text ON pengaduan_complainttext;
DROP FUNCTION keep_words_of_complaint;
DROP FUNCTION keep_words_of_text;
DROP FUNCTION keep_search_entry;
DROP FUNCTION complaint_words;
DROP FUNCTION plain_words;
"""


class Migration(migrations.Migration):
    dependencies = [("pengaduan", "0013_search_and_reading")]

    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, UNDO)]
