"""The officers' side of what was written without a signal: make a telephone ready, take entries in, mend them (D62).

An entry is taken in once for its number, however often it is sent. One that does not hold is kept for a day as a
draft, so that the officer mends it in the ordinary form; the telephone keeps its own until it hears of a number.
"""

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pengaduan.models import Attachment, Complaint
from pengaduan.sealing import seal, unseal
from tiers import scope
from tiers.models import Programme, Region, Tier, User
from tiers.permissions import Permission
from tiers.views import QUEUE
from workflow import filing, outbox
from workflow.forms.record import RecordForm
from workflow.machine import Refused
from workflow.models import Draft
from workflow.views.kept import officer_page
from workflow.views.record import ENOUGH, chosen_place, covers, record_form, take_in
from workflow.views.related import perhaps_known

MOST_BYTES = 900_000  # the longest text and a photo as the telephone shrinks it
PLACE, PROGRAMME = "wilayah", "program"
NAMING = {"reported_user", "reported_office"}  # their sentences name officers: not for a telephone to keep
MOST_ASKED = 200


@require_safe
@officer_page
def prepare(request: HttpRequest) -> HttpResponse:
    """Explain the outbox and make this telephone ready for it, or show what waits in it."""
    if not scope.offices_of(request.user, Permission.RECORD):
        raise PermissionDenied
    return render(request, "luring/siapkan.html")


@require_safe
@officer_page
def state(request: HttpRequest) -> HttpResponse:
    """Tell a telephone who is signed in, the key to seal with, the lists it needs, and which entries have arrived."""
    asked = [_uuid(text) for text in request.GET.getlist("catatan")[:MOST_ASKED]]
    answer: dict[str, Any] = {
        "pemilik": outbox.writer(request.user),
        "csrf": get_token(request),
        "kunci": outbox.public_key(),
        "sudah": {str(entry): _receipt(found) for entry, found in _recorded(request.user, filter(None, asked)).items()},
    }
    if "bekal" in request.GET:
        answer["program"] = outbox.stock(request.user)
    return JsonResponse(answer)


@never_cache
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Take one entry in: 201 with its number, 409 or 422 with a sentence; sent twice, it is the same complaint."""
    if not request.user.is_authenticated:  # nothing is lost: the telephone keeps it
        return redirect_to_login(reverse("offline-record"))
    if not scope.assignments_of(request.user):
        raise PermissionDenied
    now, entry = timezone.now(), _uuid(request.POST.get("catatan", ""))
    if entry is None or request.POST.get("pemilik") != outbox.writer(request.user):
        return _refusal(_("Catatan ini ditulis petugas lain. Hanya ia yang dapat mengirimnya."), status=409, other=True)
    file = request.FILES.get("isi")
    try:
        if file is None or file.size > MOST_BYTES:
            raise outbox.Unreadable
        opened = outbox.open_entry(file.read(), entry=entry, by=request.user)
    except outbox.Unreadable:
        return _refusal(_("Catatan ini tidak dapat dibuka lagi. Tulis sekali lagi, lalu hapus yang ini."), status=422)
    if known := _recorded(request.user, [entry]).get(entry):
        _add_photo(known, opened.photo, now=now)
        return _taken(request, known)
    return _take(request, entry, opened, now=now)


def _take(request: HttpRequest, entry: uuid.UUID, opened: outbox.Entry, *, now: datetime) -> HttpResponse:
    """Check an entry as the ordinary form would, and take it in as that form does."""
    typed = QueryDict(mutable=True)
    typed.update({**opened.fields, "submission_key": str(entry)})
    programme, region = _programme(request.user, typed), _place(typed)
    if programme is None or region is None:
        return _kept(request, entry, typed, _("Pilih tempatnya."), status=422, now=now)
    files = {"file": SimpleUploadedFile("foto.jpg", opened.photo, "image/jpeg")} if opened.photo else {}
    form = RecordForm(typed, files, programme=programme, region=region, now=now)
    if not form.is_valid():
        return _kept(request, entry, typed, _sentence(form), status=422, now=now)
    if perhaps_known(request, form):
        return _kept(
            request, entry, typed, _("Mungkin pengaduan ini sudah ada. Periksa dulu sebelum dicatat."),
            status=409, now=now,
        )  # fmt: skip
    try:
        take_in(request, form, afar=True)
    except Refused as refused:
        return _kept(request, entry, typed, refused.sentence, status=409, now=now)
    known = Complaint.objects.get(submission_key=entry)
    return _taken(request, known)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def mend(request: HttpRequest, entry: uuid.UUID) -> HttpResponse:
    """Open the ordinary form with what was written without a signal; the place is asked for when it is missing."""
    now = timezone.now()
    kept = Draft.objects.filter(purpose=outbox.PURPOSE, updated_at__gt=now - outbox.MENDED_WITHIN)
    draft = kept.filter(pk=_draft_key(entry, request.user)).first()
    if draft is None:
        if known := _recorded(request.user, [entry]).get(entry):
            return render(request, "luring/sudah.html", {"complaint": known, "key": entry})
        raise Http404
    typed = QueryDict(unseal(draft.content, table="draft", column="content", row=draft.pk))
    if PROGRAMME not in request.GET:
        where = {PROGRAMME: typed.get(PROGRAMME, "")}
        where |= {PLACE: typed[PLACE], ENOUGH: "1"} if _place(typed) else {}
        return redirect(f"{request.path}?{urlencode(where)}")
    programme = _programme(request.user, request.GET)
    if programme is None:
        raise PermissionDenied
    offices = scope.offices_of(request.user, Permission.RECORD)
    area = [office for office in offices if office.programme_id == programme.pk]
    region, page = chosen_place(request, programme, area)
    if region is None:
        return page
    own = covers(area, region)
    response = record_form(request, programme, region, own=own, now=now, typed=typed)
    if response.status_code == 302:
        draft.delete()
    return response


def _recorded(user: User, entries: Any) -> dict[uuid.UUID, Complaint]:
    """Return the complaints that this officer recorded from entries, by the entry."""
    found = Complaint.objects.filter(submission_key__in=list(entries), events__seq=1, events__by=user)
    return {complaint.submission_key: complaint for complaint in found}


def _receipt(complaint: Complaint) -> dict[str, str]:
    return {"nomor": complaint.number, "lembar": reverse("officer_slip", args=[complaint.submission_key])}


def _taken(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """Answer with the number; the cookie that warns at sign-out counts what the telephone still holds."""
    response = JsonResponse(_receipt(complaint), status=201)
    left = request.POST.get("sisa", "")
    if left.isdigit() and 0 < int(left) < 10_000:
        response.set_cookie(QUEUE, left, samesite="Strict", secure=request.is_secure())
    else:
        response.delete_cookie(QUEUE, samesite="Strict")
    return response


def _refusal(sentence: str, *, status: int, mend_at: str = "", other: bool = False) -> HttpResponse:
    return JsonResponse({"kalimat": str(sentence), "perbaiki": mend_at, "lain": other}, status=status)


def _kept(
    request: HttpRequest, entry: uuid.UUID, typed: QueryDict, sentence: Any, *, status: int, now: datetime
) -> HttpResponse:
    """Keep what was typed, sealed, for the one who typed it, and say where it is mended."""
    key = _draft_key(entry, request.user)
    content = seal(typed.urlencode(), table="draft", column="content", row=key)
    Draft.objects.update_or_create(pk=key, defaults={"purpose": outbox.PURPOSE, "content": content, "updated_at": now})
    return _refusal(sentence, status=status, mend_at=reverse("outbox-mend", args=[entry]))


def _draft_key(entry: uuid.UUID, user: User) -> uuid.UUID:
    return uuid.uuid5(entry, outbox.writer(user))


def _programme(user: User, typed: QueryDict) -> Programme | None:
    """Return the programme, if the officer may record for it."""
    offices = scope.offices_of(user, Permission.RECORD)
    open_ones = (office.programme for office in offices if office.programme.active)
    return next((each for each in open_ones if each.code == typed.get(PROGRAMME)), None)


def _place(typed: QueryDict) -> Region | None:
    code = typed.get(PLACE, "").replace("\0", "")[:20]
    return Region.objects.filter(pk=code, tier__lte=Tier.KABUPATEN).first()


def _sentence(form: RecordForm) -> str:
    """Return the first thing that is wrong, without naming anybody."""
    field, errors = next(iter(form.errors.items()))
    return _("Pilih siapa yang dimaksud.") if field in NAMING else str(errors[0])


def _add_photo(complaint: Complaint, photo: bytes, *, now: datetime) -> None:
    """Add the photo of an entry that was mended in the form, where it could not be chosen again; once."""
    person = complaint.complainants.order_by("created_at").first()
    if not photo or person is None:
        return
    file = SimpleUploadedFile("foto.jpg", photo, "image/jpeg")
    try:
        filing.attach(complaint, file=file, purpose=Attachment.Purpose.SCAN, now=now, complainant=person)
    except Refused:
        return  # the case has gone on; the officer still holds the paper


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
