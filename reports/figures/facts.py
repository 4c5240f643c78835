"""One definition of a case as it stood when a period ended: every table of every report counts these (D44, D47).

What stood is read from the events before that instant, or from what later events say was there before them: stage,
office, deadlines, waiting, category, weight, prominence, money, place, merging. Later steps hence change nothing of a
period that has ended. Taken as known is only what has no history: channel, source and field, which say how a matter
came and what it is about; a place that the register completed, inside the one that was known; and what is concealed,
for what must be hidden now was never fit to be seen (D35).

The statements hold slots that `queries.run` fills: `{here}` and `{there}` name the area, `{save}` what is kept from a
reader and so not counted for them (D49), `{only}` the part of the cases that is looked at.
"""

from pengaduan.models import Outcome, Stage
from workflow.machine import STEPS

DONE = [Stage.FEEDBACK, Stage.CLOSED]
SETTLING = [step.code for step in STEPS if step.target == Stage.FEEDBACK or step.outcome == Outcome.UNPROVEN]
"""The steps that settle a case: the result is told, or another person confirms that it did not happen."""

PLACING = ["pindah-wilayah", "tetapkan-wilayah"]
WEIGHING = ["ubah-bobot", "daftarkan", "daftarkan-informatif"]
SORTING = ["ubah-kategori", "alihkan-sifat", "rekomendasi-basis-data"]
MONEY = "catat-uang"
"""The steps that write down what was there before them: the place as `was`, weight with the prominent flag and category
as `from`, a loss that changed as `lost_before`; what came back stands as `repaid`, what was taken back as `amount`."""

STEPS_NAMED = {"done": DONE, "settling": SETTLING, "placing": PLACING, "weighing": WEIGHING, "sorting": SORTING}
"""The parameters of the statements that hold steps or stages."""

# Three short lists, found by the kind of their events: what was brought elsewhere after the end, with the place that it
# had then; what was merged by the end, and into which case; who withdrew while others went on.
ASIDE = """
moved AS MATERIALIZED (
    SELECT DISTINCT ON (e.complaint_id) e.complaint_id AS id, e.data::jsonb ->> 'was' AS region
    FROM pengaduan_event e WHERE e.kind = ANY(%(placing)s) AND e.at >= %(end)s AND e.data::jsonb ? 'was'
    ORDER BY e.complaint_id, e.seq
), brought AS MATERIALIZED (
    SELECT DISTINCT d.complaint_id AS id, led.case_id
    FROM pengaduan_event d CROSS JOIN LATERAL (
        SELECT (CASE e.kind WHEN 'duplikat' THEN e.data::jsonb ->> 'original'
            WHEN 'terkait' THEN e.data::jsonb ->> 'other' END)::bigint AS case_id
        FROM pengaduan_event e
        WHERE e.complaint_id = d.complaint_id AND e.at < %(end)s
            AND (e.kind IN ('duplikat', 'pisahkan') OR e.kind = 'terkait' AND e.data::jsonb ->> 'what' = 'led')
        ORDER BY e.seq DESC LIMIT 1
    ) led
    WHERE d.kind = 'duplikat' AND d.at >= %(start)s AND d.at < %(end)s AND led.case_id IS NOT NULL
), withdrawn AS MATERIALIZED (
    SELECT id FROM (
        SELECT DISTINCT ON (e.data::jsonb ->> 'complainant') (e.data::jsonb ->> 'complainant')::uuid AS id, e.kind
        FROM pengaduan_event e
        WHERE e.kind IN ('cabut-sendiri', 'ikut-lagi') AND e.at >= %(start)s AND e.at < %(end)s
        ORDER BY e.data::jsonb ->> 'complainant', e.at DESC, e.id DESC
    ) latest WHERE kind = 'cabut-sendiri'
)
"""

# `{here}` chooses what is in the area now, `{there}` what was and moved out of it since.
CASES = """
cases AS (
    SELECT c.*, c.region_id AS stood_at FROM pengaduan_complaint c
    WHERE NOT EXISTS (SELECT FROM moved m WHERE m.id = c.id) {here}
    UNION ALL
    SELECT c.*, m.region AS stood_at FROM moved m JOIN pengaduan_complaint c ON c.id = m.id WHERE true {there}
)
"""

# One row a case that was open at some time of the period or came in during it; what is closed now was closed after it
# came in. `h` folds its events, the latest first, each of which holds the whole state after it. The first one counts
# always, since a letter may be recorded after the month in which it came. Of later events the last one in such a list
# is the first after the end: what it found is what stood.
HELD = """
held AS MATERIALIZED (
    SELECT c.id, c.number, c.received_at, c.concealed_tier, c.stood_at, left(c.stood_at, 5) AS bucket,
        left(c.stood_at, 8) AS region,
        k.code AS channel, k.counted_apart AS apart, COALESCE(f.code, '') AS field, COALESCE(s.code, '') AS source,
        COALESCE(h.categories[cardinality(h.categories)], g.code) AS category,
        COALESCE(h.weights[cardinality(h.weights)] ->> 0, c.weight) AS weight,
        COALESCE((h.weights[cardinality(h.weights)] ->> 1)::boolean, c.prominent) AS prominent,
        CASE WHEN h.losses IS NULL THEN c.lost_amount
            ELSE (h.losses[cardinality(h.losses)] ->> 'lost_before')::numeric END AS lost_amount,
        c.returned_amount - COALESCE(h.returned_later, 0) AS returned_amount,
        h.stage, h.stage_before, h.due_at, h.tier_due_at, h.done_at, h.done_by, h.closed_by, h.by_complainant,
        h.climbed, h.escalations, h.closings, h.reopenings, h.rejections, h.moves,
        h.stage = 'ditutup' AND h.closed_by = 'duplikat' AS merged,
        o.tier, o.name AS office, p.started_at AS waiting_since
    FROM cases c
    JOIN pengaduan_channel k ON k.id = c.channel_id
    JOIN pengaduan_category g ON g.id = c.category_id
    LEFT JOIN pengaduan_field f ON f.id = c.field_id
    LEFT JOIN pengaduan_source s ON s.id = c.source_id
    CROSS JOIN LATERAL (
        SELECT (array_agg(e.to_stage ORDER BY e.seq DESC) FILTER (WHERE stood))[1] AS stage,
            (array_agg(e.to_office_id ORDER BY e.seq DESC) FILTER (WHERE stood))[1] AS office_id,
            (array_agg(e.due_at ORDER BY e.seq DESC) FILTER (WHERE stood))[1] AS due_at,
            (array_agg(e.tier_due_at ORDER BY e.seq DESC) FILTER (WHERE stood))[1] AS tier_due_at,
            (array_agg(e.to_stage ORDER BY e.seq DESC) FILTER (WHERE e.at < %(start)s OR e.seq = 1))[1]
                AS stage_before,
            (array_agg(e.at ORDER BY e.seq DESC) FILTER (WHERE stood AND ends))[1] AS done_at,
            (array_agg(e.kind ORDER BY e.seq DESC) FILTER (WHERE stood AND ends))[1] AS done_by,
            (array_agg(e.kind ORDER BY e.seq DESC) FILTER (WHERE stood AND closes))[1] AS closed_by,
            bool_or(e.actor = 'pelapor') FILTER (WHERE e.seq = 1) AS by_complainant,
            count(*) FILTER (WHERE stood AND e.kind = 'eskalasi')::int AS climbed,
            count(*) FILTER (WHERE within AND e.kind = 'eskalasi')::int AS escalations,
            count(*) FILTER (WHERE within AND closes)::int AS closings,
            count(*) FILTER (WHERE within AND e.from_stage = 'ditutup' AND e.to_stage <> 'ditutup')::int AS reopenings,
            count(*) FILTER (WHERE within AND e.from_stage = 'umpan-balik' AND e.to_stage <> ALL(%(done)s))::int
                AS rejections,
            count(*) FILTER (WHERE within AND (e.from_stage <> e.to_stage OR e.from_office_id <> e.to_office_id))::int
                AS moves,
            array_agg(e.data::jsonb ->> 'from' ORDER BY e.seq DESC)
                FILTER (WHERE later AND e.kind = ANY(%(sorting)s) AND e.data::jsonb ? 'from') AS categories,
            array_agg(e.data::jsonb -> 'from' ORDER BY e.seq DESC)
                FILTER (WHERE later AND e.kind = ANY(%(weighing)s) AND e.data::jsonb ? 'from') AS weights,
            array_agg(e.data::jsonb ORDER BY e.seq DESC)
                FILTER (WHERE later AND e.kind = 'catat-uang' AND e.data::jsonb ? 'lost') AS losses,
            sum(COALESCE((e.data::jsonb ->> 'repaid')::numeric, 0) - COALESCE((e.data::jsonb ->> 'amount')::numeric, 0))
                FILTER (WHERE later AND e.kind = 'catat-uang') AS returned_later
        FROM (
            SELECT e.*, e.at < %(end)s OR e.seq = 1 AS stood, e.at >= %(start)s AND e.at < %(end)s AS within,
                e.at >= %(end)s AS later, e.to_stage = 'ditutup' AND e.from_stage <> 'ditutup' AS closes,
                e.to_stage = ANY(%(done)s) AND e.from_stage <> ALL(%(done)s) AS ends
            FROM pengaduan_event e WHERE e.complaint_id = c.id ORDER BY e.seq DESC OFFSET 0  -- reckoned once an event
        ) e
    ) h
    JOIN tiers_office o ON o.id = h.office_id
    LEFT JOIN workflow_pause p  -- the waiting for the complainant that lasted at the end: the clock stood (D12)
        ON p.complaint_id = c.id AND p.started_at < %(end)s AND (p.ended_at IS NULL OR p.ended_at >= %(end)s)
    WHERE c.programme_id = %(programme)s AND c.concealed_tier < %(tier)s {save} AND c.created_at <= %(as_of)s
        AND c.received_at < %(end)s AND (c.closed_at IS NULL OR c.closed_at >= %(start)s)
)
"""

# The people behind the cases received in the period, each once: those of what was merged stand with the one case.
PEOPLE = """
people AS MATERIALIZED (
    SELECT h.id, p.secrecy, count(*)::int AS number
    FROM (SELECT id, id AS case_id FROM held UNION ALL SELECT id, case_id FROM brought) via
    JOIN held h ON h.id = via.case_id AND h.received_at >= %(start)s AND NOT h.merged
    JOIN pengaduan_complainant p ON p.complaint_id = via.id
    WHERE NOT EXISTS (SELECT FROM withdrawn w WHERE w.id = p.id)
    GROUP BY h.id, p.secrecy
)
"""
JAKARTA_DAY = "({} AT TIME ZONE 'Asia/Jakarta')::date"
LAST_DAY = JAKARTA_DAY.format("(%(end)s::timestamptz - interval '1 microsecond')")

FACTS = f"""
WITH {ASIDE}, {CASES}, {HELD}, {PEOPLE}, facts AS MATERIALIZED (
    SELECT h.*,
        CASE WHEN length(h.stood_at) >= %(place_length)s THEN left(h.stood_at, %(place_length)s) ELSE '' END AS place,
        h.concealed_tier > 0 AS concealed,
        h.received_at >= %(start)s AS received,
        h.stage = ANY(%(done)s) AS done,
        h.received_at < %(start)s AND h.stage_before <> 'ditutup' AS was_open,
        h.stage = ANY(%(done)s) AND h.done_at >= %(start)s AS done_now,
        h.done_by = ANY(%(settling)s) AS settled,
        h.stage <> ALL(%(done)s) AND h.due_at < COALESCE(h.waiting_since, %(end)s) AS late,
        h.stage <> ALL(%(done)s) AND h.tier_due_at < COALESCE(h.waiting_since, %(end)s) AS tier_late,
        {LAST_DAY} - {JAKARTA_DAY.format("h.received_at")} AS age_days,
        COALESCE(p.number, 0) AS complainants
    FROM held h LEFT JOIN (SELECT id, sum(number)::int AS number FROM people GROUP BY id) p ON p.id = h.id
    WHERE true {{only}}
)
"""
