"""Say when a complaint would be due, and why (D9-D12)."""

import json
import sys
from datetime import date
from difflib import get_close_matches
from itertools import pairwise

from django.core.management.base import BaseCommand
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pengaduan.models import Category
from tiers.models import Programme
from workflow import sla
from workflow.calendar import CalendarEnds, Deadline, Pause, Unit


class WrongInput(Exception):
    """Carry the sentence that tells the person at the keyboard what to mend."""


class Command(BaseCommand):
    help = _("Menunjukkan kapan pengaduan jatuh tempo dan mengapa pada hari itu.")

    def add_arguments(self, parser):
        parser.add_argument("--programme", required=True, help=_("kode program, misalnya pkh"))
        parser.add_argument("--category", required=True, help=_("kode kategori, misalnya data-peserta"))
        parser.add_argument("--received", required=True, help=_("hari diterima (atau berkas lengkap), TTTT-BB-HH"))
        parser.add_argument(
            "--paused",
            nargs="+",
            action="extend",
            default=[],
            metavar="DARI:SAMPAI",
            help=_("hari mulai menunggu pelapor dan hari kelengkapan tiba; kosong sesudah titik dua: masih menunggu"),
        )
        parser.add_argument("--json", action="store_true", help=_("keluaran untuk mesin"))

    def handle(self, *, programme, category, received, paused, **options):
        try:
            category = find_category(programme, category)
            start = read_day(received)
            pauses = read_pauses(paused)
            deadline, provisional = reckon(category, start, pauses)
        except WrongInput as refusal:
            self.stderr.write(str(refusal))
            sys.exit(2)
        self.stdout.write(as_json(deadline) if options["json"] else as_text(category, deadline, provisional))


def find_category(programme_code: str, category_code: str) -> Category:
    """Return the category with its service level; a wrong code is answered with the nearest one there is."""
    programmes = {one.code: one for one in Programme.objects.all()}
    if programme_code not in programmes:
        raise WrongInput(_("Program “%s” tidak ada.") % programme_code + nearest(programme_code, programmes))
    categories = Category.objects.filter(programme=programmes[programme_code]).select_related(
        "service_level", "programme"
    )
    by_code = {one.code: one for one in categories}
    if category_code not in by_code:
        sentence = _("Kategori “%(category)s” tidak ada pada program “%(programme)s”.")
        words = {"category": category_code, "programme": programme_code}
        raise WrongInput(sentence % words + nearest(category_code, by_code))
    return by_code[category_code]


def nearest(code: str, known) -> str:
    """Return the end of a refusal: the code probably meant, else all there are."""
    close = get_close_matches(code.lower(), known, n=1)
    if close:
        return " " + _("Mungkin maksud Anda “%s”?") % close[0]
    return " " + _("Yang ada: %s.") % (", ".join(sorted(known)) or _("belum satu pun; jalankan seed"))


def read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongInput(_("“%s” bukan tanggal. Tulis seperti 2026-03-02.") % text) from None


def read_pauses(texts: list[str]) -> list[Pause]:
    """Read pauses in any order; the day one ends may be the day the next begins, but they may not overlap."""
    pauses = sorted((read_pause(text) for text in texts), key=lambda pause: (pause.start, pause.end or date.max))
    for earlier, later in pairwise(pauses):
        if earlier.end is None or later.start < earlier.end:
            raise WrongInput(
                _("Jeda %(earlier)s dan %(later)s bertumpang tindih.")
                % {"earlier": written(earlier), "later": written(later)}
            )
    return pauses


def read_pause(text: str) -> Pause:
    start, colon, end = text.partition(":")
    if not colon:
        raise WrongInput(_("“%s” bukan jeda. Tulis seperti 2026-03-10:2026-03-15.") % text)
    first, last = read_day(start), read_day(end) if end else None
    if last is not None and last < first:
        raise WrongInput(_("Jeda %s terbalik: berakhir sebelum dimulai.") % text)
    return Pause(first, last)


def written(pause: Pause) -> str:
    return f"{pause.start}:{pause.end or ''}"


def reckon(category: Category, start: date, pauses: list[Pause]) -> tuple[Deadline, bool]:
    """Return the deadline, and whether the holidays of a year concerned are not yet decreed."""
    calendar = sla.holiday_calendar()
    level = category.service_level
    if level.unit == Unit.WORKING_DAYS and start < calendar.known_from:
        raise WrongInput(_("Hari libur baru diketahui sejak %s.") % calendar.known_from)
    try:
        deadline = sla.reckon_level(level, start, calendar=calendar, pauses=pauses)
    except CalendarEnds as end:
        raise WrongInput(_(end.SENTENCE) % end.known_until) from None
    return deadline, calendar.is_provisional_for(deadline)


def as_json(deadline: Deadline) -> str:
    def iso(on: date | None) -> str | None:
        return on and on.isoformat()

    return json.dumps(
        {
            "due_on": iso(deadline.due_on),
            "stages": [{"days": stage.days, "due_on": iso(stage.due_on)} for stage in deadline.stages],
            "left_out": [{"on": iso(one.on), "why": one.why} for one in deadline.left_out],
        },
        ensure_ascii=False,
    )


def as_text(category: Category, deadline: Deadline, provisional: bool) -> str:
    level = category.service_level
    lines = [
        f"{category.programme.name}, {category.name}",
        _("Batas waktu: %(length)s %(unit)s sejak %(starts)s, %(start)s (hari ke-0).")
        % {
            "length": level.length,
            "unit": level.get_unit_display(),
            "starts": level.get_starts_display(),
            "start": long_day(deadline.start),
        },
        due_line(deadline),
    ]
    if deadline.stages:
        lines += ["", _("Langkah:"), *(stage_line(stage) for stage in deadline.stages)]
    if deadline.left_out:
        count = len(deadline.left_out)
        head = ngettext("%s hari tidak dihitung:", "%s hari tidak dihitung:", count) % count
        lines += ["", head, *(f"  {date_format(one.on, 'j F Y')}: {_(one.why)}" for one in deadline.left_out)]
    if provisional:
        lines += ["", _("Sebagian hari libur belum ditetapkan pemerintah; tenggat ini dapat berubah.")]
    return "\n".join(lines)


def due_line(deadline: Deadline) -> str:
    if deadline.due_on:
        return _("Jatuh tempo: %s, pukul 23.59.59 waktu setempat.") % long_day(deadline.due_on)
    words = {"since": long_day(deadline.stands_since), "used": deadline.days_used, "days": deadline.days}
    return _("Jam berhenti sejak %(since)s: menunggu pelapor. Terpakai %(used)s dari %(days)s hari.") % words


def stage_line(stage) -> str:
    due = long_day(stage.due_on) if stage.due_on else _("menunggu pelapor")
    words = {"name": stage.name, "days": stage.days, "total": stage.total, "due": due}
    return "  " + _("%(name)s: %(days)s hari, sampai hari ke-%(total)s: %(due)s") % words


def long_day(on: date) -> str:
    return date_format(on, "l, j F Y")
