"""The matriks penanganan masalah: every case that was open in a span of days, with what was done and what is due (D46).

[N] wants the progress at each stage reported in it. It names neither who complains nor who is complained of, and holds
nothing that anybody typed: not even the short subject, which an officer may have written with a name in it. What a
matter is about is its category and field (D37, D38, D57).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.export_models import Export
from reports.figures.lives import Happened, Life, Names, lives
from reports.lists.listings import Column, Kind, Listing, in_order, within
from tiers.models import Tier

LAST_STEPS = 3

# What is told of a case: what moved it on, and what was done in it. Not told: what only concerns its people (who is
# handling, who stepped aside, who is reported or relieved), what was said, and what was handed to a supervisory body,
# which tells that the office itself is reported (D35, D38, D49).
TOLD = frozenset({
    "daftarkan", "daftarkan-informatif", "jawab", "nyatakan-terbukti", "nyatakan-tidak-terbukti",
    "rekomendasikan", "laporkan-hasil", "analisis-ulang", "nyatakan-selesai", "sahkan-selesai",
    "sahkan-tidak-terbukti", "kembalikan-ke-pemantauan", "kembalikan-ke-klarifikasi", "terima-hasil", "tolak-hasil",
    "tolak-jawaban", "diam-dianggap-menerima", "tinjau-ke-klarifikasi", "tinjau-ke-analisis", "buka-kembali",
    "buka-kembali-jawaban", "kembalikan-mutu", "kembalikan-mutu-jawaban", "minta-kelengkapan", "lengkapi",
    "lanjutkan-tanpa-kelengkapan", "tidak-dilengkapi", "lanjutkan-kembali", "bukan-kewenangan",
    "ucapan-terima-kasih", "salurkan", "duplikat", "pisahkan", "cabut", "proses-hukum", "pantau-hukum",
    "akhiri-proses-hukum", "serahkan-fase-akhir", "eskalasi", "puncak-terlambat", "naikkan", "turunkan",
    "ambil-alih", "pindah-wilayah", "tetapkan-wilayah", "perpanjang", "ubah-kategori", "alihkan-sifat",
    "catat-keterangan", "sepakati-tindakan", "catat-hasil-tindakan", "catat-uang", "rekomendasi-basis-data",
    "putuskan-basis-data", "teruskan-tim-koordinasi", "rekomendasi-penyalur", "rekomendasi-bersama",
    "minta-bantuan", "beri-bantuan",
})  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One case in the matrix, in words, days and amounts."""

    number: str
    received_on: date
    category: str
    field: str
    province: str
    regency: str
    district: str
    village: str
    place: str  # what of it the area's name does not say already, the nearest first
    source: str
    channel: str
    weight: str
    stage: str
    step_lines: tuple[str, ...]
    earlier_steps: int
    result: str
    lost: Decimal | None
    returned: Decimal | None
    office: str
    tier: str
    due_on: date
    late_days: int | None
    target_on: date | None
    remarks: str

    @property
    def steps(self) -> str:
        return "; ".join(self.step_lines)


def columns(export: Export) -> Sequence[Column]:
    near = [Column("village", gettext_lazy("Desa/kelurahan"), width=18)] if export.shows_villages else []
    return [
        Column("number", gettext_lazy("Nomor pengaduan"), width=24),
        Column("received_on", gettext_lazy("Diterima"), Kind.DAY, 13),
        Column("category", gettext_lazy("Kategori"), width=26),
        Column("field", gettext_lazy("Bidang"), width=20),
        Column("province", gettext_lazy("Provinsi"), width=16),
        Column("regency", gettext_lazy("Kabupaten/kota"), width=20),
        Column("district", gettext_lazy("Kecamatan")),
        *near,
        Column("source", gettext_lazy("Sumber")),
        Column("channel", gettext_lazy("Media")),
        Column("weight", gettext_lazy("Bobot"), width=10),
        Column("stage", gettext_lazy("Tahap"), width=18),
        Column("steps", gettext_lazy("Tindakan terakhir"), width=60),
        Column("earlier_steps", gettext_lazy("Tindakan sebelumnya"), Kind.NUMBER, 12),
        Column("result", gettext_lazy("Hasil"), width=28),
        Column("lost", gettext_lazy("Kerugian (Rp)"), Kind.MONEY),
        Column("returned", gettext_lazy("Dikembalikan (Rp)"), Kind.MONEY),
        Column("office", gettext_lazy("Dipegang oleh"), width=28),
        Column("tier", gettext_lazy("Jenjang")),
        Column("due_on", gettext_lazy("Tenggat asli"), Kind.DAY, 13),
        Column("late_days", gettext_lazy("Terlambat (hari)"), Kind.NUMBER, 11),
        Column("target_on", gettext_lazy("Tenggat jenjang ini"), Kind.DAY, 13),
        Column("remarks", gettext_lazy("Keterangan"), width=40),
    ]


def cases(export: Export) -> Iterator[int]:
    """Name the cases that may have been open in the days; the reader leaves out the few that only were again later."""
    started = Q(received_at__gte=export.starts_at) | Q(closed_at__isnull=True) | Q(closed_at__gte=export.starts_at)
    return iter(in_order(within(export).filter(started)))


def rows(export: Export) -> Callable[[Sequence[int]], list[Row]]:
    names, near, area = Names(export.programme), export.shows_villages, export.tier

    def read(ids: Sequence[int]) -> list[Row]:
        found = lives(ids, user=export.asked_by, since=export.starts_at, at=export.ends_at, names=names)
        return [_row(life, area, near=near) for life in found if life.was_open]

    return read


def place_of(life: Life, area: Tier, *, near: bool) -> dict[str, str]:
    """Return the names of the place in an area of this tier; without its village for who is far away (D57)."""
    code, name = life.complaint.region_id, life.names.place
    names = {
        "village": name(code, Tier.DESA) if near else "",
        "district": name(code, Tier.KECAMATAN),
        "regency": name(code, Tier.KABUPATEN),
        "province": name(code, Tier.PROVINSI),
    }
    inside = list(names.values())[: max(area - 1, 1)]
    return {**names, "place": ", ".join(filter(None, inside))}


def told(life: Life) -> list[Happened]:
    """Return what is told of a case after its receipt, in order."""
    return [each for each in life.events[1:] if each.kind in TOLD]


def in_words(life: Life, event: Happened) -> str:
    return f"{life.names.day(life.day(event.at))}: {life.names.happened[event.kind]}"


def result_of(life: Life) -> str:
    if life.outcome:
        return life.names.outcomes[life.outcome]
    return _("Hasil disampaikan kepada pelapor") if life.is_done else ""


def channel_of(life: Life) -> str:
    channel = life.names.channels[life.complaint.channel_id]
    return _("%s (dihitung tersendiri)") % channel.name if channel.counted_apart else channel.name


def _row(life: Life, area: Tier, *, near: bool) -> Row:
    steps = told(life)
    weight, _prominent = life.weighed
    lost, returned = life.money
    return Row(
        number=life.complaint.number,
        received_on=life.day(life.complaint.received_at),
        category=life.category.name,
        field=life.names.fields.get(life.complaint.field_id, ""),
        **place_of(life, area, near=near),
        source=life.names.sources.get(life.complaint.source_id, ""),
        channel=channel_of(life),
        weight=life.names.weights[weight],
        stage=life.names.stages[life.stage],
        step_lines=tuple(in_words(life, each) for each in steps[-LAST_STEPS:]),
        earlier_steps=max(len(steps) - LAST_STEPS, 0),
        result=result_of(life),
        lost=lost,
        returned=None if lost is None else returned,
        office=life.names.holder(life.office, near=near),
        tier=life.names.tiers[life.office.tier],
        due_on=life.day(life.due_at),
        late_days=life.late_days or None,
        target_on=None if life.is_done or life.waiting_since else life.day(life.tier_due_at),
        remarks=", ".join(_remarks(life)),
    )


def _remarks(life: Life) -> Iterator[str]:
    _weight, prominent = life.weighed
    if prominent:
        yield _("menonjol")
    if life.waiting_since and not life.is_done:
        yield _("menunggu pelapor sejak %s") % life.names.day(life.day(life.waiting_since))
    if number := life.times("eskalasi"):
        yield _("%d kali naik jenjang karena lewat tenggat") % number
    if number := life.rejections:
        yield _("%d kali ditolak pelapor") % number
    if number := life.reopenings:
        yield _("%d kali dibuka kembali") % number


LISTING = Listing(
    code="matriks",
    name=gettext_lazy("Matriks penanganan masalah"),
    columns=columns,
    cases=cases,
    rows=rows,
    template="cetak/matriks.html",
)
