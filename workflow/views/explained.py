"""Say in a page why a deadline is the day it is: from, how long, and each day left out (D11, D12)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from pengaduan.models import Complaint
from workflow import sla


def explained(complaint: Complaint, *, now: datetime) -> dict[str, Any]:
    """Return what `warga/mengapa.html` shows of the clock of the office that holds the complaint."""
    clock = sla.clock_of(complaint)
    moved = clock.tier.start != clock.original.start
    return {
        "now": now,
        "clock": clock,
        "moved": moved,
        "late": complaint.is_overdue(now=now),
        "left_out": [(day.on, gettext(day.why)) for day in clock.tier.left_out],
    }
