"""Tell the public how a complaint is handled, from the table of steps and the programmes' own rules (D5, D9, D22-D29).

What the page says of steps and periods is read from where the software takes it, so that it cannot promise otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from django import forms
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from pengaduan.models import Category, ClosureStandard, Nature, ServiceLevel, Stage
from tiers.models import Programme, ProgrammeTier
from workflow.machine import STEPS, Need, Step, Who
from workflow.needs import COMPLETION_DAYS, REOPEN_DAYS, SILENCE_DAYS

Words = str | Promise

WHAT: dict[Stage, Words] = {
    Stage.REGISTRATION: _("Pelapor mendapat nomor dan kode pelacakan. Petugas memeriksa kelengkapan dan kategorinya."),
    Stage.ANSWER: _("Untuk kritik, pertanyaan, dan saran: petugas menyusun jawaban."),
    Stage.CLARIFICATION: _("Petugas mendengar semua pihak dan mengumpulkan keterangan: benarkah masalahnya terjadi?"),
    Stage.ANALYSIS: _("Petugas mencari sebabnya, lalu menetapkan cara penyelesaian dan siapa yang menjalankannya."),
    Stage.HANDLING: _("Cara penyelesaian yang ditetapkan itu dijalankan."),
    Stage.MONITORING: _("Petugas memastikan yang disepakati sungguh dijalankan; bila tidak, jalan keluar dicari lagi."),
    Stage.SETTLED: _("Orang lain daripada yang menangani memeriksa hasilnya sebelum disampaikan kepada pelapor."),
    Stage.FEEDBACK: _("Pelapor menilai hasilnya: menerima, atau menolak dengan alasan."),
    Stage.REVIEW: _("Hasil yang ditolak ditinjau lagi. Tenggat yang lama tetap berlaku."),
    Stage.CLOSED: _("Penanganan berakhir dan alasannya tercatat. Dalam beberapa hal pengaduan dapat berjalan lagi."),
}  # fmt: skip

# The holder of the case takes most steps: the page says so once and names the others only.
WHO: dict[Who, Words] = {
    Who.HOLDER: "",
    Who.SUPERVISOR: _("penyelia kantor itu atau kantor di atasnya"),
    Who.VERIFIER: _("penyelia, atau petugas kantor di atasnya"),
    Who.COMPLAINANT: _("pelapor"),
    Who.SYSTEM: _("sistem, dengan sendirinya"),
    Who.ANYONE_IN_REACH: _("petugas mana pun yang dapat melihat pengaduan"),
    Who.CLOSER: _("petugas yang memegang, penyelianya, atau petugas kantor di atasnya"),
    Who.ABOVE: _("petugas kantor di atasnya"),
    Who.HELPER: _("petugas yang memegang, atau yang dimintai bantuan"),
    Who.ASKED: _("petugas yang dimintai bantuan"),
    Who.CUSTODIAN: _("kustodian identitas, orang di luar kantor yang menangani"),
    Who.OVERSIGHT: _("auditor, bila kantor yang memegang sendiri dilaporkan"),
    Who.REVIEWER: _("peninjau mutu, yang tidak pernah menanganinya"),
    Who.WITHDREW: _("pelapor yang mencabut, sedangkan pelapor lain meneruskan"),
}

MUST_EXIST: dict[Need, Words] = {
    Need.REGISTER: _("lokasi sampai desa atau kelurahan, kategori, media, dan pokok pengaduan"),
    Need.EVIDENCE: _("bukti atau keterangan lengkap, bila kategorinya memerlukan"),
    Need.ANSWER: _("jawaban tertulis"),
    Need.CHRONOLOGY: _("kronologi hasil klarifikasi"),
    Need.ANALYSES: _("analisis kasus dan analisis pemangku kepentingan"),
    Need.RECOMMENDATION: _("rekomendasi penanganan"),
    Need.FOLLOW_UP: _("siapa yang menindaklanjuti"),
    Need.RESULT: _("uraian hasil penanganan"),
    Need.RESULT_DOCUMENT: _("dokumen hasil penanganan"),
    Need.FINDING: _("temuan pemantauan"),
    Need.FORUM: _("tanggal, tempat, jumlah yang hadir, dan keputusan musyawarah"),
    Need.MINUTES: _("berita acara penyelesaian"),
    Need.STANDARD: _("semua butir standar penyelesaian kategorinya terpenuhi"),
    Need.MONEY: _("seluruh uang sudah kembali, bila menyangkut uang"),
    Need.OTHER_PERSON: _("pemeriksanya orang lain daripada yang menangani"),
    Need.REVIEW_MINUTES: _("berita acara peninjauan kembali"),
    Need.REASON: _("alasan atau uraian tertulis"),
    Need.QUESTIONS: _("pertanyaan yang jelas kepada pelapor"),
    Need.AUTHORITY: _("nama instansi yang dituju"),
    Need.ORIGINAL: _("nomor pengaduan yang sama"),
    Need.TIME_PASSED: _("waktunya sudah lewat"),
    Need.WITHIN_30_DAYS: _("belum lewat 30 hari sejak ditutup"),
    Need.SUITABLE: _("menyangkut program, dan dicatat dengan kata yang sopan"),
    Need.REPORTED: _("siapa yang dilaporkan"),
    Need.STATEMENT: _("isi keterangan dan tanggalnya"),
    Need.FORUM_DAY: _("musyawarahnya sesudah pengaduan diterima atau hasil yang dulu ditolak"),
    Need.ASK_LEFT: _("paling banyak tiga kali, dan tidak lagi sesudah pelapor tidak menjawab"),
    Need.OTHERS_WORD: _("yang sudah diterima pelapor dengan kodenya sendiri tidak dibuka lagi"),
    Need.RECOGNISED: _("nomor telepon yang tercatat disebutkan, atau diberikan orang lain daripada yang menangani"),
    Need.SAMPLED: _("pengaduan terpilih dalam sampel mutu"),
    Need.UNTOUCHED: _("penilainya tidak pernah mengambil langkah pada pengaduan itu"),
    Need.ACTION: _("apa tindakannya, oleh siapa, dan sampai kapan"),
    Need.ACTION_RESULT: _("hasil tindakannya"),
    Need.ACTIONS_ENDED: _("setiap tindakan yang disepakati sudah ada hasilnya"),
    Need.SUSPENSION: _("siapa yang dibebastugaskan, sejak kapan, oleh siapa"),
    Need.SUSPENSION_END: _("bagaimana dan kapan pembebastugasan berakhir"),
    Need.SUSPENSIONS_ENDED: _("yang dibebastugaskan sudah dipulihkan atau diberhentikan"),
    Need.AMOUNT: _("jumlah uangnya"),
    Need.OPEN_ACTION: _("ada tindakan yang menunggu hasil"),
    Need.PARTY: _("siapa yang dilaporkan sudah ditetapkan"),
    Need.OPEN_SUSPENSION: _("ada pembebastugasan yang masih berjalan"),
    Need.PROOF: _("dokumen atau keterangan pendukung"),
    Need.AT_REGENCY: _("dipegang kantor kabupaten/kota atau di atasnya"),
    Need.AT_PUSAT: _("dipegang Pusat"),
    Need.MASTER_DATA: _("perbaikan basis data sudah diputuskan, bila menyangkut basis data"),
    Need.DECISION: _("keputusan dan alasannya"),
    Need.COORDINATION: _("sudah diteruskan melalui tim koordinasi, bila menyangkut ketersediaan pelayanan"),
    Need.TWO_COMPLAINANTS: _("ada dua pelapor atau lebih"),
    Need.SECOND_PAIR: _("yang menutup masalah orang lain daripada yang menangani"),
    Need.WORD: _("bila dicatatkan petugas: apa kata pelapor, kapan, dan dengan cara apa"),
    Need.HELP: _("bantuan apa yang diminta, dan dari siapa"),
    Need.EXTENSION_LEFT: _("paling banyak dua kali di satu jenjang"),
    Need.NEW_DATE: _("tanggal baru, paling lama 30 hari sesudah tenggat"),
    Need.NOT_OVERDUE: _("tenggatnya belum lewat"),
    Need.OTHER_AGREES: _("yang menyetujui bukan yang menangani"),
    Need.WATCHED: _("proses hukumnya masih dipantau"),
    Need.LINKED: _("ada pengaduan yang ditautkan"),
    Need.ALL_AGREE: _("bila pelapornya beberapa orang, semuanya setuju"),
    Need.PLACE: _("tempat yang seharusnya menangani"),
    Need.UNDECIDED: _("belum ditetapkan jenjang di atas"),
    Need.REFUSED_TWICE: _("dua kantor sudah menolak menangani"),
    Need.NEXT_CHECK: _("kapan perkembangannya ditanyakan lagi"),
    Need.GRANTED: _("izin kustodian yang masih berlaku"),
}


@dataclass(frozen=True)
class StepLine:
    """One step as the page tells it; words are empty where the table says nothing special."""

    label: Words
    target: str
    who: Words
    needs: str
    only: str


@dataclass(frozen=True)
class Period:
    """One service level of a programme with the categories of one nature that it holds for."""

    level: ServiceLevel
    nature: str
    categories: list[Category]
    steps: list[tuple[str, int, int]]  # name, days, the day it ends on


@dataclass(frozen=True)
class ProgrammeRules:
    """What a programme rules by itself: its ladder, its periods, and which matters begin higher up and why."""

    programme: Programme
    ladder: list[ProgrammeTier]
    periods: list[Period]
    begins_higher: list[tuple[ProgrammeTier, str, list[Category]]]  # where, up to which tier hidden, what


class ProgrammeChoiceForm(forms.Form):
    """Which programme's periods are shown; none means all."""

    mark_optional = False
    program = forms.ChoiceField(
        label=_("Program"), required=False, error_messages={"invalid_choice": _("Pilih program dari daftar ini.")}
    )

    def __init__(self, *args, programmes: Iterable[Programme], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        choices = [(programme.code, programme.name) for programme in programmes]
        self.fields["program"].choices = [("", _("Semua program")), *choices]


@require_safe
def procedure(request: HttpRequest) -> HttpResponse:
    """Show the way of a complaint, who may do what, the periods by programme, and what stays secret."""
    programmes = list(_with_rules())
    form = ProgrammeChoiceForm(request.GET or None, programmes=programmes)
    code = form.cleaned_data["program"] if form.is_valid() else ""
    chosen = next((programme for programme in programmes if programme.code == code), None)
    context = {
        "form": form,
        "chosen": chosen,
        "rules": [rules_of(programme) for programme in programmes if chosen in (None, programme)],
        "standards": chosen.closurestandard_entries.all() if chosen else [],
        "ways": [(nature.label, [stage.label for stage in way(nature)]) for nature in reversed(Nature)],
        "stages": [(stage.label, WHAT[stage], _steps_only_at(stage)) for stage in Stage],
        "elsewhere": _across_stages(),
        "completion_days": COMPLETION_DAYS,
        "silence_days": SILENCE_DAYS,
        "reopen_days": REOPEN_DAYS,
    }
    return render(request, "warga/prosedur.html", context, status=422 if form.errors else 200)


def way(nature: Nature) -> list[Stage]:
    """Follow the first choice of each stage from registration to the end: the way where nothing comes between."""
    stages = [Stage.REGISTRATION]
    while (onward := _onward(stages[-1], nature)) and onward not in stages:
        stages.append(onward)
    return stages


def _onward(stage: Stage, nature: Nature) -> Stage | None:
    steps = (step for step in STEPS if step.primary and stage in step.sources and step.nature in (None, nature))
    return next((step.target for step in steps if step.target), None)


def line(step: Step) -> StepLine:
    """Tell one row of the table in plain words."""
    return StepLine(
        label=step.label,
        target=step.target.label if step.target else "",
        who=WHO[step.who],
        needs="; ".join(str(MUST_EXIST[need]) for need in step.needs),
        only=_only(step),
    )


def _only(step: Step) -> str:
    """Say when a step is open besides its stage."""
    conditions = []
    if step.nature:
        conditions.append(gettext("untuk pengaduan %(nature)s") % {"nature": step.nature.label.lower()})
    if step.position:
        conditions.append(gettext("bila hasil klarifikasi: %(position)s") % {"position": step.position.label.lower()})
    if step.sources == {Stage.CLOSED}:
        outcomes = sorted(outcome.label.lower() for outcome in step.after)
        conditions.append(
            gettext("bila ditutup sebagai: %(outcomes)s") % {"outcomes": _listed(outcomes, gettext("atau"))}
        )
    if step.waiting:
        conditions.append(gettext("selama keterangan pelapor ditunggu"))
    return "; ".join(conditions)


def _stages(step: Step) -> str:
    """Say at which stages a step is open, the short way round: all but these."""
    but = [stage.label for stage in Stage if stage != Stage.CLOSED and stage not in step.sources]
    if Stage.CLOSED in step.sources:
        words = gettext("Pada setiap tahap, juga sesudah ditutup")
    else:
        words = gettext("Pada setiap tahap sebelum ditutup")
    if not but:
        return words
    return gettext("%(words)s, kecuali %(but)s") % {"words": words, "but": _listed(but, gettext("dan"))}


def _listed(words: list[str], last: str) -> str:
    return get_text_list([f"“{word}”" for word in words], last)


def _steps_only_at(stage: Stage) -> list[StepLine]:
    return [line(step) for step in STEPS if step.sources == {stage}]


def _across_stages() -> list[tuple[str, list[StepLine]]]:
    """Return the steps that are open at several stages, those of the same stages together."""
    together: dict[str, list[StepLine]] = {}
    for step in STEPS:
        if len(step.sources) > 1:
            together.setdefault(_stages(step), []).append(line(step))
    return list(together.items())


def _with_rules():
    """Return the programmes that are open, with all that the page tells of them, in a fixed number of queries."""
    categories = Category.objects.filter(active=True).select_related("service_level").order_by("position", "name")
    standards = ClosureStandard.objects.filter(active=True).order_by("position", "name")
    return Programme.objects.filter(active=True).order_by("name").prefetch_related(
        Prefetch("ladder", ProgrammeTier.objects.order_by("tier")),
        Prefetch("category_entries", categories),
        Prefetch("closurestandard_entries", standards),
    )  # fmt: skip


def rules_of(programme: Programme) -> ProgrammeRules:
    """Gather what a programme rules by itself from the rows read with it."""
    ladder, categories = list(programme.ladder.all()), list(programme.category_entries.all())
    by_level: dict[tuple[ServiceLevel, str], list[Category]] = {}
    by_start: dict[tuple[ProgrammeTier, str], list[Category]] = {}
    for category in categories:
        by_level.setdefault((category.service_level, category.get_nature_display()), []).append(category)
        if start := _starts_at(category, ladder):
            by_start.setdefault((start, category.get_conceal_up_to_display() or ""), []).append(category)
    return ProgrammeRules(
        programme=programme,
        ladder=ladder,
        periods=[Period(level, nature, held, _steps(level)) for (level, nature), held in by_level.items()],
        begins_higher=[(start, hidden, held) for (start, hidden), held in by_start.items()],
    )


def _starts_at(category: Category, ladder: list[ProgrammeTier]) -> ProgrammeTier | None:
    """Return the rung at which a category begins, None for the lowest (D31, D35); as `routing.start` finds it."""
    lowest = max(category.start_tier or 0, (category.conceal_up_to or 0) + 1)
    rung = next((rung for rung in ladder if rung.tier >= lowest), ladder[-1] if ladder else None)
    return None if rung is None or rung == ladder[0] else rung


def _steps(level: ServiceLevel) -> list[tuple[str, int, int]]:
    days = [step["days"] for step in level.stages]
    return [(step["name"], step["days"], end) for step, end in zip(level.stages, accumulate(days), strict=True)]
