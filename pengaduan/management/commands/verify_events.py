"""Prove the chained record of every case, and show each broken place (D40)."""

import sys

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from pengaduan.models import Event
from pengaduan.verification import broken_links


class Command(BaseCommand):
    help = _("Memeriksa rantai catatan setiap pengaduan; status 1 bila ada yang rusak.")

    def handle(self, **options):
        broken = broken_links()
        for place in broken:
            self.stdout.write(str(place))
        if broken:
            self.stdout.write(_("Tempat yang rusak: %d.") % len(broken))
            sys.exit(1)
        self.stdout.write(_("Semua catatan utuh: %d.") % Event.objects.count())
