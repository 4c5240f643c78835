"""Say that the matter belongs to another place, and let the tier above two that refused decide (D56)."""

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint, Event
from tiers.models import Office, Region, User
from workflow import gate, needs, routing, taking
from workflow.actions.moving import to_office
from workflow.machine import Refused, Step


def not_ours(complaint: Complaint, *, by: User, now: datetime, region: Region | None, reason: str) -> Event:
    """Name the place that should have the case: its office gets it, under the number and the clock that it has (D56).

    Of two refusals the second goes to the lowest tier above both offices, which decides; the place stays until then.
    """
    with transaction.atomic():
        step = gate.allowed(complaint, "pindah-wilayah", by=by, now=now, facts={"region": region, "reason": reason})
        assert region  # the gate asks for it
        start = start_in(complaint, region)
        if start.office.pk == complaint.office_id:
            raise Refused(_("Tempat itu ditangani kantor Anda sendiri. Pilih tempat lain."), field="region")
        data = {"named": region.pk}
        if needs.refusals_of(complaint) == 0:
            return _place(complaint, step, region, start, by=by, now=now, text=reason, data=data)
        arbiter = arbiter_of(complaint)
        if arbiter is None:
            raise Refused(_("Tidak ada jenjang di atas kedua kantor. Putuskan di sini."), field="region")
        changes = to_office(complaint, arbiter, now=None)
        return taking.take(complaint, step, by=by, now=now, text=reason, data=data, **changes)


def decide_place(complaint: Complaint, *, by: User, now: datetime, region: Region | None, reason: str) -> Event:
    """Decide as the tier above two offices that refused; after this no office may refuse the case again (D56)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "tetapkan-wilayah", by=by, now=now, facts={"region": region, "reason": reason})
        assert region  # the gate asks for it
        if not complaint.office.region_id or region.pk.startswith(complaint.office.region_id):
            start, data = start_in(complaint, region), {"named": region.pk}
            return _place(complaint, step, region, start, by=by, now=now, text=reason, data=data)
        raise Refused(
            _("Tempat itu di luar wilayah kantor Anda. Naikkan dulu ke jenjang di atas, yang membawahi keduanya."),
            field="region",
        )


def start_in(complaint: Complaint, region: Region) -> routing.Start:
    """Return where a complaint would begin in a place, above whoever is reported there (D31, D35)."""
    parties = list(complaint.reported_parties.select_related("user", "office"))
    return routing.start(
        complaint.category,
        region,
        users=[party.user for party in parties if party.user],
        offices=[party.office for party in parties if party.office],
    )


def arbiter_of(complaint: Complaint) -> Office | None:
    """Return the lowest office above the one that refused first and the one that holds the case now."""
    first = complaint.events.filter(kind="pindah-wilayah").select_related("from_office").order_by("seq").first()
    return routing.above_both(complaint, [first.from_office, complaint.office]) if first and first.from_office else None


def places_named(complaint: Complaint) -> list[Region]:
    """Return where the matter was said to belong, and where it is now, for the one who decides."""
    data = complaint.events.filter(kind="pindah-wilayah").order_by("seq").values_list("data", flat=True)
    codes = dict.fromkeys([complaint.region_id, *(json.loads(each)["named"] for each in data)])
    return sorted(Region.objects.filter(pk__in=codes), key=lambda region: list(codes).index(region.pk))


def _place(
    complaint: Complaint, step: Step, region: Region, start: routing.Start, *, now: datetime, **rest: Any
) -> Event:
    """Give the case to the office of a place; its deadlines stay, on the days of the place where it is now (D11)."""
    other_zone = region.zone != complaint.zone
    changes = to_office(complaint, start.office, now=None)
    changes |= {"region": region, "zone": region.zone, "concealed_tier": start.concealed_tier}
    rest["data"] |= {"was": complaint.region_id}  # for the reports of months in which it was there
    return taking.take(complaint, step, now=now, reckon=other_zone, **rest, **changes)
