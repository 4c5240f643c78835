"""The start page, and what a complainant sees and does with the tracking code (D28, D37–D39, D62).

Nothing here shows the reported party, another complainant, an officer's name or a note among officers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pengaduan import following
from pengaduan.models import Attachment, Complainant, Complaint
from workflow import actions, correspondence, drafts, filing, gate, needs
from workflow.calendar import local_day
from workflow.forms.citizen import FileForm, WordsForm, programmes
from workflow.forms.questions import AnswersForm
from workflow.machine import Refused
from workflow.models import Pause
from workflow.oversight import where_to_turn
from workflow.views import uploads
from workflow.views.explained import explained
from workflow.views.plain_words import accepted_already, timeline, words_for


def start(request: HttpRequest) -> HttpResponse:
    """Say what this is, for whom, and what happens after one has reported."""
    return render(request, "warga/mulai.html", {"programmes": programmes().order_by("name")})


@dataclass(frozen=True)
class Reply:
    """A step that the complainant takes with a few words: how it is asked, and the verb that takes it."""

    take: Callable[..., Any]
    argument: str  # what the verb calls the words
    title: str
    label: str
    missing: str
    button: str
    done: str
    required: bool = True
    warning: bool = False


REPLIES: dict[str, Reply] = {
    "lengkapi": Reply(
        actions.complete, "answer", _("Jawab pertanyaan petugas"), _("Jawaban Anda"),
        _("Tulis jawaban Anda."), _("Kirim jawaban"), _("Jawaban Anda terkirim. Waktu penanganan berjalan lagi."),
    ),
    "terima-hasil": Reply(
        actions.accept, "reason", _("Terima hasil ini"), _("Catatan untuk petugas"),
        "", _("Terima hasil"), _("Terima kasih. Pengaduan Anda ditutup."), required=False,
    ),
    "tolak-hasil": Reply(
        actions.reject, "reason", _("Tolak hasil ini"), _("Apa yang belum selesai?"),
        _("Tulis apa yang belum selesai."), _("Tolak hasil"),
        _("Penolakan Anda dicatat. Pengaduan ini ditinjau kembali."),
        warning=True,
    ),
    "tolak-jawaban": Reply(
        actions.reject, "reason", _("Tolak jawaban ini"), _("Apa yang belum terjawab?"),
        _("Tulis apa yang belum terjawab."), _("Tolak jawaban"), _("Penolakan dicatat. Petugas akan menjawab lagi."),
        warning=True,
    ),
    "buka-kembali": Reply(
        actions.reopen, "reason", _("Buka kembali pengaduan ini"), _("Mengapa perlu dibuka kembali?"),
        _("Tulis mengapa perlu dibuka kembali."), _("Buka kembali"), _("Pengaduan Anda dibuka kembali."),
    ),
    "buka-kembali-jawaban": Reply(
        actions.reopen, "reason", _("Buka kembali pengaduan ini"), _("Mengapa perlu dibuka kembali?"),
        _("Tulis mengapa perlu dibuka kembali."), _("Buka kembali"), _("Pengaduan Anda dibuka kembali."),
    ),
    "lanjutkan-kembali": Reply(
        actions.take_up_again, "reason", _("Lanjutkan pengaduan ini"), _("Keterangan Anda"),
        _("Tulis keterangan Anda."), _("Lanjutkan pengaduan"), _("Pengaduan Anda dilanjutkan."),
    ),
    "ikut-lagi": Reply(
        actions.follow_again, "reason", _("Lanjutkan pengaduan ini"), _("Keterangan Anda"),
        _("Tulis keterangan Anda."), _("Lanjutkan pengaduan"), _("Pengaduan Anda dilanjutkan."),
    ),
    "pesan-pelapor": Reply(
        actions.send_message, "text", _("Kirim pesan kepada petugas"), _("Pesan Anda"),
        _("Tulis pesan Anda."), _("Kirim pesan"), _("Pesan Anda terkirim."),
    ),
    "minta-perlindungan": Reply(
        actions.ask_protection, "reason", _("Minta perlindungan"), _("Apa yang terjadi, dan apa yang Anda perlukan?"),
        _("Tulis apa yang terjadi dan apa yang Anda perlukan."), _("Minta perlindungan"),
        _("Permintaan Anda sampai pada kantor ini dan penyelianya. Bila nyawa Anda terancam, hubungi 110 (polisi)."),
    ),
    "cabut": Reply(
        actions.withdraw, "reason", _("Cabut pengaduan"), _("Mengapa Anda mencabut pengaduan ini?"),
        _("Tulis mengapa Anda mencabutnya."), _("Cabut pengaduan"), _("Pengaduan Anda dicabut."), warning=True,
    ),
}  # fmt: skip
FIRST = ("lengkapi", "terima-hasil", "tolak-hasil", "tolak-jawaban")  # answers that the office waits for
AGAIN = ("buka-kembali", "buka-kembali-jawaban", "lanjutkan-kembali", "ikut-lagi")


def with_code(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view the complaint and the complainant of this session, or ask for the code; nothing stays in a cache."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, **names: Any) -> HttpResponse:
        now = timezone.now()
        me = following.follower(request, now=now)
        if me is None:
            messages.info(
                request, _("Masukkan kode pelacakan Anda. Sesudah 30 menit tanpa kegiatan, kode diminta lagi.")
            )
            return redirect("track")
        return view(request, following.case_of(me), me, now=now, **names)

    return guarded


@with_code
def tracked(request: HttpRequest, complaint: Complaint, me: Complainant, *, now: datetime) -> HttpResponse:
    """Show the complaint to who brought it; a refused step shows it again with the sentence and what was typed."""
    if request.method != "POST":
        return _page(request, complaint, me, now=now)
    code = request.POST.get("langkah", "")
    if code not in REPLIES:
        raise Http404
    reply, form = REPLIES[code], _form(code, complaint, request.POST, now=now)
    if not form.is_valid():
        return _page(request, complaint, me, now=now, tried={code: form}, status=422)
    words = {reply.argument: form.cleaned_data["words"]}
    if isinstance(form, AnswersForm):
        words["answers"] = form.answers
    try:
        reply.take(complaint, complainant=me, now=now, **words)
    except Refused as refused:
        complaint.refresh_from_db()
        return _page(request, complaint, me, now=now, refused=(str(refused), form), status=409)
    closed = complaint.closed_at or code != "terima-hasil"  # others may still have to answer (D28)
    messages.success(request, reply.done if closed else _("Terima kasih. Tanggapan Anda sudah dicatat."))
    return redirect("tracked")


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session and show a page that tells nothing: somebody may be looking over the shoulder.

    What was written and not sent goes too: nothing leads to it any more.
    """
    drafts.discard(request.session)
    request.session.flush()
    return redirect("start")


@with_code
def add_file(request: HttpRequest, complaint: Complaint, me: Complainant, *, now: datetime) -> HttpResponse:
    """Take one photo or document from the complainant; who only comes here is led to the page."""
    if request.method != "POST":
        return redirect("tracked")
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            filing.attach(complaint, file=form.cleaned_data["file"], now=now, complainant=me)
        except Refused as refused:
            form.add_error("file", str(refused))
    if uploads.by_script(request):
        refusal, status = (form.errors["file"][0], 422) if form.errors else ("", 200)
        context = _files(complaint, me)
        return uploads.answer(request, "warga/berkas.html", context, sentence=refusal, status=status)
    if form.errors:
        return _page(request, complaint, me, now=now, file_form=form, status=422)
    messages.success(request, _("Berkas diterima."))
    return redirect("tracked")


@require_POST
@with_code
def remove_file(
    request: HttpRequest, complaint: Complaint, me: Complainant, *, now: datetime, pk: UUID
) -> HttpResponse:
    """Take a file back that was just sent; from the receipt or from the complaint's page."""
    attachment = Attachment.objects.filter(pk=pk, complainant=me).first()
    if attachment is None:
        raise Http404
    back = "tanda-terima" if request.POST.get("dari") == "tanda-terima" else "tracked"
    refusal = ""
    try:
        filing.take_back(complaint, attachment=attachment, now=now, complainant=me)
    except Refused as refused:
        refusal = str(refused)
    if uploads.by_script(request):
        context = _files(complaint, me) | {"page": back}
        return uploads.answer(request, "warga/berkas.html", context, sentence=refusal, status=409 if refusal else 200)
    messages.error(request, refusal) if refusal else messages.success(request, _("Berkas dihapus."))
    return redirect(back)


def _files(complaint: Complaint, me: Complainant) -> dict[str, Any]:
    """Return what the list of their own files needs: they stay with the complaint to which they were sent."""
    return {
        "complaint": complaint,
        "files": Attachment.objects.filter(complainant=me).order_by("created_at"),
        "may_remove": "tarik-lampiran" in gate.steps_of_complainant(complaint, me),
        "page": "pengaduan",
    }


def _form(code: str, complaint: Complaint, post: Any = None, *, now: datetime) -> WordsForm | AnswersForm:
    """Return the form of a reply; an answer to one-tap questions has a field for each (D59)."""
    reply = REPLIES[code]
    asked = complaint.pauses.order_by("-started_at").first() if code == "lengkapi" else None
    if asked and asked.questions:
        return AnswersForm(post, prefix=code, pause=asked, complaint=complaint, now=now)
    return WordsForm(post, prefix=code, label=reply.label, sentence=reply.missing, required=reply.required)


def _page(
    request: HttpRequest,
    complaint: Complaint,
    me: Complainant,
    *,
    now: datetime,
    tried: dict[str, WordsForm] | None = None,
    file_form: FileForm | None = None,
    refused: tuple[str, WordsForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    steps = gate.steps_of_complainant(complaint, me)
    accepted = accepted_already(complaint, me)
    tried = tried or {}
    forms = {code: tried.get(code) or _form(code, complaint, now=now) for code in REPLIES if code in {*steps, *tried}}
    if accepted:
        forms.pop("terima-hasil", None)
    waiting = complaint.waiting_since and not me.withdrawn_at
    pause = Pause.objects.filter(complaint=complaint, ended_at=None).first() if waiting else None
    context = {
        "complaint": complaint,
        "me": me,
        "own": me.complaint,
        "shared": me.complaint != complaint,  # known by another's number and day, which are not shown (D55)
        "is_first": me == me.complaint.complainants.order_by("created_at").first(),  # the words are theirs
        "accepted": accepted,
        "withdrawn": me.withdrawn_at is not None,
        "stage_words": words_for(complaint, me),
        "turn": where_to_turn(complaint, on=local_day(now, complaint.zone)),
        "timeline": timeline(complaint, me),
        "letters": correspondence.of_complainant(me),
        "conversation": me.messages.order_by("at", "pk"),
        "asked": pause.asked if pause else "",
        "one_tap": bool(pause and pause.questions),
        "answer_by": _answer_by(complaint),
        "first": _blocks(FIRST, forms),
        "again": _blocks(AGAIN, forms),
        "message": _blocks(("pesan-pelapor",), forms),
        "withdraw": _blocks(("minta-perlindungan", "cabut"), forms),
        "file_form": (file_form or FileForm()) if "lampirkan-pelapor" in steps else None,
        **_files(complaint, me),
        "tried": list(tried.values()) + ([file_form] if file_form else []),
        "refusal": refused[0] if refused else "",
        "kept_words": refused[1].kept_words if refused else "",
        **explained(complaint, now=now),
    }
    return render(request, "warga/pengaduan.html", context, status=status)


def _blocks(codes: tuple[str, ...], forms: dict[str, WordsForm]) -> list[tuple[str, Reply, WordsForm]]:
    return [(code, REPLIES[code], forms[code]) for code in codes if code in forms]


def _answer_by(complaint: Complaint) -> datetime | None:
    """Return until when the complainant's word is awaited, or a closed complaint may be opened again."""
    if complaint.waiting_since:
        return needs.days_after(complaint.waiting_since, needs.COMPLETION_DAYS, complaint.zone)
    if complaint.stage == "umpan-balik" and complaint.settled_at:
        return needs.days_after(complaint.settled_at, needs.SILENCE_DAYS, complaint.zone)
    if complaint.closed_at:
        return needs.days_after(complaint.closed_at, needs.REOPEN_DAYS, complaint.zone)
    return None
