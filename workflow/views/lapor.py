"""A citizen's report in steps, each its own page without JavaScript, from the programme to the sending (D21, D41).

What is typed is never lost: a step whose page is older than its session begins a new draft, who comes to a step too
early is led to the first one that is missing, and who changes the language finds the step as it was left.
"""

from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from phonenumber_field.phonenumber import PhoneNumber

from pengaduan import following
from pengaduan.models import Category, Channel, Complaint
from tiers.models import CODE_LENGTH, Programme, Region, Tier, Zone
from workflow import draft_files, drafts, intake, pace
from workflow.forms.citizen import (
    AnswerForm,
    AreaForm,
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
from workflow.views.kept import shown_as_typed

FORMS: dict[str, type[AnswerForm]] = {
    "program": ProgrammeForm,
    "lokasi": PlaceForm,
    "kejadian": MatterForm,
    "identitas": IdentityForm,
}
STEPS = ("program", "lokasi", "kejadian", "foto", "identitas")  # photos may be skipped: nothing there is missing
HERE = 62  # Indonesia's country code
SKETCH = "sebagian"  # marks answers that were kept as they stood, when the language was changed in the middle
PLACE_OF_FIELD = {"text": "kejadian", "occurred_on": "kejadian", "region": "lokasi", "channel": "program"}
SENT_ALREADY = _("Pengaduan ini sudah terkirim. Ini tanda terimanya.")
TOO_MANY = _(
    "Anda sudah mengirim %(number)d pengaduan hari ini. Yang ini dapat dikirim mulai pukul %(time)s, supaya semua orang"
    " terlayani. Tulisan Anda tersimpan: tekan “Kirim pengaduan” lagi sesudah itu."
)
CROWDED = _(
    "Sekarang sangat banyak pengaduan masuk. Tulisan Anda tersimpan: tekan “Kirim pengaduan” lagi satu menit lagi."
)
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
        for step in STEPS:
            if step == before:
                return None
            if step in FORMS and not self.form(step).is_valid():
                return step
        return None

    def after(self, step: str) -> str:
        """Return where it goes on: photos are asked for once, before the last question."""
        missing = self.missing() or "periksa"
        return "foto" if missing == "identitas" and step != "foto" else missing


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
        return _take(request, step, now=now) or page(request, step, _posted(request, step, now=now), status=422)
    draft = drafts.under_way(request.session, now=now)
    report = Report(drafts.typed(draft), now=now)
    form = report.form(step)
    if SKETCH in report.typed.get(step, {}):
        form = shown_as_typed(form)
    return led_elsewhere(request, step, report, draft, now=now) or page(request, step, form)


def _take(request: HttpRequest, step: str, *, now: datetime) -> HttpResponse | None:
    """Keep an answer and lead on; None when its own form refuses it."""
    draft = drafts.under_way(request.session, now=now)
    report = Report(drafts.typed(draft), now=now)
    answers = FORMS[step].typed_in(request.POST)
    missing = report.missing(before=step)
    if language := request.POST.get("language"):
        drafts.keep(draft or drafts.begin(request.session, now=now), step, {**answers, SKETCH: "ya"}, now=now)
        return _in_language(redirect(step), language)
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
    return redirect(Report(drafts.typed(draft), now=now).after(step))


def _in_language(response: HttpResponse, language: str) -> HttpResponse:
    """Let the pages that follow be in this language, like Django's own switch in the footer."""
    if language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite=settings.LANGUAGE_COOKIE_SAMESITE)
    return response


def _posted(request: HttpRequest, step: str, *, now: datetime) -> AnswerForm:
    report = Report(drafts.typed(drafts.under_way(request.session, now=now)), now=now)
    return report.form(step, FORMS[step].typed_in(request.POST))


def led_elsewhere(
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


def page(request: HttpRequest, step: str, form: forms.Form | None, *, status: int = 200, **more) -> HttpResponse:
    """Show a step with its number and the way back."""
    number = STEPS.index(step) + 1
    back = STEPS[number - 2] if number > 1 else "start"
    typed_here = step in ("program", "kejadian", "identitas")  # the place stands in the address, a photo is no text
    context = {
        "form": form,
        "number": number,
        "steps": len(STEPS) + 1,
        "back": back,
        "typed_here": typed_here,
        **more,
    }
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
    if other := led_elsewhere(request, "lokasi", report, draft, now=now):
        return other
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
        "found": found,
        "more_found": more_found,
        "here": f"{request.path}?{urlencode({'di': chosen.code if chosen else '', 'cari': search})}",
    }
    refused = any(form and form.errors for form in (area, place, results))
    return page(request, "lokasi", place, status=422 if refused else 200, **context)


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
    if request.method == "POST" and draft and draft.complaint_id and request.POST.get("draf") == str(draft.pk):
        return _sent(request, draft, draft.complaint, now=now)  # taken in, but the answer failed half-way
    report = Report(drafts.typed(draft), now=now)
    if other := led_elsewhere(request, "periksa", report, draft, now=now):
        return other
    if request.method != "POST":
        return _summary(request, report, draft)
    if request.POST.get("draf") != str(draft.pk):
        return _summary(request, report, draft, refusal=_("Isi pengaduan ini sudah berubah. Periksa sekali lagi."))
    if pause := _pause(request, report, draft):
        return pause
    try:
        with transaction.atomic():
            locked = Draft.objects.select_for_update().get(pk=draft.pk)
            complaint = locked.complaint or _send(report, locked)
    except Refused as refused:
        return _summary(request, report, draft, refusal=refused.sentence, at=PLACE_OF_FIELD.get(refused.field or ""))
    return _sent(request, locked, complaint, now=now)


def _sent(request: HttpRequest, draft: Draft, complaint: Complaint, *, now: datetime) -> HttpResponse:
    """Let the session follow what was taken in, bring the photos after it, and lead to the receipt."""
    me = complaint.complainants.order_by("created_at").first()
    following.let_in(request, me, now=now)
    drafts.remember_sent(request.session, draft)
    pace.count(request.session, now=now)
    for sentence in draft_files.hand_over(draft, complaint, complainant=me, now=now):
        messages.warning(request, _("Satu foto atau dokumen tidak terkirim: %(why)s") % {"why": sentence})
    return redirect("tanda-terima")


def _pause(request: HttpRequest, report: Report, draft: Draft) -> HttpResponse | None:
    """Ask for a little patience where very much is sent; what was typed stays on the page (D62)."""
    if free_at := pace.next_at(request.session, now=report.now):
        there = free_at.astimezone(ZoneInfo(report.region.zone))
        words = TOO_MANY % {"number": pace.FREELY, "time": f"{there:%H.%M} {Zone(report.region.zone).label}"}
        answer = _summary(request, report, draft, refusal=words, status=429)
        answer["Retry-After"] = str(int((free_at - report.now).total_seconds()))
        return answer
    if pace.is_crowded(now=report.now):
        answer = _summary(request, report, draft, refusal=CROWDED, status=503)
        answer["Retry-After"] = "60"
        return answer
    return None


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


def _as_dialled(phone: PhoneNumber | str | None) -> str:
    """Return a telephone number as people here read it: 0812-3456-7890, of another country with its +."""
    if not phone:
        return ""
    return phone.as_national if phone.country_code == HERE else phone.as_international


def _places_to_change() -> dict[str, str]:
    """Return where each answer is changed: on its page, at its field."""
    matter, identity = reverse("kejadian"), reverse("identitas")
    return {
        "kejadian_when": f"{matter}#id_occurred_on_0",
        "kejadian_who": f"{matter}#id_reported",
        "kejadian_kind": f"{matter}#id_category_0",
        "identitas_name": f"{identity}#id_name",
        "identitas_phone": f"{identity}#id_phone",
        "identitas_email": f"{identity}#id_email",
    }


def _summary(
    request: HttpRequest, report: Report, draft: Draft, *, refusal: str = "", at: str | None = None, status: int = 409
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
        "phone": _as_dialled(identity.cleaned_data["phone"]),
        "by_sms": identity.cleaned_data.get("sms", False),
        "files": draft_files.of(draft),
        "draft": draft,
        "refusal": refusal,
        "refused_step": at,
        "paused": status in (429, 503),
        **_places_to_change(),
        "steps": len(STEPS) + 1,
    }
    return render(request, "warga/lapor_periksa.html", context, status=status if refusal else 200)
