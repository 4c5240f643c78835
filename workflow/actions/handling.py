"""What is gathered, agreed and done while a case is handled: statements, actions, suspensions, money (D23-D26, D60)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from pengaduan.models import (
    AgreedAction,
    Complaint,
    Event,
    Position,
    Repayment,
    ReportedParty,
    Statement,
    Suspension,
)
from tiers.models import User
from workflow import gate, taking
from workflow.calendar import local_day
from workflow.machine import Refused


def take_statement(
    complaint: Complaint,
    *,
    by: User,
    now: datetime,
    kind: str,
    given_on: date,
    text: str,
    who: str = "",
    party: ReportedParty | None = None,
) -> Event:
    """Write down what somebody said or a document shows (D23); the reported party's answer names which party (D60)."""
    with transaction.atomic():
        step = gate.allowed(
            complaint, "catat-keterangan", by=by, now=now, facts={"kind": kind, "given_on": given_on, "text": text}
        )
        _not_in_the_future(complaint, given_on, now=now, field="given_on")
        if kind == Statement.Kind.REPORTED:
            _of_this_case(complaint, party)
        elif party is not None:
            raise Refused(
                _("Hanya jawaban pihak yang dilaporkan dapat ditautkan dengan pihak itu. Kosongkan pihaknya."),
                field="party",
            )
        Statement.objects.create(
            complaint=complaint,
            regency_code=complaint.region_id[:5],
            kind=kind,
            party=party,
            who=who,
            given_on=given_on,
            text=text,
            recorded_by=by,
            created_at=now,
        )
        return taking.take(complaint, step, by=by, now=now, data={"statement": kind})


def agree_action(
    complaint: Complaint, *, by: User, now: datetime, kind: str, what: str, who: str, until: date
) -> Event:
    """Write down one thing that was agreed: what, by whom, until when (D25)."""
    with transaction.atomic():
        facts = {"what": what, "who": who, "until": until}
        step = gate.allowed(complaint, "sepakati-tindakan", by=by, now=now, facts=facts)
        if until < local_day(now, complaint.zone):
            raise Refused(_("Batas tindakan tidak boleh sudah lewat."), field="until")
        action = AgreedAction.objects.create(
            complaint=complaint,
            regency_code=complaint.region_id[:5],
            kind=kind,
            **facts,
            agreed_by=by,
            created_at=now,
        )
        data = {"action": action.pk, "kind": kind, "until": until.isoformat()}
        return taking.take(complaint, step, by=by, now=now, data=data)


def report_action(
    complaint: Complaint, *, by: User, now: datetime, action: AgreedAction | None, done: bool, result: str
) -> Event:
    """Write down what came of an agreed action; each gets its result once (D26)."""
    with transaction.atomic():
        facts = {"action": action, "result": result}
        step = gate.allowed(complaint, "catat-hasil-tindakan", by=by, now=now, facts=facts)
        assert action is not None
        ended = AgreedAction.objects.filter(pk=action.pk, complaint=complaint, done=None).update(
            done=done, result=result, ended_on=local_day(now, complaint.zone)
        )
        if not ended:
            raise Refused(_("Pilih tindakan yang masih menunggu hasil."), field="action")
        return taking.take(complaint, step, by=by, now=now, data={"action": action.pk, "done": done})


def suspend(
    complaint: Complaint, *, by: User, now: datetime, party: ReportedParty | None, since: date, ordered_by: str
) -> Event:
    """Record that a reported member of staff is relieved of duty while the case is examined (D25, D60)."""
    with transaction.atomic():
        facts = {"party": party, "since": since, "ordered_by": ordered_by}
        step = gate.allowed(complaint, "bebastugaskan", by=by, now=now, facts=facts)
        _of_this_case(complaint, party)
        _not_in_the_future(complaint, since, now=now, field="since")
        if Suspension.objects.filter(party=party, ended_on=None).exists():
            raise Refused(_("Pihak ini sudah tercatat dibebastugaskan. Pilih pihak lain."), field="party")
        made = Suspension.objects.create(
            complaint=complaint, regency_code=complaint.region_id[:5], **facts, created_at=now
        )
        data = {"suspension": made.pk, "since": since.isoformat()}
        return taking.take(complaint, step, by=by, now=now, data=data)


def end_suspension(
    complaint: Complaint, *, by: User, now: datetime, suspension: Suspension | None, ended_on: date, ended_as: str
) -> Event:
    """Record how a suspension ended: restored, or dismissed where the case was found proven, and only then (D25)."""
    with transaction.atomic():
        facts = {"suspension": suspension, "ended_on": ended_on, "ended_as": ended_as}
        step = gate.allowed(complaint, "akhiri-pembebastugasan", by=by, now=now, facts=facts)
        _not_in_the_future(complaint, ended_on, now=now, field="ended_on")
        if ended_as == Suspension.End.DISMISSED and complaint.case_file.position != Position.PROVEN:
            raise Refused(
                _("Masalahnya tidak dinyatakan terbukti. Pilih bahwa hak dan tugasnya dipulihkan."),
                field="ended_as",
            )
        assert suspension is not None
        if ended_on < suspension.since:
            raise Refused(_("Akhirnya tidak boleh sebelum mulainya."), field="ended_on")
        ended = Suspension.objects.filter(pk=suspension.pk, complaint=complaint, ended_on=None)
        if not ended.update(ended_on=ended_on, ended_as=ended_as):
            raise Refused(_("Pilih pembebastugasan yang masih berjalan."), field="suspension")
        data = {"suspension": suspension.pk, "ended_as": ended_as, "ended_on": ended_on.isoformat()}
        return taking.take(complaint, step, by=by, now=now, data=data)


def record_money(
    complaint: Complaint,
    *,
    by: User,
    now: datetime,
    lost_amount: Decimal | None = None,
    amount: Decimal | None = None,
    paid_on: date | None = None,
    words: str = "",
    cancelled: Repayment | None = None,
    reason: str = "",
) -> Event:
    """Write down what was lost, what came back, or that a repayment was written down in error; in rupiah (D29).

    What came back is the sum of the repayments. A loss written lower than it was, or as nothing, needs a reason and
    leaves both figures in the record: no case is settled by writing the loss away.
    """
    facts: dict[str, Any] = {"lost_amount": lost_amount, "amount": amount, "paid_on": paid_on, "words": words}
    facts |= {"cancelled": cancelled, "reason": reason}
    with transaction.atomic():
        step = gate.allowed(complaint, "catat-uang", by=by, now=now, facts=facts)
        loss = complaint.lost_amount if lost_amount is None else Decimal(lost_amount)
        if loss is None:
            raise Refused(_("Catat dulu jumlah kerugiannya."), field="lost_amount")
        data = _change_of_loss(complaint, loss, reason=reason)
        if cancelled:
            data |= _cancel(complaint, cancelled)
        if amount:
            assert paid_on is not None
            _not_in_the_future(complaint, paid_on, now=now, field="paid_on")
            data |= _repay(complaint, amount, paid_on, words, by=by, now=now)
        if not data:
            raise Refused(_("Tidak ada yang berubah: isi jumlah yang baru."), field="lost_amount")
        returned = complaint.repayments.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
        if returned > loss:
            field = "amount" if amount else "lost_amount"
            raise Refused(_("Yang kembali tidak boleh lebih besar daripada kerugiannya."), field=field)
        return taking.take(
            complaint, step, by=by, now=now, text=reason, data=data, lost_amount=loss, returned_amount=returned
        )


def _change_of_loss(complaint: Complaint, loss: Decimal, *, reason: str) -> dict[str, Any]:
    """Return the old and the new loss for the record; nothing where it stays."""
    before = complaint.lost_amount
    if loss == before:
        return {}
    if loss < 0:
        raise Refused(_("Kerugian harus nol atau lebih."), field="lost_amount")
    if (loss == 0 or (before is not None and loss < before)) and not reason:
        raise Refused(_("Tulis alasannya: kerugian yang dicatat menjadi lebih kecil atau nol."), field="reason")
    return {"lost_before": None if before is None else f"{before:.0f}", "lost": f"{loss:.0f}"}


def _repay(
    complaint: Complaint, amount: Decimal, paid_on: date, words: str, *, by: User, now: datetime
) -> dict[str, Any]:
    if amount < 0:
        raise Refused(_("Jumlah yang kembali harus lebih dari nol."), field="amount")
    made = Repayment.objects.create(
        complaint=complaint,
        regency_code=complaint.region_id[:5],
        amount=amount,
        paid_on=paid_on,
        words=words,
        recorded_by=by,
        created_at=now,
    )
    return {"repayment": made.pk, "repaid": f"{amount:.0f}", "paid_on": paid_on.isoformat()}


def _cancel(complaint: Complaint, repayment: Repayment) -> dict[str, Any]:
    """Take back a repayment that was written down in error; the record keeps its amount and day."""
    kept = {"cancelled": repayment.pk, "amount": f"{repayment.amount:.0f}", "paid_on": repayment.paid_on.isoformat()}
    deleted, _models = complaint.repayments.filter(pk=repayment.pk).delete()
    if not deleted:
        raise Refused(_("Pilih pengembalian yang tercatat pada pengaduan ini."), field="cancelled")
    return kept


def _of_this_case(complaint: Complaint, party: ReportedParty | None) -> None:
    if party is None or party.complaint_id != complaint.pk:
        raise Refused(_("Pilih pihak yang dilaporkan dalam pengaduan ini."), field="party")


def _not_in_the_future(complaint: Complaint, day: date, *, now: datetime, field: str) -> None:
    if day > local_day(now, complaint.zone):
        raise Refused(_("Tanggalnya tidak boleh di masa depan."), field=field)
