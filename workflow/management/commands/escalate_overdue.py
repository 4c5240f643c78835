"""Take what is overdue up a tier, by hand: also what the beat has held back (D32)."""

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from workflow import escalation
from workflow.management.instant import add_now


class Command(BaseCommand):
    help = _("Menaikkan pengaduan yang lewat tenggat satu jenjang, termasuk yang ditahan oleh jadwal.")

    def add_arguments(self, parser):
        add_now(parser)

    def handle(self, *, now, **options):
        run = escalation.sweep(now=now or timezone.now(), by_hand=True)
        self.stdout.write(
            _("Naik jenjang: %(moved)d. Lewat tenggat di jenjang teratas: %(flagged)d.")
            % {"moved": run.moved, "flagged": run.flagged}
        )
