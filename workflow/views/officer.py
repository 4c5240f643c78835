"""What officers read: the inbox with its views, and a case with everything known of it but who complained (D37)."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from pengaduan import inbox as lists
from pengaduan.inbox import View
from pengaduan.models import Complaint, HelpRequest, ReportedParty, Stage
from pengaduan.templatetags.face import keeps_identities
from tiers import scope
from tiers.permissions import Permission
from workflow import gate, sla, warnings
from workflow.calendar import CalendarEnds, local_day
from workflow.complainants import labelled
from workflow.machine import Step, Who
from workflow.recognition import Mentioned, mentioned_in
from workflow.views.explained import extension_of
from workflow.views.handling import handling_of, load_handling
from workflow.views.kept import officer_page
from workflow.views.proposals import open_proposals
from workflow.views.related import alike_of, related_of
from workflow.views.step_groups import grouped
from workflow.views.step_pages import PAGES, first_of, offered
from workflow.views.steps import case_of
from workflow.views.timeline import Entry, entries_of, notices_of, talk_of

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


@require_safe
@officer_page
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show a case: what to do next, the matter, why its date is that date, and all that happened."""
    now = timezone.now()
    complaint = case_of(request.user, number)
    entries = entries_of(complaint)
    load_handling(complaint, entries)
    rights = gate.roles_of(request.user, complaint, now=now)
    steps, hindrances = offered(complaint, by=request.user, now=now, rights=rights)
    first = first_of(steps, complaint)
    notices = notices_of(complaint, now=now)
    clock, unknown = _clock(complaint)
    parties = list(complaint.reported_parties.all())
    over = warnings.sentences(complaint, clock, now=now) if clock else []
    people = labelled(complaint)
    related = related_of(complaint, [person for person, _label in people], user=request.user)
    context = {
        "complaint": complaint,
        "now": now,
        "first": first,
        "others": grouped(step for step in steps if step is not first),
        "to_propose": [
            step for step in gate.proposable(complaint, by=request.user, now=now, rights=rights) if step.code in PAGES
        ],
        "open_proposals": open_proposals(complaint, by=request.user, rights=rights),
        "hindrances": hindrances,
        "original": gate.original_for(complaint, rights),
        "holds": Who.HOLDER in rights,
        "gives_code": Who.CLOSER in rights,
        "parties": parties,
        "handling": handling_of(complaint, entries, now=now),
        "mentioned": _mentioned(complaint, steps, parties, now=now),
        "helps": _helps(complaint, entries),
        "complainants": people,
        "related": related,
        "can_link": any(step.code == "tautkan" for step in steps),
        "alike": alike_of(complaint, related, user=request.user, now=now) if _may_be_merged(steps, complaint) else [],
        "files": complaint.attachments.order_by("created_at"),
        "clock": clock,
        "over": over,
        "extension": extension_of(complaint),
        "clock_unknown": unknown,
        "entries": entries,
        "talk": talk_of(complaint, people),
        "failing": [notice for notice in notices if notice.failing],
        "notices": [notice for notice in notices if not notice.failing],
    }
    return render(request, "petugas/case.html", context)


def _mentioned(
    complaint: Complaint, steps: list[Step], parties: list[ReportedParty], *, now: datetime
) -> Mentioned | None:
    """Return who may be meant by what came in, while it is not registered and nobody is named (D35)."""
    open_to_them = any(step.code == "tetapkan-terlapor" for step in steps)
    if complaint.stage != Stage.REGISTRATION or not open_to_them or any(each.user or each.office for each in parties):
        return None
    return mentioned_in(complaint, on=local_day(now, complaint.zone), parties=parties)


def _helps(complaint: Complaint, entries: list[Entry]) -> QuerySet[HelpRequest] | list[HelpRequest]:
    """Return the help that was asked, newest first; read only where the record says that there was some (D33)."""
    if not any(entry.kind == "minta-bantuan" for entry in entries):
        return []
    requests = complaint.help_requests.select_related("office", "user", "asked_by", "answered_by")
    return requests.order_by("-asked_at", "-pk")


def _may_be_merged(steps: list[Step], complaint: Complaint) -> bool:
    """Say whether to look for the same matter: before it is registered, for who could merge it (D20, D55)."""
    return complaint.stage == Stage.REGISTRATION and any(step.code == "duplikat" for step in steps)


def _clock(complaint: Complaint) -> tuple[sla.Clock | None, str]:
    """Return the explanation of the deadlines, or why there is none: the holidays of a far year are not known."""
    try:
        return sla.clock_of(complaint), ""
    except CalendarEnds as ends:
        return None, gettext(ends.SENTENCE) % ends.known_until
