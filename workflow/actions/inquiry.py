"""The way from the register to a result: registered, clarified, analysed, handled (D17-D26)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint, ComplaintText, Event, Position
from tiers import scope
from tiers.models import Region, User
from tiers.permissions import Permission
from workflow import gate, routing, taking
from workflow.actions.moving import file_and_take, to_office
from workflow.actions.weighing import is_grave, tell_if_grave
from workflow.calendar import local_day
from workflow.machine import Refused


def register(
    complaint: Complaint,
    *,
    by: User,
    now: datetime,
    recorded: str,
    subject: str = "",
    information_complete: bool = False,
    suitable: bool = False,
    region: Region | None = None,
    **entry: Any,
) -> Event:
    """Close the register: the file is declared complete and the procedure of its nature runs (D17, D18, D22).

    `suitable`: each point of D18 was looked at and holds. `region` completes a place that was known roughly; where a
    lower office can handle the matter then, it gets the case. `entry` may set field, source, channel, weight,
    programme_year and occurred_on. A level that counts from the complete file is reckoned from now (D9).
    """
    code = "daftarkan" if complaint.category.nature == "masalah" else "daftarkan-informatif"
    facts = {"recorded": recorded, "information_complete": information_complete, "suitable": suitable, "region": region}
    if subject:
        entry["subject"] = subject
    with transaction.atomic():
        step = gate.allowed(complaint, code, by=by, now=now, facts=facts)
        if region and region != complaint.region:
            entry |= _completed_place(complaint, region)
        ComplaintText.objects.filter(complaint=complaint).update(recorded=recorded)
        late = complaint.programme.days_too_late(
            entry.get("occurred_on", complaint.occurred_on), local_day(complaint.received_at, complaint.zone)
        )
        was_grave = is_grave(complaint)
        data: dict[str, Any] = {"late_days": late} if late else {}
        if (weight := entry.get("weight", complaint.weight)) != complaint.weight:  # kept as `weigh` keeps it
            data |= {"from": [complaint.weight, complaint.prominent], "to": [weight, complaint.prominent]}
        event = taking.take(
            complaint,
            step,
            by=by,
            now=now,
            reckon=True,
            complete_at=complaint.complete_at or now,
            data=data,
            **entry,
        )
        if not was_grave:
            tell_if_grave(event, complaint, now=now)
        return event


def _completed_place(complaint: Complaint, region: Region) -> dict[str, Any]:
    """Return what changes with a place inside the one that was known (D18, D31, D35).

    A case that was moved since stays where it is, and so does one for which nobody would be at the desk below (D51).
    """
    if not region.code.startswith(f"{complaint.region_id}."):
        raise Refused(_("Pilih desa atau kelurahan di dalam wilayah pengaduan ini."), field="region")
    parties = list(complaint.reported_parties.select_related("user", "office"))
    reported: dict[str, Any] = {
        "users": [party.user for party in parties if party.user],
        "offices": [party.office for party in parties if party.office],
    }
    before = routing.start(complaint.category, complaint.region, **reported)
    after = routing.start(complaint.category, region, **reported)
    changes: dict[str, Any] = {"region": region}
    office = complaint.office
    if before.office == office != after.office and scope.users_for(Permission.HANDLE, after.office).exists():
        office = after.office
        changes |= to_office(complaint, office, now=None)
    concealed = max(complaint.concealed_tier, after.concealed_tier)
    return changes | {"concealed_tier": min(concealed, office.tier - 1)}


def answer(complaint: Complaint, *, by: User, now: datetime, answer: str) -> Event:
    """Answer an informatif complaint; the complainant may accept or reject it (D28)."""
    return file_and_take(complaint, "jawab", by=by, now=now, settled_at=now, case_file={"answer": answer})


def find_proven(complaint: Complaint, *, by: User, now: datetime, chronology: str) -> Event:
    """Conclude the clarification: it happened (D23)."""
    case_file = {"chronology": chronology, "position": Position.PROVEN}
    return file_and_take(complaint, "nyatakan-terbukti", by=by, now=now, case_file=case_file)


def find_unproven(complaint: Complaint, *, by: User, now: datetime, chronology: str) -> Event:
    """Conclude the clarification: it did not happen; another person verifies (D23, D53)."""
    case_file = {"chronology": chronology, "position": Position.UNPROVEN}
    return file_and_take(complaint, "nyatakan-tidak-terbukti", by=by, now=now, case_file=case_file)


def recommend(
    complaint: Complaint,
    *,
    by: User,
    now: datetime,
    case_analysis: str,
    stakeholder_analysis: str,
    recommendation: str,
    follow_up_by: str,
) -> Event:
    """Conclude the analysis: which way, and who follows up (D24)."""
    case_file = {
        "case_analysis": case_analysis,
        "stakeholder_analysis": stakeholder_analysis,
        "recommendation": recommendation,
        "follow_up_by": follow_up_by,
    }
    return file_and_take(complaint, "rekomendasikan", by=by, now=now, case_file=case_file)


def report_result(complaint: Complaint, *, by: User, now: datetime, result: str) -> Event:
    """Conclude the handling with its result (D25)."""
    return file_and_take(complaint, "laporkan-hasil", by=by, now=now, case_file={"result": result})


def analyse_again(complaint: Complaint, *, by: User, now: datetime, finding: str) -> Event:
    """Send the case back to the analysis: what was agreed did not work (D26)."""
    return file_and_take(complaint, "analisis-ulang", by=by, now=now, case_file={"finding": finding})
