"""The statements of `workflow.simulation`, in the order in which they run."""

# `dice` throws the same for the same case and purpose; `sim_chain` runs the digests of a record from its first event.
PREPARE = """
CREATE FUNCTION pg_temp.dice(n bigint, purpose int) RETURNS float8 LANGUAGE sql IMMUTABLE RETURN
    ((hashint8extended(n, {seed}::bigint * 1000 + purpose) >> 10) & 9007199254740991)::float8 / 9007199254740992;
CREATE AGGREGATE pg_temp.sim_chain(bigint, integer, timestamptz, bigint, text, text, text, text, bigint, bigint,
    timestamptz, timestamptz, text, text) (SFUNC = event_digest, STYPE = bytea, INITCOND = '');
CREATE TEMPORARY TABLE sim_programme (programme int, programme_id bigint);
CREATE TEMPORARY TABLE sim_matter (programme int, wish int, choice int, choices int, category_id bigint,
    category text, level_id bigint, starts text, nature text, concealed int, tier int, below int, above int, days int);
CREATE TEMPORARY TABLE sim_channel (programme int, choice int, choices int, id bigint, code text);
CREATE TEMPORARY TABLE sim_source (LIKE sim_channel);
CREATE TEMPORARY TABLE sim_way (nature text, is_open boolean, least float8, most float8, way text, steps int,
    told int, stage text, outcome text);
CREATE TEMPORARY TABLE sim_step (way text, place int, kind text, actor text, verifies boolean, from_stage text,
    to_stage text);
CREATE TEMPORARY TABLE sim_clock (level_id bigint, start_on date, due_on date, stage_due_on date[]);
CREATE TEMPORARY TABLE sim_running (level_id bigint, stage text, step int);
"""

CLEAN_UP = """
DROP TABLE IF EXISTS sim_programme, sim_matter, sim_channel, sim_source, sim_way, sim_step, sim_clock, sim_running,
    sim_place, sim_case, sim_office, sim_event;
DROP AGGREGATE IF EXISTS pg_temp.sim_chain(bigint, integer, timestamptz, bigint, text, text, text, text, bigint, bigint,
    timestamptz, timestamptz, text, text);
DROP FUNCTION IF EXISTS pg_temp.dice(bigint, int);
"""

# Each village with the interval of the dice that falls on it.
PLACES = """
CREATE TEMPORARY TABLE sim_place AS
WITH village AS (
  SELECT r.code, r.zone, left(r.code, 5) AS regency, left(r.code, 2) AS province, hashtext(r.code)::bigint AS key,
         hashtext(left(r.code, 5))::bigint AS regency_key, substr(r.code, 10, 1) = '1' AS is_kelurahan
    FROM tiers_region r WHERE r.tier = 1),
drawn AS (
  SELECT code, zone, regency, province,
         exp(0.9 * sqrt(-2 * ln(1 - pg_temp.dice(key, 901))) * cos(2 * pi() * pg_temp.dice(key, 902)))
         * CASE WHEN is_kelurahan THEN 2.5 ELSE 1 END AS size,
         exp(0.6 * sqrt(-2 * ln(1 - pg_temp.dice(regency_key, 903))) * cos(2 * pi() * pg_temp.dice(regency_key, 904)))
         AS regency_size
    FROM village),
shared AS (
  SELECT *, size / sum(size) OVER (PARTITION BY regency) AS of_regency,
         regency_size / sum(regency_size / villages) OVER (PARTITION BY province) AS of_province
    FROM (SELECT *, count(*) OVER (PARTITION BY regency) AS villages FROM drawn) AS counted),
weighed AS (
  SELECT code, zone, of_regency * of_province * coalesce(p.weight, 1) AS weight
    FROM shared LEFT JOIN unnest(%(provinces)s::text[], %(weights)s::float8[]) AS p(province, weight) USING (province))
SELECT row_number() OVER by_code::int AS place, code, zone,
       (sum(weight) OVER by_code - weight) / sum(weight) OVER () AS since
  FROM weighed WINDOW by_code AS (ORDER BY code);
ANALYZE sim_place;
"""

# The planner takes the throws for very selective and would loop over small tables a hundred thousand times.
PLAN = "SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'"

# Step by step: the throws; what they mean; when things happened; until when they were due; the row.
CASES = """
DROP TABLE IF EXISTS sim_case;
CREATE TEMPORARY TABLE sim_case AS
WITH thrown AS MATERIALIZED (
  SELECT n, date_trunc('second', %(since)s + (n - %(first)s + pg_temp.dice(n, 1)) / %(number)s * %(days)s
                                 * interval '1 day') AS received_at,
         width_bucket(pg_temp.dice(n, 2), %(shares)s::float8[]) AS share,
         width_bucket(pg_temp.dice(n, 3), '{0,0.5,0.7,0.9,0.97}'::float8[]) AS wish,
         width_bucket(pg_temp.dice(n, 4), (SELECT array_agg(since ORDER BY place) FROM sim_place)) AS place,
         pg_temp.dice(n, 5) < exp((n - %(first)s + 1 - %(number)s) / (0.126 * %(number)s)) AS is_open
    FROM generate_series(%(start)s::bigint, %(last)s::bigint) AS n),
chosen AS MATERIALIZED (
  SELECT t.*, p.programme, p.programme_id, floor(mc.choices * pg_temp.dice(n, 6) ^ 2)::int AS matter_choice,
         floor(cc.choices * pg_temp.dice(n, 7) ^ 2)::int AS channel_choice,
         floor(sc.choices * pg_temp.dice(n, 8))::int AS source_choice, pg_temp.dice(n, 9) AS way_throw
    FROM thrown t JOIN sim_programme p ON p.programme = least(t.share, (SELECT max(programme) FROM sim_programme))
    JOIN (SELECT DISTINCT programme, wish, choices FROM sim_matter) mc
      ON (mc.programme, mc.wish) = (p.programme, t.wish)
    JOIN (SELECT DISTINCT programme, choices FROM sim_channel) cc ON cc.programme = p.programme
    JOIN (SELECT DISTINCT programme, choices FROM sim_source) sc ON sc.programme = p.programme),
meant AS MATERIALIZED (
  SELECT t.n, t.received_at, t.is_open, t.programme_id, v.code AS region_id, v.zone, m.*, ch.id AS channel_id,
         ch.code AS channel, so.id AS source_id, y.way, y.steps, y.told, y.stage, y.outcome,
         m.days * interval '1 day' AS period,
         t.is_open AND y.told IS NULL AS runs,
         t.is_open AND y.told IS NULL AND t.received_at + m.days * interval '1 day' < %(now)s
         AND (m.below IS NOT NULL OR m.above IS NOT NULL) AS moved
    FROM chosen t JOIN sim_place v ON v.place = t.place
    JOIN sim_matter m ON (m.programme, m.wish, m.choice) = (t.programme, t.wish, t.matter_choice)
    JOIN sim_channel ch ON (ch.programme, ch.choice) = (t.programme, t.channel_choice)
    JOIN sim_source so ON (so.programme, so.choice) = (t.programme, t.source_choice)
    JOIN sim_way y ON (y.nature, y.is_open) = (m.nature, t.is_open)
                   AND t.way_throw >= y.least AND t.way_throw < y.most),
lasting AS MATERIALIZED (
  SELECT *, date_trunc('second', CASE WHEN moved
                                 THEN %(now)s - pg_temp.dice(n, 10) * least(period * 1.02, %(now)s - received_at)
                                 ELSE received_at END) AS tier_since,
         received_at + least(period * (0.1 + 1.3 * pg_temp.dice(n, 11) ^ 2),
                             (%(now)s - received_at) * pg_temp.dice(n, 12)) AS ended_at
    FROM meant),
timed AS MATERIALIZED (
  SELECT *, date_trunc('second', CASE
           WHEN NOT is_open THEN greatest(ended_at, received_at)
           WHEN told IS NOT NULL THEN greatest(received_at, %(now)s - pg_temp.dice(n, 13) * interval '13 days')
           ELSE tier_since + least(%(now)s - tier_since, period / 2) * pg_temp.dice(n, 13) END) AS last_at
    FROM lasting),
begun AS MATERIALIZED (
  SELECT *, CASE WHEN way LIKE 'daftarkan%%' THEN tier_since + (last_at - tier_since) / steps END AS complete_at,
         CASE WHEN told IS NOT NULL THEN tier_since + (last_at - tier_since) * told / steps END AS settled_at,
         CASE WHEN NOT is_open THEN last_at END AS closed_at,
         CASE WHEN runs AND stage <> 'selesai' AND (below IS NOT NULL OR above IS NOT NULL)
                   AND pg_temp.dice(n, 14) < 0.04
              THEN date_trunc('second', greatest(last_at, %(now)s - pg_temp.dice(n, 15) * interval '29 days')) END
         AS waiting_since
    FROM timed),
dated AS MATERIALIZED (
  SELECT *, ((CASE WHEN starts = 'complete' THEN coalesce(complete_at, received_at) ELSE received_at END)
             AT TIME ZONE zone)::date AS start_on, (tier_since AT TIME ZONE zone)::date AS tier_start_on FROM begun),
due AS MATERIALIZED (
  SELECT d.*, (o.due_on + time '23:59:59') AT TIME ZONE d.zone AS due_at,
         (t.due_on + time '23:59:59') AT TIME ZONE d.zone AS tier_due_at,
         (t.stage_due_on[r.step + 1] + time '23:59:59') AT TIME ZONE d.zone AS stage_due_at
    FROM dated d JOIN sim_clock o ON (o.level_id, o.start_on) = (d.level_id, d.start_on)
    JOIN sim_clock t ON (t.level_id, t.start_on) = (d.level_id, greatest(d.start_on, d.tier_start_on))
    LEFT JOIN sim_running r ON (r.level_id, r.stage) = (d.level_id, d.stage))
SELECT nextval(pg_get_serial_sequence('pengaduan_complaint', 'id')) AS id, due.*,
       extract(year FROM received_at AT TIME ZONE zone)::int AS year,
       CASE WHEN moved THEN coalesce(below, above) END AS from_tier,
       CASE WHEN runs AND waiting_since IS NULL AND below IS NULL AND above IS NULL AND tier_due_at < %(now)s
            THEN least(tier_due_at + interval '3 minutes', %(now)s) END AS top_overdue_at,
       coalesce(left(region_id, size.length), '') AS place_code,  -- Pusat has no region
       coalesce(left(region_id, from_size.length), '') AS from_code
  FROM due LEFT JOIN unnest(%(tiers)s::int[], %(lengths)s::int[]) AS size(tier, length) ON size.tier = due.tier
  LEFT JOIN unnest(%(tiers)s::int[], %(lengths)s::int[]) AS from_size(tier, length)
    ON from_size.tier = coalesce(due.below, due.above)
 ORDER BY n;
ANALYZE sim_case;
"""

# An office comes into being when it is first needed (D3), each with one officer.
OFFICES = """
DROP TABLE IF EXISTS sim_office;
CREATE TEMPORARY TABLE sim_office AS
WITH needed AS (
  SELECT programme_id, tier, place_code AS code FROM sim_case
  UNION SELECT programme_id, from_tier, from_code FROM sim_case WHERE moved
  UNION SELECT programme_id, max(tier), '' FROM tiers_programmetier GROUP BY 1 HAVING max(tier) = %(top)s),
made AS (
  INSERT INTO tiers_office (programme_id, tier, region_id, name, responsible_person, address, phone, email, opens_at,
                            closes_at)
  SELECT n.programme_id, n.tier, nullif(n.code, ''), replace(t.office_pattern, '{wilayah}', coalesce(r.name, '')),
         '', '', '', '', '08:00', '16:00'
    FROM needed n JOIN tiers_programmetier t ON (t.programme_id, t.tier) = (n.programme_id, n.tier)
    LEFT JOIN tiers_region r ON r.code = n.code
  ORDER BY n.programme_id, n.tier, n.code
  ON CONFLICT DO NOTHING RETURNING id, programme_id, tier, region_id)
SELECT id AS office_id, programme_id, tier, coalesce(region_id, '') AS code, NULL::bigint AS user_id FROM made
UNION ALL
SELECT o.id, o.programme_id, o.tier, n.code, NULL FROM needed n
  JOIN tiers_office o ON (o.programme_id, o.tier, coalesce(o.region_id, '')) = (n.programme_id, n.tier, n.code);
"""
OFFICERS = """
INSERT INTO tiers_user (password, is_superuser, username, email, is_staff, is_active, date_joined, name, phone)
SELECT '!', false, 'sim-' || office_id, '', false, true, %(now)s, 'Petugas ' || office_id, ''
  FROM sim_office ORDER BY office_id
ON CONFLICT DO NOTHING;
UPDATE sim_office s SET user_id = u.id FROM tiers_user u WHERE u.username = 'sim-' || s.office_id;
INSERT INTO tiers_assignment (user_id, office_id, role, starts_on)
SELECT s.user_id, s.office_id, 'petugas', (%(since)s)::date FROM sim_office s
 WHERE NOT EXISTS (SELECT FROM tiers_assignment a WHERE a.user_id = s.user_id) ORDER BY s.office_id;
ANALYZE sim_office;
"""

# The record of each case: received; moved a tier, if it was; the steps of its way; then waiting, or late at the top.
EVENTS = """
DROP TABLE IF EXISTS sim_event;
CREATE TEMPORARY TABLE sim_event AS
WITH held AS (
  SELECT c.*, o.office_id, o.user_id, f.office_id AS from_office, f.user_id AS from_user, v.user_id AS verifier
    FROM sim_case c
    JOIN sim_office o ON (o.programme_id, o.tier, o.code) = (c.programme_id, c.tier, c.place_code)
    LEFT JOIN sim_office f ON (f.programme_id, f.tier, f.code) = (c.programme_id, c.from_tier, c.from_code)
    LEFT JOIN sim_office v ON v.programme_id = c.programme_id AND v.code = ''),
happened AS (
  SELECT h.id, h.region_id, e.*, h.due_at, CASE WHEN e.place = 0 THEN h.due_at ELSE h.tier_due_at END AS tier_due_at
    FROM held h CROSS JOIN LATERAL (
      SELECT 0 AS place, 'diterima' AS kind, h.received_at AS at, 'pelapor' AS actor, NULL::bigint AS by_id,
             '' AS from_stage, 'registrasi' AS to_stage, NULL::bigint AS from_office,
             coalesce(h.from_office, h.office_id) AS to_office,
             format('{"category":"%%s","channel":"%%s"}', h.category, h.channel) AS data
      UNION ALL
      SELECT 1, CASE WHEN h.below IS NULL THEN 'turunkan' ELSE 'eskalasi' END, h.tier_since,
             CASE WHEN h.below IS NULL THEN 'petugas' ELSE 'sistem' END,
             CASE WHEN h.below IS NULL THEN h.from_user END, 'registrasi', 'registrasi', h.from_office, h.office_id,
             CASE WHEN h.below IS NULL THEN '{}'
                  ELSE format('{"from_tier":%%s,"to_tier":%%s}', h.from_tier, h.tier) END
       WHERE h.moved
      UNION ALL
      SELECT 1 + s.place, s.kind, h.tier_since + (h.last_at - h.tier_since) * s.place / h.steps, s.actor,
             CASE WHEN s.actor = 'petugas' THEN CASE WHEN s.verifies THEN coalesce(h.verifier, h.user_id)
                                                     ELSE h.user_id END END,
             s.from_stage, s.to_stage, h.office_id, h.office_id, '{}'
        FROM sim_step s WHERE s.way = h.way
      UNION ALL
      SELECT 20, 'minta-kelengkapan', h.waiting_since, 'petugas', h.user_id, h.stage, h.stage, h.office_id,
             h.office_id, '{}' WHERE h.waiting_since IS NOT NULL
      UNION ALL
      SELECT 20, 'puncak-terlambat', h.top_overdue_at, 'sistem', NULL, h.stage, h.stage, h.office_id, h.office_id,
             format('{"from_tier":%%s,"to_tier":%%s}', h.tier, h.tier) WHERE h.top_overdue_at IS NOT NULL) AS e),
numbered AS (
  SELECT *, row_number() OVER (PARTITION BY id ORDER BY place)::int AS seq FROM happened),
sealed AS (
  SELECT *, pg_temp.sim_chain(id, seq, at, by_id, kind, actor, from_stage, to_stage, from_office, to_office, due_at,
                              tier_due_at, data, '') OVER (PARTITION BY id ORDER BY place) AS digest FROM numbered)
SELECT *, lag(digest, 1, ''::bytea) OVER (PARTITION BY id ORDER BY place) AS previous,
       lead(id) OVER (PARTITION BY id ORDER BY place) IS NULL AS is_last FROM sealed;
CREATE INDEX ON sim_event (id) WHERE is_last;
ANALYZE sim_event;
"""

COMPLAINTS = """
INSERT INTO pengaduan_complaint (id, number, submission_key, programme_id, category_id, service_level_id, region_id,
    zone, subject, channel_id, source_id, programme_year, occurred_on, weight, prominent, office_id, tier, handler_id,
    concealed_tier, stage, outcome, received_at, complete_at, tier_since, due_at, tier_due_at, stage_due_at,
    waiting_since, settled_at, closed_at, top_overdue_at, escalations, rejections, lost_amount, returned_amount,
    version, event_seq, event_head, created_at)
SELECT c.id, format('%%s-%%s-%%s-%%s', p.number_prefix, left(c.region_id, 5), c.year,
           lpad((coalesce(k.last, 0) + row_number() OVER register)::text, 6, '0')),
       format('%%s-0000-4000-8000-%%s', %(mark)s::text, lpad(to_hex(c.n), 12, '0'))::uuid,
       c.programme_id, c.category_id, c.level_id, c.region_id, c.zone,
       (%(openings)s::text[])[1 + (pg_temp.dice(n, 20) * cardinality(%(openings)s::text[]))::int
                                  %% cardinality(%(openings)s::text[])],
       c.channel_id, c.source_id, c.year, (c.received_at AT TIME ZONE c.zone)::date - (pg_temp.dice(n, 23) * 30)::int,
       (ARRAY['ringan', 'sedang', 'sedang', 'berat'])[1 + floor(pg_temp.dice(n, 24) * 4)::int],
       pg_temp.dice(n, 25) < 0.01, o.office_id, c.tier, CASE WHEN c.steps > 0 THEN o.user_id END, c.concealed, c.stage,
       c.outcome, c.received_at, c.complete_at, c.tier_since, c.due_at, c.tier_due_at, c.stage_due_at,
       c.waiting_since, c.settled_at, c.closed_at, c.top_overdue_at, (c.moved AND c.below IS NOT NULL)::int, 0,
       CASE WHEN c.nature = 'masalah' AND pg_temp.dice(n, 26) < 0.05 THEN lost.amount END,
       CASE WHEN c.nature = 'masalah' AND pg_temp.dice(n, 26) < 0.05 AND NOT c.is_open THEN lost.amount ELSE 0 END,
       e.seq - 1, e.seq, e.digest, c.received_at
  FROM sim_case c JOIN tiers_programme p ON p.id = c.programme_id
  JOIN sim_event e ON e.id = c.id AND e.is_last
  JOIN sim_office o ON (o.programme_id, o.tier, o.code) = (c.programme_id, c.tier, c.place_code)
  LEFT JOIN workflow_numbercounter k ON (k.programme_id, k.regency_code, k.year)
                                      = (c.programme_id, left(c.region_id, 5), c.year)
 CROSS JOIN LATERAL (SELECT 100000 * (1 + floor(pg_temp.dice(n, 27) * 200)) AS amount) AS lost
WINDOW register AS (PARTITION BY c.programme_id, left(c.region_id, 5), c.year ORDER BY c.n)
 ORDER BY c.n
"""
COUNTERS = """
INSERT INTO workflow_numbercounter AS k (programme_id, regency_code, year, last)
SELECT programme_id, left(region_id, 5), year, count(*) FROM sim_case GROUP BY 1, 2, 3
ON CONFLICT (programme_id, regency_code, year) DO UPDATE SET last = k.last + excluded.last
"""
TEXTS = """
INSERT INTO pengaduan_complainttext (complaint_id, regency_code, original, recorded)
SELECT id, left(region_id, 5), words, CASE WHEN steps > 0 THEN words ELSE '' END
  FROM sim_case CROSS JOIN LATERAL (
       SELECT format('%%s %%s. %%s',
                (%(openings)s::text[])[1 + (pg_temp.dice(n, 20) * cardinality(%(openings)s::text[]))::int
                                           %% cardinality(%(openings)s::text[])],
                (%(middles)s::text[])[1 + (pg_temp.dice(n, 21) * cardinality(%(middles)s::text[]))::int
                                          %% cardinality(%(middles)s::text[])],
                (%(endings)s::text[])[1 + (pg_temp.dice(n, 22) * cardinality(%(endings)s::text[]))::int
                                          %% cardinality(%(endings)s::text[])]) AS words) AS said
"""
FILES = """
INSERT INTO pengaduan_casefile (complaint_id, regency_code, answer, chronology, position, case_analysis,
    stakeholder_analysis, recommendation, follow_up_by, result, finding, coordination, master_data_decision,
    forum_place, forum_decision, ticked)
SELECT id, left(region_id, 5), '', '', CASE WHEN way LIKE '%%nyatakan-tidak-terbukti%%' THEN 'unproven'
           WHEN way LIKE '%%nyatakan-terbukti%%' THEN 'proven' ELSE '' END, '', '', '', '', '', '',
       '', '', '', '', '[]' FROM sim_case
"""
COMPLAINANTS = """
INSERT INTO pengaduan_complainant (id, complaint_id, regency_code, secrecy, tracking_hash, name_sealed, phone_sealed,
    email_sealed, address_sealed, phone_hash, consent_noted, created_at)
SELECT md5(format('orang %%s %%s', %(seed)s::bigint, n))::uuid, id, left(region_id, 5), 'anonim',
       sha256(convert_to(format('kode %%s %%s', %(seed)s::bigint, n), 'UTF8')), '', '', '', '', '', false, received_at
  FROM sim_case
"""
RECORD = """
INSERT INTO pengaduan_event (complaint_id, regency_code, seq, kind, at, actor, by_id, from_stage, to_stage,
    from_office_id, to_office_id, due_at, tier_due_at, data, text_digest, previous, digest)
SELECT id, left(region_id, 5), seq, kind, at, actor, by_id, from_stage, to_stage, from_office, to_office, due_at,
       tier_due_at, data, '', previous, digest FROM sim_event ORDER BY id, seq
"""
PAUSES = """
INSERT INTO workflow_pause (complaint_id, regency_code, started_at, asked, questions)
SELECT id, left(region_id, 5), waiting_since, 'Mohon lengkapi keterangan dan bukti.', '[]' FROM sim_case
 WHERE waiting_since IS NOT NULL
"""
REPORTED = """
INSERT INTO pengaduan_reportedparty (complaint_id, regency_code, words)
SELECT id, left(region_id, 5), 'Seorang pengurus kegiatan' FROM sim_case WHERE pg_temp.dice(n, 28) < 0.02
"""
# The triggers that keep the words of the search are left out with the others.
WORDS = """
INSERT INTO pengaduan_searchentry (complaint_id, regency_code, words)
SELECT c.id, c.regency_code,
       complaint_words(c.number, c.subject, t.recorded, c.programme_id, c.region_id, c.concealed_tier)
  FROM sim_case s JOIN pengaduan_complaint c ON c.id = s.id JOIN pengaduan_complainttext t ON t.complaint_id = s.id
ON CONFLICT (complaint_id) DO NOTHING
"""

SLICE = (
    PLAN,
    CASES,
    OFFICES,
    OFFICERS,
    EVENTS,
    COMPLAINTS,
    COUNTERS,
    TEXTS,
    WORDS,
    FILES,
    COMPLAINANTS,
    RECORD,
    PAUSES,
    REPORTED,
)
