"""Make a biweekly or quarterly report by hand, or fetch it again as it was sent (D45, D47)."""

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from reports.management.by_hand import ReportCommand, wrong
from reports.periods import PERIODS, Kind, Period

SHAPES = {Kind.BIWEEKLY: "2026-10-16", Kind.QUARTERLY: "2026-T4"}


class Command(ReportCommand):
    help = _("Membuat laporan dua mingguan atau triwulanan, atau mengambilnya lagi seperti saat dikirim.")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--kind", required=True, choices=[str(kind) for kind in SHAPES], help=_("jenis laporan"))
        parser.add_argument(
            "--period", required=True, help=_("masa yang sudah berakhir: TTTT-BB-01 atau TTTT-BB-16; TTTT-T1 sampai T4")
        )

    def handle(self, *, kind, period, programme, region, output, send, new_edition, **options):
        self.make(
            _period(kind, period),
            programme=programme,
            region=region,
            output=output,
            send=send,
            new_edition=new_edition,
        )


def _period(kind: str, text: str) -> Period:
    try:
        return PERIODS[kind].parse(text)
    except ValueError:
        raise wrong(
            _("“%(text)s” bukan masa laporan %(kind)s. Tulis seperti %(shape)s.")
            % {"text": text, "kind": kind, "shape": SHAPES[Kind(kind)]}
        ) from None
