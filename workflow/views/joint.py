"""Joint recommendations to Pusat: gathered at the kabupaten, read by who stands above it (D36)."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from pengaduan.models import Category, Complaint, Path
from tiers import scope
from tiers.models import Office, Tier, User
from tiers.permissions import Permission
from workflow import actions
from workflow.forms.paths import JointForm
from workflow.machine import BY_CODE, Refused
from workflow.models import JointRecommendation
from workflow.views.kept import officer_page

AT_ONCE = 200  # cases on the form
SHOWN = 100  # recommendations on the list
STEP = BY_CODE["rekomendasi-bersama"]


@require_safe
@officer_page
def gathered(request: HttpRequest) -> HttpResponse:
    """List the recommendations of the area, and the offices for which this officer may make one."""
    makers = offices_that_gather(request.user)
    found = list(recommendations_for(request.user).order_by("-made_at", "-pk")[:SHOWN])
    if not makers and not found and not scope.assignments_of(request.user, Permission.SEE):
        raise PermissionDenied
    waiting = [(office, open_to_gather(request.user, office).count()) for office in makers]
    return render(request, "petugas/rekomendasi.html", {"waiting": waiting, "recommendations": found})


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def new(request: HttpRequest, office: int) -> HttpResponse:
    """Choose complaints with tick boxes and write one recommendation for them."""
    maker = next((each for each in offices_that_gather(request.user) if each.pk == office), None)
    if maker is None:
        raise Http404
    found = open_to_gather(request.user, maker)
    offered = Complaint.objects.filter(pk__in=list(found.values_list("pk", flat=True)[:AT_ONCE]))
    form = JointForm(request.POST or None, complaints=offered.select_related("region").order_by("received_at", "pk"))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = _made(form, office=maker, by=request.user)
            except Refused as refused:
                status = 409
                form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
            else:
                messages.success(request, gettext("Rekomendasi bersama dikirim kepada Pusat."))
                return redirect("joint_recommendation", pk=made.pk)
    return render(request, "petugas/rekomendasi_baru.html", {"form": form, "office": maker}, status=status)


@require_safe
@officer_page
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a recommendation with those of its complaints that this officer may see; how many there are is no secret."""
    joint = get_object_or_404(recommendations_for(request.user).select_related("programme", "made_by"), pk=pk)
    seen = Complaint.objects.visible_to(request.user).filter(joint_recommendations=joint)
    context = {
        "joint": joint,
        "now": timezone.now(),
        "number": joint.complaints.count(),
        "complaints": seen.select_related("region").order_by("received_at", "pk"),
    }
    return render(request, "petugas/rekomendasi_satu.html", context)


def offices_that_gather(user: User) -> list[Office]:
    """Return the user's offices at kabupaten or above whose programme has such categories."""
    programmes = set(
        Category.objects.filter(path=Path.EXCLUSION, active=True).values_list("programme", flat=True).distinct()
    )
    own = scope.offices_of(user, Permission.HANDLE)
    return [each for each in own if Tier.KABUPATEN <= each.tier < Tier.PUSAT and each.programme_id in programmes]


def open_to_gather(user: User, office: Office) -> QuerySet[Complaint]:
    """Return the complaints of an office's area that may go into a recommendation and that the user sees (D49)."""
    return (
        Complaint.objects.visible_to(user)
        .within(office)
        .filter(
            category__path=Path.EXCLUSION,
            stage__in=STEP.sources,
            tier__lte=office.tier,
            joint_recommendations__isnull=True,
        )
        .order_by("received_at", "pk")
    )


def recommendations_for(user: User) -> QuerySet[JointRecommendation]:
    """Return the recommendations made by offices in the user's reach: their own and those below (D4)."""
    offices = Office.objects.none()
    for office in scope.offices_of(user, Permission.SEE):
        offices |= _reached_by(office)
    return JointRecommendation.objects.filter(office__in=offices.values("pk")).select_related("office")


def _reached_by(office: Office) -> QuerySet[Office]:
    reached = Office.objects.filter(programme=office.programme_id, tier__lte=office.tier)
    return reached if office.tier == Tier.PUSAT else reached.filter(region__code__startswith=office.region_id)


def _made(form: JointForm, *, office: Office, by: User) -> JointRecommendation:
    chosen: Iterable[Complaint] = form.cleaned_data["complaints"].select_related(
        "programme", "category", "service_level", "region", "office", "handler", "case_file"
    )
    return actions.recommend_together(
        list(chosen), office=office, by=by, now=timezone.now(), text=form.cleaned_data["text"]
    )
