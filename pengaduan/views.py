"""Read with a tracking code, and hand out files: to their sender, and to officers who see the case."""

from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pengaduan import attempts, following, tracking
from pengaduan.models import Attachment, Complaint

ENDINGS = {"image/jpeg": "jpg", "application/pdf": "pdf"}


class CodeForm(forms.Form):
    """Ask for the code; a slip is told before anything is looked up."""

    code = forms.CharField(
        label=_("Kode pelacakan"),
        max_length=60,
        help_text=_("16 angka pada tanda terima Anda. Boleh ditulis dengan atau tanpa spasi."),
        error_messages={"required": _("Tulis kode pelacakan Anda.")},
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "off", "class": "govuk-input--width-20"}
        ),
    )  # fmt: skip

    def clean_code(self) -> str:
        typed = self.cleaned_data["code"]
        if (count := sum(character.isdecimal() for character in typed)) != tracking.DIGITS:
            raise forms.ValidationError(
                _("Kode pelacakan terdiri atas 16 angka; yang Anda tulis %(count)d. Periksa lagi pada tanda terima.")
                % {"count": count}
            )
        code = tracking.clean(typed)
        if code is None:
            raise forms.ValidationError(
                _("Kode salah ketik. Periksa lagi 16 angkanya, empat-empat, seperti pada tanda terima.")
            )
        return code


@never_cache
def track(request: HttpRequest) -> HttpResponse:
    """Take the code at `/lacak/` and lead to the complaint; guesses are counted (D62)."""
    now = timezone.now()
    if request.method != "POST":
        return render(request, "warga/lacak.html", {"form": CodeForm()})
    if attempts.exhausted(request, now=now):
        return render(request, "429.html", status=429)
    form = CodeForm(request.POST)
    if form.is_valid():
        if complainant := following.owner_of(form.cleaned_data["code"]):
            request.session.cycle_key()
            following.let_in(request, complainant, now=now)
            return redirect("tracked")
        attempts.count_failure(request, now=now)
        form.add_error("code", _("Kode ini tidak ditemukan. Periksa lagi angkanya pada tanda terima Anda."))
    return render(request, "warga/lacak.html", {"form": form}, status=422)


@require_safe
@never_cache
def own_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand a complainant a file that they sent themselves."""
    complainant = following.follower(request, now=timezone.now())
    if complainant is None:
        raise Http404
    return _file(Attachment.objects.filter(complainant=complainant), pk)


@require_safe
@never_cache
@login_required
def officer_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand an officer a file of a complaint that they see."""
    return _file(Attachment.objects.filter(complaint__in=Complaint.objects.visible_to(request.user)), pk)


def _file(within, pk: UUID) -> FileResponse:
    """Hand out a clean file under a name that tells nothing; it may not act in the browser."""
    attachment = within.filter(pk=pk, state=Attachment.State.CLEAN).first()
    if attachment is None:
        raise Http404
    is_picture = attachment.media_type == "image/jpeg"
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=not is_picture,
        filename=neutral_name(attachment, within),
        content_type=attachment.media_type,
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def neutral_name(attachment: Attachment, within: QuerySet[Attachment]) -> str:
    """Return the kind and the place of a file among its like, `bukti-2.jpg`: names of files tell of people.

    Counted among those that the reader may have: a number would tell that another complainant sent some (D55).
    """
    before = within.filter(
        complaint=attachment.complaint_id, purpose=attachment.purpose, created_at__lt=attachment.created_at
    ).count()
    return f"{attachment.purpose}-{before + 1}.{ENDINGS[attachment.media_type]}"
