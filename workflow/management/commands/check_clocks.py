"""Show what is overdue and was not escalated; after a sweep there is nothing (D51)."""

import sys

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from workflow import escalation
from workflow.calendar import local_day
from workflow.management.instant import add_now


class Command(BaseCommand):
    help = _("Menunjukkan pengaduan yang lewat tenggat tetapi belum naik jenjang; status 1 bila ada.")

    def add_arguments(self, parser):
        add_now(parser)

    def handle(self, *, now, **options):
        count = 0
        for complaint in escalation.missed(now=now or timezone.now()):
            count += 1
            due = date_format(local_day(complaint.tier_due_at, complaint.zone), "j F Y")
            self.stdout.write(f"{complaint.number}  {due}  {complaint.office.name}")
        self.stdout.write(_("Lewat tenggat dan belum naik jenjang: %d.") % count)
        if count:
            sys.exit(1)
