"""The life of a complaint as one table: every step with who may take it, from where to where, and what it needs.

Data only. `workflow.actions` takes the steps, the pages ask `open_steps` which buttons to show, `docs/lifecycle.md`
is drawn from here, and a test walks every role over every row (D22–D30).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint, Nature, Outcome, Path, Position, Stage


class Refused(Exception):
    """A step that is not open. Its text is a sentence for the person who tried; `field` names the input to mark."""

    def __init__(self, sentence: str | Promise, *, field: str | None = None) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.field = field


class Who(StrEnum):
    """Who may take a step."""

    HOLDER = "holder"  # handles at the office that holds the case
    SUPERVISOR = "supervisor"  # supervises that office or one above it
    VERIFIER = "verifier"  # supervisor, or handler at an office above; never who handled the case (D53)
    COMPLAINANT = "complainant"  # by the tracking code, or an officer who writes down the complainant's word
    SYSTEM = "system"  # the beat, when a time has passed or the scanner has spoken
    ANYONE_IN_REACH = "in-reach"  # any officer who sees the case
    CLOSER = "closer"  # the holder or a verifier: who closes a masalah is not who handled it (D53)
    ABOVE = "above"  # handles or supervises at an office above; at the top, supervises there (D36, D52)
    HELPER = "helper"  # the holder, or who was asked for help with this case (D33)
    ASKED = "asked"  # who was asked for help and has not answered yet (D33)
    CUSTODIAN = "custodian"  # keeps the identities, outside the line of the reported (D63)
    OVERSIGHT = "oversight"  # audits, where the office that holds the case is itself reported (D35)
    REVIEWER = "reviewer"  # judges samples of closed cases of the area (D48)
    WITHDREW = "withdrew"  # by the code of somebody who withdrew from a matter that others still bring (D20)


class Need(StrEnum):
    """What must exist before a step is taken; `NEED_SENTENCES` says what is missing."""

    REGISTER = "register"
    EVIDENCE = "evidence"
    ANSWER = "answer"
    CHRONOLOGY = "chronology"
    ANALYSES = "analyses"
    RECOMMENDATION = "recommendation"
    FOLLOW_UP = "follow-up"
    RESULT = "result"
    RESULT_DOCUMENT = "result-document"
    FINDING = "finding"
    FORUM = "forum"
    MINUTES = "minutes"
    STANDARD = "standard"
    MONEY = "money"
    OTHER_PERSON = "other-person"
    REVIEW_MINUTES = "review-minutes"
    REASON = "reason"
    QUESTIONS = "questions"
    AUTHORITY = "authority"
    ORIGINAL = "original"
    TIME_PASSED = "time-passed"
    WITHIN_30_DAYS = "within-30-days"
    SUITABLE = "suitable"
    REPORTED = "reported"
    STATEMENT = "statement"
    ACTION = "action"
    ACTION_RESULT = "action-result"
    ACTIONS_ENDED = "actions-ended"
    SUSPENSION = "suspension"
    SUSPENSION_END = "suspension-end"
    SUSPENSIONS_ENDED = "suspensions-ended"
    AMOUNT = "amount"
    OPEN_ACTION = "open-action"
    PARTY = "party"
    OPEN_SUSPENSION = "open-suspension"
    PROOF = "proof"
    AT_REGENCY = "at-regency"
    AT_PUSAT = "at-pusat"
    MASTER_DATA = "master-data"
    DECISION = "decision"
    COORDINATION = "coordination"
    TWO_COMPLAINANTS = "two-complainants"
    SECOND_PAIR = "second-pair"
    WORD = "word"
    HELP = "help"
    EXTENSION_LEFT = "extension-left"
    NEW_DATE = "new-date"
    PLACE = "place"
    UNDECIDED = "undecided"
    REFUSED_TWICE = "refused-twice"
    NEXT_CHECK = "next-check"
    GRANTED = "granted"
    NOT_OVERDUE = "not-overdue"
    OTHER_AGREES = "other-agrees"
    WATCHED = "watched"
    ALL_AGREE = "all-agree"
    LINKED = "linked"
    ASK_LEFT = "ask-left"
    FORUM_DAY = "forum-day"
    OTHERS_WORD = "others-word"
    RECOGNISED = "recognised"
    SAMPLED = "sampled"
    UNTOUCHED = "untouched"


NEED_SENTENCES = {
    Need.REGISTER: _("Lengkapi register: lokasi sampai desa/kelurahan, kategori, media, dan teks yang dicatat."),
    Need.EVIDENCE: _("Lampirkan bukti, atau centang bahwa keterangannya sudah lengkap: kategori ini memerlukannya."),
    Need.ANSWER: _("Tulis jawaban untuk pelapor."),
    Need.CHRONOLOGY: _("Tulis kronologi hasil klarifikasi."),
    Need.ANALYSES: _("Isi analisis kasus dan analisis pemangku kepentingan."),
    Need.RECOMMENDATION: _("Pilih rekomendasi penanganan."),
    Need.FOLLOW_UP: _("Tulis siapa yang menindaklanjuti."),
    Need.RESULT: _("Tulis hasil penanganan."),
    Need.RESULT_DOCUMENT: _("Lampirkan dokumen hasil penanganan."),
    Need.FINDING: _("Tulis temuan pemantauan."),
    Need.FORUM: _("Isi tanggal, tempat, jumlah yang hadir, dan keputusan musyawarah."),
    Need.MINUTES: _("Lampirkan berita acara penyelesaian."),
    Need.STANDARD: _("Centang semua butir standar penyelesaian kategori ini."),
    Need.MONEY: _("Kerugiannya harus sudah dicatat dan seluruh uang sudah kembali. Catat dulu uangnya."),
    Need.OTHER_PERSON: _("Yang memeriksa penyelesaian harus orang lain daripada yang menangani."),
    Need.REVIEW_MINUTES: _("Lampirkan berita acara peninjauan kembali."),
    Need.REASON: _("Tulis alasannya."),
    Need.QUESTIONS: _("Tulis apa yang harus dilengkapi pelapor."),
    Need.AUTHORITY: _("Tulis nama instansi yang dituju."),
    Need.ORIGINAL: _("Tulis nomor pengaduan yang sama, yang dapat Anda lihat."),
    Need.TIME_PASSED: _("Waktunya belum lewat. Tunggu sampai lewat."),
    Need.WITHIN_30_DAYS: _("Pengaduan hanya dapat dibuka kembali dalam 30 hari sesudah ditutup."),
    Need.SUITABLE: _("Centang bahwa pengaduan ini menyangkut program dan teks yang dicatat sopan."),
    Need.REPORTED: _("Sebutkan siapa yang dilaporkan: petugas, kantor, atau sebutan."),
    Need.STATEMENT: _("Isi jenis keterangan, tanggalnya, dan isinya."),
    Need.ACTION: _("Isi tindakannya, oleh siapa, dan sampai kapan."),
    Need.ACTION_RESULT: _("Pilih tindakannya dan tulis hasilnya."),
    Need.ACTIONS_ENDED: _("Setiap tindakan yang disepakati harus mempunyai hasil."),
    Need.SUSPENSION: _("Isi siapa yang dibebastugaskan, sejak kapan, dan oleh siapa."),
    Need.SUSPENSION_END: _("Isi bagaimana dan kapan pembebastugasan berakhir."),
    Need.SUSPENSIONS_ENDED: _("Yang dibebastugaskan harus sudah dipulihkan atau diberhentikan."),
    Need.AMOUNT: _("Isi jumlah kerugian, atau jumlah yang kembali dengan tanggal dan keterangannya."),
    Need.OPEN_ACTION: _("Tidak ada tindakan yang menunggu hasil. Catat dulu tindakan yang disepakati."),
    Need.PARTY: _("Tetapkan dulu siapa yang dilaporkan."),
    Need.OPEN_SUSPENSION: _("Tidak ada pembebastugasan yang masih berjalan. Catat dulu mulainya."),
    Need.PROOF: _("Lampirkan dokumen pendukung, atau catat dulu keterangan yang mendukung."),
    Need.AT_REGENCY: _("Langkah ini diambil kantor kabupaten/kota atau di atasnya. Naikkan dulu pengaduan ini."),
    Need.AT_PUSAT: _("Keputusan ini hanya diambil di Pusat."),
    Need.MASTER_DATA: _("Putuskan dulu perbaikan basis datanya."),
    Need.DECISION: _("Pilih keputusannya dan tulis alasannya."),
    Need.COORDINATION: _("Teruskan dulu kepada dinas teknis melalui tim koordinasi."),
    Need.TWO_COMPLAINANTS: _("Langkah ini memerlukan dua pelapor atau lebih. Gabungkan dulu pengaduan yang sama."),
    Need.SECOND_PAIR: _("Pengaduan masalah ditutup oleh orang lain daripada yang menangani. Usulkan penutupannya."),
    Need.WORD: _("Tulis apa yang dikatakan pelapor, kapan, dan dengan cara apa."),
    Need.HELP: _("Tulis bantuan apa yang diminta, dan dari kantor atau petugas mana."),
    Need.EXTENSION_LEFT: _(
        "Tenggat di jenjang ini sudah dua kali diperpanjang, paling banyak. Selesaikan, atau naikkan pengaduan ini."
    ),
    Need.NEW_DATE: _("Isi tanggal baru sesudah tenggat yang sekarang, paling lama 30 hari sesudahnya."),
    Need.PLACE: _("Pilih desa atau kelurahan yang seharusnya menangani."),
    Need.UNDECIDED: _("Kantor yang menangani sudah ditetapkan jenjang di atas. Tangani di sini, atau minta bantuan."),
    Need.REFUSED_TWICE: _("Langkah ini hanya terbuka bila dua kantor sudah menolak menangani pengaduan ini."),
    Need.NEXT_CHECK: _("Isi kapan perkembangannya ditanyakan lagi, paling lama 90 hari dari sekarang."),
    Need.LINKED: _("Pengaduan ini tidak ditautkan dengan pengaduan lain. Tautkan dulu."),
    Need.ALL_AGREE: _(
        "Hal ini dibawa beberapa pelapor. Langkah ini hanya terbuka bila semuanya setuju; masing-masing memakai kodenya."
    ),
    Need.NOT_OVERDUE: _(
        "Tenggatnya sudah lewat: pengaduan ini naik jenjang. Perpanjangan harus diminta sebelum tenggat."
    ),
    Need.OTHER_AGREES: _("Perpanjangan harus disetujui orang lain daripada yang menangani."),
    Need.WATCHED: _("Proses hukum kasus ini sudah berakhir dan tidak dipantau lagi. Muat ulang halaman."),
    Need.FORUM_DAY: _(
        "Musyawarahnya harus sesudah pengaduan diterima, atau sesudah hasil yang dulu ditolak, dan tidak di masa depan."
    ),
    Need.ASK_LEFT: _(
        "Pelapor sudah tiga kali ditanya, atau pernah tidak menjawab. Kirim pesan saja; waktunya tetap berjalan."
    ),
    Need.OTHERS_WORD: _(
        "Pelapor sendiri sudah menerima hasil ini dengan kodenya. Sampaikan pengaduan baru bila masalahnya muncul lagi."
    ),
    Need.RECOGNISED: _(
        "Nomor telepon pelapor tidak tercatat. Minta orang lain daripada yang menangani untuk memberi kode baru."
    ),
    Need.SAMPLED: _("Pengaduan ini tidak ada dalam sampel mutu yang menunggu penilaian. Pilih dari daftar sampel."),
    Need.UNTOUCHED: _("Mutu harus dinilai orang yang tidak pernah mengambil langkah pada pengaduan ini."),
    Need.GRANTED: _("Identitas pelapor belum diizinkan dibuka, atau waktunya sudah lewat. Minta izin lagi."),
}

S, N, W, O = Stage, Need, Who, Outcome

WORKING = frozenset({S.REGISTRATION, S.ANSWER, S.CLARIFICATION, S.ANALYSIS, S.HANDLING, S.MONITORING, S.REVIEW})
OPEN = WORKING | {S.SETTLED, S.FEEDBACK}
REOPENABLE = frozenset({O.SILENT, O.UNPROVEN, O.ACCEPTED})  # accepted: where an officer wrote the word down
GIVEN_UP = frozenset({O.WITHDRAWN, O.LAPSED, O.THANKS, O.NOT_OURS, O.REFERRED})  # also by one officer, at the door
INQUIRY = frozenset({S.CLARIFICATION, S.ANALYSIS, S.HANDLING, S.MONITORING, S.REVIEW})
EVER = OPEN | {S.CLOSED}
ANY_OUTCOME = frozenset(O)


@dataclass(frozen=True)
class Step:
    """One row of the table. `target` None: the stage stays. `code` is also the kind of the event it leaves."""

    code: str
    label: str | Promise
    sources: frozenset[Stage]
    target: Stage | None
    who: Who
    needs: tuple[Need, ...] = ()
    nature: Nature | None = None  # None: both
    outcome: Outcome | None = None  # with target CLOSED
    position: Position | None = None  # what the clarification found, where that decides the way
    after: frozenset[Outcome] = frozenset()  # outcomes of a closed case from which the step is open
    waiting: bool | None = False  # False: not while the file waits for the complainant; True: only then; None: both
    primary: bool = False  # the one next action that the case page offers first
    proposer: Who | None = None  # who may propose the step to those who may take it (D33, D52, D53)
    paths: frozenset[str] = frozenset()  # categories whose way of their own has this step (D36); empty: all


def _step(
    code: str, label: str | Promise, sources: Iterable[Stage], target: Stage | None, who: Who, *needs: Need, **rest: Any
) -> Step:
    return Step(code, label, frozenset(sources), target, who, needs, **rest)


M, I = Nature.MASALAH, Nature.INFORMATIF
PROVEN, UNPROVEN = Position.PROVEN, Position.UNPROVEN

STEPS: tuple[Step, ...] = (
    # registration (D22, D18)
    _step("daftarkan", _("Daftarkan pengaduan"), {S.REGISTRATION}, S.CLARIFICATION, W.HOLDER, N.REGISTER, N.EVIDENCE, N.SUITABLE, nature=M, primary=True),
    _step("daftarkan-informatif", _("Daftarkan sebagai informatif"), {S.REGISTRATION}, S.ANSWER, W.HOLDER, N.REGISTER, N.SUITABLE, nature=I, primary=True),
    # the short way of informatif
    _step("jawab", _("Kirim jawaban"), {S.ANSWER}, S.FEEDBACK, W.HOLDER, N.ANSWER, N.MONEY, nature=I, primary=True),
    # clarification (D23)
    _step("nyatakan-terbukti", _("Nyatakan masalah terjadi"), {S.CLARIFICATION}, S.ANALYSIS, W.HOLDER, N.CHRONOLOGY, primary=True),
    _step("nyatakan-tidak-terbukti", _("Nyatakan tidak terbukti"), {S.CLARIFICATION}, S.SETTLED, W.HOLDER, N.CHRONOLOGY, N.MONEY),
    _step("catat-keterangan", _("Catat wawancara atau keterangan"), INQUIRY, None, W.HELPER, N.STATEMENT, waiting=None),
    _step("tetapkan-terlapor", _("Tetapkan pihak yang dilaporkan"), OPEN, None, W.CLOSER, N.REPORTED, waiting=None),
    _step("bebastugaskan", _("Catat pembebastugasan"), INQUIRY, None, W.HOLDER, N.PARTY, N.SUSPENSION, waiting=None),
    _step("akhiri-pembebastugasan", _("Catat akhir pembebastugasan"), EVER, None, W.HOLDER, N.OPEN_SUSPENSION, N.SUSPENSION_END, waiting=None, after=ANY_OUTCOME),
    # analysis, handling, monitoring (D24–D26)
    _step("rekomendasikan", _("Tetapkan rekomendasi"), {S.ANALYSIS}, S.HANDLING, W.HOLDER, N.ANALYSES, N.RECOMMENDATION, N.FOLLOW_UP, primary=True),
    _step("laporkan-hasil", _("Laporkan hasil penanganan"), {S.HANDLING}, S.MONITORING, W.HOLDER, N.RESULT, N.RESULT_DOCUMENT, primary=True),
    _step("sepakati-tindakan", _("Catat tindakan yang disepakati"), {S.HANDLING, S.MONITORING}, None, W.HOLDER, N.ACTION),
    _step("catat-hasil-tindakan", _("Catat hasil tindakan"), {S.HANDLING, S.MONITORING}, None, W.HELPER, N.OPEN_ACTION, N.ACTION_RESULT),
    _step("catat-uang", _("Catat kerugian atau pengembalian uang"), WORKING, None, W.HOLDER, N.AMOUNT, nature=M, waiting=None),
    _step("analisis-ulang", _("Kembali ke analisis"), {S.MONITORING}, S.ANALYSIS, W.HOLDER, N.FINDING),
    # the ways of their own that a programme gives a category (D20, D36)
    _step("rekomendasi-basis-data", _("Rekomendasikan perbaikan basis data kepada Pusat"), {S.CLARIFICATION, S.ANALYSIS, S.HANDLING}, None, W.HOLDER, N.AT_REGENCY, N.PROOF, N.REASON, paths=frozenset({Path.MASTER_DATA})),
    _step("putuskan-basis-data", _("Putuskan perbaikan basis data"), {S.CLARIFICATION, S.ANALYSIS, S.HANDLING, S.MONITORING}, None, W.SUPERVISOR, N.AT_PUSAT, N.DECISION, proposer=W.HOLDER, paths=frozenset({Path.MASTER_DATA_DECISION})),
    _step("teruskan-tim-koordinasi", _("Teruskan kepada dinas melalui tim koordinasi"), {S.CLARIFICATION, S.ANALYSIS, S.HANDLING}, None, W.HOLDER, N.AT_REGENCY, N.AUTHORITY, N.REASON, paths=frozenset({Path.AVAILABILITY, Path.MASTER_DATA})),
    _step("rekomendasi-penyalur", _("Rekomendasikan Pusat menghubungi penyalur"), {S.CLARIFICATION, S.ANALYSIS, S.HANDLING}, None, W.HOLDER, N.AT_REGENCY, N.TWO_COMPLAINANTS, N.REASON, paths=frozenset({Path.PAYMENT})),
    _step("rekomendasi-bersama", _("Masukkan dalam rekomendasi bersama"), WORKING, None, W.CLOSER, N.REASON, waiting=None, paths=frozenset({Path.EXCLUSION})),
    # settled (D27, D29, D53)
    _step("nyatakan-selesai", _("Nyatakan selesai"), {S.MONITORING}, S.SETTLED, W.HOLDER, N.FINDING, N.FORUM, N.FORUM_DAY, N.MINUTES, N.STANDARD, N.MONEY, N.ACTIONS_ENDED, N.SUSPENSIONS_ENDED, N.MASTER_DATA, N.COORDINATION, primary=True),
    _step("sahkan-selesai", _("Sahkan penyelesaian"), {S.SETTLED}, S.FEEDBACK, W.VERIFIER, N.OTHER_PERSON, position=PROVEN, primary=True),
    _step("sahkan-tidak-terbukti", _("Sahkan: tidak terbukti"), {S.SETTLED}, S.CLOSED, W.VERIFIER, N.OTHER_PERSON, N.SUSPENSIONS_ENDED, N.REASON, outcome=O.UNPROVEN, position=UNPROVEN, primary=True),
    _step("kembalikan-ke-pemantauan", _("Kembalikan: belum selesai"), {S.SETTLED}, S.MONITORING, W.VERIFIER, N.REASON, position=PROVEN),
    _step("kembalikan-ke-klarifikasi", _("Kembalikan ke klarifikasi"), {S.SETTLED}, S.CLARIFICATION, W.VERIFIER, N.REASON, position=UNPROVEN),
    # feedback (D28)
    _step("terima-hasil", _("Hasil diterima pelapor"), {S.FEEDBACK}, S.CLOSED, W.COMPLAINANT, N.WORD, N.SECOND_PAIR, N.ALL_AGREE, N.MONEY, outcome=O.ACCEPTED, primary=True),
    _step("setuju-hasil", _("Seorang dari beberapa pelapor menerima hasil"), {S.FEEDBACK}, None, W.COMPLAINANT),
    _step("tolak-hasil", _("Hasil ditolak pelapor"), {S.FEEDBACK}, S.REVIEW, W.COMPLAINANT, N.REASON, nature=M),
    _step("tolak-jawaban", _("Jawaban ditolak pelapor"), {S.FEEDBACK}, S.ANSWER, W.COMPLAINANT, N.REASON, nature=I),
    _step("diam-dianggap-menerima", _("Tidak ada tanggapan 14 hari"), {S.FEEDBACK}, S.CLOSED, W.SYSTEM, N.TIME_PASSED, outcome=O.SILENT),
    _step("tinjau-ke-klarifikasi", _("Tinjau kembali dari klarifikasi"), {S.REVIEW}, S.CLARIFICATION, W.HOLDER, N.REVIEW_MINUTES, primary=True),
    _step("tinjau-ke-analisis", _("Tinjau kembali dari analisis"), {S.REVIEW}, S.ANALYSIS, W.HOLDER, N.REVIEW_MINUTES),
    _step("buka-kembali", _("Buka kembali"), {S.CLOSED}, S.REVIEW, W.COMPLAINANT, N.REASON, N.WITHIN_30_DAYS, N.OTHERS_WORD, nature=M, after=REOPENABLE),
    _step("buka-kembali-jawaban", _("Buka kembali"), {S.CLOSED}, S.ANSWER, W.COMPLAINANT, N.REASON, N.WITHIN_30_DAYS, N.OTHERS_WORD, nature=I, after=REOPENABLE),
    # judged by a reviewer in a sample, and found wanting (D40, D48); the old clock goes on (D54)
    _step("kembalikan-mutu", _("Kembalikan sesudah penilaian mutu"), {S.CLOSED}, S.REVIEW, W.REVIEWER, N.SAMPLED, N.UNTOUCHED, N.REASON, nature=M, after=REOPENABLE),
    _step("kembalikan-mutu-jawaban", _("Kembalikan jawaban sesudah penilaian mutu"), {S.CLOSED}, S.ANSWER, W.REVIEWER, N.SAMPLED, N.UNTOUCHED, N.REASON, nature=I, after=REOPENABLE),
    # the file waits for the complainant (D12)
    _step("minta-kelengkapan", _("Minta pelapor melengkapi"), WORKING, None, W.HOLDER, N.QUESTIONS, N.ASK_LEFT),
    _step("lengkapi", _("Keterangan dilengkapi"), WORKING, None, W.COMPLAINANT, N.ANSWER, waiting=True, primary=True),
    _step("lanjutkan-tanpa-kelengkapan", _("Lanjutkan tanpa menunggu"), WORKING, None, W.HOLDER, N.REASON, waiting=True),
    _step("tidak-dilengkapi", _("Tidak dilengkapi 30 hari"), WORKING, S.CLOSED, W.SYSTEM, N.TIME_PASSED, outcome=O.LAPSED, waiting=True),
    _step("ingatkan-pelapor", _("Pengingat kepada pelapor"), WORKING, None, W.SYSTEM, N.TIME_PASSED, waiting=True),
    _step("lanjutkan-kembali", _("Lanjutkan pengaduan yang ditutup"), {S.CLOSED}, S.REGISTRATION, W.COMPLAINANT, N.REASON, after=GIVEN_UP),
    # the side ways out (D19, D20, D56)
    _step("bukan-kewenangan", _("Bukan kewenangan program ini"), WORKING, S.CLOSED, W.CLOSER, N.AUTHORITY, N.REASON, N.SECOND_PAIR, outcome=O.NOT_OURS, proposer=W.HOLDER),
    _step("ucapan-terima-kasih", _("Ucapan terima kasih atau salam"), {S.REGISTRATION}, S.CLOSED, W.HOLDER, N.SECOND_PAIR, outcome=O.THANKS),
    _step("salurkan", _("Salurkan ke instansi lain"), WORKING, S.CLOSED, W.CLOSER, N.AUTHORITY, N.REASON, N.SECOND_PAIR, outcome=O.REFERRED, proposer=W.HOLDER),
    _step("duplikat", _("Duplikat pengaduan lain"), WORKING, S.CLOSED, W.CLOSER, N.ORIGINAL, N.SECOND_PAIR, outcome=O.DUPLICATE, waiting=None, proposer=W.HOLDER),
    _step("terima-gabungan", _("Pengaduan lain digabungkan ke sini"), WORKING | {S.SETTLED}, None, W.ANYONE_IN_REACH),
    _step("pisahkan", _("Pisahkan dari pengaduan lain"), {S.CLOSED}, S.REGISTRATION, W.HOLDER, N.REASON, after=frozenset({O.DUPLICATE})),
    _step("tautkan", _("Tautkan dengan pengaduan lain"), OPEN, None, W.HOLDER, N.ORIGINAL, waiting=None),
    _step("lepas-tautan", _("Lepas tautan dengan pengaduan lain"), EVER, None, W.HOLDER, N.LINKED, N.ORIGINAL, N.REASON, waiting=None, after=ANY_OUTCOME),
    _step("terkait", _("Berubah bersama pengaduan yang terkait"), EVER, None, W.SYSTEM, waiting=None, after=ANY_OUTCOME),
    _step("cabut", _("Cabut pengaduan"), OPEN, S.CLOSED, W.COMPLAINANT, N.REASON, N.SECOND_PAIR, N.ALL_AGREE, outcome=O.WITHDRAWN, waiting=None),
    _step("cabut-sendiri", _("Seorang dari beberapa pelapor mencabut"), OPEN, None, W.COMPLAINANT, N.REASON, waiting=None),
    _step("ikut-lagi", _("Pelapor yang mencabut ikut lagi"), EVER, None, W.WITHDREW, N.REASON, waiting=None, after=ANY_OUTCOME),
    _step("proses-hukum", _("Ditangani penegak hukum"), WORKING, S.CLOSED, W.CLOSER, N.AUTHORITY, N.REASON, N.NEXT_CHECK, N.SECOND_PAIR, outcome=O.LEGAL, proposer=W.HOLDER),
    _step("pantau-hukum", _("Catat perkembangan proses hukum"), {S.CLOSED}, None, W.HOLDER, N.WATCHED, N.REASON, N.NEXT_CHECK, after=frozenset({O.LEGAL})),
    _step("akhiri-proses-hukum", _("Proses hukum berakhir"), {S.CLOSED}, None, W.HOLDER, N.WATCHED, N.REASON, after=frozenset({O.LEGAL})),
    _step("serahkan-fase-akhir", _("Serahkan: program di lokasi ini berakhir"), WORKING, S.CLOSED, W.CLOSER, N.AUTHORITY, N.REASON, N.SECOND_PAIR, nature=M, outcome=O.PHASED_OUT, proposer=W.HOLDER),
    _step("serahkan-pengawas", _("Serahkan kepada pengawas"), WORKING, S.CLOSED, W.OVERSIGHT, N.AUTHORITY, N.REASON, outcome=O.REFERRED, waiting=None),
    # tiers and people: the stage stays (D30–D33, D49)
    _step("eskalasi", _("Eskalasi otomatis"), WORKING | {S.SETTLED}, None, W.SYSTEM, N.TIME_PASSED),
    _step("ikuti-kalender", _("Tenggat mengikuti kalender yang diperbaiki"), OPEN, None, W.SYSTEM),
    _step("ikuti-batas-waktu", _("Batas waktu baru diberlakukan"), OPEN, None, W.SYSTEM),
    _step("naikkan", _("Naikkan ke jenjang di atas"), WORKING | {S.SETTLED}, None, W.SUPERVISOR, N.REASON, proposer=W.HOLDER),
    _step("turunkan", _("Turunkan ke jenjang di bawah"), WORKING, None, W.SUPERVISOR, N.REASON, proposer=W.HOLDER),
    _step("ambil-alih", _("Ambil alih dari jenjang di bawah"), WORKING | {S.SETTLED}, None, W.ABOVE, N.REASON, proposer=W.HOLDER),
    _step("perpanjang", _("Perpanjang waktu"), WORKING, None, W.ABOVE, N.EXTENSION_LEFT, N.NOT_OVERDUE, N.NEW_DATE, N.REASON, N.OTHER_AGREES, proposer=W.HOLDER),
    _step("usulkan", _("Usulkan"), OPEN, None, W.HOLDER, waiting=None),
    _step("tolak-usul", _("Tolak usul"), OPEN, None, W.ANYONE_IN_REACH, N.REASON, waiting=None),
    _step("minta-bantuan", _("Minta bantuan kantor atau petugas lain"), WORKING, None, W.HOLDER, N.HELP, waiting=None),
    _step("beri-bantuan", _("Jawab permintaan bantuan"), WORKING, None, W.ASKED, N.REASON, waiting=None),
    _step("pindah-wilayah", _("Bukan wilayah kantor ini"), WORKING, None, W.HOLDER, N.PLACE, N.REASON, N.UNDECIDED),
    _step("tetapkan-wilayah", _("Tetapkan kantor yang menangani"), WORKING, None, W.HOLDER, N.PLACE, N.REASON, N.REFUSED_TWICE),
    _step("ubah-bobot", _("Ubah bobot atau tanda menonjol"), OPEN, None, W.CLOSER, N.REASON, waiting=None),
    _step("tugaskan", _("Tugaskan kepada"), OPEN, None, W.HOLDER, waiting=None),
    _step("ubah-kategori", _("Ubah kategori"), WORKING, None, W.HOLDER, N.REASON, waiting=None),
    _step("alihkan-sifat", _("Ubah ke kategori dengan sifat lain"), WORKING, S.REGISTRATION, W.CLOSER, N.REASON, N.SECOND_PAIR, proposer=W.HOLDER),
    _step("mundur", _("Mundur dari kasus ini"), OPEN, None, W.ANYONE_IN_REACH, N.REASON, waiting=None),
    _step("catat", _("Tambah catatan"), EVER, None, W.HOLDER, N.REASON, waiting=None, after=ANY_OUTCOME),
    _step("kirim-pesan", _("Kirim pesan kepada pelapor"), OPEN, None, W.HOLDER, N.REASON, waiting=None),
    _step("pesan-pelapor", _("Kirim pesan kepada petugas"), OPEN, None, W.COMPLAINANT, N.REASON, waiting=None),
    # the office owes protection to who asks for it (Perpres 76/2013, article 15)
    _step("minta-perlindungan", _("Minta perlindungan"), OPEN, None, W.COMPLAINANT, N.REASON, waiting=None),
    _step("catat-perlindungan", _("Catat perlindungan yang diberikan"), OPEN, None, W.CLOSER, N.REASON, waiting=None),
    # the identity (D63)
    _step("minta-identitas", _("Minta membuka identitas pelapor"), OPEN, None, W.HOLDER, N.REASON, waiting=None),
    _step("izinkan-identitas", _("Izinkan membuka identitas"), OPEN, None, W.CUSTODIAN, N.REASON, waiting=None),
    _step("tolak-identitas", _("Tolak membuka identitas"), EVER, None, W.CUSTODIAN, N.REASON, waiting=None, after=ANY_OUTCOME),
    _step("buka-identitas", _("Buka identitas pelapor"), OPEN, None, W.HOLDER, N.GRANTED, waiting=None),
    # the code that was lost (D62)
    _step("kode-baru", _("Beri pelapor kode pelacakan baru"), EVER, None, W.CLOSER, N.REASON, N.RECOGNISED, waiting=None, after=ANY_OUTCOME),
    # files (D17, D27)
    _step("lampirkan", _("Tambah berkas"), OPEN, None, W.HELPER, waiting=None),
    _step("lampirkan-pelapor", _("Tambah foto atau dokumen"), OPEN, None, W.COMPLAINANT, waiting=None),
    _step("tarik-lampiran", _("Hapus berkas yang baru dikirim"), {S.REGISTRATION}, None, W.COMPLAINANT, waiting=None),
    _step("berkas-ditolak", _("Berkas ditolak pemeriksaan virus"), EVER, None, W.SYSTEM, waiting=None, after=ANY_OUTCOME),
)  # fmt: skip

BY_CODE = {step.code: step for step in STEPS}


def fits(step: Step, complaint: Complaint, *, position: str = "") -> bool:
    """Say whether the row applies to the complaint as it stands, whoever asks."""
    if complaint.stage not in step.sources:
        return False
    if step.nature and step.nature != complaint.category.nature:
        return False
    if step.position and step.position != position:
        return False
    if step.paths and complaint.category.path not in step.paths:
        return False
    if complaint.stage == Stage.CLOSED:
        return complaint.outcome in step.after
    return step.waiting is None or step.waiting == (complaint.waiting_since is not None)


def why_not(step: Step, complaint: Complaint) -> str | Promise:
    """Return the sentence that tells why a row does not apply."""
    if complaint.stage == Stage.CLOSED:
        return _("Pengaduan ini sudah ditutup; langkah ini tidak terbuka lagi.")
    if complaint.waiting_since and step.waiting is False:
        return _("Berkas sedang menunggu pelapor. Lanjutkan dulu sebelum mengambil langkah ini.")
    return _("Langkah “%(step)s” tidak terbuka pada tahap %(stage)s.") % {
        "step": step.label,
        "stage": complaint.get_stage_display(),
    }
