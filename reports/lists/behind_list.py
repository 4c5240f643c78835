"""The cases behind a number as a list to take along; it is asked for from the page that shows them (D44, D46, D49)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pengaduan.models import Complaint
from reports.export_models import Export
from reports.figures.hidden import kept_from
from reports.figures.lives import Life, Names, lives
from reports.lists.listings import Column, Kind, Listing
from reports.pages import behind, choosing, standing
from reports.pages.behind import Number
from reports.pages.choosing import Chosen
from reports.pages.listing import TIMES, wanted
from reports.periods import Month
from reports.subject import Subject
from tiers.models import Tier

SEEN_AT_ONCE = 5_000  # cases of which visibility is asked at a time


@dataclass(frozen=True)
class Row:
    """A case behind a number, as it stood at the end of the month or when the list was asked for."""

    number: str
    received_on: date
    age_days: int
    times: int
    category: str
    regency: str
    district: str
    stage: str
    tier: str
    office: str
    weight: str
    late: str


def columns(export: Export) -> Sequence[Column]:
    times = TIMES.get(export.choice["ukuran"])
    return [
        Column("number", gettext_lazy("Nomor pengaduan"), width=24),
        Column("received_on", gettext_lazy("Diterima"), Kind.DAY, 12),
        Column("age_days", gettext_lazy("Umur, hari"), Kind.NUMBER, 10),
        *([Column("times", times, Kind.NUMBER, 12)] if times else []),
        Column("category", gettext_lazy("Kategori"), width=28),
        Column("regency", gettext_lazy("Kabupaten/kota"), width=24),
        Column("district", gettext_lazy("Kecamatan"), width=20),
        Column("stage", gettext_lazy("Tahap"), width=20),
        Column("tier", gettext_lazy("Jenjang"), width=16),
        Column("office", gettext_lazy("Kantor yang memegang"), width=32),
        Column("weight", gettext_lazy("Bobot"), width=10),
        Column("late", gettext_lazy("Terlambat"), width=10),
    ]


def cases(export: Export) -> Iterable[int]:
    """Yield the cases that the asker may open, in the order of their receipt."""
    keys = list(_counted(export))
    visible = Complaint.objects.visible_to(export.asked_by)
    for start in range(0, len(keys), SEEN_AT_ONCE):
        chunk = keys[start : start + SEEN_AT_ONCE]
        seen = set(visible.filter(pk__in=chunk).values_list("pk", flat=True))
        yield from (key for key in chunk if key in seen)


def rows(export: Export) -> Callable[[Sequence[int]], list[Any]]:
    names, times, near = Names(export.programme), _counted(export), export.shows_villages

    def read(ids: Sequence[int]) -> list[Any]:
        found = lives(ids, user=export.asked_by, since=export.starts_at, at=export.ends_at, names=names)
        return [_row(life, times.get(life.complaint.pk, 1), near=near) for life in found]

    return read


def _counted(export: Export) -> dict[int, int]:
    """Return the cases of the report that was sent, where one was; else as it stood when they were asked for."""
    number, subject = _asked(export)
    sent = standing.sent_of(subject, now=export.asked_at)
    return behind.counted(number, subject, as_of=sent.as_of if sent else export.asked_at)


def _asked(export: Export) -> tuple[Number, Subject]:
    """Return the number in the terms of the figures, and of what: without what is kept from the asker (D49)."""
    chosen, programme = _chosen(export), export.programme
    hidden = kept_from(export.asked_by, [programme.pk]).get(programme.pk, ())
    return wanted(export.choice, chosen).number, Subject(programme, export.region, chosen.month, hidden)


def _chosen(export: Export) -> Chosen:
    programme = export.programme
    only = choosing.parts_of(export.choice, programme)
    return Chosen([programme], programme, export.region, Month(export.first_on), only)


def _row(life: Life, times: int, *, near: bool) -> Row:
    complaint, names = life.complaint, life.names
    return Row(
        number=complaint.number,
        received_on=life.day(complaint.received_at),
        age_days=(life.day(life.at) - life.day(complaint.received_at)).days,
        times=times,
        category=life.category.name,
        regency=names.place(complaint.region_id, Tier.KABUPATEN),
        district=names.place(complaint.region_id, Tier.KECAMATAN),
        stage=names.stages[life.stage],
        tier=names.tiers[life.office.tier],
        office=names.holder(life.office, near=near),
        weight=names.weights[life.weighed[0]],
        late=_("terlambat") if not life.is_done and life.late_days else "",
    )


def narrowed(export: Export) -> str:
    """Return of which number the list is, in words: `Terlambat; Kategori: Pembayaran`."""
    asked = wanted(export.choice, _chosen(export))
    return "; ".join([asked.title, *asked.rows])


LISTING = Listing(
    "di-balik-angka", gettext_lazy("Pengaduan di balik angka"), columns, cases, rows, narrowed=narrowed, offered=False
)
