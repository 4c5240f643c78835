"""The way from the register to a result: registered, clarified, analysed, handled (D17-D26)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from pengaduan.models import Complaint, ComplaintText, Event, Position
from tiers.models import User
from workflow import gate, taking
from workflow.actions.moving import file_and_take


def register(
    complaint: Complaint,
    *,
    by: User,
    now: datetime,
    recorded: str,
    subject: str = "",
    information_complete: bool = False,
    suitable: bool = False,
    **entry: Any,
) -> Event:
    """Close the register: the file is declared complete and the procedure of its nature runs (D17, D18, D22).

    `suitable`: it concerns the programme and the recorded words are decent (D18). `entry` may set field, source,
    channel, weight, programme_year and occurred_on. A level that counts from the complete file is reckoned from now
    (D9).
    """
    code = "daftarkan" if complaint.category.nature == "masalah" else "daftarkan-informatif"
    facts = {"recorded": recorded, "information_complete": information_complete, "suitable": suitable}
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


def report_result(complaint: Complaint, *, by: User, now: datetime, result: str, **money: Any) -> Event:
    """Conclude the handling with its result; `money` may set lost_amount and returned_amount in rupiah (D25, D29)."""
    return file_and_take(complaint, "laporkan-hasil", by=by, now=now, case_file={"result": result}, **money)


def analyse_again(complaint: Complaint, *, by: User, now: datetime, finding: str) -> Event:
    """Send the case back to the analysis: what was agreed did not work (D26)."""
    return file_and_take(complaint, "analisis-ulang", by=by, now=now, case_file={"finding": finding})
