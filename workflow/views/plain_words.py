"""Tell a complainant in plain words where the complaint is and what happened, not what stays inside (D38, D39)."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complainant, Complaint, Event, Outcome, Stage
from workflow.models import IdentityRequest

Words = str | Promise

STAGES: dict[str, tuple[Words, Words]] = {
    Stage.REGISTRATION: (_("Diterima"), _("Pengaduan Anda sudah masuk dan diperiksa kelengkapannya.")),
    Stage.ANSWER: (_("Jawaban disiapkan"), _("Petugas menyiapkan jawaban untuk Anda.")),
    Stage.CLARIFICATION: (_("Diperiksa kebenarannya"), _("Petugas mengumpulkan keterangan dari semua pihak.")),
    Stage.ANALYSIS: (_("Dicari jalan keluarnya"), _("Petugas menentukan cara dan siapa yang menyelesaikannya.")),
    Stage.HANDLING: (_("Ditangani"), _("Langkah penyelesaian sedang dijalankan.")),
    Stage.MONITORING: (_("Dipantau"), _("Petugas memastikan yang disepakati sungguh dijalankan.")),
    Stage.SETTLED: (_("Diperiksa lagi"), _("Masalahnya dinyatakan selesai dan sedang diperiksa oleh orang lain.")),
    Stage.FEEDBACK: (_("Menunggu tanggapan Anda"), _("Hasilnya sudah ada. Terima atau tolak di halaman ini.")),
    Stage.REVIEW: (_("Ditinjau kembali"), _("Hasilnya ditolak. Petugas meninjau pengaduan ini dari awal.")),
}  # fmt: skip

OUTCOMES: dict[str, tuple[Words, Words]] = {
    Outcome.ACCEPTED: (_("Selesai"), _("Hasilnya diterima dan pengaduan ditutup.")),
    Outcome.SILENT: (_("Selesai"), _("Tidak ada tanggapan dalam 14 hari, maka hasilnya dianggap diterima.")),
    Outcome.UNPROVEN: (_("Ditutup: tidak terbukti"), _("Sesudah diperiksa, masalahnya tidak terbukti terjadi.")),
    Outcome.NOT_OURS: (
        _("Ditutup: bukan kewenangan program ini"),
        _("Urusan ini ditangani oleh pihak lain. Bila menurut Anda itu keliru, lanjutkan pengaduan di halaman ini."),
    ),
    Outcome.THANKS: (
        _("Ditutup"),
        _("Terima kasih atas pesan Anda. Bila ini sebenarnya pengaduan, lanjutkan di halaman ini."),
    ),
    Outcome.REFERRED: (
        _("Disalurkan ke instansi lain"),
        _("Pengaduan Anda diteruskan kepada yang berwenang. Bila tidak ditanggapi, lanjutkan di halaman ini."),
    ),
    Outcome.DUPLICATE: (_("Digabung"), _("Hal yang sama sudah ditangani dalam pengaduan lain.")),
    Outcome.WITHDRAWN: (_("Dicabut"), _("Pengaduan dicabut atas permintaan pelapor.")),
    Outcome.LAPSED: (_("Dianggap dicabut"), _("Keterangan yang diminta tidak datang dalam 30 hari.")),
    Outcome.PHASED_OUT: (_("Dilanjutkan masyarakat dan pemerintah daerah"), _("Program di lokasi ini berakhir.")),
    Outcome.LEGAL: (_("Dalam proses hukum"), _("Pengaduan ini ditangani penegak hukum dan tetap dipantau.")),
}  # fmt: skip

# What is told of each step. Notes, assignments, recusals and what others wrote are not here, and so not told.
HAPPENED: dict[str, Words] = {
    "diterima": _("Pengaduan diterima dan diberi nomor"),
    "daftarkan": _("Pengaduan terdaftar; pemeriksaan dimulai"),
    "daftarkan-informatif": _("Pengaduan terdaftar; jawaban disiapkan"),
    "jawab": _("Jawaban dikirim kepada Anda"),
    "nyatakan-terbukti": _("Pemeriksaan selesai; jalan keluar dicari"),
    "nyatakan-tidak-terbukti": _("Hasil pemeriksaan sedang diperiksa oleh orang lain"),
    "rekomendasikan": _("Cara penyelesaian ditetapkan"),
    "laporkan-hasil": _("Penanganan selesai; hasilnya dipantau"),
    "analisis-ulang": _("Hasilnya belum baik; jalan keluar dicari lagi"),
    "nyatakan-selesai": _("Masalahnya dinyatakan selesai dan diperiksa oleh orang lain"),
    "sahkan-selesai": _("Penyelesaian disahkan; tanggapan Anda ditunggu"),
    "sahkan-tidak-terbukti": _("Masalah tidak terbukti; pengaduan ditutup"),
    "kembalikan-ke-pemantauan": _("Penyelesaian belum disahkan; pemantauan dilanjutkan"),
    "kembalikan-ke-klarifikasi": _("Hasil pemeriksaan belum disahkan; pemeriksaan dilanjutkan"),
    "terima-hasil": _("Hasilnya diterima; pengaduan ditutup"),
    "tolak-hasil": _("Hasilnya ditolak; pengaduan ditinjau kembali"),
    "tolak-jawaban": _("Jawabannya ditolak; petugas menjawab lagi"),
    "diam-dianggap-menerima": _("Tidak ada tanggapan 14 hari; pengaduan ditutup"),
    "tinjau-ke-klarifikasi": _("Pemeriksaan diulang"),
    "tinjau-ke-analisis": _("Jalan keluar dicari lagi"),
    "buka-kembali": _("Pengaduan dibuka kembali"),
    "buka-kembali-jawaban": _("Pengaduan dibuka kembali"),
    "kembalikan-mutu": _("Penanganannya dinilai belum cukup; pengaduan dibuka kembali"),
    "kembalikan-mutu-jawaban": _("Jawabannya dinilai belum cukup; petugas menjawab lagi"),
    "minta-kelengkapan": _("Petugas meminta keterangan tambahan; waktu penanganan berhenti"),
    "lengkapi": _("Keterangan tambahan diterima; waktu penanganan berjalan lagi"),
    "lanjutkan-tanpa-kelengkapan": _("Penanganan dilanjutkan tanpa menunggu keterangan"),
    "tidak-dilengkapi": _("Keterangan tidak datang dalam 30 hari; dianggap dicabut"),
    "ingatkan-pelapor": _("Anda diingatkan bahwa keterangan Anda ditunggu"),
    "lanjutkan-kembali": _("Pengaduan dilanjutkan"),
    "bukan-kewenangan": _("Bukan kewenangan program ini"),
    "ucapan-terima-kasih": _("Pesan Anda diterima dengan terima kasih"),
    "salurkan": _("Disalurkan ke instansi lain"),
    "duplikat": _("Digabung dengan pengaduan lain tentang hal yang sama"),
    "cabut": _("Pengaduan dicabut"),
    "proses-hukum": _("Ditangani penegak hukum"),
    "eskalasi": _("Tenggat lewat; naik ke kantor di atasnya"),
    "naikkan": _("Dipindahkan ke kantor di atasnya"),
    "turunkan": _("Dipindahkan ke kantor di bawahnya"),
    "puncak-terlambat": _("Tenggat lewat di kantor teratas; koordinator diberi tahu"),
    "perpanjang": _("Waktu penanganan diperpanjang"),
    "ambil-alih": _("Diambil alih kantor di atasnya"),
    "pindah-wilayah": _("Dialihkan kepada kantor yang menangani wilayahnya"),
    "tetapkan-wilayah": _("Kantor yang menangani ditetapkan"),
    "rekomendasi-basis-data": _("Perbaikan data direkomendasikan kepada Pusat"),
    "putuskan-basis-data": _("Perbaikan data diputuskan di Pusat"),
    "teruskan-tim-koordinasi": _("Diteruskan kepada dinas yang berwenang melalui tim koordinasi"),
    "rekomendasi-penyalur": _("Pusat diminta menghubungi penyalur bantuan"),
    "pisahkan": _("Pengaduan Anda ditangani tersendiri lagi"),
    "pantau-hukum": _("Perkembangan proses hukum ditanyakan"),
    "akhiri-proses-hukum": _("Proses hukum berakhir"),
    "serahkan-fase-akhir": _("Program di lokasi ini berakhir; dilanjutkan masyarakat dan pemerintah daerah"),
    "serahkan-pengawas": _("Diserahkan kepada pengawas di luar kantor yang dilaporkan"),
    "ikuti-kalender": _("Tenggat mengikuti hari libur yang diperbaiki"),
    "ikuti-batas-waktu": _("Batas waktu yang baru diberlakukan"),
    "buka-identitas": _("Identitas Anda dibuka oleh petugas dengan izin"),
    "setuju-hasil": _("Anda menerima hasilnya"),
    "cabut-sendiri": _("Anda mencabut pengaduan ini"),
    "ikut-lagi": _("Anda melanjutkan pengaduan ini"),
    "kode-baru": _("Anda mendapat kode pelacakan baru di kantor; kode yang lama tidak berlaku lagi"),
    "tetapkan-terlapor": _("Dipindahkan ke kantor lain"),
    "mundur": _("Dipindahkan ke kantor lain"),
    "alihkan-sifat": _("Jenis pengaduan ditetapkan ulang oleh petugas"),
    "ubah-kategori": _("Jenis pengaduan ditetapkan ulang oleh petugas"),
}
# Told to the one complainant whom it concerns (D55, D63).
PERSONAL = frozenset({"buka-identitas", "kode-baru", "setuju-hasil", "cabut-sendiri", "ikut-lagi"})
# What a complainant of the same matter did, to the others: that it was done, not that somebody did it (D55).
BY_ANOTHER: dict[str, Words] = {
    "lengkapi": _("Waktu penanganan berjalan lagi"),
    "terima-hasil": _("Pengaduan ditutup"),
    "tolak-hasil": _("Pengaduan ditinjau kembali"),
    "tolak-jawaban": _("Petugas menjawab lagi"),
    "cabut": _("Pengaduan ditutup"),
}
ONLY_WHEN_MOVED = frozenset({"tetapkan-terlapor", "mundur"})  # that it is elsewhere now is told, never why (D38, D39)
ASIDE = frozenset(
    {
        "bukan-kewenangan",
        "salurkan",
        "proses-hukum",
        "serahkan-fase-akhir",
        "serahkan-pengawas",
        "teruskan-tim-koordinasi",
    }
)  # to whom it went is told with them


@dataclass(frozen=True)
class Happening:
    """One line of what happened; `where` is the office or the authority it came to, never a person."""

    at: datetime
    words: Words
    where: str


def stage_words(complaint: Complaint) -> tuple[Words, Words]:
    """Return what an open complaint's stage is called for its complainant, and one sentence about it."""
    if complaint.waiting_since:
        return _("Menunggu keterangan Anda"), _("Petugas memerlukan keterangan tambahan. Jawablah di halaman ini.")
    return STAGES[complaint.stage]


def outcome_words(complaint: Complaint) -> tuple[Words, Words]:
    """Return how a closed complaint ended, and one sentence about it."""
    return OUTCOMES[complaint.outcome]


def words_for(complaint: Complaint, me: Complainant) -> tuple[Words, Words]:
    """Return where the matter stands for one complainant, who may have answered or withdrawn before the others."""
    if me.withdrawn_at:
        return OUTCOMES[Outcome.WITHDRAWN]
    if complaint.closed_at:
        return outcome_words(complaint)
    if accepted_already(complaint, me):
        return _("Anda menerima hasilnya"), _("Terima kasih. Tanggapan Anda sudah dicatat.")
    return stage_words(complaint)


def accepted_already(complaint: Complaint, me: Complainant) -> bool:
    """Say whether this complainant has accepted the result that waits for an answer now (D28)."""
    told, accepted = complaint.settled_at, me.accepted_at
    return complaint.stage == Stage.FEEDBACK and bool(told and accepted and accepted >= told)


def timeline(complaint: Complaint, me: Complainant) -> list[Happening]:
    """Return what happened, newest first, without what stays among officers or belongs to another complainant.

    Of a case into which their own was merged they are told what happened since then, and before of their own (D55).
    """
    own, several = me.complaint, complaint.ever_complained().count() > 1
    events = list(_told(complaint, since=own.closed_at if own.pk != complaint.pk else None))
    if own.pk != complaint.pk:
        events += _told(own)
    if me.withdrawn_at:
        events = [event for event in events if event.at <= me.withdrawn_at]
    return [
        Happening(event.at, words, _where(event)) for event in events if (words := _words(event, me, several=several))
    ]


def _told(complaint: Complaint, *, since: datetime | None = None) -> QuerySet[Event]:
    events = complaint.events.filter(kind__in=HAPPENED).select_related("to_office").order_by("-seq")
    return events.filter(at__gte=since) if since else events


def _words(event: Event, me: Complainant, *, several: bool) -> Words | None:
    """Return what this complainant reads of an event; None where it concerns another alone."""
    if event.kind in ONLY_WHEN_MOVED and event.from_office_id == event.to_office_id:
        return None
    if event.kind not in PERSONAL and not (several and event.kind in BY_ANOTHER):
        return HAPPENED[event.kind]
    mine = json.loads(event.data).get("complainant") == str(me.pk)
    return HAPPENED[event.kind] if mine else BY_ANOTHER.get(event.kind)


def _where(event: Event) -> str:
    if event.to_office and event.from_office_id != event.to_office_id:
        return event.to_office.name
    if event.kind in ASIDE and (authority := json.loads(event.data).get("authority")):
        return gettext("Kepada: %(authority)s") % {"authority": authority}
    if event.kind == "buka-identitas" and (purpose := json.loads(event.data).get("opened_for")):
        return gettext("Untuk %(purpose)s") % {"purpose": IdentityRequest.Purpose(purpose).label}
    return ""
