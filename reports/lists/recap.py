"""The buku rekapitulasi pengaduan: what came in, how it was handled and in how many days it was settled (D46).

Perpres 76/2013, articles 8 and 12: receipt, completeness of the file, handling, settlement within 60 days of the
completed file. It names neither who complains nor who is complained of, and holds nothing that anybody typed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pengaduan.models import Outcome, Stage
from reports.export_models import Export
from reports.figures.lives import Life, Names, lives
from reports.lists import matrix
from reports.lists.listings import Column, Kind, Listing, in_order, within
from tiers.models import Tier

ANSWERS = {
    Outcome.ACCEPTED: gettext_lazy("Diterima"),
    Outcome.SILENT: gettext_lazy("Tidak ada tanggapan"),
    Outcome.WITHDRAWN: gettext_lazy("Pengaduan dicabut"),
    Outcome.LAPSED: gettext_lazy("Kelengkapan tidak dikirim"),
}


@dataclass(frozen=True)
class Row:
    """One complaint in the book, in words and days."""

    number: str
    received_on: date
    channel: str
    source: str
    office: str
    category: str
    field: str
    province: str
    regency: str
    district: str
    village: str
    place: str
    complete_on: date | None
    step_lines: tuple[str, ...]
    due_on: date
    stage: str
    result: str
    done_on: date | None
    days_used: int | None
    late_days: int | None
    answer: str

    @property
    def steps(self) -> str:
        return "; ".join(self.step_lines)


def columns(export: Export) -> Sequence[Column]:
    near = [Column("village", gettext_lazy("Desa/kelurahan"), width=18)] if export.shows_villages else []
    return [
        Column("received_on", gettext_lazy("Diterima"), Kind.DAY, 13),
        Column("number", gettext_lazy("Nomor pengaduan"), width=24),
        Column("channel", gettext_lazy("Media")),
        Column("source", gettext_lazy("Sumber")),
        Column("office", gettext_lazy("Kantor yang menangani"), width=28),
        Column("category", gettext_lazy("Kategori"), width=26),
        Column("field", gettext_lazy("Bidang"), width=20),
        Column("province", gettext_lazy("Provinsi"), width=16),
        Column("regency", gettext_lazy("Kabupaten/kota"), width=20),
        Column("district", gettext_lazy("Kecamatan")),
        *near,
        Column("complete_on", gettext_lazy("Berkas lengkap"), Kind.DAY, 13),
        Column("steps", gettext_lazy("Penanganan"), width=60),
        Column("due_on", gettext_lazy("Tenggat"), Kind.DAY, 13),
        Column("stage", gettext_lazy("Tahap"), width=18),
        Column("result", gettext_lazy("Hasil"), width=28),
        Column("done_on", gettext_lazy("Selesai"), Kind.DAY, 13),
        Column("days_used", gettext_lazy("Lama (hari kalender)"), Kind.NUMBER, 11),
        Column("late_days", gettext_lazy("Terlambat (hari)"), Kind.NUMBER, 11),
        Column("answer", gettext_lazy("Tanggapan pelapor"), width=28),
    ]


def cases(export: Export) -> Iterator[int]:
    return iter(in_order(within(export).filter(received_at__gte=export.starts_at)))


def rows(export: Export) -> Callable[[Sequence[int]], list[Row]]:
    names, near, area = Names(export.programme), export.shows_villages, export.tier

    def read(ids: Sequence[int]) -> list[Row]:
        found = lives(ids, user=export.asked_by, since=export.starts_at, at=export.ends_at, names=names)
        return [_row(life, area, near=near) for life in found]

    return read


def _row(life: Life, area: Tier, *, near: bool) -> Row:
    return Row(
        number=life.complaint.number,
        received_on=life.day(life.complaint.received_at),
        channel=matrix.channel_of(life),
        source=life.names.sources.get(life.complaint.source_id, ""),
        office=life.names.holder(life.office, near=near),
        category=life.category.name,
        field=life.names.fields.get(life.complaint.field_id, ""),
        **matrix.place_of(life, area, near=near),
        complete_on=life.complete_at and life.day(life.complete_at),
        step_lines=tuple(matrix.in_words(life, each) for each in matrix.told(life)[-matrix.LAST_STEPS :]),
        due_on=life.day(life.due_at),
        stage=life.names.stages[life.stage],
        result=matrix.result_of(life),
        done_on=life.done_at and life.day(life.done_at),
        days_used=life.days_used,
        late_days=life.late_days or None,
        answer=", ".join(_answers(life)),
    )


def _answers(life: Life) -> Iterator[str]:
    """Say what the complainant answered, rejections first."""
    if number := life.rejections:
        yield _("%d kali ditolak") % number
    if life.outcome in ANSWERS:
        yield str(ANSWERS[life.outcome])
    elif life.stage == Stage.FEEDBACK:
        yield _("Ditunggu")


LISTING = Listing(
    code="rekapitulasi",
    name=gettext_lazy("Buku rekapitulasi pengaduan"),
    columns=columns,
    cases=cases,
    rows=rows,
    template="cetak/rekapitulasi.html",
)
