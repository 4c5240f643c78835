"""Settled in a forum, verified by another, judged by the complainant, reviewed, reopened (D27-D29, D53, D54)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from pengaduan.models import Complainant, Complaint, Event, Position, Stage
from tiers.models import User
from workflow import gate, needs, routing, taking
from workflow.actions.moving import file_and_take, say_and_take, to_office
from workflow.machine import Need


def settle(
    complaint: Complaint,
    *,
    by: User,
    now: datetime,
    finding: str,
    forum_held_on: date,
    forum_place: str,
    forum_attendance: int,
    forum_decision: str,
    ticked: list[str],
) -> Event:
    """Declare the case settled in a forum, with minutes and the category's standard ticked (D27, D29).

    What was lost and came back is recorded by `record_money`; nothing may be outstanding.
    """
    case_file = {
        "finding": finding,
        "forum_held_on": forum_held_on,
        "forum_place": forum_place,
        "forum_attendance": forum_attendance,
        "forum_decision": forum_decision,
        "ticked": ticked,
    }
    return file_and_take(complaint, "nyatakan-selesai", by=by, now=now, case_file=case_file)


def verify(complaint: Complaint, *, by: User, now: datetime) -> Event:
    """Confirm that it is settled, as someone who did not handle it; the complainant is asked (D28, D53)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "sahkan-selesai", by=by, now=now)
        return taking.take(complaint, step, by=by, now=now, settled_at=now)


def verify_unproven(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Confirm that it did not happen and close; `reason` says how the community was told (D23, D53)."""
    return say_and_take(complaint, "sahkan-tidak-terbukti", by=by, now=now, reason=reason)


def send_back(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Refuse to confirm: back to the monitoring, or to the clarification where it was found unproven (D53)."""
    unproven = complaint.case_file.position == Position.UNPROVEN
    code = "kembalikan-ke-klarifikasi" if unproven else "kembalikan-ke-pemantauan"
    return say_and_take(complaint, code, by=by, now=now, reason=reason)


def accept(
    complaint: Complaint,
    *,
    now: datetime,
    by: User | None = None,
    complainant: Complainant | None = None,
    reason: str = "",
) -> Event:
    """Close as accepted by the complainant, or by an officer who writes down their word (D28).

    Where several brought the matter, the word of one is kept until all have accepted; any of them may still reject.
    """
    who: dict[str, Any] = {"by": by, "complainant": complainant, "now": now}
    facts = {"reason": reason, "complainant": complainant}
    with transaction.atomic():
        if complainant and needs.missing(Need.ALL_AGREE, complaint, code="terima-hasil", now=now, facts=facts):
            event = taking.take(complaint, gate.allowed(complaint, "setuju-hasil", **who), text=reason, **who)
            Complainant.objects.filter(pk=complainant.pk).update(accepted_at=now)
            return event
        return taking.take(complaint, gate.allowed(complaint, "terima-hasil", facts=facts, **who), text=reason, **who)


def reject(
    complaint: Complaint, *, now: datetime, reason: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Take the complainant's refusal: back under the old clock, no time is given anew (D28, D54).

    Rejected a second time, the case goes to the tier above, which gets a period of its own; at the top it stays.
    """
    code = "tolak-hasil" if complaint.category.nature == "masalah" else "tolak-jawaban"
    more: dict[str, Any] = {"settled_at": None, "rejections": complaint.rejections + 1}
    with transaction.atomic():
        if complaint.rejections and (office := routing.above(complaint)):
            more |= to_office(complaint, office, now=now)
        return say_and_take(complaint, code, by=by, complainant=complainant, now=now, reason=reason, **more)


def close_silent(complaint: Complaint, *, now: datetime) -> Event:
    """Close as accepted in silence, fourteen days after the result was told (D28)."""
    with transaction.atomic():
        return taking.take(complaint, gate.allowed(complaint, "diam-dianggap-menerima", now=now), now=now)


def review(complaint: Complaint, *, by: User, now: datetime, to: Stage) -> Event:
    """Take a rejected case up again from clarification or analysis, with minutes of the review (D28)."""
    code = "tinjau-ke-klarifikasi" if to == Stage.CLARIFICATION else "tinjau-ke-analisis"
    with transaction.atomic():
        return taking.take(complaint, gate.allowed(complaint, code, by=by, now=now), by=by, now=now)


def reopen(
    complaint: Complaint, *, now: datetime, reason: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Open a case again that was closed in silence or as unproven, within thirty days, under the old clock (D28)."""
    code = "buka-kembali" if complaint.category.nature == "masalah" else "buka-kembali-jawaban"
    more = {"settled_at": None, "closed_at": None, "outcome": ""}
    return say_and_take(complaint, code, by=by, complainant=complainant, now=now, reason=reason, **more)
