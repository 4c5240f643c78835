"""The record of a case in words for officers: what happened, who did it, what they wrote; what became of notices."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Actor, Attachment, Complainant, Complaint, Event, Message, Statement, Suspension
from workflow import needs
from workflow.machine import BY_CODE
from workflow.models import IdentityRequest, Notification

HAPPENED = {
    "diterima": _("Pengaduan diterima"),
    "daftarkan": _("Register lengkap, klarifikasi dimulai"),
    "daftarkan-informatif": _("Register lengkap, jawaban disusun"),
    "jawab": _("Jawaban dikirim kepada pelapor"),
    "nyatakan-terbukti": _("Klarifikasi selesai: masalah terjadi"),
    "nyatakan-tidak-terbukti": _("Klarifikasi selesai: tidak terbukti, menunggu pemeriksaan"),
    "rekomendasikan": _("Rekomendasi ditetapkan, penanganan dimulai"),
    "laporkan-hasil": _("Hasil penanganan dilaporkan, pemantauan dimulai"),
    "analisis-ulang": _("Kembali ke analisis"),
    "nyatakan-selesai": _("Dinyatakan selesai dalam musyawarah, menunggu pemeriksaan"),
    "sahkan-selesai": _("Penyelesaian disahkan, pelapor ditanya"),
    "sahkan-tidak-terbukti": _("Disahkan tidak terbukti, ditutup"),
    "kembalikan-ke-pemantauan": _("Belum selesai, kembali ke pemantauan"),
    "kembalikan-ke-klarifikasi": _("Kembali ke klarifikasi"),
    "terima-hasil": _("Hasil diterima pelapor, ditutup"),
    "tolak-hasil": _("Hasil ditolak pelapor, ditinjau kembali"),
    "tolak-jawaban": _("Jawaban ditolak pelapor, disusun lagi"),
    "diam-dianggap-menerima": _("Tidak ada tanggapan selama 14 hari, ditutup"),
    "tinjau-ke-klarifikasi": _("Ditinjau kembali, mulai dari klarifikasi"),
    "tinjau-ke-analisis": _("Ditinjau kembali, mulai dari analisis"),
    "buka-kembali": _("Dibuka kembali"),
    "buka-kembali-jawaban": _("Dibuka kembali, jawaban disusun lagi"),
    "kembalikan-mutu": _("Dikembalikan sesudah penilaian mutu, ditinjau kembali"),
    "kembalikan-mutu-jawaban": _("Dikembalikan sesudah penilaian mutu, jawaban disusun lagi"),
    "minta-kelengkapan": _("Pelapor diminta melengkapi, waktu berhenti"),
    "lengkapi": _("Dilengkapi, waktu berjalan lagi"),
    "lanjutkan-tanpa-kelengkapan": _("Dilanjutkan tanpa menunggu pelapor, waktu berjalan lagi"),
    "tidak-dilengkapi": _("Tidak dilengkapi selama 30 hari, dianggap dicabut"),
    "ingatkan-pelapor": _("Pelapor diingatkan bahwa keterangannya ditunggu"),
    "lanjutkan-kembali": _("Pengaduan yang ditutup dilanjutkan"),
    "bukan-kewenangan": _("Ditutup: bukan kewenangan program"),
    "ucapan-terima-kasih": _("Ditutup: ucapan terima kasih atau salam"),
    "salurkan": _("Disalurkan ke instansi lain"),
    "duplikat": _("Ditutup sebagai duplikat"),
    "cabut": _("Pengaduan dicabut"),
    "proses-hukum": _("Ditutup: ditangani penegak hukum"),
    "eskalasi": _("Naik jenjang karena lewat tenggat"),
    "puncak-terlambat": _("Lewat tenggat di jenjang teratas"),
    "naikkan": _("Dinaikkan ke jenjang di atas"),
    "turunkan": _("Diturunkan ke jenjang di bawah"),
    "tugaskan": _("Petugas ditunjuk"),
    "ubah-kategori": _("Kategori diubah"),
    "alihkan-sifat": _("Kategori dan sifat diubah, kembali ke registrasi"),
    "ikuti-kalender": _("Tenggat mengikuti kalender yang diperbaiki"),
    "mundur": _("Seorang petugas mundur dari kasus ini"),
    "catat": _("Catatan"),
    "kirim-pesan": _("Pesan dikirim kepada pelapor"),
    "pesan-pelapor": _("Pesan dari pelapor"),
    "minta-perlindungan": _("Pelapor meminta perlindungan"),
    "catat-perlindungan": _("Perlindungan yang diberikan dicatat"),
    "lampirkan": _("Berkas ditambahkan"),
    "lampirkan-pelapor": _("Pelapor mengirim berkas"),
    "tarik-lampiran": _("Pelapor menarik berkas"),
    "catat-keterangan": _("Keterangan dicatat"),
    "tetapkan-terlapor": _("Pihak yang dilaporkan ditetapkan"),
    "bebastugaskan": _("Pembebastugasan dicatat"),
    "akhiri-pembebastugasan": _("Pembebastugasan berakhir"),
    "sepakati-tindakan": _("Tindakan disepakati"),
    "catat-hasil-tindakan": _("Hasil tindakan dicatat"),
    "catat-uang": _("Kerugian atau pengembalian uang dicatat"),
    "rekomendasi-basis-data": _("Perbaikan basis data direkomendasikan kepada Pusat"),
    "putuskan-basis-data": _("Perbaikan basis data diputuskan"),
    "teruskan-tim-koordinasi": _("Diteruskan kepada dinas melalui tim koordinasi"),
    "rekomendasi-penyalur": _("Pusat diminta menghubungi penyalur"),
    "rekomendasi-bersama": _("Dimasukkan dalam rekomendasi bersama"),
    "pisahkan": _("Dipisahkan lagi dari pengaduan lain"),
    "tautkan": _("Ditautkan dengan pengaduan lain"),
    "lepas-tautan": _("Tautan dengan pengaduan lain dilepas"),
    "terima-gabungan": _("Pengaduan lain tentang hal yang sama digabungkan ke sini"),
    "terkait": _("Pengaduan terkait berubah"),
    "setuju-hasil": _("Seorang dari beberapa pelapor menerima hasil"),
    "cabut-sendiri": _("Seorang dari beberapa pelapor mencabut; kasus berjalan terus"),
    "ikut-lagi": _("Pelapor yang mencabut ikut lagi"),
    "pantau-hukum": _("Perkembangan proses hukum"),
    "akhiri-proses-hukum": _("Proses hukum berakhir"),
    "serahkan-fase-akhir": _("Diserahkan kepada masyarakat dan pemerintah daerah: program di sini berakhir"),
    "serahkan-pengawas": _("Diserahkan kepada pengawas"),
    "ikuti-batas-waktu": _("Batas waktu baru diberlakukan"),
    "ambil-alih": _("Diambil alih jenjang di atas"),
    "perpanjang": _("Waktu diperpanjang"),
    "usulkan": _("Diusulkan"),
    "tolak-usul": _("Usul ditolak"),
    "minta-bantuan": _("Bantuan diminta"),
    "beri-bantuan": _("Permintaan bantuan dijawab"),
    "pindah-wilayah": _("Dialihkan: bukan wilayah kantor ini"),
    "tetapkan-wilayah": _("Kantor yang menangani ditetapkan"),
    "ubah-bobot": _("Bobot atau tanda menonjol diubah"),
    "minta-identitas": _("Izin membuka identitas pelapor diminta"),
    "izinkan-identitas": _("Pembukaan identitas diizinkan kustodian"),
    "tolak-identitas": _("Pembukaan identitas ditolak kustodian"),
    "buka-identitas": _("Identitas pelapor dibuka"),
    "kode-baru": _("Pelapor mendapat kode pelacakan baru"),
    "berkas-ditolak": _("Berkas ditolak pemeriksaan virus dan dihapus"),
}


# What was done to a related complaint, on this side of it; which one it is stands on the page for who may see it.
CHANGED_WITH = {
    "split": _("Pengaduan yang digabungkan ke sini dipisahkan lagi"),
    "linked": _("Ditautkan"),
    "unlinked": _("Tautan dilepas"),
    "led": _("Mengikuti kasus yang lain sekarang"),
}


@dataclass(frozen=True)
class Entry:
    """One line of the record as officers read it; `note` is what was written with it."""

    at: datetime
    what: str
    who: str
    moved: str
    details: str
    note: str
    kind: str


@dataclass(frozen=True)
class Said:
    """One message between a complainant and the office."""

    label: str
    text: str
    at: datetime
    from_complainant: bool


@dataclass(frozen=True)
class Notice:
    """What became of one message that was owed; `failing` asks for someone's attention."""

    words: str
    failing: bool


def entries_of(complaint: Complaint) -> list[Entry]:
    """Return the whole record of a complaint, newest first, in one query."""
    events = list(complaint.events.select_related("by", "from_office", "to_office", "note").order_by("-seq"))
    needs.remember_steps(complaint, reversed(events))
    return [_entry(event) for event in events]


def _entry(event: Event) -> Entry:
    moved = ""
    if event.from_office_id and event.to_office_id and event.from_office_id != event.to_office_id:
        moved = gettext("Dari %(old)s ke %(new)s") % {"old": event.from_office, "new": event.to_office}
    step = BY_CODE.get(event.kind)
    note = getattr(event, "note", None)
    return Entry(
        at=event.at,
        what=str(HAPPENED.get(event.kind) or (step.label if step else event.kind)),
        who=str(event.by) if event.actor == Actor.OFFICER else event.get_actor_display(),
        moved=moved,
        details=_details(json.loads(event.data)),
        note="" if note is None else note.text or gettext("Catatan ini sudah dikosongkan."),
        kind=event.kind,
    )


def _details(data: dict) -> str:
    """Return what the record keeps beside the words, where it tells an officer something."""
    if authority := data.get("authority"):
        return gettext("Dituju: %(authority)s") % {"authority": authority}
    if what := CHANGED_WITH.get(data.get("what")):
        return str(what)
    if days := data.get("late_days"):
        return gettext("Datang %(days)d hari sesudah kejadian") % {"days": days}
    if told := _of_handling(data) or _of_clock(data):
        return told
    if opened_for := data.get("opened_for"):
        return gettext("Untuk %(purpose)s") % {"purpose": IdentityRequest.Purpose(opened_for).label}
    if purpose := data.get("purpose"):
        return str(Attachment.Purpose(purpose).label)
    return ""


def _of_clock(data: dict) -> str:
    """Return what is on record of a later day, of a day on which somebody asks again, and of another period."""
    if "tier" in data and "until" in data:
        return gettext("Sampai %(day)s") % {"day": _day(data["until"])}
    if asked := data.get("next_check_on"):
        return gettext("Ditanyakan lagi %(day)s") % {"day": _day(asked)}
    return data.get("level", "")


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "j F Y")


def _of_handling(data: dict) -> str:
    """Return what is on record of a statement, an action, a suspension, money or a decision; no person is in it."""
    if kind := data.get("statement"):
        return str(Statement.Kind(kind).label)
    if ended := data.get("ended_as"):
        return str(Suspension.End(ended).label)
    if data.get("action") and "done" in data:
        return gettext("Terlaksana") if data["done"] else gettext("Tidak terlaksana")
    if "approved" in data:
        return gettext("Basis data diperbaiki") if data["approved"] else gettext("Basis data tidak diubah")
    return " · ".join(_of_money(data))


def _of_money(data: dict) -> Iterator[str]:
    """Tell old and new loss, what came back, and what was taken back from the list (D29)."""
    if before := data.get("lost_before"):
        change = {"old": _rupiah(before), "new": _rupiah(data["lost"])}
        yield gettext("Kerugian: dari Rp %(old)s menjadi Rp %(new)s") % change
    elif lost := data.get("lost"):
        yield gettext("Kerugian: Rp %(lost)s") % {"lost": _rupiah(lost)}
    if repaid := data.get("repaid"):
        yield gettext("Kembali: Rp %(amount)s") % {"amount": _rupiah(repaid)}
    if data.get("cancelled"):
        yield gettext("Salah catat, dibatalkan: Rp %(amount)s") % {"amount": _rupiah(data["amount"])}


def _rupiah(amount: str) -> str:
    return f"{int(amount):,}".replace(",", ".")


def talk_of(complaint: Complaint, people: list[tuple[Complainant, str]]) -> list[Said]:
    """Return what was said with the complainants, in the order of `gathered`; what went to all is one line."""
    labels = {person.pk: label for person, label in people}
    said: dict[int, list[Message]] = {}
    for message in complaint.messages.all():
        said.setdefault(message.event_id, []).append(message)
    return [_said(same, labels) for same in said.values()]


def _said(same: list[Message], labels: dict[UUID, str]) -> Said:
    first = same[0]
    who = labels.get(first.complainant_id, gettext("Pelapor dari pengaduan lain"))  # it was split off since
    if first.from_complainant:
        label = gettext("Pelapor") if labels.keys() == {first.complainant_id} else who
    elif len(same) == 1 < len(labels):
        label = gettext("Kantor kepada %(who)s") % {"who": who}
    else:
        label = gettext("Kantor")
    return Said(label, first.text, first.at, first.from_complainant)


def notices_of(complaint: Complaint, owed: Iterable[Notification], *, now: datetime) -> list[Notice]:
    """Return what was owed to whom about a complaint, those that fail first; never an address (D37)."""
    notices = [_notice(each, complaint, now=now) for each in owed]
    return sorted(notices, key=lambda notice: not notice.failing)


def _notice(notice: Notification, complaint: Complaint, *, now: datetime) -> Notice:
    to = gettext("pelapor") if notice.user is None else str(notice.user)
    by = "SMS" if notice.by_sms else gettext("Surel")
    zone = ZoneInfo(complaint.zone)
    if notice.sent_at:
        words = gettext("%(by)s kepada %(to)s terkirim %(when)s.")
        return Notice(words % {"by": by, "to": to, "when": _when(notice.sent_at, zone, now=now)}, failing=False)
    if notice.given_up_at and not notice.attempts:  # dropped: who may no longer see it is not told otherwise (D49)
        return Notice(gettext("%(by)s kepada %(to)s tidak perlu dikirim lagi.") % {"by": by, "to": to}, failing=False)
    if notice.given_up_at:
        words = gettext("%(by)s kepada %(to)s tidak terkirim sesudah %(times)d kali dicoba. Hubungi dengan cara lain.")
        return Notice(words % {"by": by, "to": to, "times": notice.attempts}, failing=True)
    when = _when(notice.next_attempt_at, zone, now=now)
    if notice.attempts:
        words = gettext("%(by)s kepada %(to)s gagal %(times)d kali, dicoba lagi %(when)s.")
        return Notice(words % {"by": by, "to": to, "times": notice.attempts, "when": when}, failing=True)
    return Notice(
        gettext("%(by)s kepada %(to)s dikirim mulai %(when)s.") % {"by": by, "to": to, "when": when}, failing=False
    )


def _when(instant: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """Return the time of day, with its date when it is not today at the place."""
    local = timezone.localtime(instant, zone)
    today = local.date() == timezone.localdate(now, zone)
    return date_format(local, "H.i" if today else "j M Y H.i")
