"""Tell the prominent and heavy cases of half a month in words, for PDF, workbook and mail (D45)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from pengaduan.models import Stage, Weight
from reports.papers import pdf
from reports.papers.numbers import amount
from reports.papers.words import Line, Reading
from tiers.models import Tier
from workflow.machine import BY_CODE
from workflow.views.timeline import HAPPENED

PRINTED = 40  # cases told on paper; the workbook has the rest

ENTRIES = {
    "lama": gettext_lazy("sejak sebelumnya"),
    "baru": gettext_lazy("baru masuk"),
    "dinaikkan": gettext_lazy("baru ditandai"),
    "dibuka-kembali": gettext_lazy("dibuka kembali"),
    "diturunkan": gettext_lazy("tanda dilepas"),
}
AWAITED = {
    Stage.REGISTRATION: gettext_lazy("register dilengkapi dan klarifikasi dimulai"),
    Stage.ANSWER: gettext_lazy("jawaban dikirim kepada pelapor"),
    Stage.CLARIFICATION: gettext_lazy("ditetapkan apakah masalahnya terjadi"),
    Stage.ANALYSIS: gettext_lazy("rekomendasi ditetapkan"),
    Stage.HANDLING: gettext_lazy("hasil penanganan dilaporkan"),
    Stage.MONITORING: gettext_lazy("dinyatakan selesai dalam musyawarah"),
    Stage.SETTLED: gettext_lazy("penyelesaian diperiksa petugas lain"),
    Stage.REVIEW: gettext_lazy("ditinjau kembali dari klarifikasi atau analisis"),
    "lengkapi": gettext_lazy("pelapor melengkapi keterangan"),
    "tanggapan": gettext_lazy("pelapor menanggapi hasil"),
    "tindakan": gettext_lazy("tindakan yang disepakati dilaksanakan"),
}
COLUMNS = {
    "new": pgettext_lazy("cases", "Baru"),
    "settled": gettext_lazy("Selesai"),
    "on_time": gettext_lazy("Tepat waktu"),
    "rejections": gettext_lazy("Ditolak"),
    "reopenings": gettext_lazy("Dibuka kembali"),
    "escalations": gettext_lazy("Naik jenjang"),
    "open": gettext_lazy("Berjalan"),
    "late": gettext_lazy("Terlambat"),
}
MEASURES = {
    "open_before": gettext_lazy("berjalan pada awal masa laporan"),
    "received": gettext_lazy("baru masuk"),
    "raised": gettext_lazy("baru ditandai menonjol atau berat"),
    "resumed": gettext_lazy("kembali berjalan"),
    "lowered": gettext_lazy("tanda menonjol atau berat dilepas"),
    "closed": gettext_lazy("ditutup"),
    "open": gettext_lazy("berjalan pada akhir masa laporan"),
    "settled": gettext_lazy("selesai"),
    "settled_late": gettext_lazy("selesai terlambat"),
    "late": gettext_lazy("terlambat"),
    "past_due": gettext_lazy("lewat tenggat jenjang"),
    "waiting": gettext_lazy("menunggu pelapor"),
    "idle": gettext_lazy("tanpa langkah"),
    "due_soon": gettext_lazy("jatuh tempo sebelum laporan berikutnya"),
    "rejections": gettext_lazy("ditolak"),
    "reopenings": gettext_lazy("kali dibuka kembali"),
    "escalations": gettext_lazy("naik jenjang"),
}
NAMES = MEASURES | {
    "before": gettext_lazy("Masa sebelumnya"),
    "cases": gettext_lazy("Kasus"),
    "money": gettext_lazy("Uang"),
    "office": gettext_lazy("kantor"),
    "stage": gettext_lazy("tahap"),
    "tier": gettext_lazy("jenjang"),
    "weight": gettext_lazy("bobot"),
    "category": gettext_lazy("kategori"),
    "prominent": gettext_lazy("menonjol"),
    "due_on": gettext_lazy("tenggat asli"),
    "tier_due_on": gettext_lazy("tenggat jenjang"),
    "done": gettext_lazy("yang dilakukan"),
    "late_days": gettext_lazy("hari terlambat"),
}
TOLD_OF_A_CASE = {"stage", "office", "tier", "weight", "prominent", "category", "age_days", "late_days", "due_on"}


@dataclass(frozen=True)
class GraveLine(Line):
    """A row of a table of prominent and heavy cases."""

    @property
    def new(self) -> int:
        return newcomers(self.counts)

    @property
    def cells(self) -> list[tuple[str, str, int]]:
        counts = self.counts | {"on_time": self.on_time or 0, "new": self.new}
        return [(measure, str(head), counts[measure]) for measure, head in COLUMNS.items()]


@dataclass(frozen=True)
class Step:
    """What was done on a day, and how often on that day."""

    on: date
    what: str
    times: int


@dataclass(frozen=True)
class ToldCase:
    """A prominent or heavy case in words."""

    number: str
    category: str
    place: str
    office: str
    tier: str
    stage: str
    grade: str  # menonjol, berat, or both
    entry: str
    age_days: int
    due_on: date
    tier_due_on: date
    late_days: int  # past the original deadline as the period ended; 0 where it is not late
    past_due: bool
    apart: bool
    done: list[Step]
    next: str
    next_on: date | None
    next_is_past: bool
    money: dict[str, Decimal] | None


def newcomers(counts: dict[str, int]) -> int:
    """Return how many cases came into the report in the period."""
    return counts["received"] + counts["raised"] + counts["resumed"]


class Biweekly(Reading):
    """A biweekly edition as a reader gets it."""

    @property
    def sum(self) -> GraveLine:
        return GraveLine(_("Jumlah"), self.totals)

    @property
    def is_empty(self) -> bool:
        """Say whether there was no such case in the whole period, BPKP's findings included."""
        return not any(self.totals.values()) and not any(self.apart.values())

    @property
    def has_apart(self) -> bool:
        return any(self.apart.values())

    @cached_property
    def decisions(self) -> list[tuple[str, str]]:
        """Return what asks for somebody now: a sentence, and the mark of the section that has more of it."""
        day = date_format(self.subject.period.following.last, "j F Y")
        words = {
            "past_due": _("%s kasus lewat tenggat jenjang yang memegangnya."),
            "idle": _("%s kasus tanpa satu langkah pun dalam masa laporan ini."),
            "due_soon": _("%%s kasus jatuh tempo sampai %s.") % day,
            "waiting": _("%s kasus menunggu pelapor melengkapi keterangan."),
            "rejections": _("%s hasil ditolak pelapor."),
        }
        return [
            (sentence % amount(self.totals[name]), "arus" if name == "rejections" else "kasus-1")
            for name, sentence in words.items()
            if self.totals[name]
        ]

    @cached_property
    def flow(self) -> list[tuple[str, int]]:
        """Return how the open cases of the beginning became those of the end."""
        return [
            (_("Berjalan pada awal masa laporan"), self.totals["open_before"]),
            (_("Ditambah: baru masuk"), self.totals["received"]),
            (_("Ditambah: baru ditandai menonjol atau berat"), self.totals["raised"]),
            (_("Ditambah: dibuka kembali"), self.totals["resumed"]),
            (_("Dikurangi: tanda menonjol atau berat dilepas"), self.totals["lowered"]),
            (_("Dikurangi: ditutup"), self.totals["closed"]),
        ]

    @cached_property
    def quality(self) -> list[tuple[str, int]]:
        """Return what stands beside the speed (D61)."""
        return [
            (_("Selesai tepat waktu"), self.on_time or 0),
            (_("Selesai sesudah tenggat asli"), self.totals["settled_late"]),
            (_("Hasil ditolak pelapor"), self.totals["rejections"]),
            (_("Dibuka kembali"), self.totals["reopenings"]),
            (_("Naik jenjang karena lewat tenggat"), self.totals["escalations"]),
            (_("Lewat tenggat jenjang, belum selesai"), self.totals["past_due"]),
            (_("Menunggu pelapor"), self.totals["waiting"]),
        ]

    @cached_property
    def categories(self) -> list[Line]:
        return self._graver(self._grave_lines("categories", self._category_names))

    @cached_property
    def places(self) -> list[Line]:
        return self._graver(self._grave_lines("places", {"": _("Lokasi belum lengkap")} | self._region_names))

    @cached_property
    def tiers(self) -> list[Line]:
        return self._grave_lines("tiers", {str(tier.value): str(tier.label) for tier in Tier})

    @cached_property
    def told(self) -> list[ToldCase]:
        return [self._case(case) for case in self.figures["cases"]["cases"]]

    @cached_property
    def groups(self) -> list[tuple[str, str, list[ToldCase], int]]:
        """Return the cases as the report tells them: heading, sentence, the printed ones, and how many there are."""
        rows = list(zip(self.figures["cases"]["cases"], self.told, strict=True))
        running = [told for case, told in rows if case["stage"] != Stage.CLOSED and case["entry"] != "diturunkan"]
        closed = [told for case, told in rows if case["stage"] == Stage.CLOSED and case["entry"] != "diturunkan"]
        lowered = [told for case, told in rows if case["entry"] == "diturunkan"]
        both = [self.totals, self.apart]
        return [
            (heading, words, cases[:PRINTED], sum(counts[measure] for counts in both))
            for heading, words, cases, measure in (
                (_("Kasus yang berjalan"), _("Yang menonjol lebih dulu, lalu yang lewat tenggat."), running, "open"),
                (_("Kasus yang ditutup"), _("Ditutup dalam masa laporan ini."), closed, "closed"),
                (
                    _("Kasus yang tandanya dilepas"),
                    _("Tidak lagi menonjol atau berat; dimuat agar terlihat mengapa kasus itu keluar dari laporan."),
                    lowered,
                    "lowered",
                ),
            )
            if cases
        ]

    @property
    def four(self) -> list[tuple[str, int, str]]:
        labels = {
            "new": pgettext("cases", "Baru"),
            "settled": _("Selesai"),
            "open": _("Berjalan"),
            "late": _("Terlambat"),
        }
        now = self.totals | {"new": newcomers(self.totals)}
        then = self.before | {"new": newcomers(self.before)}
        return [
            (label, now[each], _against(now[each], then[each]) if not self.is_running else "")
            for each, label in labels.items()
        ]

    @cached_property
    def change(self) -> str:
        """Say in two or three sentences how it stands."""
        if self.is_empty:
            return _("Tidak ada kasus yang menonjol atau berat.")
        totals, grown = self.totals, self.totals["open"] - self.totals["open_before"]
        moved = (
            _("bertambah %s") % amount(grown) if grown > 0 else _("berkurang %s") % amount(-grown) if grown < 0 else ""
        )
        running = _("%(open)s kasus menonjol atau berat berjalan, %(moved)s sejak awal masa laporan.") % {
            "open": amount(totals["open"]),
            "moved": moved or _("sama banyak"),
        }
        return " ".join(filter(None, (running, self._past_due, self._settled)))

    @property
    def _past_due(self) -> str:
        if not self.totals["past_due"]:
            return _("Tidak ada yang lewat tenggat jenjangnya.")
        return _("%s lewat tenggat jenjang yang memegangnya dan perlu tindakan sekarang.") % amount(
            self.totals["past_due"]
        )

    @property
    def _settled(self) -> str:
        if not self.totals["settled"]:
            return _("Tidak ada yang selesai.")
        words = ngettext(
            "%(settled)s selesai, %(rejected)s hasil ditolak pelapor.",
            "%(settled)s selesai, %(rejected)s hasil ditolak pelapor.",
            self.totals["settled"],
        )
        return words % {"settled": amount(self.totals["settled"]), "rejected": amount(self.totals["rejections"])}

    @property
    def brief(self) -> tuple[str, ...]:
        numbers = _("Baru %(new)s, selesai %(settled)s, berjalan %(open)s, terlambat %(late)s.") % {
            "new": amount(newcomers(self.totals)),
            **{name: amount(self.totals[name]) for name in ("settled", "open", "late")},
        }
        return numbers, self.change

    @cached_property
    def money(self) -> list[tuple[str, int, Decimal, Decimal, Decimal]]:
        row = self.figures["money"]
        amounts = (Decimal(row[name]) for name in ("lost", "returned", "outstanding"))
        return [(_("Menonjol atau berat"), row["cases"], *amounts)] if row["cases"] else []

    @cached_property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """Return what changed against the edition before; of a case only what a reader would ask about."""
        found: dict[str, tuple[Any, Any]] = {}
        for path, then, now in super().differences:
            head, _cases, rest = path.partition("cases/cases/")
            number, _slash, what = rest.partition("/")
            if head or not rest:
                found[path] = then, now
            elif what in TOLD_OF_A_CASE and then is not None and now is not None:
                found[path] = self.names.get(then, then), self.names.get(now, now)
            elif what == "number":
                found[f"cases/cases/{number}"] = (None, _("dimuat")) if then is None else (_("dimuat"), None)
            elif what.startswith("done/") and f"cases/cases/{number}" not in found:
                found[f"cases/cases/{number}/done"] = None, _("berubah")
        return [(path, *values) for path, values in found.items()]

    @property
    def names(self) -> dict[str, Any]:
        return super().names | NAMES

    def _grave_lines(self, table: str, names: dict[str, Any]) -> list[Line]:
        return [
            GraveLine(str(names.get(row["code"], row["code"])), row["measures"], row["code"])
            for row in self.figures[table]
        ]

    @staticmethod
    def _graver(lines: list[Line]) -> list[Line]:
        """Return lines with the most open cases first."""
        return sorted(lines, key=lambda line: -line.counts["open"])

    def _case(self, case: dict[str, Any]) -> ToldCase:
        next_on = date.fromisoformat(case["next_on"]) if case["next_on"] else None
        return ToldCase(
            number=case["number"],
            category=self._category_names.get(case["category"], case["category"]),
            place=self._place(case["region"]),
            office=self.offices.get(case["office"], case["office"]),
            tier=str(Tier(int(case["tier"])).label),
            stage=str(Stage(case["stage"]).label),
            grade=self._grade(case),
            entry=str(ENTRIES[case["entry"]]),
            age_days=case["age_days"],
            due_on=date.fromisoformat(case["due_on"]),
            tier_due_on=date.fromisoformat(case["tier_due_on"]),
            late_days=case["late_days"],
            past_due=case["past_due"],
            apart=case["apart"],
            done=[Step(date.fromisoformat(each["on"]), _what(each["step"]), each["times"]) for each in case["done"]],
            next=str(AWAITED.get(case["next"], "")),
            next_on=next_on,
            next_is_past=next_on is not None and next_on <= self.subject.period.last,
            money=case["money"]
            and {name: Decimal(case["money"][name]) for name in ("lost", "returned", "outstanding")},
        )

    @staticmethod
    def _grade(case: dict[str, Any]) -> str:
        if case["entry"] == "diturunkan":
            return _("semula menonjol atau berat")
        grades = ([_("menonjol")] if case["prominent"] else []) + (
            [str(Weight.HEAVY.label).lower()] if case["weight"] == Weight.HEAVY else []
        )
        return ", ".join(grades)


def _against(now: int, then: int) -> str:
    """Say in a few words how a number stands to the one of the half month before."""
    if now == then:
        return _("sama dengan masa sebelumnya")
    words = {"difference": amount(abs(now - then)), "then": amount(then)}
    return (_("naik %(difference)s dari %(then)s") if now > then else _("turun %(difference)s dari %(then)s")) % words


def _what(step: str) -> str:
    """Return in neutral words what was done; the step's own label where the record has no words for it."""
    return str(HAPPENED.get(step) or (BY_CODE[step].label if step in BY_CODE else step))


def render(reading: Biweekly) -> bytes:
    """Return the PDF of half a month."""
    return pdf.paper("laporan/dua_mingguan.html", reading, styles="laporan_berkala.css")
