"""What supervisors and coordinators look at: the board of deadlines, the workload, what waits for their word (D33, D34,
D53), and the days on which one of their officers is away (D51)."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from pengaduan import board as figures
from pengaduan import inbox
from tiers import absences, scope
from tiers.models import Region, User
from tiers.permissions import Permission
from workflow.views import profile
from workflow.views.decisions import decisions_for
from workflow.views.kept import officer_page


@require_safe
@officer_page
def board(request: HttpRequest) -> HttpResponse:
    """Show the board of one place; a place outside the reader's area does not exist for them."""
    user, now = request.user, timezone.now()
    places = figures.places_of(user)
    if not places:
        raise PermissionDenied
    code = request.GET.get("wilayah", places[0])
    if not figures.may_see(user, code):
        raise Http404
    place = get_object_or_404(Region, pk=code) if code else None
    context = _head(request, "board") | {
        "board": figures.board(user, place, now=now, programme=_programme(request)),
        "place": place,
        "way_back": _way_back(user, place, _programme(request)),
        "others": Region.objects.filter(pk__in=[each for each in places if each and not code.startswith(each)]),
    }
    return render(request, "petugas/papan.html", context)


@require_safe
@officer_page
def workload(request: HttpRequest) -> HttpResponse:
    """Show what each officer of the own offices handles, and what is to be assigned to somebody."""
    user, now, programme = request.user, timezone.now(), _programme(request)
    if not figures.areas_of(user):
        raise PermissionDenied
    context = _head(request, "board_workload") | {
        "loads": figures.workload(user, now=now, programme=programme),
        "supervised": {office.pk for office in scope.offices_of(user, Permission.SUPERVISE)},
        "to_assign": figures.to_assign(user, now=now, programme=programme),
    }
    return render(request, "petugas/beban.html", context)


@require_safe
@officer_page
def decisions(request: HttpRequest) -> HttpResponse:
    """List what waits for this person's decision: proposals and settlements of others, the longest waiting first."""
    if not scope.offices_of(request.user, Permission.HANDLE):
        raise PermissionDenied
    found, more = decisions_for(request.user, now=timezone.now(), programme=_programme(request))
    context = _head(request, "board_decisions") | {"decisions": found, "more": more}
    return render(request, "petugas/putusan.html", context)


@require_safe
@officer_page
def officer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one officer to who supervises them: their posts and their days away."""
    now = timezone.now()
    person = _officer(request.user, pk, now=now)
    context = {"person": person, "posts": profile.posts_of(person, now=now), "away": profile.away_of(person, now=now)}
    return render(request, "petugas/papan_petugas.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def officer_absent(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter days on which an officer is away, for them: who is ill writes nothing down."""
    person = _officer(request.user, pk, now=timezone.now())
    return profile.enter_absence(request, person, back="board_officer", pk=pk)


def _officer(user: User, pk: int, *, now: datetime) -> User:
    person = get_object_or_404(User, pk=pk, is_active=True)
    if person == user or not absences.may_enter(person, by=user, now=now):
        raise Http404
    return person


def _programme(request: HttpRequest) -> str:
    """Return the code of the programme that the address asks for, "" for all of them."""
    wanted = request.GET.get("program", "")
    return wanted if wanted in {each.code for each in inbox.programmes_of(request.user)} else ""


def _head(request: HttpRequest, here: str) -> dict[str, Any]:
    """Return what the three pages share: where one is, the programmes, and which of the pages are the reader's."""
    user = request.user
    pages = ["board"] if figures.desks_of(user) else []
    pages += ["board_workload"] if figures.areas_of(user) else []
    pages += ["board_decisions"] if scope.offices_of(user, Permission.HANDLE) else []
    programmes = inbox.programmes_of(user)
    return {
        "here": here,
        "pages": pages,
        "programmes": programmes,
        "programme": _programme(request),
        "now": timezone.now(),
    }


def _way_back(user: User, place: Region | None, programme: str) -> tuple[str, str] | None:
    """Return the address and the name of the next larger board that the reader may open, if there is one."""
    if place is None:
        return None
    for code, name in [*((each.code, each.name) for each in place.path()[1:]), ("", gettext("Seluruh Indonesia"))]:
        if figures.may_see(user, code):
            return f"?{urlencode({'wilayah': code, 'program': programme})}", name
    return None
