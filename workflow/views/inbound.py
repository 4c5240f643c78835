"""What came by SMS without a code: the list, one sender's texts, and what becomes of them (D19, D59)."""

import uuid

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from pengaduan.models import Complaint, Inbound
from pengaduan.models.inbound import programmes_read_by
from tiers import scope
from tiers.forms import HintedRadioSelect
from tiers.models import Region
from tiers.permissions import Permission
from workflow import inbound, sms
from workflow.calendar import local_day
from workflow.forms.record import RecordForm
from workflow.machine import Refused
from workflow.views import record
from workflow.views.kept import officer_page

SHOWN = 50
CHANNEL = "sms"
WROTE_AGAIN = gettext_lazy("Pengirimnya menulis lagi; SMS baru ditambahkan di bawah isinya. Periksa, lalu kirim lagi.")


class ReplyForm(forms.Form):
    """Which courteous reply goes to a sender whose text is no complaint; `read` is how many texts the page showed."""

    read = forms.IntegerField(widget=forms.HiddenInput)
    reply = forms.ChoiceField(
        label=gettext_lazy("Balasan"),
        choices=[(each.value, each.label) for each in sms.REPLIES],
        widget=HintedRadioSelect({each.value: words for each, words in sms.REPLIES.items()}),
        error_messages={"required": gettext_lazy("Pilih balasannya.")},
    )


@require_safe
@officer_page
def texts(request: HttpRequest) -> HttpResponse:
    """Show what waits, the oldest first, or what was settled last."""
    if not programmes_read_by(request.user):
        raise PermissionDenied
    settled = request.GET.get("tampilan") == "selesai"
    rows = Inbound.objects.visible_to(request.user).select_related("programme", "complaint").prefetch_related("texts")
    if settled:
        rows = rows.exclude(settled_at=None).order_by("-settled_at", "id")
    else:
        rows = rows.waiting().order_by("received_at", "id")
    found = list(rows[: SHOWN + 1])
    context = {"rows": found[:SHOWN], "more": len(found) > SHOWN, "shown": SHOWN, "settled": settled}
    return render(request, "petugas/sms.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def text(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one sender's texts, and answer what is no complaint."""
    one = _one(request, pk)
    parts = one.parts()
    form, status = ReplyForm(request.POST or None, initial={"read": len(parts)}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            facts = form.cleaned_data
            try:
                inbound.reply(
                    one, Inbound.Settled(facts["reply"]), by=request.user, now=timezone.now(), seen=facts["read"]
                )
                messages.success(request, _("%(number)s selesai.") % {"number": one.number})
                return redirect("officer_sms")
            except Refused as refused:
                form = ReplyForm(initial={"read": len(parts), "reply": facts["reply"]})
                messages.error(request, refused.sentence)
                one, status = _one(request, pk), 409
    phone = one.unseal_phone()
    context = {
        "one": one,
        "parts": parts,
        "phone": f"{phone[:6]} … {phone[-3:]}" if one.answerable else phone,
        "form": form if one.settled_at is None else None,
        "before": _before(request, one),
    }
    return render(request, "petugas/sms_satu.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def record_text(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record what was written as a complaint: the place, then the form with what is known filled in."""
    one = _one(request, pk)
    if one.complaint and one.settled_by_id == request.user.pk:  # sent twice: the same slip
        return redirect("officer_slip", key=one.complaint.submission_key)
    if one.settled_at:
        return redirect("officer_sms_one", pk=one.pk)
    area = [
        office
        for office in scope.offices_of(request.user, Permission.RECORD)
        if office.programme_id == one.programme_id
    ]
    region, page = record.chosen_place(request, one.programme, area)
    if region is None:
        return page
    own = record.covers(area, region)
    form, status = _filled(one, region), 200
    if request.method == "POST":
        form, status = _posted(request, one, region), 422
        if form.is_valid():
            try:
                return _take_in(request, one, form)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
                status = 409
    context = {"form": form, "programme": one.programme, "region": region, "own": own}
    return render(request, "petugas/record.html", context, status=status)


def _one(request: HttpRequest, pk: uuid.UUID) -> Inbound:
    one = Inbound.objects.visible_to(request.user).filter(pk=pk).select_related("programme", "complaint").first()
    if one is None:
        raise Http404
    return one


def _before(request: HttpRequest, one: Inbound) -> list[tuple[Inbound, bool]]:
    """Return what the same telephone wrote before, each with whether its complaint is this officer's to see."""
    rows = Inbound.objects.visible_to(request.user).filter(phone_hash=one.phone_hash).exclude(pk=one.pk)
    found = list(rows.select_related("complaint").order_by("-received_at", "id")[:5])
    known = [each.complaint_id for each in found]
    seen = set(Complaint.objects.visible_to(request.user).filter(pk__in=known).values_list("pk", flat=True))
    return [(each, each.complaint_id in seen) for each in found]


def _key(one: Inbound, read: int) -> uuid.UUID:
    """Return the key of the form that showed so many texts: recorded once, and what came meanwhile is noticed."""
    return uuid.uuid5(one.pk, str(read))


def _filled(one: Inbound, region: Region) -> RecordForm:
    now = timezone.now()
    parts = one.parts()
    initial = {
        "submission_key": _key(one, len(parts)),
        "channel": one.programme.channel_entries.filter(code=CHANNEL, active=True).first(),
        "received_on": local_day(one.received_at, region.zone),
        "text": "\n\n".join(parts),
        "phone": one.unseal_phone() if one.answerable else "",
        "sms": one.answerable,
    }
    return RecordForm(programme=one.programme, region=region, now=now, initial=initial)


def _posted(request: HttpRequest, one: Inbound, region: Region) -> RecordForm:
    """Return the form as sent, with the texts that came since it was shown added below what was written."""
    parts = one.parts()
    read = next((n for n in range(len(parts) + 1) if str(_key(one, n)) == request.POST.get("submission_key")), 0)
    typed = request.POST.copy()
    typed["submission_key"] = str(_key(one, len(parts)))
    new = parts[read:]
    if new:
        typed["text"] = "\n\n".join([typed.get("text", ""), *new])
    form = RecordForm(typed, request.FILES, programme=one.programme, region=region, now=timezone.now())
    if new:
        form.add_error("text", WROTE_AGAIN)
    return form


def _take_in(request: HttpRequest, one: Inbound, form: RecordForm) -> HttpResponse:
    seen = len(one.parts())
    with transaction.atomic():
        inbound.claim(one, by=request.user, seen=seen)
        response = record.take_in(request, form)
        complaint = Complaint.objects.get(submission_key=form.cleaned_data["submission_key"])
        inbound.record(one, complaint, by=request.user, now=form.now, seen=seen)
    return response
