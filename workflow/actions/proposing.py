"""Propose a step that somebody else decides, and decide it: raise, lower, extend, close aside (D33, D36, D52, D53)."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Category, Complaint, Event
from tiers.models import User
from tiers.permissions import Permission
from workflow import gate, notices, routing, taking
from workflow.actions import aside, extending, merging, paths, tiers
from workflow.machine import BY_CODE, NEED_SENTENCES, Need, Refused, Step
from workflow.models import Proposal
from workflow.needs import Facts, missing

# What only the one who decides can meet; the rest must be there when a step is proposed.
OF_THE_DECIDER = frozenset({Need.SECOND_PAIR, Need.OTHER_PERSON, Need.OTHER_AGREES})

VERBS: dict[str, Callable[..., Event]] = {
    "naikkan": tiers.hand_up,
    "turunkan": tiers.hand_down,
    "ambil-alih": tiers.take_over,
    "bukan-kewenangan": partial(aside.close_aside, code="bukan-kewenangan"),
    "salurkan": partial(aside.close_aside, code="salurkan"),
    "proses-hukum": partial(aside.close_aside, code="proses-hukum"),
    "perpanjang": extending.extend,
    "serahkan-fase-akhir": partial(aside.close_aside, code="serahkan-fase-akhir"),
    "duplikat": merging.close_duplicate,
    "putuskan-basis-data": paths.decide_master_data,
    "alihkan-sifat": tiers.recategorise,
}


def propose(complaint: Complaint, code: str, *, by: User, now: datetime, facts: Facts) -> Proposal:
    """Propose a step with all that it needs; whoever may take it is told. One open proposal a step (D33).

    Raises Refused as the step itself would, but for what only another person can meet.
    """
    step = BY_CODE[code]
    with transaction.atomic():
        if step not in gate.proposable(complaint, by=by, now=now):
            gate.allowed(complaint, code, by=by, now=now, facts=facts)
            raise Refused(_("Langkah ini dapat Anda ambil sendiri. Ambil langsung, tanpa usul."))
        for need in step.needs:
            if need not in OF_THE_DECIDER and (
                field := missing(need, complaint, code=code, by=by, now=now, facts=facts)
            ):
                raise Refused(NEED_SENTENCES[need], field=field)
        if complaint.proposals.filter(code=code, decided_at=None).exists():
            raise Refused(_("Langkah ini sudah diusulkan. Tunggu keputusannya."))
        usulkan = gate.allowed(complaint, "usulkan", by=by, now=now)
        proposal = Proposal.objects.create(
            complaint=complaint,
            regency_code=complaint.region_id[:5],
            code=code,
            facts=pack(facts),
            proposed_by=by,
            proposed_at=now,
        )
        data = {"code": code, "of": proposal.pk}
        event = taking.take(complaint, usulkan, by=by, now=now, text=str(facts.get("reason", "")), data=data)
        notices.owe_people(event, complaint, _deciders(proposal, now=now), notices.PROPOSED, now=now)
        return proposal


def approve(proposal: Proposal, *, by: User, now: datetime, decision: str = "") -> Event:
    """Take the proposed step as the one who decides; raises Refused where it is no longer open, or not theirs."""
    with transaction.atomic():
        complaint = _decided(proposal, by=by, now=now, approved=True, decision=decision)
        event = VERBS[proposal.code](complaint, by=by, now=now, **unpack(proposal.facts))
        notices.owe_people(event, complaint, [proposal.proposed_by_id], notices.PROPOSAL_DECIDED, now=now)
        return event


def refuse(proposal: Proposal, *, by: User, now: datetime, reason: str) -> Event:
    """Refuse a proposal with a reason; the case stays as it is, and who proposed is told."""
    with transaction.atomic():
        complaint = _decided(proposal, by=by, now=now, approved=False, decision=reason)
        step = gate.allowed(complaint, "tolak-usul", by=by, now=now, facts={"reason": reason})
        data = {"code": proposal.code, "of": proposal.pk}
        event = taking.take(complaint, step, by=by, now=now, text=reason, data=data)
        notices.owe_people(event, complaint, [proposal.proposed_by_id], notices.PROPOSAL_DECIDED, now=now)
        return event


def may_decide(proposal: Proposal, *, by: User, now: datetime) -> bool:
    """Say whether this person decides: the one the step is for, never the one who proposed, nor who handled (D53)."""
    step = BY_CODE[proposal.code]
    if proposal.proposed_by_id == by.pk or step.who not in gate.rights_of(by, proposal.complaint, now=now):
        return False
    return not any(
        missing(need, proposal.complaint, code=step.code, by=by, now=now, facts={})
        for need in step.needs
        if need in OF_THE_DECIDER
    )


def _deciders(proposal: Proposal, *, now: datetime) -> list[int]:
    """Return who hears of a proposal: those at this office and above it who may decide, the nearest of them (D51)."""
    complaint = proposal.complaint
    offices = [complaint.office_id]
    if above := routing.above(complaint):
        offices.append(above.pk)
    people = notices.people_of(complaint, offices, now=now)
    people |= notices.people_of(complaint, offices[:1], now=now, permission=Permission.SUPERVISE)
    users = User.objects.filter(pk__in=people).order_by("pk")
    return [user.pk for user in users if may_decide(proposal, by=user, now=now)]


def _decided(proposal: Proposal, *, by: User, now: datetime, approved: bool, decision: str) -> Complaint:
    """Claim the proposal for this decision; two at once decide it once."""
    if not may_decide(proposal, by=by, now=now):
        raise Refused(_("Usul ini harus diputuskan orang lain: bukan yang mengusulkan, dan bukan yang menangani."))
    claimed = Proposal.objects.filter(pk=proposal.pk, decided_at=None).update(
        decided_by=by, decided_at=now, approved=approved, decision=decision
    )
    if not claimed:
        raise Refused(_("Usul ini sudah diputuskan. Muat ulang halaman."))
    return proposal.complaint


def step_of(proposal: Proposal) -> Step:
    return BY_CODE[proposal.code]


def pack(facts: Facts) -> dict[str, Any]:
    """Return facts as JSON: a day, a complaint and a category are marked as what they are."""
    return {name: _packed(value) for name, value in facts.items() if value not in (None, "")}


def _packed(value: Any) -> Any:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Complaint):
        return {"complaint": value.pk}
    if isinstance(value, Category):
        return {"category": value.pk}
    return value


def unpack(facts: dict[str, Any]) -> Facts:
    """Return the facts as they were proposed."""
    return {name: _unpacked(value) for name, value in facts.items()}


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict) and "day" in value:
        return date.fromisoformat(value["day"])
    if isinstance(value, dict) and "complaint" in value:
        return Complaint.objects.select_related("programme", "office").get(pk=value["complaint"])
    if isinstance(value, dict) and "category" in value:
        return Category.objects.select_related("programme", "service_level").get(pk=value["category"])
    return value
