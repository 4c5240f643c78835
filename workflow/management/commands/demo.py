"""Fill the database with a year of invented complaints and the accounts to look at them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from tiers.models import Programme
from workflow.demo import people, story


class Command(BaseCommand):
    help = _("Isi data contoh setahun dan akun demo; dijalankan lagi tidak mengubah apa pun.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(_("Data contoh hanya untuk percobaan (DEMO), bukan untuk pemakaian sungguhan."))
        if not Programme.objects.exists():
            raise CommandError(_("Belum ada program. Jalankan `seed` lebih dulu."))
        now = timezone.now()
        people.make_accounts()
        number = story.tell(now=now)
        people.send_on_leave(now=now)
        self.stdout.write(_("Data contoh: %d pengaduan baru.") % number if number else _("Data contoh sudah ada."))
        for account, what in people.listing():
            self.stdout.write(f"  {account:<12} {what}")
        self.stdout.write(_("Kata sandi semua akun: %s") % settings.DEMO_PASSWORD)
