"""Every verb that changes a complaint, in the order of its life. Pages and tasks call these and nothing else.

Each verb is one transaction: the row of `machine.STEPS` is asked for (`gate.allowed` raises Refused with a sentence),
the complaint is claimed as it was read, an Event is appended, and the notices that it owes are written. `now` is an
aware instant; `by` the officer; `complainant` who acts with the tracking code; neither: the system.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.models import (
    CaseFile,
    Category,
    Complainant,
    Complaint,
    ComplaintText,
    Event,
    Position,
    Recusal,
    Stage,
)
from tiers import scope
from tiers.models import User
from tiers.permissions import Permission
from workflow import gate, routing, sla, taking
from workflow.machine import Refused, Step
from workflow.models import Pause


def register(
    complaint: Complaint,
    *,
    by: User,
    now: datetime,
    recorded: str,
    subject: str = "",
    information_complete: bool = False,
    **entry: Any,
) -> Event:
    """Close the register: the file is declared complete and the procedure of its nature runs (D17, D18, D22).

    `entry` may set field, source, channel, weight, programme_year and occurred_on. A level that counts from the
    complete file is reckoned from now (D9).
    """
    code = "daftarkan" if complaint.category.nature == "masalah" else "daftarkan-informatif"
    facts = {"recorded": recorded, "information_complete": information_complete}
    if subject:
        entry["subject"] = subject
    with transaction.atomic():
        step = gate.allowed(complaint, code, by=by, now=now, facts=facts)
        ComplaintText.objects.filter(complaint=complaint).update(recorded=recorded)
        return taking.take(
            complaint, step, by=by, now=now, reckon=True, complete_at=complaint.complete_at or now, **entry
        )


def answer(complaint: Complaint, *, by: User, now: datetime, answer: str) -> Event:
    """Answer an informatif complaint; the complainant may accept or reject it (D28)."""
    return _file_and_take(complaint, "jawab", by=by, now=now, settled_at=now, case_file={"answer": answer})


def find_proven(complaint: Complaint, *, by: User, now: datetime, chronology: str) -> Event:
    """Conclude the clarification: it happened (D23)."""
    case_file = {"chronology": chronology, "position": Position.PROVEN}
    return _file_and_take(complaint, "nyatakan-terbukti", by=by, now=now, case_file=case_file)


def find_unproven(complaint: Complaint, *, by: User, now: datetime, chronology: str) -> Event:
    """Conclude the clarification: it did not happen; another person verifies (D23, D53)."""
    case_file = {"chronology": chronology, "position": Position.UNPROVEN}
    return _file_and_take(complaint, "nyatakan-tidak-terbukti", by=by, now=now, case_file=case_file)


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
    return _file_and_take(complaint, "rekomendasikan", by=by, now=now, case_file=case_file)


def report_result(complaint: Complaint, *, by: User, now: datetime, result: str, **money: Any) -> Event:
    """Conclude the handling with its result; `money` may set lost_amount and returned_amount in rupiah (D25, D29)."""
    return _file_and_take(complaint, "laporkan-hasil", by=by, now=now, case_file={"result": result}, **money)


def analyse_again(complaint: Complaint, *, by: User, now: datetime, finding: str) -> Event:
    """Send the case back to the analysis: what was agreed did not work (D26)."""
    return _file_and_take(complaint, "analisis-ulang", by=by, now=now, case_file={"finding": finding})


def settle(
    complaint: Complaint,
    *,
    by: User,
    now: datetime,
    finding: str,
    forum_held_on: Any,
    forum_attendance: int,
    ticked: list[str],
    **money: Any,
) -> Event:
    """Declare the case settled in a forum, with minutes and the category's standard ticked (D27, D29)."""
    case_file = {
        "finding": finding,
        "forum_held_on": forum_held_on,
        "forum_attendance": forum_attendance,
        "ticked": ticked,
    }
    return _file_and_take(complaint, "nyatakan-selesai", by=by, now=now, case_file=case_file, **money)


def verify(complaint: Complaint, *, by: User, now: datetime) -> Event:
    """Confirm that it is settled, as someone who did not handle it; the complainant is asked (D28, D53)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "sahkan-selesai", by=by, now=now)
        return taking.take(complaint, step, by=by, now=now, settled_at=now)


def verify_unproven(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Confirm that it did not happen and close; `reason` says how the community was told (D23, D53)."""
    return _say_and_take(complaint, "sahkan-tidak-terbukti", by=by, now=now, reason=reason)


def send_back(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Refuse to confirm: back to the monitoring, or to the clarification where it was found unproven (D53)."""
    unproven = complaint.case_file.position == Position.UNPROVEN
    code = "kembalikan-ke-klarifikasi" if unproven else "kembalikan-ke-pemantauan"
    return _say_and_take(complaint, code, by=by, now=now, reason=reason)


def accept(
    complaint: Complaint,
    *,
    now: datetime,
    by: User | None = None,
    complainant: Complainant | None = None,
    reason: str = "",
) -> Event:
    """Close as accepted by the complainant, or by an officer who writes down their word (D28)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "terima-hasil", by=by, complainant=complainant, now=now)
        return taking.take(complaint, step, by=by, complainant=complainant, now=now, text=reason)


def reject(
    complaint: Complaint, *, now: datetime, reason: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Take the complainant's refusal: back under the old clock, no time is given anew (D28, D54)."""
    code = "tolak-hasil" if complaint.category.nature == "masalah" else "tolak-jawaban"
    more = {"settled_at": None, "rejections": complaint.rejections + 1}
    return _say_and_take(complaint, code, by=by, complainant=complainant, now=now, reason=reason, **more)


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
    return _say_and_take(complaint, code, by=by, complainant=complainant, now=now, reason=reason, **more)


def ask_completion(complaint: Complaint, *, by: User, now: datetime, questions: str) -> Event:
    """Ask the complainant for what is missing; the clock stands from here (D12)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "minta-kelengkapan", by=by, now=now, facts={"questions": questions})
        event = taking.take(complaint, step, by=by, now=now, waiting_since=now)
        Pause.objects.create(complaint=complaint, regency_code=event.regency_code, started_at=now, asked=questions)
        taking.say(event, complaint, questions, from_complainant=False)
        return event


def complete(
    complaint: Complaint, *, now: datetime, answer: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Take in what was missing; the clock goes on and each deadline is credited with the pause (D12)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "lengkapi", by=by, complainant=complainant, now=now, facts={"answer": answer})
        event = taking.resume(complaint, step, by=by, complainant=complainant, now=now)
        taking.say(event, complaint, answer, from_complainant=True, complainant=complainant)
        return event


def go_on(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Stop waiting for the complainant and go on without the completion; the clock runs again (D12)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "lanjutkan-tanpa-kelengkapan", by=by, now=now, facts={"reason": reason})
        return taking.resume(complaint, step, by=by, now=now, text=reason)


def lapse(complaint: Complaint, *, now: datetime) -> Event:
    """Count a complaint as withdrawn that was not completed within thirty days, and say so (D12)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "tidak-dilengkapi", now=now)
        return taking.resume(complaint, step, now=now)


def take_up_again(
    complaint: Complaint, *, now: datetime, reason: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Open a complaint again that was withdrawn; the old clock has gone on (D12)."""
    more = {"settled_at": None, "closed_at": None, "outcome": ""}
    return _say_and_take(complaint, "lanjutkan-kembali", by=by, complainant=complainant, now=now, reason=reason, **more)


def close_aside(
    complaint: Complaint, code: str, *, by: User, now: datetime, authority: str = "", reason: str = ""
) -> Event:
    """Close by a side way: not ours, referred, with law enforcement, thanks (D19, D56). Names where to turn."""
    with transaction.atomic():
        step = gate.allowed(complaint, code, by=by, now=now, facts={"authority": authority, "reason": reason})
        return taking.take(
            complaint, step, by=by, now=now, text=reason, data={"authority": authority} if authority else {}
        )


def close_duplicate(complaint: Complaint, *, by: User, now: datetime, original: Complaint | None) -> Event:
    """Close as the same matter as another complaint, which lives on (D20)."""
    if original is not None and original.pk == complaint.pk:
        raise Refused(_("Pengaduan ini tidak dapat menjadi duplikat dirinya sendiri."), field="original")
    with transaction.atomic():
        step = gate.allowed(complaint, "duplikat", by=by, now=now, facts={"original": original})
        return taking.resume(complaint, step, by=by, now=now, data={"original": original.number if original else ""})


def withdraw(
    complaint: Complaint, *, now: datetime, reason: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Close at the complainant's wish."""
    with transaction.atomic():
        step = gate.allowed(complaint, "cabut", by=by, complainant=complainant, now=now, facts={"reason": reason})
        return taking.resume(complaint, step, by=by, complainant=complainant, now=now, text=reason)


def hand_up(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Give the case to the tier above before its time is up; that tier gets a full period (D32, D33)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "naikkan", by=by, now=now, facts={"reason": reason})
        office = routing.above(complaint)
        if office is None:
            raise Refused(_("Tidak ada jenjang di atas kantor ini."))
        return _move_office(complaint, step, office, by=by, now=now, text=reason, fresh_period=True)


def hand_down(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Give the case to the tier below; the deadline that runs stays, lowering buys no time (D33)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "turunkan", by=by, now=now, facts={"reason": reason})
        if complaint.is_overdue(now=now):
            raise Refused(_("Pengaduan yang lewat tenggat tidak dapat diturunkan."))
        office = routing.below(complaint)
        if office is None:
            raise Refused(_("Tidak ada jenjang di bawah kantor ini yang boleh menangani pengaduan ini."))
        return _move_office(complaint, step, office, by=by, now=now, text=reason, fresh_period=False)


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

    What the new category hides from lower tiers, or starts higher, takes effect at once (D35).
    """
    with transaction.atomic():
        code = "ubah-kategori" if category.nature == complaint.category.nature else "alihkan-sifat"
        step = gate.allowed(complaint, code, by=by, now=now, facts={"reason": reason})
        if category.programme_id != complaint.programme_id or not category.active:
            raise Refused(_("Pilih kategori dari program pengaduan ini."), field="category")
        old, complaint.category, complaint.service_level = complaint.category, category, category.service_level
        concealed = max(complaint.concealed_tier, category.conceal_up_to or 0)
        data = {"from": old.code, "to": category.code}
        changes: dict[str, Any] = {"category": category, "service_level": category.service_level}
        if complaint.tier > concealed:
            changes["concealed_tier"] = concealed
            return taking.take(complaint, step, by=by, now=now, text=reason, data=data, reckon=True, **changes)
        start = routing.start(category, complaint.region)
        changes |= {"office": start.office, "tier": start.office.tier, "concealed_tier": start.concealed_tier}
        return taking.take(
            complaint, step, by=by, now=now, text=reason, data=data, reckon=True, handler=None, **changes
        )


def step_aside(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Step aside from a case: it is hidden from this officer from now on (D49)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "mundur", by=by, now=now, facts={"reason": reason})
        handler = None if complaint.handler_id == by.pk else complaint.handler
        event = taking.take(complaint, step, by=by, now=now, text=reason, handler=handler)
        Recusal.objects.get_or_create(complaint=complaint, user=by, defaults={"at": now})
        return event


def note(complaint: Complaint, *, by: User, now: datetime, text: str) -> Event:
    """Write a note into the record. It touches no deadline."""
    return _say_and_take(complaint, "catat", by=by, now=now, reason=text)


def send_message(
    complaint: Complaint, *, now: datetime, text: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Write to the complainant, or as the complainant to the office; also the anonymous have this way back."""
    with transaction.atomic():
        code = "pesan-pelapor" if complainant else "kirim-pesan"
        step = gate.allowed(complaint, code, by=by, complainant=complainant, now=now, facts={"reason": text})
        event = taking.take(complaint, step, by=by, complainant=complainant, now=now)
        taking.say(event, complaint, text, from_complainant=complainant is not None, complainant=complainant)
        return event


def _say_and_take(
    complaint: Complaint,
    code: str,
    *,
    now: datetime,
    reason: str,
    by: User | None = None,
    complainant: Complainant | None = None,
    **changes: Any,
) -> Event:
    """Take a step that needs a reason; the reason stands in the record."""
    with transaction.atomic():
        step = gate.allowed(complaint, code, by=by, complainant=complainant, now=now, facts={"reason": reason})
        return taking.take(complaint, step, by=by, complainant=complainant, now=now, text=reason, **changes)


def _file_and_take(
    complaint: Complaint, code: str, *, by: User, now: datetime, case_file: dict[str, Any], **changes: Any
) -> Event:
    """Take a step that leaves something in the case file."""
    with transaction.atomic():
        step = gate.allowed(complaint, code, by=by, now=now, facts={**case_file, **changes})
        CaseFile.objects.filter(complaint=complaint).update(**case_file)
        for field, value in case_file.items():
            setattr(complaint.case_file, field, value)
        return taking.take(complaint, step, by=by, now=now, **changes)


def _move_office(
    complaint: Complaint, step: Step, office: Any, *, now: datetime, fresh_period: bool, **rest: Any
) -> Event:
    changes: dict[str, Any] = {"office": office, "tier": office.tier, "handler": None}
    if fresh_period:
        clock = sla.tier_deadline(complaint, since=now)
        changes |= {"tier_since": now, "tier_due_at": clock.tier_due_at, "stage_due_at": clock.stage_due_at}
    return taking.take(complaint, step, now=now, **rest, **changes)
