"""Seal every identity, draft and message anew under the first key, and say what does not open (D37)."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from pengaduan.rotation import rotate


class Command(BaseCommand):
    help = _("Menyandi ulang semua yang tersandi dengan kunci pertama; status 1 bila ada yang tidak terbuka.")

    def handle(self, **options):
        key = next(iter(settings.IDENTITY_KEYS))
        results = rotate()
        for each in results:
            words = _("%(table)s: %(anew)d disandi ulang, %(kept)d sudah memakai kunci %(key)d.")
            counts = {"table": each.table, "anew": each.sealed_anew, "kept": each.as_they_were, "key": key}
            self.stdout.write(words % counts)
        broken = [place for each in results for place in each.broken]
        for place in broken:
            self.stdout.write(_("Tidak terbuka: %s") % place)
        if broken:
            sys.exit(1)
