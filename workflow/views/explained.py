"""Say in a page why a deadline is its day: from, how long, each day left out, who gave more (D11, D12, D52)."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from pengaduan.models import Complaint
from tiers.models import Tier
from workflow import sla
from workflow.calendar import local_day


@dataclass(frozen=True)
class Extension:
    """The last word on more time at the tier that holds a case; `number` counts them there, days are of the place."""

    until: date
    agreed_on: date
    tier: str
    number: int


def extension_of(complaint: Complaint) -> Extension | None:
    """Return who agreed to more time and when, None where the present tier was given none (D52)."""
    if complaint.extended_until is None:
        return None
    event = complaint.events.filter(kind="perpanjang").order_by("-seq").first()
    tier = Tier(json.loads(event.data)["tier"]) if event else Tier(complaint.tier)
    agreed_on = local_day(event.at, complaint.zone) if event else complaint.extended_until
    return Extension(complaint.extended_until, agreed_on, str(tier.label), complaint.extensions)


def explained(complaint: Complaint, *, now: datetime) -> dict[str, Any]:
    """Return what `warga/mengapa.html` shows of the clock of the office that holds the complaint."""
    clock = sla.clock_of(complaint)
    moved = clock.tier.start != clock.original.start
    period = clock.extended or clock.tier
    return {
        "now": now,
        "clock": clock,
        "moved": moved,
        "late": complaint.is_overdue(now=now),
        "left_out": [(day.on, gettext(day.why)) for day in period.left_out],
        "extension": extension_of(complaint),
    }
