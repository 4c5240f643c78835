"""Load the regions, the holidays and the programmes (D1, D3, D10); what people changed since stays."""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from workflow.seeding.holidays import load_holidays
from workflow.seeding.merging import Outcome
from workflow.seeding.programme_file import ProgrammeFileError, read_programmes
from workflow.seeding.programmes import load_programme
from workflow.seeding.regions import load_regions

ONE_AT_A_TIME = 727_366  # the advisory lock of this command


class Command(BaseCommand):
    help = _("Memuat wilayah, hari libur, dan program. Yang diubah orang di basis data dibiarkan.")

    def add_arguments(self, parser):
        parser.add_argument(
            "--overwrite", action="store_true", help=_("ganti yang berbeda di basis data dengan isi berkas")
        )
        parser.add_argument(
            "--folder", type=Path, default=settings.BASE_DIR / "programmes", help=_("folder berkas program")
        )

    def handle(self, *, overwrite: bool, folder: Path, **options):
        try:
            records = read_programmes(folder)
        except ProgrammeFileError as error:
            self.stderr.write(str(error))
            self.stderr.write(_("Berkas program belum benar; basis data tidak diubah."))
            sys.exit(1)
        if not records:
            self.stderr.write(_("Tidak ada berkas program (*.yaml) di %(folder)s.") % {"folder": folder})
            sys.exit(1)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
            self._run(_("Wilayah"), load_regions, overwrite)
            self._run(_("Hari libur"), load_holidays, overwrite)
            for record in records:
                self._run(record.name, partial(load_programme, record), overwrite)

    def _run(self, name: str, load: Callable[..., Outcome], overwrite: bool) -> None:
        """Run one part and say what it did and how long it took."""
        began = time.monotonic()
        outcome = load(overwrite=overwrite)
        seconds = number_format(time.monotonic() - began, decimal_pos=1)
        self.stdout.write(
            _("%(name)s: %(what)s (%(seconds)s detik).") % {"name": name, "what": said(outcome), "seconds": seconds}
        )
        for sentence in outcome.kept:
            self.stdout.write("  " + _("Dibiarkan: %(sentence)s") % {"sentence": sentence})


def said(outcome: Outcome) -> str:
    """Return what a part did, in words."""
    words = []
    if outcome.added:
        words.append(_("%(count)s ditambahkan") % {"count": number_format(outcome.added, force_grouping=True)})
    if outcome.overwritten:
        words.append(_("%(count)s diganti") % {"count": number_format(outcome.overwritten, force_grouping=True)})
    if outcome.kept:
        words.append(_("%(count)s berbeda dan dibiarkan") % {"count": number_format(len(outcome.kept))})
    return ", ".join(words) or _("tidak ada yang berubah")
