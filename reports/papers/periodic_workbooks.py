"""The biweekly and the quarterly report as workbooks: all the cases, all the categories, numbers as numbers."""

from collections.abc import Iterable
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.papers import workbook
from reports.papers.biweekly import MEASURES, Biweekly, ToldCase
from reports.papers.quarterly import Problem, Quarterly
from reports.papers.words import Line, Reading, in_words
from reports.papers.workbook import Sheet


def half_month(reading: Biweekly) -> bytes:
    """Return the XLSX of half a month."""
    return workbook.written(reading, _of_half_month)


def quarter(reading: Quarterly) -> bytes:
    """Return the XLSX of a quarter."""
    return workbook.written(reading, _of_quarter)


def _of_half_month(reading: Biweekly) -> Iterable[Sheet]:
    sum_row = (_("Berjalan pada akhir masa laporan"), reading.totals["open"])
    yield _about(reading, [*reading.flow, sum_row, *reading.quality])
    yield _counts(reading.subject.place_word, reading.places)
    yield _counts(_("Kategori"), reading.categories)
    yield _counts(_("Jenjang"), reading.tiers)
    yield _("Kasus"), _case_head(), [_case(case) for case in reading.told]
    yield _("Langkah"), [_("Nomor"), _("Tanggal"), _("Langkah"), _("Kali")], [
        [case.number, step.on, step.what, step.times] for case in reading.told for step in case.done
    ]  # fmt: skip
    yield _("Uang"), [_("Keadaan"), _("Kasus"), _("Kerugian"), _("Dikembalikan"), _("Belum kembali")], reading.money
    yield from _changes(reading)
    yield workbook.method("laporan/cara_dua_mingguan.html")


def _of_quarter(reading: Quarterly) -> Iterable[Sheet]:
    yield _about(reading, [(label, number) for label, number, _against in reading.four])
    yield _("Kategori"), _problem_head(), [_problem(each) for each in [*reading.all_categories, reading.whole]]
    yield _("Bidang"), _problem_head(), [_problem(each) for each in reading.problem_fields]
    names = {each.code: each.label for each in reading.all_categories}
    yield _("Tempat"), [reading.subject.place_word, _("Kategori"), _("Tanpa duplikat")], [
        [reading.place_name(cell["place"]), names.get(cell["category"], cell["category"]), cell["number"]]
        for cell in reading.figures["cells"]
    ]  # fmt: skip
    yield _("Tanpa pengaduan"), [reading.subject.place_word], [[name] for name in reading.silent_places]
    yield _("12 bulan"), [_("Bulan"), pgettext("received", "Masuk"), _("Selesai")], [
        [month.label, received, settled] for month, received, settled in reading.trend
    ]  # fmt: skip
    yield _("Yang ditanyakan"), [_("Pertanyaan"), _("Angka")], [[each.what, each.why] for each in reading.questions]
    yield from _changes(reading)
    yield workbook.method("laporan/cara_triwulanan.html")


def _about(reading: Reading, rows: Iterable[tuple[str, int]]) -> Sheet:
    edition = reading.edition
    return _("Ringkasan"), [str(edition.get_kind_display()), _("Isi")], [
        [_("Program"), reading.subject.programme.name],
        [_("Wilayah"), reading.subject.area],
        [_("Masa laporan"), reading.subject.period.label],
        [_("Edisi"), edition.number],
        [_("Keadaan per"), workbook.as_of(edition)],
        [_("Versi hitungan"), edition.query_version],
        [_("Sidik data (SHA-256)"), edition.sha256],
        *([label, number] for label, number in rows),
    ]  # fmt: skip


def _counts(name: str, lines: list[Line]) -> Sheet:
    """Return a sheet of every measure, the name of what it counts by as its own."""
    head = [name, *map(str, MEASURES.values())]
    return (
        name.replace("/", " atau "),
        head,
        [[line.label, *(line.counts[each] for each in MEASURES)] for line in lines],
    )


def _case_head() -> list[str]:
    return [
        _("Nomor"), _("Kategori"), _("Tempat"), _("Menonjol atau berat"), _("Sejak kapan dalam laporan"), _("Tahap"),
        _("Kantor"), _("Jenjang"), _("Umur, hari"), _("Tenggat asli"), _("Terlambat, hari"), _("Tenggat jenjang"),
        _("Lewat tenggat jenjang"), _("Langkah dalam masa ini"), _("Berikutnya"), _("Sampai"), _("Kerugian"),
        _("Dikembalikan"), _("Belum kembali"), _("Dihitung tersendiri"),
    ]  # fmt: skip


def _case(case: ToldCase) -> list[Any]:
    done = "; ".join(f"{date_format(step.on, 'j M')}: {step.what}" for step in case.done)
    amounts = [case.money[name] for name in ("lost", "returned", "outstanding")] if case.money else [None] * 3
    return [
        case.number, case.category, case.place, case.grade, case.entry, case.stage, case.office, case.tier,
        case.age_days, case.due_on, case.late_days, case.tier_due_on, _yes(case.past_due), done, case.next,
        case.next_on, *amounts, _yes(case.apart),
    ]  # fmt: skip


def _problem_head() -> list[str]:
    return [
        _("Kategori atau bidang"), _("Berulang"), _("Masuk tanpa duplikat"), _("Duplikat"), _("Triwulan sebelumnya"),
        _("Kabupaten/kota berulang"), _("Kabupaten/kota asal"), _("Provinsi asal"), _("Terbanyak dari"),
        _("Ditangani"), _("Ditolak"), _("Dibuka kembali"), _("Naik jenjang"), _("Selesai"), _("Selesai terlambat"),
        _("Separuh dalam, hari"), _("9 dari 10 dalam, hari"), _("Berjalan"), _("Terlambat"), _("Kasus dengan kerugian"),
        _("Kerugian"), _("Dikembalikan"), _("Belum kembali"),
    ]  # fmt: skip


def _problem(problem: Problem) -> list[Any]:
    counts, money = problem.counts, problem.money
    spread = ("recurring_places", "places", "provinces")
    handled = ("handled", "rejected", "reopened", "escalated", "settled", "settled_late", "median_days", "p90_days")
    return [
        problem.label, _yes(problem.recurs) if problem.code else "", problem.number, counts["duplicates"],
        problem.before, *(counts[name] for name in spread), problem.from_most, *(counts[name] for name in handled),
        counts["open"], counts["late"], *(money[name] for name in ("cases", "lost", "returned", "outstanding")),
    ]  # fmt: skip


def _changes(reading: Reading) -> Iterable[Sheet]:
    if reading.differences:
        yield _("Perubahan"), [_("Angka"), _("Semula"), _("Sekarang")], [
            [in_words(path, reading), *("" if value is None else value for value in values)]
            for path, *values in reading.differences
        ]  # fmt: skip


def _yes(is_so: bool) -> str:
    return _("ya") if is_so else _("tidak")
