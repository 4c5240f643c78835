"""A citizen's report in steps, each its own page without JavaScript, from the programme to the receipt (D21, D41).

What is typed is never lost: a step whose page is older than its session begins a new draft, and who comes to a step
too early is led to the first one that is missing.
"""

from datetime import datetime
from functools import cached_property

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from pengaduan import following
from pengaduan.models import Category, Channel, Complaint
from tiers.models import CODE_LENGTH, Programme, Region, Tier
from workflow import drafts, filing, intake
from workflow.forms.citizen import (
    AnswerForm,
    AreaForm,
    FileForm,
    IdentityForm,
    MatterForm,
    PlaceForm,
    ProgrammeForm,
    find_villages,
    full_name,
    regions,
)
from workflow.machine import Refused
from workflow.models import Draft
from workflow.views.explained import explained

FORMS: dict[str, type[AnswerForm]] = {
    "program": ProgrammeForm,
    "lokasi": PlaceForm,
    "kejadian": MatterForm,
    "identitas": IdentityForm,
}
PLACE_OF_FIELD = {"text": "kejadian", "occurred_on": "kejadian", "region": "lokasi", "channel": "program"}
SENT_ALREADY = _("Pengaduan ini sudah terkirim. Ini tanda terimanya.")
LED_ON = _("Yang Anda tulis tersimpan. Lengkapi dulu langkah ini.")


class Report:
    """What a citizen has told so far, read through the forms of the steps."""

    def __init__(self, typed: drafts.Typed, *, now: datetime) -> None:
        self.typed, self.now = typed, now

    def form(self, step: str, answers: dict[str, str] | None = None) -> AnswerForm:
        """Return a step's form, filled with `answers` or with what the draft remembers, else empty."""
        answers = self.typed.get(step) if answers is None else answers
        more = {}
        if step == "lokasi":
            more = {"now": self.now}
        elif step == "kejadian":
            more = {"programme": self.programme, "region": self.region, "now": self.now}
        return FORMS[step](answers, **more)

    def answer(self, step: str, field: str):
        """Return what a step's form made of an answer, None when the step is missing or does not hold."""
        form = self.form(step)
        return form.cleaned_data[field] if form.is_valid() else None

    @cached_property
    def programme(self) -> Programme | None:
        return self.answer("program", "program")

    @cached_property
    def region(self) -> Region | None:
        return self.answer("lokasi", "region")

    def missing(self, *, before: str = "") -> str | None:
        """Return the first step that is missing or does not hold, among those before a step or all."""
        for step in FORMS:
            if step == before:
                return None
            if not self.form(step).is_valid():
                return step
        return None


@never_cache
def program(request: HttpRequest) -> HttpResponse:
    """Ask which programme it is about; this is where a report begins."""
    return _step(request, "program")


@never_cache
def kejadian(request: HttpRequest) -> HttpResponse:
    """Ask what happened."""
    return _step(request, "kejadian")


@never_cache
def identitas(request: HttpRequest) -> HttpResponse:
    """Ask how the complainant wants to be known."""
    return _step(request, "identitas")


def _step(request: HttpRequest, step: str) -> HttpResponse:
    now = timezone.now()
    if request.method == "POST":
        return _take(request, step, now=now) or _page(request, step, _posted(request, step, now=now), status=422)
    draft = drafts.under_way(request.session, now=now)
    report = Report(drafts.typed(draft), now=now)
    return _elsewhere(request, step, report, draft, now=now) or _page(request, step, report.form(step))


def _take(request: HttpRequest, step: str, *, now: datetime) -> HttpResponse | None:
    """Keep an answer and lead on; None when its own form refuses it."""
    draft = drafts.under_way(request.session, now=now)
    report = Report(drafts.typed(draft), now=now)
    answers = FORMS[step].typed_in(request.POST)
    missing = report.missing(before=step)
    if missing is None:
        form = report.form(step, answers)
        if not form.is_valid():
            return None
        answers = form.kept
    draft = draft or drafts.begin(request.session, now=now)
    drafts.keep(draft, step, answers, now=now)
    if missing:
        messages.info(request, LED_ON)
        return redirect(missing)
    return redirect(Report(drafts.typed(draft), now=now).missing() or "periksa")


def _posted(request: HttpRequest, step: str, *, now: datetime) -> AnswerForm:
    report = Report(drafts.typed(drafts.under_way(request.session, now=now)), now=now)
    return report.form(step, FORMS[step].typed_in(request.POST))


def _elsewhere(
    request: HttpRequest, step: str, report: Report, draft: Draft | None, *, now: datetime
) -> HttpResponse | None:
    """Return where to go when this page is not the one to show: sent already, or an earlier step is missing."""
    if draft is None and step != "program" and drafts.sent(request.session, now=now):
        messages.info(request, SENT_ALREADY)
        return redirect("tanda-terima")
    if missing := report.missing(before=step):
        messages.info(request, LED_ON if report.typed else _("Mulai dari langkah ini."))
        return redirect(missing)
    return None


def _page(request: HttpRequest, step: str, form: AnswerForm, *, status: int = 200, **more) -> HttpResponse:
    names = list(FORMS)
    number = names.index(step) + 1
    back = names[number - 2] if number > 1 else "start"
    context = {"form": form, "number": number, "steps": len(FORMS) + 1, "back": back, **more}
    return render(request, f"warga/lapor_{step}.html", context, status=status)


@never_cache
def lokasi(request: HttpRequest) -> HttpResponse:
    """Ask where: level by level, or by the village's name; each narrowing is a page of its own (D18)."""
    now = timezone.now()
    if request.method == "POST":
        if led_on := _take(request, "lokasi", now=now):
            return led_on
        return _place_page(request, request.POST, PlaceForm.typed_in(request.POST), now=now)
    draft = drafts.under_way(request.session, now=now)
    report = Report(drafts.typed(draft), now=now)
    if elsewhere := _elsewhere(request, "lokasi", report, draft, now=now):
        return elsewhere
    kept = report.typed.get("lokasi") if not request.GET else None
    asked = {"di": (kept.get("region") or "")[: CODE_LENGTH[Tier.KECAMATAN]]} if kept else request.GET
    answers = None if kept and kept.get("seluas") else kept  # a larger place is none of the villages to choose from
    return _place_page(request, asked, answers, now=now)


def _place_page(request: HttpRequest, asked, answers: dict[str, str] | None, *, now: datetime) -> HttpResponse:
    """Show how far the place is chosen, the select of the next level, and what a search found."""
    known = regions(on=timezone.localdate(now))
    chosen = known.filter(code=_plain(asked, "di") or _plain(asked, "dari"), tier__gte=Tier.KECAMATAN).first()
    within = list(known.filter(parent=chosen) if chosen else known.filter(tier=Tier.PROVINSI))
    within.sort(key=lambda region: region.name)
    tier = Tier(chosen.tier - 1) if chosen else Tier.PROVINSI
    search = _plain(asked, "cari")
    found, more_found = find_villages(search, on=timezone.localdate(now)) if search else ([], False)
    area = place = results = None
    if tier == Tier.DESA:
        choices = [(region.code, region.name) for region in within]
        place = PlaceForm(None if search else answers, now=now, choices=choices, initial={"di": chosen.code})
    else:
        unanswered = "di" in request.GET and (chosen is None or chosen.code != request.GET["di"])
        lost = answers is not None and not found  # a village was sent, but neither its list nor its search leads to it
        area = AreaForm(request.GET if unanswered or lost else None, within=within, tier=tier)
    if found:
        names = [(village.code, full_name(village)) for village in found]
        results = PlaceForm(answers, now=now, choices=names, found=True, initial={"cari": search}, auto_id="temuan_%s")
    context = {
        "area": area,
        "place": place,
        "results": results,
        "chosen": chosen,
        "path": list(reversed(chosen.path())) if chosen else [],
        "search": search,
        "more_found": more_found,
    }
    refused = any(form and form.errors for form in (area, place, results))
    return _page(request, "lokasi", place, status=422 if refused else 200, **context)


def _plain(asked, name: str) -> str:
    """Return a word of the address without the character that a database cannot hold."""
    return (asked.get(name) or "").replace("\0", "").strip()[:100]


@never_cache
def periksa(request: HttpRequest) -> HttpResponse:
    """Show everything once more; sending takes the complaint in, once however often it is sent."""
    now = timezone.now()
    draft = drafts.under_way(request.session, now=now)
    gone = drafts.sent(request.session, now=now)
    if request.method == "POST" and gone and request.POST.get("draf") == str(gone.pk):
        return redirect("tanda-terima")
    report = Report(drafts.typed(draft), now=now)
    if elsewhere := _elsewhere(request, "periksa", report, draft, now=now):
        return elsewhere
    if request.method != "POST":
        return _summary(request, report, draft)
    if request.POST.get("draf") != str(draft.pk):
        return _summary(request, report, draft, refusal=_("Isi pengaduan ini sudah berubah. Periksa sekali lagi."))
    try:
        with transaction.atomic():
            locked = Draft.objects.select_for_update().get(pk=draft.pk)
            complaint = locked.complaint or _send(report, locked)
    except Refused as refused:
        return _summary(request, report, draft, refusal=refused.sentence, at=PLACE_OF_FIELD.get(refused.field or ""))
    following.let_in(request, complaint.complainants.order_by("created_at").first(), now=now)
    drafts.remember_sent(request.session, locked)
    return redirect("tanda-terima")


def _send(report: Report, draft: Draft) -> Complaint:
    matter, identity = report.form("kejadian"), report.form("identitas")
    assert matter.is_valid() and identity.is_valid(), "the caller has asked for missing steps"
    category: Category = matter.cleaned_data["category"]
    receipt = intake.receive(
        intake.Matter(
            category=category,
            region=report.region,
            text=matter.cleaned_data["text"],
            channel=Channel.objects.filter(programme=report.programme, online=True, active=True).earliest("position"),
            received_at=report.now,
            occurred_on=matter.cleaned_data["occurred_on"],
            reported_words=matter.cleaned_data["reported"],
        ),
        intake.Person(
            secrecy=identity.cleaned_data["secrecy"],
            identity=identity.identity,
            by_sms=identity.cleaned_data.get("sms", False),
        ),
        now=report.now,
        submission_key=draft.pk,
    )  # fmt: skip
    drafts.mark_sent(draft, receipt.complaint, receipt.code, now=report.now)
    return receipt.complaint


def _summary(
    request: HttpRequest, report: Report, draft: Draft, *, refusal: str = "", at: str | None = None
) -> HttpResponse:
    matter, identity = report.form("kejadian"), report.form("identitas")
    matter.is_valid(), identity.is_valid()
    unsure = report.typed["kejadian"].get("category") == "tidak-yakin"
    context = {
        "programme": report.programme,
        "place": report.region.full_name,
        "category": _("Saya tidak yakin") if unsure else matter.cleaned_data["category"].name,
        "matter": matter.cleaned_data,
        "secrecy": dict(identity.fields["secrecy"].choices)[identity.cleaned_data["secrecy"]],
        "anonymous": identity.cleaned_data["secrecy"] == "anonim",
        "identity": identity.identity,
        "by_sms": identity.cleaned_data.get("sms", False),
        "draft": draft,
        "refusal": refusal,
        "refused_step": at,
        "steps": len(FORMS) + 1,
    }
    return render(request, "warga/lapor_periksa.html", context, status=409 if refusal else 200)


@never_cache
def tanda_terima(request: HttpRequest) -> HttpResponse:
    """Show the receipt with the code, and take photos one by one: the words are safe already (D41, D62)."""
    now = timezone.now()
    draft = drafts.sent(request.session, now=now)
    if draft is None:
        messages.info(request, _("Tanda terima ini tidak dapat ditampilkan lagi. Masukkan kode pelacakan Anda."))
        return redirect("track")
    complaint = Complaint.objects.select_related(
        "programme", "category", "service_level", "region", "office"
    ).get(pk=draft.complaint_id)  # fmt: skip
    me = following.follower(request, now=now)
    me = me if me and me.complaint_id == complaint.pk else None
    form, status = FileForm(), 200
    if request.method == "POST":
        if me is None:
            messages.info(request, _("Masukkan kode pelacakan Anda untuk menambah foto."))
            return redirect("track")
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                filing.attach(complaint, file=form.cleaned_data["file"], now=now, complainant=me)
                messages.success(request, _("Berkas diterima."))
                return redirect("tanda-terima")
            except Refused as refused:
                form.add_error("file", str(refused))
        status = 422
    context = {
        "complaint": complaint,
        "code": drafts.code_of(draft, now=now),
        "me": me,
        "files": complaint.attachments.filter(complainant=me).order_by("created_at") if me else [],
        "may_remove": complaint.stage == "registrasi",
        "form": form,
        **explained(complaint, now=now),
    }
    return render(request, "warga/tanda_terima.html", context, status=status)
