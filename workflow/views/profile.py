"""Who I am here: my assignments, for whom I stand in and who for me, and my days away (D4, D51)."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from tiers import absences, scope
from tiers.models import Absence, Assignment, User
from tiers.permissions import ROLES, Permission, Role
from workflow import standing_in
from workflow.forms.absence import AbsenceForm, ShortenForm
from workflow.views.kept import officer_page, shown_as_typed, typed_before


@dataclass(frozen=True)
class Away:
    """One absence with the posts that somebody fills meanwhile, and those that nobody does."""

    absence: Absence
    filled: list[Assignment]
    unfilled: list[Assignment]
    has_begun: bool
    can_shorten: bool


@require_safe
@officer_page
def profile(request: HttpRequest) -> HttpResponse:
    """Show the person who is signed in what this system knows of their work."""
    now, user = timezone.now(), request.user
    context = {
        "posts": posts_of(user, now=now),
        "standing_in": standing_in.standing_in(user, now=now),
        "away": away_of(user, now=now),
        "others_away": standing_in.away_from_desks_of(user, now=now),
        "has_board": bool(scope.assignments_of(user, Permission.HEAR_ALARMS)),
        "now": now,
    }
    return render(request, "petugas/profil.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def absent(request: HttpRequest) -> HttpResponse:
    """Enter days on which the person who is signed in is away."""
    return enter_absence(request, request.user, back="officer_profile")


def enter_absence(request: HttpRequest, user: User, *, back: str, **where: int) -> HttpResponse:
    """Show and take the form of an absence of `user`; a refusal stands at its field and loses nothing."""
    about = {"user": user, "by": request.user, "now": timezone.now()}
    status = 200
    if request.method == "POST":
        form = AbsenceForm(request.POST, **about)
        status = 422
        if form.is_valid():
            try:
                return _entered(request, form.save(), back, **where)
            except ValidationError as error:
                form.add_error(None, error)
    else:
        typed = typed_before(request)
        form = AbsenceForm(**about) if typed is None else shown_as_typed(AbsenceForm(typed, **about))
    context = {"form": form, "person": user, "own": user == request.user, "back": back}
    return render(request, "petugas/profil_tidak_hadir.html", context, status=status)


def _entered(request: HttpRequest, absence: Absence, back: str, **where: int) -> HttpResponse:
    if absence.stand_in:
        sentence = gettext("Ketidakhadiran dicatat. %(name)s menggantikan dan diberi tahu.")
        messages.success(request, sentence % {"name": absence.stand_in})
    else:
        messages.success(request, gettext("Ketidakhadiran dicatat, tanpa pengganti. Penyelia diberi tahu."))
    return redirect(back, **where)


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def absence(request: HttpRequest, pk: int) -> HttpResponse:
    """Shorten one absence, or end it: its own person, or who supervises them; for all others it does not exist."""
    now = timezone.now()
    found = Absence.objects.filter(pk=pk, ends_on__gte=timezone.localdate(now))
    mine = found.select_related("user", "stand_in").first()
    if mine is None or not absences.may_enter(mine.user, by=request.user, now=now):
        raise Http404
    form = ShortenForm(request.POST if "perpendek" in request.POST else None)
    status = 200
    if request.method == "POST":
        status = 422
        if "akhiri" in request.POST:
            return _ended(request, mine, now=now)
        if form.is_valid():
            try:
                return _shortened(request, mine, form, now=now)
            except ValidationError as error:
                form.add_error(None, error)
    context = {"away": away(mine, now=now), "form": form, "person": mine.user, "own": mine.user == request.user}
    return render(request, "petugas/profil_ubah_hadir.html", context, status=status)


def _ended(request: HttpRequest, mine: Absence, *, now: datetime) -> HttpResponse:
    has_begun = away(mine, now=now).has_begun
    standing_in.end(mine, by=request.user, now=now)
    sentence = gettext("Kembali bertugas mulai hari ini.") if has_begun else gettext("Ketidakhadiran dibatalkan.")
    messages.success(request, sentence)
    return redirect(*_back_to(request, mine.user))


def _shortened(request: HttpRequest, mine: Absence, form: ShortenForm, *, now: datetime) -> HttpResponse:
    standing_in.shorten(mine, form.cleaned_data["ends_on"], by=request.user, now=now)
    messages.success(request, gettext("Hari terakhir sudah diubah."))
    return redirect(*_back_to(request, mine.user))


def _back_to(request: HttpRequest, user: User) -> tuple:
    return ("officer_profile",) if user == request.user else ("board_officer", user.pk)


def posts_of(user: User, *, now: datetime) -> list[tuple[Assignment, Role]]:
    """Return a person's own assignments that run or are to come, each with its role in words."""
    posts = Assignment.objects.own().filter(user=user).select_related("office__programme")
    running = [post for post in posts.order_by("office__programme__name", "office__tier", "pk") if _lasts(post, now)]
    return [(post, ROLES[post.role]) for post in running]


def _lasts(post: Assignment, now: datetime) -> bool:
    return post.ends_on is None or post.ends_on >= timezone.localdate(now)


def away_of(user: User, *, now: datetime) -> list[Away]:
    """Return a person's absences from today on, soonest first."""
    found = user.absences.filter(ends_on__gte=timezone.localdate(now)).select_related("user", "stand_in")
    return [away(each, now=now) for each in found.order_by("starts_on")]


def away(mine: Absence, *, now: datetime) -> Away:
    """Return an absence with who does what meanwhile."""
    filled = list(mine.stand_ins.select_related("office").order_by("office__name", "pk"))
    done = {(post.office_id, post.role) for post in filled}
    posts = absences.posts_to_fill(mine.user, mine.starts_on, mine.ends_on, by=mine.user, now=now)
    unfilled = [post for post in posts if (post.office_id, post.role) not in done]
    today = timezone.localdate(now)
    return Away(mine, filled, unfilled, mine.starts_on < today, max(today, mine.starts_on) < mine.ends_on)
