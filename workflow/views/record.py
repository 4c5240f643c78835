"""Take a complaint in for someone: programme, place, the form, and a slip for the complainant (D21, D58, D62)."""

import json
import uuid
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, IntegerField, Value, When
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pengaduan.models import Attachment, Complaint
from pengaduan.sealing import seal, unseal
from tiers import scope
from tiers.models import Office, Programme, Region, Tier, User
from tiers.permissions import Permission
from workflow import filing, intake
from workflow.calendar import local_day
from workflow.forms.record import RecordForm
from workflow.machine import Refused
from workflow.models import Draft
from workflow.oversight import where_to_turn
from workflow.views.kept import officer_page, shown_as_typed, typed_before
from workflow.views.related import perhaps_known

FOUND = 25
SLIP = "lembar"
LIKE_BEFORE = "seperti-tadi"  # in the address: it came the same way as the one before, out of the same box
CAME_BY = "cara-tadi"  # in the session: by which way that was; nothing of what was told
ENOUGH = "cukup"  # in the address: more of the place is not known (D59)
SLIP_WAITS = timedelta(days=7)  # of what a telephone sent by itself: until the officer opens the slip
SLIP_LIVES = timedelta(minutes=10)  # long enough to print again, short on a computer that others use


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def record(request: HttpRequest) -> HttpResponse:
    """Ask for the programme, then the place, then show the form; the address carries what is chosen."""
    now = timezone.now()
    offices = scope.offices_of(request.user, Permission.RECORD)
    if not offices:
        raise PermissionDenied
    programmes = sorted({office.programme for office in offices if office.programme.active}, key=lambda one: one.name)
    programme = next((one for one in programmes if one.code == request.GET.get("program")), None)
    if programme is None and len(programmes) == 1 and "program" not in request.GET:
        programme = programmes[0]
    if programme is None:
        wrong = _("Pilih program dari daftar ini.") if request.GET.get("program") else ""
        context = {"programmes": programmes, "wrong": wrong}
        return render(request, "petugas/record_programme.html", context, status=422 if wrong else 200)
    area = [office for office in offices if office.programme_id == programme.pk]
    region, page = chosen_place(request, programme, area)
    if region is None:
        return page
    own, typed = covers(area, region), typed_before(request) if request.method != "POST" else None
    return record_form(request, programme, region, own=own, now=now, typed=typed, quietly=True)


def chosen_place(
    request: HttpRequest, programme: Programme, area: list[Office]
) -> tuple[Region, None] | tuple[None, HttpResponse]:
    """Return the place that the address names, else the page that asks for it."""
    region, wrong = _place(request.GET.get("wilayah", ""), area)
    enough = region and (region.tier == Tier.DESA or (region.tier <= Tier.KABUPATEN and ENOUGH in request.GET))
    if wrong or not enough or "cari" in request.GET:
        return None, _choose_place(request, programme, area, region, wrong)
    return region, None


def _place(typed: str, area: list[Office]) -> tuple[Region | None, str]:
    """Return the place that the address names, or a sentence; without one, where the officer's own area begins."""
    code = typed.strip()[:20].replace("\0", "")
    if not code:
        code = min((office.region_id or "" for office in area), key=len)
        return (Region.objects.get(pk=code) if code else None), ""
    region = Region.objects.filter(pk=code).first()
    return region, "" if region else _("Wilayah dengan kode %(code)s tidak ada. Pilih dari daftar.") % {"code": code}


def covers(area: list[Office], region: Region) -> bool:
    return any(scope.contains(office, programme_id=office.programme_id, region_code=region.code) for office in area)


def _choose_place(
    request: HttpRequest, programme: Programme, area: list[Office], region: Region | None, wrong: str
) -> HttpResponse:
    """Let the place be narrowed level by level, or a village be found by its name."""
    words = " ".join(request.GET.get("cari", "").replace("\0", "").split())[:60]
    found = list(_villages(words, area)) if words else []
    if region and region.tier == Tier.DESA:
        region = region.parent
    context = {
        "programme": programme,
        "region": region,
        "children": Region.objects.filter(parent=region, valid_to=None).order_by("name"),
        "words": words,
        "found": found[:FOUND],
        "more": len(found) > FOUND,
        "wrong": wrong,
        "may_stop": region is not None and region.tier <= Tier.KABUPATEN,
    }
    return render(request, "petugas/record_place.html", context, status=422 if wrong else 200)


def _villages(words: str, area: list[Office]):
    """Return villages whose name begins so, those of the officer's own area first; one more than is shown."""
    own = [When(code__startswith=office.region_id or "", then=Value(0)) for office in area]
    return (
        Region.objects.filter(tier=Tier.DESA, name__istartswith=words, valid_to=None)
        .select_related("parent__parent__parent")
        .order_by(Case(*own, default=Value(1), output_field=IntegerField()), "name", "code")[: FOUND + 1]
    )


def record_form(
    request: HttpRequest,
    programme: Programme,
    region: Region,
    *,
    own: bool,
    now,
    typed: QueryDict | None = None,
    quietly: bool = False,
) -> HttpResponse:
    """Show the form, perhaps with what was typed before (`quietly`: without its errors), or take it in."""
    about = {"programme": programme, "region": region, "now": now}
    status = 200
    alike: list[Complaint] = []
    if request.method == "POST":
        form = RecordForm(request.POST, request.FILES, **about)
        status = 422
        if form.is_valid() and (alike := perhaps_known(request, form)):
            status = 200
        elif form.is_valid():
            try:
                return take_in(request, form)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
                status = 409
    else:
        form = RecordForm(typed, initial=_came_by(request) if LIKE_BEFORE in request.GET else {}, **about)
        if quietly and typed is not None:
            shown_as_typed(form)
    context = {"form": form, "programme": programme, "region": region, "own": own, "alike": alike}
    return render(request, "petugas/record.html", context, status=status)


def take_in(request: HttpRequest, form: RecordForm, *, afar: bool = False) -> HttpResponse:
    """Take it in with its scan, both or neither, and keep the code for the slip; sent twice leads to the same slip.

    What a telephone sends by itself (`afar`) nobody sees arrive: its code waits until the slip is opened.
    """
    key = form.cleaned_data["submission_key"]
    stored = None
    try:
        with transaction.atomic():
            receipt = intake.receive(form.matter(), form.person(), now=form.now, by=request.user, submission_key=key)
            if receipt.code:
                if file := form.cleaned_data["file"]:  # the complainant's own paper, whoever brings it to the machine
                    stored = filing.attach(
                        receipt.complaint,
                        file=file,
                        purpose=Attachment.Purpose.SCAN,
                        now=form.now,
                        complainant=receipt.complainant,
                    )
                _keep_code(key, receipt, by=request.user, now=form.now, waits=afar)
    except BaseException:
        if stored:
            stored.file.delete(save=False)
        raise
    if not afar:
        names = ("received_on", "box_opened_on", "box_witnesses")
        kept = {name: str(form.cleaned_data[name] or "") for name in names}
        request.session[CAME_BY] = {"channel": form.cleaned_data["channel"].pk, **kept}
    if receipt.code and (days := form.late_days):
        messages.warning(
            request,
            _("Pengaduan ini datang %(days)d hari sesudah kejadian, lewat dari %(limit)d hari. Tetap diterima.")
            % {"days": days, "limit": form.programme.late_report_days},
        )
    return redirect("officer_slip", key=key)


def _came_by(request: HttpRequest) -> dict[str, Any]:
    """Return by which way the one before came: a pile of letters out of one box is recorded in a row (D58)."""
    kept = dict(request.session.get(CAME_BY, {}))
    for day in ("received_on", "box_opened_on"):
        kept[day] = date.fromisoformat(kept[day]) if kept.get(day) else None
    return kept


def _keep_code(key: uuid.UUID, receipt: intake.Receipt, *, by: User, now, waits: bool) -> None:
    content = json.dumps({"code": receipt.code, "by": by.pk, "waits": waits})
    sealed = seal(content, table="draft", column="content", row=key)
    Draft.objects.create(pk=key, purpose=SLIP, content=sealed, complaint=receipt.complaint, updated_at=now)


def _code_on(draft: Draft, *, now) -> str:
    """Return the code while the slip may show it; one that waited begins its minutes now. Else forget it."""
    kept = json.loads(unseal(draft.content, table="draft", column="content", row=draft.pk))
    if draft.updated_at + (SLIP_WAITS if kept.get("waits") else SLIP_LIVES) <= now:
        draft.delete()
        return ""
    if kept.get("waits"):
        draft.content = seal(json.dumps({**kept, "waits": False}), table="draft", column="content", row=draft.pk)
        draft.updated_at = now
        draft.save(update_fields=["content", "updated_at"])
    return kept["code"]


@require_safe
@officer_page
def slip(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Show the slip to whoever recorded the complaint; the code for ten minutes, afterwards a sentence (D62)."""
    now = timezone.now()
    complaint = (
        Complaint.objects.filter(submission_key=key, events__seq=1, events__by=request.user)
        .select_related("programme", "category", "service_level", "office", "region__parent__parent__parent")
        .first()
    )
    if complaint is None:
        raise Http404
    draft = Draft.objects.filter(pk=key, purpose=SLIP).first()
    context = {
        "complaint": complaint,
        "code": _code_on(draft, now=now) if draft else "",
        "minutes": int(SLIP_LIVES.total_seconds() // 60),
        "turn": where_to_turn(complaint, on=local_day(now, complaint.zone)),
        "seen": Complaint.objects.visible_to(request.user).filter(pk=complaint.pk).exists(),
    }
    return render(request, "petugas/slip.html", context)
