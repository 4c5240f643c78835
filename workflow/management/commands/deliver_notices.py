"""Send the notices that are owed, by hand, until none is left (D42, D43)."""

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from workflow import delivery
from workflow.models import Notification


class Command(BaseCommand):
    help = _("Mengirim pemberitahuan yang sudah waktunya dikirim.")

    def handle(self, **options):
        now = timezone.now()
        run = delivery.deliver(now=now, limit=max(Notification.objects.owed(now=now).count(), 1))
        self.stdout.write(
            _("Terkirim: %(sent)d. Gagal: %(failed)d. Tidak perlu lagi: %(dropped)d.")
            % {"sent": run.sent, "failed": run.failed, "dropped": run.dropped}
        )
        if failing := Notification.objects.failing().count():
            self.stdout.write(_("Seluruhnya belum terkirim sesudah dicoba: %d.") % failing)
