"""Say in a page why a deadline is its day: from, how long, each day left out, who gave more (D11, D12, D52)."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from pengaduan.models import Complaint
from tiers.models import Tier
from workflow import sla
from workflow.calendar import SATURDAY, SUNDAY, WAITING, Deadline, local_day

ORDINARY = frozenset({SATURDAY, SUNDAY, WAITING})


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


def left_out_in(period: Deadline) -> list[tuple[date, date, str]]:
    """Return the days that do not count: (first, last, why), a weekend and a time of waiting each in one line.

    Waiting and weekends that follow each other are one stretch; a holiday keeps a line of its own.
    """
    stretches: list[tuple[date, date, list[str]]] = []
    for day in period.left_out:
        ordinary = day.why in ORDINARY
        first, last, reasons = stretches[-1] if stretches else (day.on, day.on, [])
        if ordinary and reasons and reasons[0] in ORDINARY and day.on - last == timedelta(days=1):
            stretches[-1] = (first, day.on, [*reasons, day.why])
        else:
            stretches.append((day.on, day.on, [day.why]))
    return [(first, last, ", ".join(map(gettext, dict.fromkeys(reasons)))) for first, last, reasons in stretches]


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
