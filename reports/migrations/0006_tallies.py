"""Tallies of each kabupaten and month, and the triggers that mark what changes them (docs/decisions/0021)."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# What changes the figures of a bucket leaves a mark, in the transaction that changes it. The record first: one statement
# may append thousands of events, and leaves one mark a bucket. A letter counts from the day it came. `OFFSET 0` keeps the
# plan, which is made once a connection, to one look at the key of each: it serves one event as well as five thousand.
EVENTS = """
CREATE FUNCTION mark_tallies_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_tallymark (programme_id, bucket, month, latest)
    SELECT c.programme_id, left(c.region_id, 5),
        date_trunc('month', min(CASE WHEN a.seq = 1 THEN LEAST(a.at, c.received_at) ELSE a.at END)
            AT TIME ZONE 'Asia/Jakarta')::date, max(a.at)
    FROM added a
    CROSS JOIN LATERAL (SELECT * FROM pengaduan_complaint c WHERE c.id = a.complaint_id OFFSET 0) c
    GROUP BY c.programme_id, left(c.region_id, 5);
    RETURN NULL;
END $$;
CREATE TRIGGER mark_tallies AFTER INSERT ON pengaduan_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION mark_tallies_of_events();
"""

# What a case is has no record of its own: corrected, it changes all months since it came, wherever it stood then, and
# the case into which it was merged. Stage, office, deadlines and end are always written with an event.
COMPLAINTS = """
CREATE FUNCTION mark_tallies_of_complaint(changed bigint, since timestamptz, latest timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_tallymark (programme_id, bucket, month, latest)
    SELECT DISTINCT c.programme_id, left(place.code, 5),
        date_trunc('month', LEAST(since, c.received_at) AT TIME ZONE 'Asia/Jakarta')::date, latest
    FROM pengaduan_complaint own JOIN pengaduan_complaint c ON c.id IN (own.id, own.merged_into_id)
    CROSS JOIN LATERAL (
        SELECT c.region_id AS code
        UNION SELECT e.data::jsonb ->> 'was' FROM pengaduan_event e
        WHERE e.complaint_id = c.id AND e.kind IN ('pindah-wilayah', 'tetapkan-wilayah') AND e.data::jsonb ? 'was'
    ) place
    WHERE own.id = changed;
END $$;
CREATE FUNCTION mark_tallies_of_changed_complaint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_tallies_of_complaint(NEW.id, OLD.received_at, NEW.created_at);
    IF (OLD.region_id, OLD.programme_id) IS DISTINCT FROM (NEW.region_id, NEW.programme_id) THEN
        INSERT INTO reports_tallymark (programme_id, bucket, month, latest)
        VALUES (OLD.programme_id, left(OLD.region_id, 5),
            date_trunc('month', OLD.received_at AT TIME ZONE 'Asia/Jakarta')::date, NEW.created_at);
    END IF;
    IF OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id AND OLD.merged_into_id IS NOT NULL THEN
        PERFORM mark_tallies_of_complaint(OLD.merged_into_id, OLD.received_at, NEW.created_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER mark_tallies AFTER UPDATE OF
    number, programme_id, region_id, category_id, field_id, channel_id, source_id, weight, prominent, concealed_tier,
    received_at, created_at, lost_amount, returned_amount, merged_into_id ON pengaduan_complaint
    FOR EACH ROW WHEN (
        (OLD.number, OLD.programme_id, OLD.region_id, OLD.category_id, OLD.field_id, OLD.channel_id, OLD.source_id,
         OLD.weight, OLD.prominent, OLD.concealed_tier, OLD.received_at, OLD.created_at, OLD.lost_amount,
         OLD.returned_amount, OLD.merged_into_id)
        IS DISTINCT FROM
        (NEW.number, NEW.programme_id, NEW.region_id, NEW.category_id, NEW.field_id, NEW.channel_id, NEW.source_id,
         NEW.weight, NEW.prominent, NEW.concealed_tier, NEW.received_at, NEW.created_at, NEW.lost_amount,
         NEW.returned_amount, NEW.merged_into_id)
    ) EXECUTE FUNCTION mark_tallies_of_changed_complaint();

CREATE FUNCTION mark_tallies_of_complainant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM mark_tallies_of_complaint(OLD.complaint_id, OLD.created_at, OLD.created_at);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM mark_tallies_of_complaint(NEW.complaint_id, NEW.created_at, NEW.created_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER mark_tallies AFTER INSERT OR DELETE OR UPDATE OF complaint_id, secrecy, consent_noted, created_at
    ON pengaduan_complainant FOR EACH ROW EXECUTE FUNCTION mark_tallies_of_complainant();
"""

# Who wrote a case down is told by the text from which it was taken.
TEXTS = """
CREATE FUNCTION mark_tallies_of_inbound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_tallies_of_complaint(NEW.complaint_id, NULL, NEW.received_at);
    RETURN NULL;
END $$;
CREATE TRIGGER mark_tallies AFTER INSERT OR UPDATE OF complaint_id ON pengaduan_inbound
    FOR EACH ROW WHEN (NEW.complaint_id IS NOT NULL) EXECUTE FUNCTION mark_tallies_of_inbound();
"""

# A waiting that ends changes nothing of the months that ended while it lasted.
PAUSES = """
CREATE FUNCTION mark_tallies_of_pause() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_case bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.complaint_id ELSE NEW.complaint_id END;
    since timestamptz := CASE
        WHEN TG_OP = 'INSERT' THEN NEW.started_at
        WHEN TG_OP = 'DELETE' THEN OLD.started_at
        WHEN OLD.started_at = NEW.started_at THEN LEAST(OLD.ended_at, NEW.ended_at)
        ELSE LEAST(OLD.started_at, NEW.started_at) END;
BEGIN
    INSERT INTO reports_tallymark (programme_id, bucket, month, latest)
    SELECT c.programme_id, left(c.region_id, 5), date_trunc('month', since AT TIME ZONE 'Asia/Jakarta')::date, since
    FROM pengaduan_complaint c WHERE c.id = of_case AND since IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER mark_tallies AFTER INSERT OR DELETE OR UPDATE OF started_at, ended_at ON workflow_pause
    FOR EACH ROW EXECUTE FUNCTION mark_tallies_of_pause();
"""

# A catalogue that is corrected changes every month of its programme.
CATALOGUES = """
CREATE FUNCTION mark_tallies_of_programme() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_tallymark (programme_id, bucket, month, latest)
    VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.programme_id ELSE NEW.programme_id END, '', '0001-01-01', '2000-01-01');
    RETURN NULL;
END $$;
CREATE TRIGGER mark_tallies AFTER UPDATE OF code, counted_apart ON pengaduan_channel FOR EACH ROW
    WHEN ((OLD.code, OLD.counted_apart) IS DISTINCT FROM (NEW.code, NEW.counted_apart))
    EXECUTE FUNCTION mark_tallies_of_programme();
CREATE TRIGGER mark_tallies AFTER UPDATE OF code ON pengaduan_category FOR EACH ROW
    WHEN (OLD.code IS DISTINCT FROM NEW.code) EXECUTE FUNCTION mark_tallies_of_programme();
CREATE TRIGGER mark_tallies AFTER UPDATE OF code ON pengaduan_field FOR EACH ROW
    WHEN (OLD.code IS DISTINCT FROM NEW.code) EXECUTE FUNCTION mark_tallies_of_programme();
CREATE TRIGGER mark_tallies AFTER UPDATE OF code ON pengaduan_source FOR EACH ROW
    WHEN (OLD.code IS DISTINCT FROM NEW.code) EXECUTE FUNCTION mark_tallies_of_programme();
CREATE TRIGGER mark_tallies AFTER UPDATE OF name, tier ON tiers_office FOR EACH ROW
    WHEN ((OLD.name, OLD.tier) IS DISTINCT FROM (NEW.name, NEW.tier)) EXECUTE FUNCTION mark_tallies_of_programme();
CREATE TRIGGER mark_tallies AFTER INSERT OR DELETE OR UPDATE OF tier ON tiers_programmetier FOR EACH ROW
    EXECUTE FUNCTION mark_tallies_of_programme();
"""

# Also where triggers are spared (`simulate` adds cases in bulk): what was added must be seen all the same.
ALWAYS = "ALTER TABLE pengaduan_event ENABLE ALWAYS TRIGGER mark_tallies;"

GONE = """
DROP TRIGGER mark_tallies ON pengaduan_event;
DROP TRIGGER mark_tallies ON pengaduan_complaint;
DROP TRIGGER mark_tallies ON pengaduan_complainant;
DROP TRIGGER mark_tallies ON pengaduan_inbound;
DROP TRIGGER mark_tallies ON workflow_pause;
DROP TRIGGER mark_tallies ON pengaduan_channel;
DROP TRIGGER mark_tallies ON pengaduan_category;
DROP TRIGGER mark_tallies ON pengaduan_field;
DROP TRIGGER mark_tallies ON pengaduan_source;
DROP TRIGGER mark_tallies ON tiers_office;
DROP TRIGGER mark_tallies ON tiers_programmetier;
DROP FUNCTION mark_tallies_of_events, mark_tallies_of_changed_complaint, mark_tallies_of_complainant,
    mark_tallies_of_inbound, mark_tallies_of_pause, mark_tallies_of_programme, mark_tallies_of_complaint;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0005_lists_taken_along"),
        ("tiers", "0008_always_biweekly"),
        ("pengaduan", "0018_words_for_reviewers"),
        ("workflow", "0010_words_for_reviewers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("bucket", models.CharField(db_collation="C", max_length=5)),
                ("version", models.PositiveSmallIntegerField()),
                ("as_of", models.DateTimeField()),
                ("good_until", models.DateTimeField(null=True)),
                ("seen", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("totals", models.TextField()),
                ("parts", models.TextField()),
                (
                    "programme",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tiers.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "hitungan kabupaten",
                "verbose_name_plural": "hitungan kabupaten",
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "month", "bucket"), name="one_tally_a_bucket")
                ],
            },
        ),
        migrations.CreateModel(
            name="TallyMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bucket", models.CharField(db_collation="C", max_length=5)),
                ("month", models.DateField()),
                ("latest", models.DateTimeField()),
                (
                    "programme",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="tiers.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "tanda perubahan hitungan",
                "verbose_name_plural": "tanda perubahan hitungan",
                "indexes": [models.Index(fields=["programme", "bucket"], name="tally_marks_of_bucket")],
            },
        ),
        migrations.RunSQL(EVENTS + COMPLAINTS + TEXTS + PAUSES + CATALOGUES + ALWAYS, GONE),
    ]
