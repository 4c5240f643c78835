"""What is owed to whom: rows written in the transaction of the step, paid later by the beat (D42, D43).

Words and addresses are found at delivery (`workflow.delivery`); here stands only who shall hear and not before when.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from pengaduan.models import Actor, Complainant, Complaint, Event, Stage
from tiers.models import Office, Tier
from tiers.permissions import Permission
from workflow import routing, sla
from workflow.models import Notification

# Notices to officers, by what happened: the template that tells the office that holds the case now.
OFFICER = "petugas-"  # every code of a notice to officers begins so
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
PROPOSED = "petugas-usul"
PROPOSAL_DECIDED = "petugas-usul-diputus"
HELP_ASKED = "petugas-bantuan"
HELP_ANSWERED = "petugas-bantuan-dijawab"
WARNING = "petugas-peringatan"
IDENTITY_ASKED = "petugas-identitas-diminta"  # to the custodians, who do not see the case (D63)
IDENTITY_DECIDED = "petugas-identitas-diputus"
AGAINST_TOP = "petugas-terhadap-pusat"
TOP_RECEIVED = "petugas-pusat-menerima"
LEGAL_CHECK = "petugas-pantau-hukum"
DAILY = "petugas-harian"
SENT_BACK = "petugas-dikembalikan"
QUALITY = "petugas-mutu"
MERGED_HERE = "petugas-gabungan"
NOBODY_LEFT = "petugas-tanpa-petugas"
PROTECTION = "petugas-perlindungan"
GRAVE = "petugas-berat"
PLACE_TO_DECIDE = "petugas-tetapkan-wilayah"
MASTER_DATA_DECIDED = "petugas-basis-data"
PAYER_ASKED = "petugas-penyalur"
JOINT_MADE = "petugas-rekomendasi-bersama"
ABSENCE = "petugas-ketidakhadiran"  # of no single complaint: `workflow.standing_in`

REMINDER = "ingat-kelengkapan"  # to the complainant for whom the file waits (D12)

# What the complainant is told of each step (D39, D42), by a letter that is kept; a step that is not here is not told.
# `told_of` refines it.
TO_COMPLAINANT = {
    "diterima": "tanda-terima",
    "daftarkan": "terdaftar",
    "daftarkan-informatif": "terdaftar",
    "alihkan-sifat": "perkembangan",
    "jawab": "jawaban",
    "minta-kelengkapan": "minta-kelengkapan",
    "nyatakan-terbukti": "perkembangan",
    "nyatakan-tidak-terbukti": "perkembangan",
    "rekomendasikan": "perkembangan",
    "laporkan-hasil": "perkembangan",
    "analisis-ulang": "perkembangan",
    "nyatakan-selesai": "perkembangan",
    "kembalikan-ke-pemantauan": "perkembangan",
    "kembalikan-ke-klarifikasi": "perkembangan",
    "sahkan-selesai": "hasil",
    "sahkan-tidak-terbukti": "tidak-terbukti",
    "terima-hasil": "ditutup",
    "tolak-hasil": "ditolak",
    "tolak-jawaban": "ditolak",
    "diam-dianggap-menerima": "ditutup-diam",
    "tinjau-ke-klarifikasi": "perkembangan",
    "tinjau-ke-analisis": "perkembangan",
    "buka-kembali": "dibuka-kembali",
    "buka-kembali-jawaban": "dibuka-kembali",
    "lanjutkan-kembali": "dibuka-kembali",
    "kembalikan-mutu": "dibuka-kembali",
    "kembalikan-mutu-jawaban": "dibuka-kembali",
    "ingatkan-pelapor": REMINDER,
    "tidak-dilengkapi": "tidak-dilengkapi",
    "cabut": "dicabut",
    "bukan-kewenangan": "bukan-kewenangan",
    "ucapan-terima-kasih": "terima-kasih",
    "salurkan": "disalurkan",
    "proses-hukum": "proses-hukum",
    "pantau-hukum": "pantau-hukum",
    "akhiri-proses-hukum": "proses-hukum-berakhir",
    "serahkan-fase-akhir": "serahkan-fase-akhir",
    "serahkan-pengawas": "serahkan-pengawas",
    "duplikat": "duplikat",
    "pisahkan": "pisahkan",
    "kirim-pesan": "pesan",
    "catat-perlindungan": "pesan",
    "rekomendasi-basis-data": "basis-data-induk",
    "putuskan-basis-data": "keputusan-basis-data",
    "teruskan-tim-koordinasi": "teruskan-tim-koordinasi",
    "rekomendasi-penyalur": "rekomendasi-penyalur",
    "rekomendasi-bersama": "rekomendasi-bersama",
    "eskalasi": "naik-jenjang",
    "naikkan": "naik-jenjang",
    "ambil-alih": "naik-jenjang",
    "turunkan": "pindah-jenjang",
    "tetapkan-wilayah": "pindah-jenjang",
    "perpanjang": "masih-dalam-proses",
    "puncak-terlambat": "puncak-terlambat",
    "buka-identitas": "identitas-dibuka",
    "kode-baru": "kode-baru",
    "cabut-sendiri": "dicabut",
}
INCOMPLETE = "belum-lengkap"  # asked before the complaint is registered (D19, D59)
# Told to the one complainant whom it concerns, where one is named (D55, D63).
ABOUT_ONE = frozenset({"buka-identitas", "kode-baru", "kirim-pesan", "catat-perlindungan", "cabut-sendiri"})
REJECTED = frozenset({"tolak-hasil", "tolak-jawaban"})
COMPLAINANT_TEMPLATES = frozenset({*TO_COMPLAINANT.values(), INCOMPLETE})

# What the officers of the office that holds the case are told of.
TO_OFFICE = {
    "diterima": NEW_CASE,
    "eskalasi": ESCALATED_HERE,
    "naikkan": ESCALATED_HERE,
    "ambil-alih": ESCALATED_HERE,
    "turunkan": NEW_CASE,
    "pindah-wilayah": NEW_CASE,
    "tetapkan-wilayah": NEW_CASE,
    "pisahkan": REOPENED,
    "terima-gabungan": MERGED_HERE,
    "setuju-hasil": FEEDBACK,
    "lengkapi": COMPLETED,
    "nyatakan-selesai": TO_VERIFY,
    "nyatakan-tidak-terbukti": TO_VERIFY,
    "kembalikan-ke-pemantauan": SENT_BACK,
    "kembalikan-ke-klarifikasi": SENT_BACK,
    "terima-hasil": FEEDBACK,
    "tolak-hasil": FEEDBACK,
    "tolak-jawaban": FEEDBACK,
    "buka-kembali": REOPENED,
    "buka-kembali-jawaban": REOPENED,
    "lanjutkan-kembali": REOPENED,
    "kembalikan-mutu": QUALITY,
    "kembalikan-mutu-jawaban": QUALITY,
    "pesan-pelapor": MESSAGE,
    "minta-perlindungan": PROTECTION,
    "puncak-terlambat": TOP_OVERDUE,
}

# After these no office may be left to handle a case: then the auditors hear (D35).
MAY_LEAVE_NOBODY = frozenset({"diterima", "tetapkan-terlapor", "mundur", "naikkan", "ambil-alih"})


def told_of(event: Event) -> str | None:
    """Return the template by which complainants hear of an event, None when they do not.

    What is asked before the registration is a reply of its own (D19). A step that gives the case to another office is
    told even where it is not by itself.
    """
    if event.kind == "minta-kelengkapan" and event.to_stage == Stage.REGISTRATION:
        return INCOMPLETE
    if event.kind == "buka-identitas" and not json.loads(event.data).get("first"):
        return None  # the first time is told; each time is in the record
    if template := TO_COMPLAINANT.get(event.kind):
        return template
    if not _moved(event):
        return None
    return "naik-jenjang" if _rose(event) else "pindah-jenjang"


def people_told(event: Event, complaint: Complaint) -> list[Complainant]:
    """Return who is told of an event: all who brought the matter, or the one whom it concerns (D20, D55, D63)."""
    people = complaint.all_complainants()
    if event.kind in ABOUT_ONE and (one := json.loads(event.data).get("complainant")):
        people = people.filter(pk=one)
    return list(people)


def told_by(event: Event, template: str, complainant: Complainant, *, of: int) -> str:
    """Return the template for one of the people told: that another of them rejected is nobody's to know (D55)."""
    if of > 1 and event.kind in REJECTED and json.loads(event.data).get("complainant") != str(complainant.pk):
        return "dibuka-kembali"
    return template


def owe_for(event: Event, complaint: Complaint, *, now: datetime) -> list[Notification]:
    """Owe what the step calls for: to each complainant at once, to officers in the office hours of the place."""
    owed = []
    if template := told_of(event):
        people = people_told(event, complaint)
        for complainant in people:
            own = told_by(event, template, complainant, of=len(people))
            owed += _by_chosen_channels(event, complaint, own, complainant, now=now)
    if template := _to_holder(event, complaint):
        owed += _to_offices(event, complaint, _who_acts(complaint, template), template, now=now)
    if _rose(event) and event.from_office and event.from_office.tier > complaint.concealed_tier:
        told = {notice.user_id for notice in owed}
        away = _to_offices(event, complaint, [event.from_office.pk], ESCALATED_AWAY, now=now)
        owed += [notice for notice in away if notice.user_id not in told]
    if event.kind == "diterima" and (below := _regency_below(complaint)):
        told = {notice.user_id for notice in owed}
        more = _to_offices(event, complaint, [below.pk], TOP_RECEIVED, now=now)
        owed += [notice for notice in more if notice.user_id not in told]
    if event.kind in MAY_LEAVE_NOBODY and routing.is_for_oversight(complaint, on=timezone.localdate(now)):
        auditors = people_of(complaint, [complaint.office_id], now=now, permission=Permission.AUDIT)
        at = sla.next_office_hour(now, complaint.zone)
        owed += [_notice(event, complaint, AGAINST_TOP, now=now, at=at, user_id=user) for user in sorted(auditors)]
    return Notification.objects.bulk_create(owed, ignore_conflicts=True)


def _to_holder(event: Event, complaint: Complaint) -> str | None:
    """Return what the office that holds the case is told of an event; a second refusal asks it to decide (D56)."""
    if event.kind == "pindah-wilayah" and json.loads(event.data)["named"] != complaint.region_id:
        return PLACE_TO_DECIDE
    return TO_OFFICE.get(event.kind) or (NEW_CASE if _moved(event) else None)


def _by_chosen_channels(
    event: Event, complaint: Complaint, template: str, complainant: Complainant, *, now: datetime
) -> list[Notification]:
    """Owe a complainant the mail and the SMS they chose (D42).

    A telephone rings aloud: an SMS that does not answer what they have just done waits for office hours.
    """
    owed = []
    if complainant.can_be_mailed:
        owed.append(_notice(event, complaint, template, now=now, complainant=complainant))
    if settings.SMS_URL and complainant.can_be_texted:
        at = now if event.actor == Actor.COMPLAINANT else sla.next_office_hour(now, complaint.zone)
        owed.append(_notice(event, complaint, template, now=now, at=at, complainant=complainant, by_sms=True))
    return owed


def _moved(event: Event) -> bool:
    return event.from_office_id is not None and event.from_office_id != event.to_office_id


def _rose(event: Event) -> bool:
    before, after = event.from_office, event.to_office
    return before is not None and after is not None and after.tier > before.tier


def _regency_below(complaint: Complaint) -> Office | None:
    """Return the Kabupaten that hears of what Pusat receives of its area, unless it is kept from it (D35, D43)."""
    if complaint.tier != Tier.PUSAT or complaint.concealed_tier >= Tier.KABUPATEN:
        return None
    rung = complaint.programme.ladder.filter(tier=Tier.KABUPATEN).first()
    return routing.office_for(rung, complaint.region) if rung and complaint.region.code_at(Tier.KABUPATEN) else None


def _who_acts(complaint: Complaint, template: str) -> list[int]:
    """Return the offices whose people act next: the one that holds the case; to verify, also the one above (D53)."""
    offices = [complaint.office_id]
    if template == TO_VERIFY and (above := routing.above(complaint)):
        offices.append(above.pk)
    return offices


def owe_people(
    event: Event, complaint: Complaint, people: Iterable[int], template: str, *, now: datetime
) -> list[Notification]:
    """Owe a notice to persons whom a step concerns besides the office that acts next: who is asked, who asked."""
    at = sla.next_office_hour(now, complaint.zone)
    owed = [_notice(event, complaint, template, now=now, at=at, user_id=user) for user in sorted(set(people))]
    return Notification.objects.bulk_create(owed, ignore_conflicts=True)


def people_of(
    complaint: Complaint,
    offices: Iterable[int],
    *,
    now: datetime,
    permission: Permission = Permission.HEAR_ALARMS,
) -> set[int]:
    """Return who hears of a case at these offices; where nobody may, the nearest office above (D49, D51)."""
    on = timezone.localdate(now)
    hidden = routing.hidden_from(complaint, on=on)
    return {user for _, user in routing.staff(offices, on=on, permission=permission, hidden=hidden)}


def _to_offices(
    event: Event, complaint: Complaint, offices: Iterable[int], template: str, *, now: datetime
) -> list[Notification]:
    """Owe a notice to the people of offices, never to the reported nor to who did it nor to who stepped aside."""
    at = sla.next_office_hour(now, complaint.zone)
    people = people_of(complaint, offices, now=now) - {event.by_id}
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
