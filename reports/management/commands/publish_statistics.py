"""Publish the public statistics of a month by hand (D39, D57)."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.pages import publishing
from reports.periods import Month

WRONG_INPUT = 2


class Command(BaseCommand):
    help = _("Menerbitkan statistik publik bulan yang baru berakhir; yang sudah terbit tidak berubah.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", help=_("bulan yang sudah berakhir, TTTT-BB; tanpa ini: bulan lalu"))
        parser.add_argument("--again", action="store_true", help=_("hitung lagi dan ganti yang sudah terbit"))

    def handle(self, *, month, again, **options):
        now = timezone.now()
        chosen = _month(month) if month else Month.of(now).previous
        if now < chosen.ends_at:
            raise CommandError(_("%s belum berakhir.") % chosen.label, returncode=WRONG_INPUT)
        published = publishing.publish(chosen, now=now, again=again)
        sentence = _("Statistik %s terbit.") if published else _("Statistik %s sudah terbit.")
        self.stdout.write(sentence % chosen.label)


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise CommandError(_("“%s” bukan bulan. Tulis seperti 2026-10.") % text, returncode=WRONG_INPUT) from None
