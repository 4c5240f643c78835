"""Say in sentences what a month's figures mean: what changed, whether it succeeds, what waits for a decision (D44)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.papers.numbers import amount, rupiah, share
from reports.periods import Period

if TYPE_CHECKING:
    from reports.papers.words import Line, Reading

SHORT, LONG = 3, 12  # months over which success is told
NAMED = 3
NOTHING = "0%"  # as a share is said
OLD_AGES = ("31-90", "91")


@dataclass(frozen=True)
class Success:
    """The programme's own signs of success over some months: settled keeps pace with received, and received falls."""

    label: str
    received: int
    settled: int
    now: int  # received in the later part
    then: int  # received in an earlier part of as many months
    compared: str

    @property
    def keeps_pace(self) -> bool:
        return self.settled >= self.received

    @property
    def held(self) -> str:
        return _("mengimbangi") if self.keeps_pace else _("belum mengimbangi")

    @property
    def pace(self) -> str:
        return f"{share(self.settled, self.received)}, {self.held}" if self.received else "–"

    @property
    def by(self) -> str:
        """Say by how much less or more came in."""
        if self.now == self.then:
            return _("tetap")
        if not self.then:
            return _("naik dari tidak ada")
        part = share(abs(self.now - self.then), self.then)
        if part == NOTHING:
            return _("hampir tetap")
        return _("turun %s") % part if self.now < self.then else _("naik %s") % part

    @property
    def fall(self) -> str:
        return f"{self.by}, {self.compared}"


def success(reading: "Reading") -> list[Success]:
    """Return the signs of success over three and twelve months that have ended; nothing where they are not told.

    The year's halves are held against each other: what came in a year ago is not in the figures.
    """
    months = [(received, settled) for _month, received, settled in reading.trend]
    if reading.is_running:
        months = months[:-1]
    if len(months) < 2 * SHORT:
        return []
    short, half = months[-SHORT:], len(months) // 2
    return [
        Success(
            _("3 bulan terakhir"), _received(short), _settled(short),
            _received(short), _received(months[-2 * SHORT : -SHORT]), _("terhadap 3 bulan sebelumnya"),
        ),
        Success(
            _("%s bulan terakhir") % len(months), _received(months), _settled(months),
            _received(months[-half:]), _received(months[:half]), _("paruh akhir terhadap paruh awal"),
        ),
    ]  # fmt: skip


def sign(signs: list[Success]) -> str:
    """Say in one sentence whether the programme succeeds over the longest time that is told."""
    if not signs or not signs[-1].received:
        return ""
    longest = signs[-1]
    words = {
        "months": longest.label.lower(),
        "held": longest.held,
        "pace": share(longest.settled, longest.received),
        "fall": longest.by,
    }
    if not longest.then:
        return _("Dalam %(months)s yang selesai %(held)s yang masuk (%(pace)s).") % words
    return _("Dalam %(months)s yang selesai %(held)s yang masuk (%(pace)s), dan yang masuk %(fall)s.") % words


def _received(months: list[tuple[int, int]]) -> int:
    return sum(received for received, _settled in months)


def _settled(months: list[tuple[int, int]]) -> int:
    return sum(settled for _received, settled in months)


def change(reading: "Reading") -> str:
    """Say in a sentence or three what changed against the month before; part of a month is not held against all."""
    totals, before, month = reading.totals, reading.before, reading.subject.period
    if reading.is_running:
        return f"{_so_far(reading)} {_pace(totals)}"
    return " ".join([
        compared(_("Pengaduan masuk"), totals["received"], before["received"], month),
        compared(_("Yang selesai"), totals["settled"], before["settled"], month),
        _pace(totals),
    ])  # fmt: skip


def _so_far(reading: "Reading") -> str:
    return _(
        "Sejauh ini masuk %(received)s dan selesai %(settled)s. "
        "Sepanjang %(month)s masuk %(then)s dan selesai %(done)s."
    ) % {
        "received": amount(reading.totals["received"]),
        "settled": amount(reading.totals["settled"]),
        "month": reading.subject.period.previous.label,
        "then": amount(reading.before["received"]),
        "done": amount(reading.before["settled"]),
    }


def _pace(totals: dict[str, int]) -> str:
    """Say whether the pile grows: what is settled must keep pace with what comes in."""
    grown = totals["open"] - totals["open_before"]
    if grown > 0:
        return _("Pengaduan yang berjalan bertambah %s.") % amount(grown)
    if grown < 0:
        return _("Pengaduan yang berjalan berkurang %s.") % amount(-grown)
    return _("Jumlah pengaduan yang berjalan tetap.")


def compared(what: str, now: int, then: int, month: Period) -> str:
    """Say a number and whether it is more or less than in the month before."""
    words = {"what": what, "now": amount(now), "then": amount(then), "month": month.previous.label}
    if now > then:
        return _("%(what)s %(now)s, naik dari %(then)s pada %(month)s.") % words
    if now < then:
        return _("%(what)s %(now)s, turun dari %(then)s pada %(month)s.") % words
    return _("%(what)s %(now)s, sama dengan %(month)s.") % words


def against(now: int, then: int) -> str:
    """Say in a few words how a number stands to the one of the month before."""
    if now == then:
        return _("sama dengan bulan sebelumnya")
    words = {"difference": amount(abs(now - then)), "then": amount(then)}
    if now > then:
        return _("naik %(difference)s dari %(then)s") % words
    return _("turun %(difference)s dari %(then)s") % words


def decisions(reading: "Reading") -> Iterable[tuple[str, str]]:
    """Yield what waits for somebody's decision: a sentence, and the mark of the section that has more of it."""
    if total := reading.figures["attention"]["total"]:
        yield ngettext(
            "%(total)s kasus perlu perhatian khusus.", "%(total)s kasus perlu perhatian khusus.", total
        ) % {"total": amount(total)}, "perhatian"  # fmt: skip
    if late := [line for line in reading.owed if line.past_due]:
        tiers = ", ".join(f"{line.label} {amount(line.past_due)}" for line in late)
        yield _("Lewat tenggat jenjangnya: %s.") % tiers, "jenjang"
    old = sum(line.counts["not_followed_up"] for line in reading.ages if line.code in OLD_AGES)
    if old:
        yield _("%s pengaduan belum ditindaklanjuti sesudah 30 hari.") % amount(old), "belum"
    outstanding = sum(row[-1] for row in reading.money)
    if outstanding:
        yield _("%s belum kembali.") % rupiah(outstanding), "uang"
    if silent := len(reading.silent_places):
        words = {"number": amount(silent), "place": reading.subject.place_word.lower()}
        yield _("%(number)s %(place)s tanpa satu pun pengaduan: pastikan orang di sana dapat melapor.") % words, "siapa"


def most(lines: list["Line"], whole: int) -> str:
    """Name the three of a table from which most came in, with their shares; nothing where nothing came in."""
    counted = sorted((line for line in lines if line.counts["received"]), key=lambda line: -line.counts["received"])
    if not counted or not whole:
        return ""
    named = ", ".join(f"{line.label} ({share(line.counts['received'], whole)})" for line in counted[:NAMED])
    return _("Terbanyak masuk: %s.") % named
