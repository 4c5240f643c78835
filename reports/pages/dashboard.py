"""The coordinator's and the supervisor's page: the monthly report of their area as it stands now (D44, D49, D57, D61).

It shows the parts of the report itself, of the running month up to now or of a month that has ended; who may read
what is the same as for the reports. Who has several programmes sees them side by side first. A finished month of which
a report was sent is shown as it was sent. Every number leads to its cases (`reports.listing`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_safe

from reports import editions
from reports.figures.hidden import kept_from
from reports.figures.records import MEASURE_NAMES
from reports.pages import choosing, page_files
from reports.pages.choosing import ALL, NATION, NOTHING, PARTS, Chosen
from reports.pages.listing import Way
from reports.pages.standing import Standing, standing, standing_of
from reports.papers import sentences
from reports.papers.numbers import amount
from reports.papers.words import Line, Reading
from reports.periods import JAKARTA
from tiers import scope
from tiers.models import Office, Programme, Tier, User
from tiers.permissions import Permission
from workflow.views.kept import officer_page

PAGE = "/petugas/laporan/"
FOUR = {
    "received": pgettext_lazy("received", "masuk"),
    "settled": gettext_lazy("selesai"),
    "open": gettext_lazy("berjalan"),
    "late": gettext_lazy("terlambat"),
}
STANDING = {"open", "late"}
FEW = 5  # cases of a list that stand open at once
FEW_PLACES = 20  # more rows than that are folded away: a phone shows each as a card


class FilterForm(forms.Form):
    """Which programme, month and area; what is chosen wrongly is not there."""

    mark_optional = False
    program = forms.ChoiceField(label=gettext_lazy("Program"))
    bulan = forms.ChoiceField(label=gettext_lazy("Bulan"))
    wilayah = forms.ChoiceField(label=gettext_lazy("Wilayah"))
    cari = forms.CharField(
        label=gettext_lazy("Cari kabupaten/kota"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
    )


class PartForm(forms.Form):
    """Narrow a programme's figures by one or several of PARTS; what a programme has none of is not asked."""

    mark_optional = False

    def __init__(self, names: dict[str, dict[str, str]], only: dict[str, str]) -> None:
        super().__init__(initial={word: code or NOTHING for word, code in only.items()})
        for word, (_column, label) in PARTS.items():
            if any(names[word]):
                choices = [(code or NOTHING, name) for code, name in names[word].items()]
                self.fields[word] = forms.ChoiceField(label=label, choices=[("", _("Semua")), *choices])


@dataclass(frozen=True)
class Programmed:
    """A programme's line among several: what is counted of it, and the ways to its page and its cases."""

    line: Line
    address: str
    behind: Way


@require_safe
@officer_page
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the figures of an area that the reader receives reports of; of another it is not there."""
    now = timezone.now()
    offices = choosing.offices_with_reports(request.user)
    if not offices:
        receives = bool(scope.offices_of(request.user, Permission.RECEIVE_REPORTS))
        return render(request, "laporan/dasbor.html", {"receives": receives})
    chosen = choosing.read(request.GET, offices, now=now)
    words = request.GET.get("cari", "").strip()
    found = choosing.areas_named(words, _offices(chosen, offices)) if words else []
    if len(found) == 1:
        return redirect(f"{PAGE}?{chosen.query(wilayah=found[0].pk)}")
    context = {
        "receives": True,
        "chosen": chosen,
        "form": _form(chosen, offices, now=now),
        "words": words,
        "found": [(region, f"?{chosen.query(wilayah=region.pk)}") for region in found],
    }
    if chosen.programme is None:
        return render(request, "laporan/dasbor_program.html", context | _side_by_side(chosen, request.user, now=now))
    shown, reading = _read(chosen, request.user, now=now)
    return render(request, "laporan/dasbor.html", context | _one(chosen, shown, reading))


@require_safe
@officer_page
def page_file(request: HttpRequest, ending: str) -> HttpResponse:
    """Hand out what the page of one programme shows as a file; to whom the page shows nothing it is not there."""
    now, offices = timezone.now(), choosing.offices_with_reports(request.user)
    if ending not in page_files.FORMATS or not offices:
        raise Http404
    chosen = choosing.read(request.GET, offices, now=now)
    if chosen.programme is None:
        raise Http404
    _shown, reading = _read(chosen, request.user, now=now)
    narrowed = [f"{label}: {name}" for label, name, _address in _narrowed(chosen)]
    return page_files.answer(reading, ending, narrowed=narrowed)


def _read(chosen: Chosen, user: User, *, now: datetime) -> tuple[Standing, Reading]:
    """Return the figures of one programme as this reader gets them: without what is kept from them (D49)."""
    hidden = kept_from(user, [chosen.programme.pk])
    shown = standing(chosen.subject(without=hidden.get(chosen.programme.pk, ())), now=now)
    return shown, Reading(shown.figures)


def _one(chosen: Chosen, shown: Standing, reading: Reading) -> dict:
    """Return what the page of one programme shows."""
    names = choosing.names_of_parts(chosen.programme)
    attention = len(reading.attention)
    as_of = shown.as_of.astimezone(JAKARTA)
    return {
        "subject": reading.subject,
        "reading": reading,
        "edition": shown.sent,
        "as_of": as_of,
        "parts": PartForm(names, chosen.only),
        "narrowed": _narrowed(chosen),
        "whole": f"?{chosen.query(**dict.fromkeys(chosen.only, ''))}",
        "all_programmes": f"?{chosen.query(program=ALL)}" if len(chosen.programmes) > 1 else "",
        "behind": Way(chosen),
        "four": _four(reading.totals, reading.before, is_running=reading.is_running),
        "is_empty": not any(reading.totals.values()) and not any(reading.apart.values()),
        "has_been": any(received or settled for _month, received, settled in reading.trend),
        "attention_label": ngettext("%(number)s kasus", "%(number)s kasus", attention) % {"number": amount(attention)},
        "few_to_attend": attention <= FEW,
        "places_label": reading.subject.place_word,
        "few_places": len(reading.places) <= FEW_PLACES,
        "span": urlencode(
            {
                "apa": "matriks",
                "program": chosen.programme.code,
                "wilayah": chosen.region.pk if chosen.region else NATION,
                "dari": chosen.month.first,
                "sampai": min(chosen.month.last, as_of.date()),
            }
        ),
        "xlsx": f"{PAGE}angka.xlsx?{chosen.query()}",
        "csv": f"{PAGE}angka.csv?{chosen.query()}",
        "open_by_place": {line.code: line.counts["open"] for line in reading.places},
        "settled_by_tier": [(line.label, line.on_time, line.counts["settled_late"]) for line in reading.settling_tiers],
        "areas_below": f"?{chosen.query(wilayah='')}&wilayah=" if reading.subject.tier > Tier.KABUPATEN else "",
    }


def _narrowed(chosen: Chosen) -> list[tuple[str, str, str]]:
    """Return by what the figures are narrowed: label, name, and the address without it."""
    names = choosing.names_of_parts(chosen.programme) if chosen.only else {}
    return [
        (str(PARTS[word][1]), names[word][code], f"?{chosen.query(**{word: ''})}") for word, code in chosen.only.items()
    ]


def _four(totals: dict[str, int], before: dict[str, int], *, is_running: bool) -> list[tuple[str, str, int, str]]:
    """Return the four numbers with how they stand to the month before: measure, label, number, comparison.

    Of a month that is still running only what stands is compared, with the end of the month before.
    """
    return [
        (
            measure,
            str(label),
            totals[measure],
            sentences.against(totals[measure], before[measure]) if measure in STANDING or not is_running else "",
        )
        for measure, label in FOUR.items()
    ]


def _side_by_side(chosen: Chosen, user: User, *, now: datetime) -> dict:
    """Return what the page of several programmes shows: a line each, and the sum of the lines."""
    hidden = kept_from(user, [programme.pk for programme in chosen.programmes])
    subjects = [chosen.subject(each, without=hidden.get(each.pk, ())) for each in chosen.programmes]
    found = standing_of(subjects, now=now)
    lines = [_line(chosen, programme, shown) for programme, shown in zip(chosen.programmes, found, strict=True)]
    instants = sorted(shown.as_of.astimezone(JAKARTA) for shown in found)
    is_running = instants[-1] < chosen.month.ends_at
    totals, before = (_sum(editions.read(shown.figures)[table] for shown in found) for table in ("totals", "before"))
    return {
        "subject": subjects[0],
        "programmes": lines,
        "sum": Line("", totals),
        "four": _four(totals, before, is_running=is_running),
        "is_running": is_running,
        "from": instants[0],
        "until": instants[-1],
    }


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Add up the measures of several programmes; what an older report did not count yet is nothing."""
    rows = list(counts)
    return {name: sum(row.get(name, 0) for row in rows) for name in MEASURE_NAMES}


def _line(chosen: Chosen, programme: Programme, shown: Standing) -> Programmed:
    own = Chosen(chosen.programmes, programme, chosen.region, chosen.month)
    counts = editions.read(shown.figures)["totals"]
    return Programmed(Line(programme.name, counts, programme.code), f"?{own.query()}", Way(own))


def _form(chosen: Chosen, offices: list[Office], *, now: datetime) -> FilterForm:
    form = FilterForm(
        initial={
            "program": chosen.programme.code if chosen.programme else ALL,
            "bulan": str(chosen.month),
            "wilayah": chosen.region.pk if chosen.region else NATION,
        }
    )
    if all(office.tier == Tier.KABUPATEN for office in offices):
        del form.fields["cari"]
    everything = choosing.programmes_of(offices)
    several = [(ALL, _("Semua program"))] if len(everything) > 1 else []
    form.fields["program"].choices = several + [(each.code, each.name) for each in everything]
    form.fields["bulan"].choices = [(str(month), month.label) for month in choosing.months(now)]
    form.fields["wilayah"].choices = list(choosing.areas(_offices(chosen, offices), chosen.region))
    return form


def _offices(chosen: Chosen, offices: list[Office]) -> list[Office]:
    """Return the offices whose areas can be chosen: of the programme that is shown."""
    return [office for office in offices if chosen.programme in (None, office.programme)]
