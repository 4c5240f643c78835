"""Take along the cases behind a number, as a sheet (D44, D46, D49)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reports.export_models import Export
from reports.lists import behind_list, exports
from reports.lists.export_views import begun
from reports.pages.choosing import PARTS
from reports.pages.listing import ROWS_OF, asked_list
from reports.periods import JAKARTA
from workflow.views.kept import officer_page


@require_POST
@officer_page
def take_along(request: HttpRequest) -> HttpResponse:
    """Ask for the list that the address names, as it stands now, in the chosen format."""
    now = timezone.now()
    asked, subject = asked_list(request.GET, request.user, now=now)
    if request.POST.get("bentuk") not in behind_list.LISTING.formats:
        raise Http404
    export = Export(
        asked_by=request.user,
        asked_at=now,
        what=behind_list.LISTING.code,
        format=request.POST["bentuk"],
        programme=subject.programme,
        region=subject.region,
        first_on=subject.period.first,
        last_on=min(subject.period.last, now.astimezone(JAKARTA).date()),
        choice={word: request.GET[word] for word in ("ukuran", *PARTS, *ROWS_OF) if request.GET.get(word)},
    )
    try:
        return redirect("export_show", begun(export).pk)
    except exports.TooMany:
        messages.info(request, _("Lima daftar Anda masih dibuat. Tunggu sampai salah satunya selesai, atau batalkan."))
        return redirect("export_new")
