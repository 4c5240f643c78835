"""The inbox of an officer: its views, its search, and the way back to where one was in it (D4, D32, D35)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from pengaduan import inbox as lists
from pengaduan import search
from pengaduan.inbox import Narrowed, Page, View
from pengaduan.models import Complaint
from pengaduan.templatetags.face import keeps_identities
from tiers import scope
from tiers.models import Office, Region, Tier, User
from tiers.permissions import Permission
from workflow.machine import STEPS, Step, Who, fits
from workflow.views.kept import officer_page
from workflow.views.step_pages import NOT_TO_BE_FILLED_IN, PAGES, first_of

VIEWS = {
    View.HELD: (_("Di kantor saya"), _("Tidak ada pengaduan terbuka di kantor Anda saat ini.")),
    View.NEW: (_("Baru"), _("Semua pengaduan baru sudah didaftarkan.")),
    View.SOON: (_("Jatuh tempo ≤ 3 hari"), _("Tidak ada yang jatuh tempo dalam tiga hari ini.")),
    View.LATE: (_("Terlambat"), _("Tidak ada pengaduan yang terlambat di kantor Anda.")),
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
NARROWER = _("Tidak ada pengaduan yang cocok dengan pilihan ini.")
# What the view itself says is to be done; in the others the stage of the case says it.
ASKED_FOR = {
    View.TO_VERIFY: _("Periksa penyelesaian"),
    View.TO_DECIDE: _("Putuskan usul"),
    View.HELP: _("Jawab permintaan bantuan"),
}
FIRST_STEPS = [step for step in STEPS if step.who == Who.HOLDER and (step.primary or step.code == "minta-kelengkapan")]
LAST_LIST = "daftar"  # in the session: which list was looked at last
CODE = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")


@dataclass(frozen=True)
class Asked:
    """A list as its address asks for it, as far as that makes sense for this user."""

    view: View
    narrowed: Narrowed
    words: str = ""
    after: str = ""

    @classmethod
    def read(cls, query: QueryDict, user: User) -> Self:
        """Read an address; what is unknown is left out, an unknown view is the first one."""
        codes = [each.code for each in lists.programmes_of(user)]
        programme = query.get("program", "")
        office = query.get("kantor", "")
        place = query.get("wilayah", "")
        narrowed = Narrowed(
            programme if programme in codes else "",
            int(office) if office.isascii() and office.isdigit() and len(office) < 10 else None,
            place if _lies_below(place, scope.offices_of(user, Permission.SEE)) else "",
        )
        views = lists.views_of(user, narrowed.office)
        wanted = query.get("tampilan")
        view = next((each for each in views if each == wanted), views[0])
        words = query.get("q", "").replace("\0", "").strip()[: search.LONGEST]
        return cls(view, narrowed, words, query.get("sesudah", "")[:40])

    def address(
        self, view: View | None = None, *, words: str = "", after: str = "", default: View | None = None
    ) -> str:
        """Return the words of the address of a list that is narrowed as this one, `""` for the first one of all."""
        view = view or self.view
        office = self.narrowed.office
        asked = {
            "tampilan": "" if view == default else view.value,
            "program": self.narrowed.programme,
            "kantor": "" if office is None else str(office),
            "wilayah": self.narrowed.place,
            "q": words,
            "sesudah": after,
        }
        return urlencode({name: value for name, value in asked.items() if value})

    def page(self, user: User, *, now: datetime) -> Page:
        if self.words:
            return search.page_of(user, self.words, narrowed=self.narrowed, after=self.after)
        return lists.page_of(self.view, user, now=now, narrowed=self.narrowed, after=self.after)

    @property
    def label(self) -> str | Promise:
        """Name the list, for the way back to it."""
        if self.words:
            return gettext("Hasil pencarian")
        return _view_label(self.view, self.narrowed)


@require_safe
@officer_page
def inbox(request: HttpRequest) -> HttpResponse:
    """Show one page of a view, or what was searched for.

    A custodian of identities, who sees no complaints, is led to the requests (D63).
    """
    now, user = timezone.now(), request.user
    if not scope.assignments_of(user, Permission.SEE) and keeps_identities(user):
        return redirect("identity_requests")
    asked = Asked.read(request.GET, user)
    first = lists.views_of(user)[0]
    _remember(request, asked.address(words=asked.words, after=asked.after, default=first))
    page = asked.page(user, now=now)
    narrowed = asked.narrowed
    numbers = lists.counts(user, now=now, programme=narrowed.programme, office=narrowed.office, place=narrowed.place)
    context = {
        "page": page,
        "rows": [(complaint, *_next_step(complaint, asked, user)) for complaint in page.rows],
        "now": now,
        "asked": asked,
        "view": asked.view,
        "words": asked.words,
        "programmes": lists.programmes_of(user),
        "places": _places_of(user, narrowed) if narrowed.office is None else [],
        "office": Office.objects.filter(pk=narrowed.office).first() if narrowed.office else None,
        "tabs": [
            (each, asked.address(each), _view_label(each, narrowed), _shown(numbers[each]))
            for each in VIEWS
            if each in numbers and (numbers[each] or each in ALWAYS or each == asked.view)
        ],
        "empty": NARROWER if narrowed != lists.WHOLE else VIEWS[asked.view][1],
        "tries": [(words, asked.address(words=words)) for words in search.fewer(asked.words)] if not page.rows else [],
        "whole_list": asked.address(default=first),
    }
    return render(request, "petugas/inbox.html", context)


def back_to_list(request: HttpRequest) -> tuple[str, str]:
    """Return the address and the name of the list that this officer looked at last, the inbox where there is none."""
    address = request.session.get(LAST_LIST, "")
    inbox_at = reverse("officer_inbox")
    if not address:
        return inbox_at, gettext("Kotak masuk")
    return f"{inbox_at}?{address}", str(Asked.read(QueryDict(address), request.user).label)


def _remember(request: HttpRequest, address: str) -> None:
    """Keep in the session which list this is, so that a case leads back to it; written only when it is another."""
    if request.session.get(LAST_LIST, "") == address:
        return
    if address:
        request.session[LAST_LIST] = address
    else:
        del request.session[LAST_LIST]


def _next_step(complaint: Complaint, asked: Asked, user: User) -> tuple[str | Promise, str]:
    """Return what this officer can do next with a case, and where; nothing where it is not theirs to do.

    By what stands in the row alone. What may be hindered by more than that leads to the case, which says by what.
    """
    if not asked.words and asked.view in ASKED_FOR:
        return ASKED_FOR[asked.view], complaint.get_absolute_url()
    if all(complaint.office_id != office.pk for office in scope.offices_of(user, Permission.HANDLE)):
        return "", ""
    step = first_of([step for step in FIRST_STEPS if fits(step, complaint)], complaint)
    return (step.label, _page_of(step, complaint)) if step else ("", "")


def _page_of(step: Step, complaint: Complaint) -> str:
    hindered = step.code not in PAGES or any(need in NOT_TO_BE_FILLED_IN for need in step.needs)
    case = complaint.get_absolute_url()
    return case if hindered else f"{case}langkah/{step.code}/"


def _view_label(view: View, narrowed: Narrowed) -> str | Promise:
    return _("Di kantor ini") if view == View.HELD and narrowed.office else VIEWS[view][0]


def _places_of(user: User, narrowed: Narrowed) -> list[tuple[str, str]]:
    """Return the regions right below those of the user's offices, to look at one alone; none in a village.

    A place farther down, to which a link has led, is there by its code.
    """
    offices = scope.offices_of(user, Permission.SEE)
    codes = {office.region_id for office in offices if office.tier > Tier.DESA and office.region_id}
    if any(office.tier == Tier.PUSAT for office in offices):
        found = Region.objects.filter(tier=Tier.PROVINSI)
    elif codes:
        found = Region.objects.filter(parent__in=codes)
    else:
        return []
    places = list(found.order_by("name").values_list("code", "name"))
    known = narrowed.place in ("", *(code for code, _name in places))
    return places if known else [*places, (narrowed.place, narrowed.place)]


def _lies_below(place: str, offices: list[Office]) -> bool:
    """Say whether this is the code of a place in the area of one of these offices, and not the whole of it."""
    if not CODE.fullmatch(place):
        return False
    return any(office.region_id is None or place.startswith(f"{office.region_id}.") for office in offices)


def _shown(number: int) -> str:
    return f"{lists.COUNTED_UP_TO:,}+".replace(",", ".") if number > lists.COUNTED_UP_TO else str(number)
