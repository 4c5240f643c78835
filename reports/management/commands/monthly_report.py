"""Make a monthly report by hand, or fetch it again as it was sent (D44, D47)."""

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from reports.management.by_hand import ReportCommand, wrong
from reports.periods import Month


class Command(ReportCommand):
    help = _("Membuat laporan bulanan, atau mengambilnya lagi seperti saat dikirim.")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--month", required=True, help=_("bulan yang sudah berakhir, TTTT-BB"))

    def handle(self, *, month, programme, region, output, send, new_edition, **options):
        self.make(_month(month), programme=programme, region=region, output=output, send=send, new_edition=new_edition)


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise wrong(_("“%s” bukan bulan. Tulis seperti 2026-10.") % text) from None
