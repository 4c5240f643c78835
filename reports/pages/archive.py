"""What the archive of the reports shows: the editions of a reader's areas, what changed, who got them (D44, D47).

An office at Pusat may read those of 514 regencies: at first it sees its own, and finds others by their area's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from reports.figures import unchanged
from reports.models import Edition, EditionQuerySet, ReportDue
from reports.periods import Kind
from tiers import scope
from tiers.models import CODE_LENGTH, Office, Programme, Region, Tier, User
from tiers.permissions import Permission

ROWS = 20
MONTHS = 36
TROUBLES = 5


class ArchiveForm(forms.Form):
    """Which editions: of a programme, a month in which their period begins, and an area by its name or code."""

    mark_optional = False
    program = forms.ChoiceField(label=_("Program"), required=False)
    bulan = forms.ChoiceField(label=_("Mulai bulan"), required=False)
    wilayah = forms.CharField(label=_("Wilayah"), required=False, max_length=60)

    def __init__(self, *args, programmes: list[Programme], months: list[date], has_areas: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["program"].choices = [("", _("Semua program")), *((each.code, each.name) for each in programmes)]
        self.fields["bulan"].choices = [
            ("", _("Semua bulan")),
            *((f"{each:%Y-%m}", date_format(each, "F Y")) for each in months),
        ]
        if len(programmes) < 2:
            del self.fields["program"]
        if not has_areas:
            del self.fields["wilayah"]


@dataclass
class Archive:
    """One page of a reader's archive: its form, the editions in force that fit, and where the next page begins."""

    form: ArchiveForm
    kind: str
    editions: list[Edition]
    cursor: str | None
    troubles: list[ReportDue]
    is_empty: bool
    offices: list[Office]

    @property
    def searches(self) -> bool:
        return bool(self.form.cleaned_data.get("wilayah"))


def readable_by(user: User) -> EditionQuerySet:
    """Return the editions that a user may read: of the areas of their reports, and not without news for them."""
    readable = Edition.objects.readable_at(scope.offices_of(user, Permission.RECEIVE_REPORTS))
    return readable.exclude(pk__in=unchanged.for_reader(user, readable))


def archive_of(user: User, asked: Mapping[str, str]) -> Archive:
    """Return the page that an address asks for; what it says wrongly counts as not said."""
    offices = scope.offices_of(user, Permission.RECEIVE_REPORTS)
    readable = Edition.objects.readable_at(offices)
    unseen = unchanged.for_reader(user, readable)
    form = ArchiveForm(
        asked,
        programmes=sorted({office.programme for office in offices}, key=lambda programme: programme.name),
        months=list(readable.dates("begins_on", "month", order="DESC")[:MONTHS]),
        has_areas=any(office.tier > Tier.KABUPATEN for office in offices),
    )
    form.full_clean()
    kind = asked.get("jenis", "") if asked.get("jenis", "") in Kind.values else ""
    found = _fitting(readable, form.cleaned_data, kind, offices).in_force(unseen)
    rows = list(_after(found, asked.get("sesudah", "")).order_by("-begins_on", "-pk")[: ROWS + 1])
    shown = with_areas(rows[:ROWS])
    return Archive(
        form=form,
        kind=kind,
        editions=shown,
        cursor=f"{shown[-1].begins_on}.{shown[-1].pk}" if len(rows) > ROWS else None,
        troubles=_troubles(offices),
        is_empty=not readable.exists(),
        offices=offices,
    )


def _fitting(readable: EditionQuerySet, said: dict[str, str], kind: str, offices: list[Office]) -> EditionQuerySet:
    found = readable.select_related("programme", "region").prefetch_related("deliveries").with_integrity()
    if kind:
        found = found.filter(kind=kind)
    if said.get("program"):
        found = found.filter(programme__code=said["program"])
    if said.get("bulan"):
        first = date.fromisoformat(f"{said['bulan']}-01")
        found = found.filter(begins_on__gte=first, begins_on__lt=(first + timedelta(days=31)).replace(day=1))
    if area := said.get("wilayah", "").strip():
        return found.filter(_called(area))
    return found.filter(_own(offices))


def _called(area: str) -> Q:
    """Return the areas of a name or code; the nation is called so too."""
    named = Q(region__name__icontains=area) | Q(region__code=area)
    return named | Q(region=None) if area.lower() in str(_("nasional")) else named


def _own(offices: list[Office]) -> Q:
    own = Q(pk__in=[])
    for office in offices:
        own |= Q(programme=office.programme_id, region=office.region_id)
    return own


def _after(found: EditionQuerySet, cursor: str) -> EditionQuerySet:
    """Return what comes after the last row of the page before; a cursor that is none counts as not said."""
    day, _dot, key = cursor.partition(".")
    try:
        begins_on, row = date.fromisoformat(day), int(key)
    except ValueError:
        return found
    return found.filter(Q(begins_on__lt=begins_on) | Q(begins_on=begins_on, pk__lt=row))


def _troubles(offices: list[Office]) -> list[ReportDue]:
    """Return the reports of the reader's own areas that could not be made so far, the latest first."""
    troubled = ReportDue.objects.troubled().filter(_own(offices)).select_related("programme", "region")
    return list(troubled.order_by("-begins_on", "pk")[:TROUBLES])


def with_areas(editions: list[Edition]) -> list[Edition]:
    """Write the full name of its area on each edition, all of them read in one query."""
    codes = {edition.region_id: _upwards(edition.region_id) for edition in editions if edition.region_id}
    known = Region.objects.in_bulk({code for path in codes.values() for code in path})
    for edition in editions:
        path = [known[code].name for code in codes.get(edition.region_id, [])]
        edition.area = ", ".join(path) or edition.subject.area
    return editions


def _upwards(code: str) -> list[str]:
    """Return the codes from a region's own to its province's."""
    return [code[:length] for length in sorted(CODE_LENGTH.values(), reverse=True) if length <= len(code)]
