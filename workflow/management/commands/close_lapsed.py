"""Close what waited for the complainant too long, by hand (D12, D28)."""

import sys

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from workflow import lapses
from workflow.management.instant import add_now


class Command(BaseCommand):
    help = _(
        "Mengingatkan pelapor yang ditunggu, menutup yang terlalu lama ditunggu, dan menghapus draf yang lewat sehari."
    )

    def add_arguments(self, parser):
        add_now(parser)

    def handle(self, *, now, **options):
        closed = lapses.close_lapsed(now=now or timezone.now())
        self.stdout.write(
            _(
                "Diterima tanpa tanggapan: %(silent)d. Dianggap dicabut: %(lapsed)d. Diingatkan: %(reminded)d."
                " Draf dihapus: %(drafts)d."
            )
            % {
                "silent": closed.silent,
                "lapsed": closed.lapsed,
                "reminded": closed.reminded,
                "drafts": closed.drafts,
            }
        )
        for number, reason in closed.failed:
            self.stderr.write(_("%(number)s tidak dapat ditutup: %(reason)s") % {"number": number, "reason": reason})
        if closed.failed:
            sys.exit(1)
