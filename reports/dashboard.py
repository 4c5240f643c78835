"""The coordinator's and the supervisor's page: the monthly report of their area as it stands now (D44, D57, D61).

It shows the parts of the report itself, of the running month up to now or of a month that has ended; who may read
what is the same as for the reports. A finished month of which a report was sent is shown as it was sent.
"""

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.core.cache import cache
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from pengaduan.inbox import View, views_of
from reports import editions, queries
from reports.models import Edition
from reports.periods import JAKARTA, Month
from reports.subject import BELOW, Subject
from reports.words import Reading
from tiers import scope
from tiers.models import Office, Programme, Region, Tier, User
from tiers.permissions import Permission
from workflow.views.kept import officer_page

KEPT_SECONDS = 600  # the whole nation takes seconds to reckon
MONTHS = 13
NATION = "nasional"


class FilterForm(forms.Form):
    """Which programme, month and area; what is chosen wrongly is not there."""

    mark_optional = False
    program = forms.ChoiceField(label=gettext_lazy("Program"))
    bulan = forms.ChoiceField(label=gettext_lazy("Bulan"))
    wilayah = forms.ChoiceField(label=gettext_lazy("Wilayah"))


@require_safe
@officer_page
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the figures of an area that the reader receives reports of; of another it is not there."""
    now = timezone.now()
    received = scope.offices_of(request.user, Permission.RECEIVE_REPORTS)
    offices = [office for office in received if office.tier in BELOW]
    if not offices:
        return render(request, "laporan/dasbor.html", {"receives": bool(received)})
    subject = _chosen(request.GET, offices, now=now)
    edition = _edition(subject, now=now)
    reading = Reading(edition, request.user)
    own = [office for office in offices if office.programme_id == subject.programme.pk]
    context = {
        "receives": True,
        "form": _filter(subject, offices, now=now),
        "subject": subject,
        "reading": reading,
        "edition": edition,
        "as_of": edition.as_of.astimezone(JAKARTA),
        "open_by_place": {line.code: line.counts["open"] for line in reading.places},
        "settled_by_tier": [(line.label, line.on_time, line.counts["settled_late"]) for line in reading.settling_tiers],
        "areas_below": _address_of(subject) if subject.tier in {Tier.PUSAT, Tier.PROVINSI} else "",
        "list_of_open": _list_of_open(request.user, subject, own, reading),
    }
    return render(request, "laporan/dasbor.html", context)


def _chosen(asked: dict[str, str], offices: list[Office], *, now: datetime) -> Subject:
    """Return what the address asks for: else the first programme, the running month and the reader's own area."""
    programmes = _programmes(offices)
    programme = next((each for each in programmes if each.code == asked.get("program", programmes[0].code)), None)
    month = next((each for each in _months(now) if str(each) == asked.get("bulan", str(Month.of(now)))), None)
    if programme is None or month is None:
        raise Http404
    own = [office for office in offices if office.programme_id == programme.pk]
    widest = max(own, key=lambda office: office.tier)
    code = asked.get("wilayah") or widest.region_id or NATION
    return Subject(programme, _region(code, own), month)


def _region(code: str, own: list[Office]) -> Region | None:
    """Return the area of this code if it lies in the reach of an office; None is the nation."""
    if code == NATION:
        if not any(office.tier == Tier.PUSAT for office in own):
            raise Http404
        return None
    region = Region.objects.filter(pk=code, tier__in=(Tier.PROVINSI, Tier.KABUPATEN)).first()
    if region is None or not any(
        region.tier <= office.tier and scope.contains(office, programme_id=office.programme_id, region_code=code)
        for office in own
    ):
        raise Http404
    return region


def _filter(subject: Subject, offices: list[Office], *, now: datetime) -> FilterForm:
    own = [office for office in offices if office.programme_id == subject.programme.pk]
    form = FilterForm(
        initial={
            "program": subject.programme.code,
            "bulan": str(subject.period),
            "wilayah": subject.region.pk if subject.region else NATION,
        }
    )
    form.fields["program"].choices = [(each.code, each.name) for each in _programmes(offices)]
    form.fields["bulan"].choices = [(str(month), month.label) for month in _months(now)]
    form.fields["wilayah"].choices = list(_areas(own, subject.region))
    return form


def _areas(own: list[Office], chosen: Region | None) -> Iterable[tuple[str, str]]:
    """Yield the areas to choose from: the own ones and those below; Pusat opens one province at a time."""
    areas = Q(pk__in=[office.region_id for office in own if office.region_id])
    opened = {office.region_id for office in own if office.tier == Tier.PROVINSI}
    if any(office.tier == Tier.PUSAT for office in own):
        yield NATION, _("Nasional")
        areas |= Q(tier=Tier.PROVINSI)
        opened |= {chosen.pk[:2]} if chosen else set()
    areas |= Q(tier=Tier.KABUPATEN, parent__in=opened)
    for region in Region.objects.filter(areas).order_by("code"):
        yield region.pk, f"– {region.name}" if region.parent_id in opened else region.name


def _edition(subject: Subject, *, now: datetime) -> Edition:
    """Return the report that was sent of a finished month; else the figures as they stood some minutes ago at most."""
    if now >= subject.period.ends_at and (sent := Edition.objects.about(subject).last()):
        return sent
    key = f"dashboard:{queries.VERSION}:{subject.slug}"
    edition = cache.get(key)
    if edition is None:
        edition = editions.unsent(subject, now=now)
        cache.set(key, (edition.as_of, edition.figures), KEPT_SECONDS)
        return edition
    as_of, figures = edition
    return Edition(
        programme=subject.programme, region=subject.region, begins_on=subject.period.first, as_of=as_of, figures=figures
    )


def _list_of_open(user: User, subject: Subject, own: list[Office], reading: Reading) -> str:
    """Return the address of the list behind "running now", where the reader's list is of just this area."""
    areas = {office.region_id for office in own}
    if not reading.is_running or View.ALL not in views_of(user) or areas != {subject.region and subject.region.pk}:
        return ""
    return f"/petugas/?tampilan={View.ALL}&program={subject.programme.code}"


def _address_of(subject: Subject) -> str:
    return f"?program={subject.programme.code}&bulan={subject.period}&wilayah="


def _programmes(offices: list[Office]) -> list[Programme]:
    return sorted({office.programme for office in offices}, key=lambda programme: programme.name)


def _months(now: datetime) -> list[Month]:
    return [Month.of(now).back(months) for months in range(MONTHS)]
