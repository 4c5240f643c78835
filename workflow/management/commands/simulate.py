"""Invent complaints in bulk, for measurements (see docs/bench.md)."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tiers.models import Programme
from workflow import simulation
from workflow.management.instant import add_now


class Command(BaseCommand):
    help = _("Mengisi basis data dengan pengaduan rekaan dalam jumlah besar, untuk pengukuran.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--complaints", type=int, required=True, metavar="N", help=_("berapa pengaduan"))
        parser.add_argument("--seed", type=int, default=1, help=_("angka yang sama memberi pengaduan yang sama"))
        parser.add_argument(
            "--force", action="store_true", help=_("juga di basis data yang berisi pengaduan sungguhan")
        )
        add_now(parser)

    def handle(self, *, complaints: int, seed: int, force: bool, now: Any, **options: Any) -> None:
        if complaints < 1:
            raise CommandError(_("Jumlah pengaduan paling sedikit 1."))
        if not Programme.objects.exists():
            raise CommandError(_("Belum ada program. Jalankan `seed` lebih dulu."))
        if not force and simulation.others_exist():
            raise CommandError(_("Basis data ini berisi pengaduan yang bukan rekaan. Tidak ada yang ditambahkan."))
        began = time.monotonic()
        size = simulation.simulate(complaints, seed=seed, now=now or timezone.now(), said=self._say)
        seconds = time.monotonic() - began
        self.stdout.write(
            _("%(complaints)s pengaduan rekaan, %(events)s catatan, %(offices)s kantor dalam %(seconds)s detik.")
            % {
                "complaints": number_format(size.complaints, force_grouping=True),
                "events": number_format(size.events, force_grouping=True),
                "offices": number_format(size.offices, force_grouping=True),
                "seconds": number_format(seconds, decimal_pos=1),
            }
        )

    def _say(self, done: int) -> None:
        self.stdout.write(_("  %(done)s …") % {"done": number_format(done, force_grouping=True)})
