"""What leaves the circle of those who need to know: a summary of what the public reads anyway (D57).

An outsider's report holds the published figures of its month and nothing else: four numbers of the month and of its
end, twelve months, and the tables of the public page. Hence no comparison of the two, of a province with the nation or
of one month with another teaches more than the public page does, whose numbers are made for that (decision 20). No
case, no rupiah, no percentile, no digest of figures that are not public, and no correction: a published month stays.
What is published of no regency cannot be sent of one.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import xlsxwriter
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.editions import CannotReport
from reports.models import Edition, PublicFigures
from reports.pages import publishing
from reports.pages.statistics import PublicLine, Statistics, in_public
from reports.papers import workbook
from reports.periods import Kind, Month
from reports.subject import Subject
from tiers.models import Region, Tier
from workflow import printing

NAME_WIDTH, NUMBER_WIDTH, TEXT_WIDTH = 44, 14, 66


def may_exist(edition: Edition) -> bool:
    """Say whether a report can be told to an outsider: the monthly one, of the nation or a province."""
    return edition.kind == Kind.MONTHLY and edition.subject.tier >= Tier.PROVINSI


@dataclass(frozen=True)
class Summary:
    """The published figures of a month as an outsider's report says them; a number of None is not shown."""

    subject: Subject
    row: PublicFigures

    @cached_property
    def statistics(self) -> Statistics:
        return Statistics(self.row, [self.subject.programme], Region.objects.filter(tier=Tier.PROVINSI))

    @property
    def numbers(self) -> dict[str, int | None]:
        """Return what came in and was settled in the month, and what was open and late when it ended."""
        _month, received, settled = self.statistics.trend[-1]
        totals = self.statistics.totals
        return {"received": received, "settled": settled, "open": totals["open"], "late": totals["late"]}

    @property
    def brief(self) -> tuple[str, ...]:
        """Return what the mail and the first page say in sentences."""
        return (
            _("Masuk %(received)s, selesai %(settled)s, berjalan %(open)s, terlambat %(late)s.")
            % {name: in_public(number) for name, number in self.numbers.items()},
            self.change,
        )

    @property
    def change(self) -> str:
        before, now = (received for _month, received, _settled in self.statistics.trend[-2:])
        month = self.subject.period.previous.label
        if before is None or now is None:
            return _("Masuk pada %(month)s: %(before)s.") % {"month": month, "before": in_public(before)}
        if now == before:
            return _("Yang masuk kira-kira sama dengan %s.") % month
        direction = _("lebih banyak daripada") if now > before else _("lebih sedikit daripada")
        return _("Yang masuk %(direction)s %(month)s (%(before)s).") % {
            "direction": direction,
            "month": month,
            "before": in_public(before),
        }

    @property
    def sha256(self) -> str:
        """Return the digest of the published figures."""
        text = json.dumps(self.row.figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def slug(self) -> str:
        return f"ringkasan-{self.subject.slug.removeprefix('laporan-')}"


def summary(edition: Edition) -> Summary:
    """Return the outsider's report of an edition's month, published now where nobody has yet; raise CannotReport."""
    if not may_exist(edition):
        raise CannotReport(_("Laporan ini hanya untuk yang perlu tahu."))
    publishing.publish(Month(edition.begins_on), now=edition.made_at)
    rows = PublicFigures.objects.filter(month=edition.begins_on, programme=edition.programme, region=edition.region)
    row = rows.first()
    if row is None:
        raise CannotReport(_("Angka untuk umum belum terbit untuk program dan wilayah ini."))
    return Summary(edition.subject, row)


def content(told: Summary, kind: str) -> bytes:
    """Return the file of a summary, `pdf` or `xlsx`, made once and kept."""
    path = f"laporan/luar/{told.row.pk}.{kind}"
    if default_storage.exists(path):
        with default_storage.open(path) as kept:
            return kept.read()
    made = {"pdf": _pdf, "xlsx": _workbook}[kind](told)
    saved = default_storage.save(path, ContentFile(made))
    if saved != path:  # the other of two at once was faster
        default_storage.delete(saved)
    return made


def _pdf(told: Summary) -> bytes:
    context = {"told": told, "subject": told.subject, "statistics": told.statistics, "numbers": told.numbers}
    return printing.pdf("laporan/ringkasan.html", context, styles="laporan.css")


def _workbook(told: Summary) -> bytes:
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with translation.override("id"), xlsxwriter.Workbook(written, options) as book:
        book.set_properties({"title": told.subject.title, "created": told.row.made_at.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        left = book.add_format({"align": "left", "num_format": "#,##0", "text_wrap": True, "valign": "top"})
        right = book.add_format({"align": "right", "num_format": "#,##0"})
        for number, (name, head, rows) in enumerate(_sheets(told)):
            sheet = book.add_worksheet(name)
            sheet.set_column(0, 0, NAME_WIDTH)
            sheet.set_column(1, len(head), NUMBER_WIDTH, right)
            if not number:  # the first sheet says what the others are of
                sheet.set_column(1, 1, TEXT_WIDTH, left)
            sheet.freeze_panes(1, 1)
            workbook.for_paper(sheet, told.subject.title, _("Angka kecil ditutup"))
            sheet.write_row(0, 0, head, bold)
            for place, row in enumerate(rows, start=1):
                sheet.write_row(place, 0, row)
    return written.getvalue()


def _sheets(told: Summary) -> Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]:
    """Return each sheet: its name, its head and its rows; a cell without a number says "<5"."""
    statistics, subject = told.statistics, told.subject
    yield _("Ringkasan"), [_("Ringkasan"), _("Isi")], [
        [_("Program"), subject.programme.name],
        [_("Wilayah"), subject.area],
        [_("Bulan"), subject.period.label],
        [_("Catatan"), _("Angka di bawah lima ditutup (<5). Angka lain dibulatkan ke kelipatan lima.")],
        [_("Sidik data (SHA-256)"), told.sha256],
        [_("Masuk bulan ini"), _cell(told.numbers["received"])],
        [_("Selesai bulan ini"), _cell(told.numbers["settled"])],
        [_("Berjalan pada akhir bulan"), _cell(told.numbers["open"])],
        [_("Terlambat pada akhir bulan"), _cell(told.numbers["late"])],
    ]  # fmt: skip
    yield _("12 bulan"), [_("Bulan"), pgettext("received", "Masuk"), _("Selesai")], [
        [month.label, _cell(received), _cell(settled)] for month, received, settled in statistics.trend
    ]  # fmt: skip
    yield _table(_("Kategori, 12 bulan"), _("Kategori"), statistics.categories)
    if statistics.places:
        yield _table(_("Provinsi, 12 bulan"), _("Provinsi"), statistics.places)


def _table(name: str, head: str, lines: list[PublicLine]) -> tuple[str, list[str], list[list[Any]]]:
    measures = {
        "received": pgettext("received", "Masuk"), "settled": _("Selesai"), "on_time": _("Tepat waktu"),
        "rejections": _("Ditolak"), "reopenings": _("Dibuka kembali"), "open": _("Berjalan"), "late": _("Terlambat"),
    }  # fmt: skip
    return (
        name,
        [head, *measures.values()],
        [[line.label, *(_cell(line.counts[each]) for each in measures)] for line in lines],
    )


def _cell(number: int | None) -> int | str:
    return "<5" if number is None else number
