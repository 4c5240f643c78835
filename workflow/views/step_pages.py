"""What each step asks on its page and which verb takes the answers; which steps a page offers (D22–D29, D33, D49)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint, Stage
from tiers.models import Tier, User
from workflow import actions, gate, needs
from workflow.forms import clock as clock_forms
from workflow.forms import handling as handling_forms
from workflow.forms import paths as path_forms
from workflow.forms import steps as forms
from workflow.forms import tiers as tier_forms
from workflow.forms.merging import DuplicateForm, OtherCaseForm, UnlinkForm
from workflow.forms.questions import CompletionForm, QuestionsForm
from workflow.forms.register import NotOursForm, RegisterForm, ThanksForm
from workflow.machine import NEED_SENTENCES, Need, Step, Who


@dataclass(frozen=True)
class StepPage:
    """What a step's page asks for, which verb takes the answers, and a sentence on what follows."""

    form: type[forms.StepForm]
    verb: Callable[..., object] | None  # None: the file is all there is to it
    follows: str = ""
    template: str = "petugas/step.html"


PAGES: dict[str, StepPage] = {
    "daftarkan": StepPage(
        RegisterForm,
        actions.register,
        _("Berkas dinyatakan lengkap dan klarifikasi dimulai."),
        "petugas/daftarkan.html",
    ),
    "daftarkan-informatif": StepPage(
        RegisterForm,
        actions.register,
        _("Berkas dinyatakan lengkap; sesudah itu Anda menulis jawabannya."),
        "petugas/daftarkan.html",
    ),
    "jawab": StepPage(
        forms.AnswerForm, actions.answer, _("Jawaban dikirim kepada pelapor, yang lalu ditanya apakah menerimanya.")
    ),
    "nyatakan-terbukti": StepPage(
        handling_forms.ProvenForm, actions.find_proven, _("Masalah dinyatakan terjadi; sesudah itu dianalisis.")
    ),
    "nyatakan-tidak-terbukti": StepPage(
        handling_forms.UnprovenForm,
        actions.find_unproven,
        _("Petugas lain memeriksanya sebelum pengaduan ditutup."),
    ),
    "rekomendasikan": StepPage(forms.AnalysisForm, actions.recommend, _("Sesudah ini penanganan dimulai.")),
    "laporkan-hasil": StepPage(
        forms.ResultForm, actions.report_result, _("Sesudah ini pelaksanaan kesepakatan dipantau.")
    ),
    "catat-keterangan": StepPage(
        handling_forms.StatementForm, actions.take_statement, _("Dibaca petugas yang dapat melihat kasus ini.")
    ),
    "sepakati-tindakan": StepPage(
        handling_forms.ActionForm, actions.agree_action, _("Setiap tindakan harus ada hasilnya sebelum kasus selesai.")
    ),
    "catat-hasil-tindakan": StepPage(handling_forms.ActionResultForm, actions.report_action),
    "bebastugaskan": StepPage(
        handling_forms.SuspendForm,
        actions.suspend,
        _("Berlaku selama pemeriksaan. Yang dilaporkan belum tentu bersalah."),
    ),
    "akhiri-pembebastugasan": StepPage(handling_forms.EndSuspensionForm, actions.end_suspension),
    "catat-uang": StepPage(
        handling_forms.MoneyForm, actions.record_money, _("Kasus baru dapat selesai bila seluruh uang sudah kembali.")
    ),
    "rekomendasi-basis-data": StepPage(
        path_forms.MasterDataForm,
        actions.recommend_master_data,
        _("Kasus ini pindah ke Pusat, yang punya waktu satu bulan. Pelapor diberi tahu; tenggat asli tetap."),
    ),
    "putuskan-basis-data": StepPage(
        path_forms.DecisionForm,
        actions.decide_master_data,
        _("Pelapor dan kantor yang merekomendasikan diberi tahu keputusannya."),
    ),
    "teruskan-tim-koordinasi": StepPage(
        path_forms.CoordinationForm,
        actions.coordinate,
        _("Dinas yang menindaklanjuti; kantor Anda memantau. Pelapor diberi tahu dinas mana."),
    ),
    "rekomendasi-penyalur": StepPage(
        path_forms.PayerForm, actions.recommend_payer, _("Pusat dan pelapor diberi tahu; kasus tetap di kantor Anda.")
    ),
    "analisis-ulang": StepPage(
        forms.FindingForm, actions.analyse_again, _("Kesepakatan belum berjalan; kasus dianalisis lagi.")
    ),
    "nyatakan-selesai": StepPage(
        handling_forms.MonitoredForm,
        actions.settle,
        _("Petugas lain memeriksa penyelesaian ini sebelum pelapor diberi tahu."),
    ),
    "sahkan-selesai": StepPage(
        handling_forms.VerifyForm, actions.verify, _("Pelapor diberi tahu hasilnya dan ditanya apakah menerimanya.")
    ),
    "sahkan-tidak-terbukti": StepPage(
        forms.AnnouncedForm, actions.verify_unproven, _("Pengaduan ditutup sebagai tidak terbukti.")
    ),
    "kembalikan-ke-pemantauan": StepPage(forms.ReasonForm, actions.send_back, _("Kasus kembali ke pemantauan.")),
    "kembalikan-ke-klarifikasi": StepPage(forms.ReasonForm, actions.send_back, _("Kasus kembali ke klarifikasi.")),
    "terima-hasil": StepPage(forms.AcceptForm, actions.accept, _("Pengaduan ditutup atas kata pelapor.")),
    "tolak-hasil": StepPage(forms.WordForm, actions.reject, _("Kasus ditinjau kembali; tenggatnya tetap.")),
    "tolak-jawaban": StepPage(forms.WordForm, actions.reject, _("Jawaban disusun lagi; tenggatnya tetap.")),
    "tinjau-ke-klarifikasi": StepPage(
        forms.ReviewForm, partial(actions.review, to=Stage.CLARIFICATION), _("Kasus mulai lagi dari klarifikasi.")
    ),
    "tinjau-ke-analisis": StepPage(
        forms.ReviewForm, partial(actions.review, to=Stage.ANALYSIS), _("Kasus mulai lagi dari analisis.")
    ),
    "buka-kembali": StepPage(forms.WordForm, actions.reopen, _("Kasus ditinjau kembali; tenggatnya tetap.")),
    "buka-kembali-jawaban": StepPage(forms.WordForm, actions.reopen, _("Jawaban disusun lagi; tenggatnya tetap.")),
    "minta-kelengkapan": StepPage(
        QuestionsForm, actions.ask_completion, _("Pelapor diberi tahu dan punya 30 hari untuk melengkapi.")
    ),
    "lengkapi": StepPage(CompletionForm, actions.complete, _("Waktu berjalan lagi; hari menunggu tidak dihitung.")),
    "lanjutkan-tanpa-kelengkapan": StepPage(
        forms.ReasonForm, actions.go_on, _("Waktu berjalan lagi tanpa menunggu pelapor.")
    ),
    "lanjutkan-kembali": StepPage(
        forms.WordForm, actions.take_up_again, _("Pengaduan kembali ke registrasi; tenggatnya tetap.")
    ),
    "bukan-kewenangan": StepPage(
        NotOursForm,
        partial(actions.close_aside, code="bukan-kewenangan"),
        _("Pengaduan ditutup, dan pelapor diberi tahu ke mana sebaiknya bertanya."),
    ),
    "ucapan-terima-kasih": StepPage(
        ThanksForm,
        partial(actions.close_aside, code="ucapan-terima-kasih"),
        _("Pengaduan ditutup dengan balasan terima kasih."),
    ),
    "salurkan": StepPage(
        forms.AuthorityForm,
        partial(actions.close_aside, code="salurkan"),
        _("Pengaduan ditutup di sini, dan pelapor diberi tahu instansi yang menanganinya."),
    ),
    "duplikat": StepPage(
        DuplicateForm,
        actions.close_duplicate,
        _("Pengaduan ini ditutup; pelapornya mengikuti kasus yang satu lagi dengan kode dan nomornya sendiri."),
    ),
    "pisahkan": StepPage(
        forms.ReasonForm,
        actions.split,
        _("Pengaduan kembali ke registrasi dan ditangani tersendiri; tenggatnya tetap."),
    ),
    "tautkan": StepPage(
        OtherCaseForm, actions.link, _("Kedua pengaduan saling menunjuk; masing-masing berjalan sendiri.")
    ),
    "lepas-tautan": StepPage(UnlinkForm, actions.unlink, _("Kedua pengaduan tidak lagi saling menunjuk.")),
    "cabut": StepPage(forms.WordForm, actions.withdraw, _("Pengaduan ditutup atas permintaan pelapor.")),
    "proses-hukum": StepPage(
        clock_forms.LegalForm,
        partial(actions.close_aside, code="proses-hukum"),
        _("Pengaduan ditutup karena sudah ditangani penegak hukum. Kantor Anda tetap memantau perkembangannya."),
    ),
    "pantau-hukum": StepPage(
        clock_forms.LegalCheckForm, actions.check_legal, _("Perkembangannya disampaikan kepada pelapor.")
    ),
    "akhiri-proses-hukum": StepPage(
        clock_forms.LegalEndForm, actions.end_legal, _("Pelapor diberi tahu, dan kasus ini tidak dipantau lagi.")
    ),
    "serahkan-fase-akhir": StepPage(
        clock_forms.PhaseOutForm,
        partial(actions.close_aside, code="serahkan-fase-akhir"),
        _("Pengaduan ditutup di sini. Pelapor diberi tahu siapa yang melanjutkan penyelesaiannya."),
    ),
    "perpanjang": StepPage(
        clock_forms.ExtendForm, actions.extend, _("Pelapor diberi tahu alasannya dan tanggal yang baru.")
    ),
    "naikkan": StepPage(
        tier_forms.RaiseForm, actions.hand_up, _("Jenjang di atas memegang kasus ini dengan tenggat penuh yang baru.")
    ),
    "turunkan": StepPage(
        tier_forms.LowerForm, actions.hand_down, _("Jenjang di bawah memegang kasus ini, tanpa tambahan waktu.")
    ),
    "ambil-alih": StepPage(
        forms.ReasonForm, actions.take_over, _("Jenjang di atas memegang kasus ini dengan tenggat penuh yang baru.")
    ),
    "minta-bantuan": StepPage(
        tier_forms.HelpForm, actions.ask_help, _("Yang diminta diberi tahu. Kasus ini tetap dipegang kantor ini.")
    ),
    "beri-bantuan": StepPage(
        tier_forms.HelpAnswerForm, actions.answer_help, _("Yang meminta bantuan diberi tahu jawaban Anda.")
    ),
    "pindah-wilayah": StepPage(
        tier_forms.PlaceForm,
        actions.not_ours,
        _("Kantor di tempat itu memegang kasus ini; nomor dan tenggatnya tetap."),
    ),
    "tetapkan-wilayah": StepPage(
        tier_forms.DecidePlaceForm,
        actions.decide_place,
        _("Dua kantor menolak menangani. Kantor yang Anda tetapkan tidak dapat menolak lagi; tenggatnya tetap."),
    ),
    "ubah-bobot": StepPage(tier_forms.WeightForm, actions.weigh, _("Tenggatnya tetap.")),
    "tetapkan-terlapor": StepPage(
        tier_forms.ReportedForm,
        actions.name_reported,
        _("Yang dilaporkan tidak melihat kasus ini lagi. Bila kantor ini termasuk, jenjang di atasnya yang memegang."),
    ),
    "serahkan-pengawas": StepPage(
        tier_forms.OverseersForm,
        actions.hand_to_overseers,
        _("Tidak ada kantor yang boleh menangani. Pengaduan ditutup di sini, dan pelapor diberi tahu ke mana."),
    ),
    "tugaskan": StepPage(
        forms.HandlerForm, actions.assign, _("Petugas ini yang menangani; yang memeriksa nanti harus orang lain.")
    ),
    "ubah-kategori": StepPage(forms.CategoryForm, actions.recategorise),
    "alihkan-sifat": StepPage(forms.NatureForm, actions.recategorise),
    "mundur": StepPage(
        forms.ReasonForm, actions.step_aside, _("Sesudah ini Anda tidak dapat lagi melihat pengaduan ini.")
    ),
    "catat": StepPage(forms.NoteForm, actions.note),
    "kirim-pesan": StepPage(forms.MessageForm, actions.send_message),
    "minta-perlindungan": StepPage(
        forms.WordForm, actions.ask_protection, _("Kantor ini dan penyelianya diberi tahu sekarang juga.")
    ),
    "catat-perlindungan": StepPage(
        forms.ProtectionForm, actions.protect, _("Pelapor yang meminta membacanya dengan kodenya.")
    ),
    "lampirkan": StepPage(forms.AttachForm, None),
}

# What no form can supply: a step that lacks one of these is not offered, its sentence is shown instead.
NOT_TO_BE_FILLED_IN = (
    *(Need.OTHER_PERSON, Need.SECOND_PAIR, Need.WITHIN_30_DAYS, Need.ACTIONS_ENDED, Need.SUSPENSIONS_ENDED),
    *(Need.ASK_LEFT, Need.OTHERS_WORD),
    *(Need.MASTER_DATA, Need.COORDINATION, Need.TWO_COMPLAINANTS, Need.EXTENSION_LEFT),
    *(Need.LINKED, Need.UNDECIDED, Need.REFUSED_TWICE, Need.GRANTED, Need.NOT_OVERDUE, Need.OTHER_AGREES, Need.WATCHED),
    *(Need.MONEY, Need.OPEN_ACTION, Need.PARTY, Need.OPEN_SUSPENSION, Need.AT_REGENCY, Need.AT_PUSAT),
)

# The four ways that lead on from what has just come in, side by side (D19).
WAYS = {
    "daftarkan": _("Daftarkan"),
    "daftarkan-informatif": _("Daftarkan"),
    "minta-kelengkapan": _("Minta dilengkapi"),
    "bukan-kewenangan": _("Bukan kewenangan kami"),
    "ucapan-terima-kasih": _("Ucapan terima kasih"),
}


def first_of(steps: list[Step], complaint: Complaint) -> Step | None:
    """Return the step that is offered first: of an incomplete matter it is asking (D59).

    Never what the complainant is to say: an officer who is asked for it would wait, or answer in their place.
    """
    if complaint.stage == Stage.REGISTRATION and complaint.region.tier > Tier.DESA:
        asking = next((step for step in steps if step.code == "minta-kelengkapan"), None)
        if asking:
            return asking
    return next((step for step in steps if step.primary and step.who != Who.COMPLAINANT), None)


def offered(
    complaint: Complaint, *, by: User, now: datetime, rights: set[Who] | None = None
) -> tuple[list[Step], list[str]]:
    """Return the steps that an officer can take on a page now, and why others that are theirs would be refused."""
    steps, hindrances = [], []
    for step in gate.open_steps(complaint, by=by, now=now, rights=rights):
        lacking = [
            need
            for need in step.needs
            if need in NOT_TO_BE_FILLED_IN and needs.missing(need, complaint, code=step.code, by=by, now=now, facts={})
        ]
        if step.primary:  # of the others it is enough that they are not offered
            hindrances += [NEED_SENTENCES[need] for need in lacking]
        if step.code in PAGES and not lacking:
            steps.append(step)
    return steps, list(dict.fromkeys(hindrances))
