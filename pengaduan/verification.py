"""Prove the record: every event is as it was written, in its place, and its words with it (D40).

The chain shows any change that leaves the rest as it is. Who rewrites every later event and the head on the complaint
too leaves no trace here: that takes a copy kept elsewhere, as in a backup.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint


class Fault(TextChoices):
    """What is wrong at a place."""

    CHANGED = "changed", _("isi catatan ini diubah")
    GAP = "gap", _("catatan sebelum ini hilang")
    UNLINKED = "unlinked", _("catatan ini tidak bersambung dengan yang sebelumnya")
    END = "end", _("catatan terakhir hilang atau diganti")
    WORDS = "words", _("teks catatan ini diubah, hilang, atau ditambahkan")


@dataclass(frozen=True, order=True)
class Break:
    """One broken place: the complaint, the number of the event in its record, and what is wrong there."""

    number: str
    seq: int
    fault: Fault

    def __str__(self) -> str:
        return f"{self.number} #{self.seq}: {self.fault.label}"


# A text that was blanked under the retention schedule proves nothing any more, its event still does (D64).
BROKEN = """
WITH link AS (
  SELECT e.id, e.complaint_id, e.seq, e.digest, e.previous, e.text_digest,
         lag(e.seq, 1, 0) OVER chain AS seq_before, lag(e.digest, 1, ''::bytea) OVER chain AS digest_before,
         event_digest(e.previous, e.complaint_id, e.seq, e.at, e.by_id, e.kind, e.actor, e.from_stage, e.to_stage,
                      e.from_office_id, e.to_office_id, e.due_at, e.tier_due_at, e.data, e.text_digest) AS reckoned
    FROM pengaduan_event e
   WHERE %(all)s OR e.complaint_id = ANY(%(only)s)
  WINDOW chain AS (PARTITION BY e.complaint_id ORDER BY e.seq)),
last AS (SELECT DISTINCT ON (complaint_id) complaint_id, seq, digest FROM link ORDER BY complaint_id, seq DESC),
broken AS (
  SELECT complaint_id, seq, 'changed' AS fault FROM link WHERE digest <> reckoned
  UNION ALL
  SELECT complaint_id, seq, 'gap' FROM link WHERE seq <> seq_before + 1
  UNION ALL
  SELECT complaint_id, seq, 'unlinked' FROM link WHERE seq = seq_before + 1 AND previous <> digest_before
  UNION ALL
  SELECT c.id, c.event_seq, 'end' FROM pengaduan_complaint c LEFT JOIN last ON last.complaint_id = c.id
   WHERE (%(all)s OR c.id = ANY(%(only)s)) AND (last.seq, last.digest) IS DISTINCT FROM (c.event_seq, c.event_head)
  UNION ALL
  SELECT link.complaint_id, link.seq, 'words'
    FROM link LEFT JOIN pengaduan_note n ON n.event_id = link.id
   WHERE n.blanked_at IS NULL AND link.text_digest <>
         coalesce(encode(sha256(convert_to(nullif(n.text, ''), 'UTF8')), 'hex'), ''))
SELECT c.number, broken.seq, broken.fault
  FROM broken JOIN pengaduan_complaint c ON c.id = broken.complaint_id
 ORDER BY c.number, broken.seq, broken.fault
"""


def broken_links(complaints: Iterable[Complaint] | None = None) -> list[Break]:
    """Return every broken place in the record of these complaints, of all when none are named; in one statement."""
    only = [complaint.pk for complaint in complaints or ()]
    with connection.cursor() as cursor:
        cursor.execute(BROKEN, {"all": complaints is None, "only": only})
        return [Break(number, seq, Fault(fault)) for number, seq, fault in cursor.fetchall()]
