"""Do by hand what the beat does at night: reckon what the figures of the last months are made of."""

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.figures import tallies
from tiers.models import Programme


class Command(BaseCommand):
    help = _("Menyiapkan angka laporan bulan ini dan empat bulan sebelumnya, supaya laporan nasional cepat dibuat.")

    def handle(self, **options):
        number = tallies.prepare(list(Programme.objects.filter(active=True)), now=timezone.now())
        self.stdout.write(_("%(number)d hitungan kabupaten diperbarui.") % {"number": number})
