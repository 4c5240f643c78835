"""Say whose turn it is where an officer has nothing to do: the complainant's, or a colleague's (D12, D28, D53)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint, Stage
from workflow import needs
from workflow.calendar import local_day


@dataclass(frozen=True)
class Awaited:
    """Who is awaited, as a heading, and what follows when they do or do not answer."""

    whom: str | Promise
    what: str | Promise


def awaited(complaint: Complaint) -> Awaited | None:
    """Return who is to move an open case next, None where it is the office that holds it."""
    if complaint.closed_at:
        return None
    if complaint.waiting_since:
        day = _last_day(complaint.waiting_since, needs.COMPLETION_DAYS, complaint.zone)
        return Awaited(_("Menunggu pelapor"), gettext("Pelapor dapat melengkapi keterangannya sampai %s.") % day)
    if complaint.stage == Stage.FEEDBACK and complaint.settled_at:
        day = _last_day(complaint.settled_at, needs.SILENCE_DAYS, complaint.zone)
        what = gettext("Pelapor dapat menanggapi sampai %s. Tanpa tanggapan, pengaduan ditutup.") % day
        return Awaited(_("Menunggu tanggapan pelapor"), what)
    if complaint.stage == Stage.SETTLED:
        return Awaited(_("Menunggu pemeriksaan"), _("Petugas lain memeriksanya sebelum pelapor diberi tahu."))
    return None


def _last_day(since: datetime, length: int, zone: str) -> str:
    return date_format(local_day(needs.days_after(since, length, zone), zone), "j F Y")
