"""What is owed to whom: rows written in the transaction of the step, paid later by the beat (D42, D43).

Words and addresses are found at delivery (`workflow.delivery`); here stands only who shall hear and not before when.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from pengaduan.models import Complaint, Event
from workflow import routing, sla
from workflow.models import Notification

# Notices to officers, by what happened: the template that tells the office that holds the case now.
NEW_CASE = "petugas-baru"
ESCALATED_HERE = "petugas-eskalasi-masuk"
ESCALATED_AWAY = "petugas-eskalasi-keluar"
TOP_OVERDUE = "petugas-puncak-terlambat"
COMPLETED = "petugas-dilengkapi"
FEEDBACK = "petugas-umpan-balik"
REOPENED = "petugas-dibuka-kembali"
MESSAGE = "petugas-pesan"
TO_VERIFY = "petugas-periksa"
SWEEP_HELD = "petugas-eskalasi-ditahan"

# What the complainant is told of each step (D42); a step that is not here is not told.
TO_COMPLAINANT = {
    "diterima": "tanda-terima",
    "daftarkan": "terdaftar",
    "daftarkan-informatif": "terdaftar",
    "jawab": "jawaban",
    "minta-kelengkapan": "minta-kelengkapan",
    "nyatakan-terbukti": "perkembangan",
    "rekomendasikan": "perkembangan",
    "laporkan-hasil": "perkembangan",
    "sahkan-selesai": "minta-umpan-balik",
    "sahkan-tidak-terbukti": "tidak-terbukti",
    "terima-hasil": "ditutup",
    "diam-dianggap-menerima": "ditutup-diam",
    "tidak-dilengkapi": "tidak-dilengkapi",
    "cabut": "dicabut",
    "bukan-kewenangan": "bukan-kewenangan",
    "ucapan-terima-kasih": "terima-kasih",
    "salurkan": "disalurkan",
    "proses-hukum": "proses-hukum",
    "duplikat": "duplikat",
    "kirim-pesan": "pesan",
    "eskalasi": "naik-jenjang",
    "naikkan": "naik-jenjang",
    "turunkan": "pindah-jenjang",
    "puncak-terlambat": "puncak-terlambat",
}

# What the officers of the office that holds the case are told of.
TO_OFFICE = {
    "diterima": NEW_CASE,
    "eskalasi": ESCALATED_HERE,
    "naikkan": ESCALATED_HERE,
    "turunkan": NEW_CASE,
    "lengkapi": COMPLETED,
    "nyatakan-selesai": TO_VERIFY,
    "nyatakan-tidak-terbukti": TO_VERIFY,
    "terima-hasil": FEEDBACK,
    "tolak-hasil": FEEDBACK,
    "tolak-jawaban": FEEDBACK,
    "buka-kembali": REOPENED,
    "buka-kembali-jawaban": REOPENED,
    "lanjutkan-kembali": REOPENED,
    "pesan-pelapor": MESSAGE,
    "puncak-terlambat": TOP_OVERDUE,
}


def owe_for(event: Event, complaint: Complaint, *, now: datetime) -> list[Notification]:
    """Owe what the step calls for: to each complainant at once, to officers in the office hours of the place."""
    owed = []
    if template := TO_COMPLAINANT.get(event.kind):
        owed += [
            _notice(event, complaint, template, now=now, complainant=complainant)
            for complainant in complaint.complainants.all()
            if complainant.can_be_mailed
        ]
    if template := TO_OFFICE.get(event.kind):
        owed += _to_offices(event, complaint, _who_acts(complaint, template), template, now=now)
    if event.kind in {"eskalasi", "naikkan"} and event.from_office_id:
        owed += _to_offices(event, complaint, [event.from_office_id], ESCALATED_AWAY, now=now)
    return Notification.objects.bulk_create(owed, ignore_conflicts=True)


def _who_acts(complaint: Complaint, template: str) -> list[int]:
    """Return the offices whose people act next: the one that holds the case; to verify, also the one above (D53)."""
    offices = [complaint.office_id]
    if template == TO_VERIFY and (above := routing.above(complaint)):
        offices.append(above.pk)
    return offices


def _to_offices(
    event: Event, complaint: Complaint, offices: Iterable[int], template: str, *, now: datetime
) -> list[Notification]:
    """Owe a notice to the people of offices, never to the reported nor to who did it nor to who stepped aside."""
    hidden = {
        event.by_id,
        *complaint.reported_parties.values_list("user_id", flat=True),
        *complaint.recusals.values_list("user_id", flat=True),
    }
    at = sla.next_office_hour(now, complaint.zone)
    people = {user for _, user in routing.staff(offices, on=timezone.localdate(now))} - hidden
    return [_notice(event, complaint, template, now=now, at=at, user_id=user) for user in sorted(people)]


def _notice(
    event: Event, complaint: Complaint, template: str, *, now: datetime, at: datetime | None = None, **recipient: Any
) -> Notification:
    return Notification(
        event=event,
        complaint=complaint,
        regency_code=event.regency_code,
        template=template,
        created_at=now,
        next_attempt_at=at or now,
        **recipient,
    )
