"""The digest of an event, reckoned in the database: for the sweep in sets and for verify_events."""

from django.db import migrations

FUNCTION = r"""
CREATE FUNCTION event_microseconds(moment timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    (extract(epoch FROM moment - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint;

CREATE FUNCTION event_digest(
    previous bytea, complaint bigint, seq integer, at timestamptz, by_user bigint, kind text, actor text,
    from_stage text, to_stage text, from_office bigint, to_office bigint, due_at timestamptz,
    tier_due_at timestamptz, data text, text_digest text
) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN sha256(
    previous || int8send(complaint) || int4send(seq) || int8send(event_microseconds(at))
    || int8send(coalesce(by_user, 0))
    || convert_to(
        kind || E'\x1f' || actor || E'\x1f' || from_stage || E'\x1f' || to_stage
        || E'\x1f' || coalesce(from_office::text, '') || E'\x1f' || coalesce(to_office::text, '')
        || E'\x1f' || coalesce(event_microseconds(due_at)::text, '')
        || E'\x1f' || coalesce(event_microseconds(tier_due_at)::text, '')
        || E'\x1f' || data || E'\x1f' || text_digest, 'UTF8')
);
"""


class Migration(migrations.Migration):
    dependencies = [("pengaduan", "0001_the_complaint")]

    operations = [
        migrations.RunSQL(
            FUNCTION,
            "DROP FUNCTION event_digest; DROP FUNCTION event_microseconds;",
        )
    ]
