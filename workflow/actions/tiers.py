"""Which office and which person has the case, and what it is called (D12, D30-D36)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Category, Complaint, Event
from tiers import scope
from tiers.models import Office, User
from tiers.permissions import Permission
from workflow import gate, routing, sla, taking
from workflow.actions.moving import move_office, to_office
from workflow.machine import Refused


def hand_up(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Give the case to the tier above before its time is up; that tier gets a full period (D32, D33)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "naikkan", by=by, now=now, facts={"reason": reason})
        office = routing.above(complaint)
        if office is None:
            raise Refused(_("Tidak ada jenjang di atas kantor ini. Tangani di sini."))
        return move_office(complaint, step, office, by=by, now=now, text=reason, fresh_period=True)


def hand_down(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Give the case to the tier below; the deadline that runs stays, lowering buys no time (D33).

    An office that had the case before goes on with what was left of its own period: up and down is no new one (D12).
    Not to an office with nobody at the desk: there it would wait unheard until it came back late (D51).
    """
    with transaction.atomic():
        step = gate.allowed(complaint, "turunkan", by=by, now=now, facts={"reason": reason})
        if complaint.is_overdue(now=now):
            raise Refused(_("Pengaduan yang lewat tenggat tidak dapat diturunkan. Tangani di sini."))
        office = routing.below(complaint)
        if office is None:
            raise Refused(
                _("Tidak ada jenjang di bawah kantor ini yang boleh menangani pengaduan ini. Tangani di sini.")
            )
        if not routing.at_desk(complaint, office, on=timezone.localdate(now)):
            raise Refused(
                _("Di %(office)s tidak ada petugas yang dapat menangani pengaduan ini. Tangani di sini.")
                % {"office": office}
            )
        changes = to_office(complaint, office, now=None) | _time_left_to(complaint, office, now=now)
        return taking.take(complaint, step, by=by, now=now, text=reason, **changes)


def _time_left_to(complaint: Complaint, office: Office, *, now: datetime) -> dict[str, Any]:
    """Return the period of an office that gets a case back, which ran on meanwhile; nothing where it never had it."""
    had = complaint.events.filter(to_office=office).order_by("seq").first()
    if had is None:
        return {}
    complaint.tier_since = complaint.received_at if had.seq == 1 else had.at
    complaint.extended_until = None
    clock = sla.deadlines(complaint, service_level=complaint.service_level, now=now)
    if clock.tier_due_at < now:
        sentence = _("Waktu %(office)s untuk pengaduan ini sudah habis. Mintalah bantuannya saja.")
        raise Refused(sentence % {"office": office})
    return {
        "tier_since": complaint.tier_since,
        "tier_due_at": clock.tier_due_at,
        "stage_due_at": clock.stage_due_at,
        "extended_until": None,
    }


def take_over(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Take the case up to the nearest office above where this person handles cases, with a full period (D36).

    On one's own, or because the office below has too many and asks; it is no escalation, as nobody was late.
    """
    with transaction.atomic():
        step = gate.allowed(complaint, "ambil-alih", by=by, now=now, facts={"reason": reason})
        mine = [
            office
            for office in scope.offices_of(by, Permission.HANDLE, on=timezone.localdate(now))
            if office.tier > complaint.tier
            and scope.contains(office, programme_id=complaint.programme_id, region_code=complaint.region_id)
        ]
        if not mine:
            raise Refused(_("Tidak ada jenjang di atas kantor ini. Tangani di sini."))
        office = min(mine, key=lambda each: each.tier)
        return move_office(complaint, step, office, by=by, now=now, text=reason, fresh_period=True)


def assign(complaint: Complaint, *, by: User, now: datetime, handler: User) -> Event:
    """Name the person at the office who handles the case."""
    with transaction.atomic():
        step = gate.allowed(complaint, "tugaskan", by=by, now=now)
        there = scope.may(handler, Permission.HANDLE, complaint.office)
        if not there or not Complaint.objects.filter(pk=complaint.pk).visible_to(handler).exists():
            raise Refused(_("Pilih petugas dari kantor yang memegang pengaduan ini."), field="handler")
        return taking.take(complaint, step, by=by, now=now, handler=handler, data={"handler": handler.pk})


def recategorise(complaint: Complaint, *, by: User, now: datetime, category: Category, reason: str) -> Event:
    """Change the category; every deadline is reckoned from the day of receipt, so it buys no time (D12).

    What is late already stays late: another period does not call it back from the tier above.

    What the new category hides from lower tiers, or starts higher, takes effect at once (D35).
    """
    with transaction.atomic():
        code = "ubah-kategori" if category.nature == complaint.category.nature else "alihkan-sifat"
        step = gate.allowed(complaint, code, by=by, now=now, facts={"reason": reason})
        if category.programme_id != complaint.programme_id or not category.active:
            raise Refused(_("Pilih kategori dari program pengaduan ini."), field="category")
        late, due_at = complaint.is_overdue(now=now), complaint.tier_due_at
        old, complaint.category, complaint.service_level = complaint.category, category, category.service_level
        if late and sla.deadlines(complaint, service_level=category.service_level, now=now).tier_due_at > due_at:
            raise Refused(
                _("Pengaduan ini sudah lewat tenggat; kategori lain tidak memberinya waktu lagi. Biarkan kategorinya.")
            )
        concealed = max(complaint.concealed_tier, category.conceal_up_to or 0)
        lowest = max(concealed + 1, category.start_tier or 0)
        data = {"from": old.code, "to": category.code}
        changes: dict[str, Any] = {
            "category": category,
            "service_level": category.service_level,
            "original_level": None,
        }
        if complaint.tier >= lowest:
            changes["concealed_tier"] = concealed
            return taking.take(complaint, step, by=by, now=now, text=reason, data=data, reckon=True, **changes)
        start = routing.start(category, complaint.region)
        hidden = max(complaint.concealed_tier, start.concealed_tier)  # no category undoes that somebody was named
        changes |= {"office": start.office, "tier": start.office.tier, "concealed_tier": hidden}
        return taking.take(
            complaint, step, by=by, now=now, text=reason, data=data, reckon=True, handler=None, **changes
        )
