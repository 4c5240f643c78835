"""The inbox of an officer and its views (D4, D32, D35)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from pengaduan import inbox as lists
from pengaduan.inbox import View
from pengaduan.templatetags.face import keeps_identities
from tiers import scope
from tiers.permissions import Permission
from workflow.views.kept import officer_page

VIEWS = {
    View.HELD: (_("Di kantor saya"), _("Tidak ada pengaduan terbuka di kantor Anda saat ini.")),
    View.NEW: (_("Baru"), _("Semua pengaduan baru sudah didaftarkan. Terima kasih.")),
    View.SOON: (_("Jatuh tempo ≤ 3 hari"), _("Tidak ada yang jatuh tempo dalam tiga hari ini.")),
    View.LATE: (_("Terlambat"), _("Tidak ada yang terlambat. Pertahankan.")),
    View.WAITING: (_("Menunggu pelapor"), _("Tidak ada berkas yang menunggu pelapor.")),
    View.ESCALATED: (_("Eskalasi masuk"), _("Tidak ada pengaduan yang naik ke kantor Anda.")),
    View.GRAVE: (_("Berat atau menonjol"), _("Tidak ada pengaduan berat atau menonjol di kantor Anda.")),
    View.HELP: (_("Dimintai bantuan"), _("Tidak ada permintaan bantuan yang menunggu Anda.")),
    View.OVERSIGHT: (_("Untuk pengawas"), _("Tidak ada pengaduan yang menunggu pengawas.")),
    View.TO_VERIFY: (_("Untuk diperiksa"), _("Tidak ada penyelesaian yang menunggu pemeriksaan Anda.")),
    View.TO_DECIDE: (_("Menunggu keputusan"), _("Tidak ada usul yang menunggu keputusan Anda.")),
    View.LEGAL: (_("Proses hukum"), _("Tidak ada kasus di wilayah Anda yang sedang dalam proses hukum.")),
    View.ALL: (_("Semua di wilayah saya"), _("Tidak ada pengaduan terbuka di wilayah Anda.")),
    View.CLOSED: (_("Ditutup"), _("Belum ada pengaduan yang ditutup di wilayah Anda.")),
}
# Always there, so that they are found where they were; the others come when they hold something.
ALWAYS = frozenset({View.HELD, View.NEW, View.SOON, View.LATE, View.ALL, View.CLOSED})
NOT_FOUND = _("Tidak ada nomor yang cocok di wilayah Anda. Periksa angka dan titiknya.")


@require_safe
@officer_page
def inbox(request: HttpRequest) -> HttpResponse:
    """Show one page of a view, or what a number finds; an unknown view is the first one.

    A custodian of identities, who sees no complaints, is led to the requests (D63).
    """
    now = timezone.now()
    if not scope.assignments_of(request.user, Permission.SEE) and keeps_identities(request.user):
        return redirect("identity_requests")
    programmes = lists.programmes_of(request.user)
    programme = _one_of([each.code for each in programmes], request.GET.get("program"), otherwise="")
    view = _one_of(lists.views_of(request.user), request.GET.get("tampilan"))
    words = request.GET.get("q", "").replace("\0", "").strip()[:40]
    if words:
        found = lists.search(request.user, words, programme=programme)
    else:
        found = lists.complaints_in(view, request.user, now=now, programme=programme)
    page = lists.page(found, after=request.GET.get("sesudah", ""), newest_first=view == View.CLOSED and not words)
    numbers = lists.counts(request.user, now=now, programme=programme)
    context = {
        "page": page,
        "now": now,
        "words": words,
        "programmes": programmes,
        "programme": programme,
        "view": view,
        "tabs": [
            (each, VIEWS[each][0], _shown(number))
            for each, number in _in_order(numbers)
            if number or each in ALWAYS or each == view
        ],
        "empty": NOT_FOUND if words else VIEWS[view][1],
    }
    return render(request, "petugas/inbox.html", context)


def _one_of(known: list, wanted: str | None, otherwise=None):
    """Return what the address asks for if it is known, else the default or the first."""
    return next((each for each in known if each == wanted), known[0] if otherwise is None else otherwise)


def _in_order(numbers: dict[View, int]) -> list[tuple[View, int]]:
    return [(view, numbers[view]) for view in VIEWS if view in numbers]


def _shown(number: int) -> str:
    return f"{lists.COUNTED_UP_TO:,}+".replace(",", ".") if number > lists.COUNTED_UP_TO else str(number)
