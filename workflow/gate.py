"""May this person take this step now? What must exist for it stands in `workflow.needs` (D22–D29, D33, D49, D53)."""

from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complainant, Complaint
from tiers import scope
from tiers.models import User
from tiers.permissions import Permission
from workflow import routing
from workflow.machine import BY_CODE, NEED_SENTENCES, STEPS, Need, Refused, Step, Who, fits, why_not
from workflow.needs import Facts, accepted_with_the_code, missing, steps_taken

READS_ORIGINAL = {Who.HOLDER, Who.SUPERVISOR, Who.VERIFIER, Who.OVERSIGHT}


def allowed(
    complaint: Complaint,
    code: str,
    *,
    now: datetime,
    by: User | None = None,
    complainant: Complainant | None = None,
    facts: Facts | None = None,
) -> Step:
    """Return the row of the table, or raise Refused with the sentence that says why it is not open."""
    step = BY_CODE[code]
    if not fits(step, complaint, position=_position(complaint, step)):
        raise Refused(why_not(step, complaint))
    if not may_take(step, complaint, by=by, complainant=complainant, now=now):
        raise Refused(_("Langkah “%(step)s” bukan wewenang Anda pada pengaduan ini.") % {"step": step.label})
    for need in step.needs:
        if field := missing(need, complaint, code=code, by=by, now=now, facts=facts or {}):
            raise Refused(NEED_SENTENCES[need], field=field)
    return step


def open_steps(complaint: Complaint, *, by: User, now: datetime, rights: set[Who] | None = None) -> list[Step]:
    """Return the steps whose button this officer is shown: rows that fit and are theirs to take.

    For a complaint that the page read through `visible_to`; `allowed` asks again when the step is taken. `rights` are
    those of `roles_of`, where the caller knows them.
    """
    rights = roles_of(by, complaint, now=now) if rights is None else rights
    return [step for step in STEPS if step.who in rights and fits(step, complaint, position=_position(complaint, step))]


def original_for(complaint: Complaint, rights: set[Who]) -> str:
    """Return the words as they were received to who handles, supervises or verifies; to all others nothing (D18)."""
    return complaint.text.original if rights & READS_ORIGINAL else ""


def proposable(complaint: Complaint, *, by: User, now: datetime, rights: set[Who] | None = None) -> list[Step]:
    """Return the steps that this officer may only propose: others decide them, or this person handled the case (D53).

    For a complaint that was read through `visible_to`, as `open_steps`.
    """
    rights = roles_of(by, complaint, now=now) if rights is None else rights
    found = [step for step in STEPS if step.proposer in rights and fits(step, complaint)]
    barred = any(Need.SECOND_PAIR in step.needs and step.who in rights for step in found) and bool(
        missing(Need.SECOND_PAIR, complaint, code="", by=by, now=now, facts={})
    )
    return [step for step in found if step.who not in rights or (barred and Need.SECOND_PAIR in step.needs)]


def steps_of_complainant(complaint: Complaint, complainant: Complainant) -> set[str]:
    """Return the codes of the steps that are this complainant's to take now."""
    who = _as(complainant)
    return {
        step.code
        for step in STEPS
        if step.who == who
        and fits(step, complaint)
        and not (Need.OTHERS_WORD in step.needs and accepted_with_the_code(complaint))
    }


def _as(complainant: Complainant) -> Who:
    """Return as whom a complainant acts: who withdrew while others go on may only come back (D20)."""
    return Who.WITHDREW if complainant.withdrawn_at else Who.COMPLAINANT


def may_take(
    step: Step, complaint: Complaint, *, now: datetime, by: User | None = None, complainant: Complainant | None = None
) -> bool:
    """Say whether this person, or the system when nobody is named, is the one the row is for."""
    if by is None:
        if complainant is not None:
            return step.who == _as(complainant) and complainant.brought(complaint)
        return step.who == Who.SYSTEM
    return step.who in rights_of(by, complaint, now=now)


def rights_of(by: User, complaint: Complaint, *, now: datetime) -> set[Who]:
    """Return as whom an officer may act on a complaint; nothing when they may not see it.

    A custodian decides about identities without seeing the case, and never where they or their office are reported.
    """
    this = Complaint.objects.filter(pk=complaint.pk)
    if this.visible_to(by).exists():
        return roles_of(by, complaint, now=now)
    return {Who.CUSTODIAN} if this.identities_kept_by(by, on=timezone.localdate(now)).exists() else set()


def roles_of(by: User, complaint: Complaint, *, now: datetime) -> set[Who]:
    """Return as whom an officer may act on a complaint that was read through `visible_to`."""
    on = timezone.localdate(now)
    rights = set()
    if scope.may(by, Permission.HANDLE, complaint.office, on=on):
        rights |= {Who.HOLDER, Who.COMPLAINANT}  # the holder writes down the complainant's word (D21)
    supervises = scope.may_above(by, Permission.SUPERVISE, complaint.office, on=on)
    above, at_top = _reach_above(by, complaint, on=on)
    if supervises:
        rights |= {Who.SUPERVISOR, Who.VERIFIER}
    if above or at_top:
        rights.add(Who.VERIFIER)
    if above or (supervises and at_top):
        rights.add(Who.ABOVE)
    if Who.VERIFIER in rights:
        rights.add(Who.COMPLAINANT)  # a complainant may turn to any office, also a higher one (D21)
    if rights & {Who.HOLDER, Who.VERIFIER}:
        rights.add(Who.CLOSER)
    if Who.HOLDER in rights:
        rights.add(Who.HELPER)
    else:
        rights |= _asked_to_help(by, complaint, on=on)
    if Complaint.objects.filter(pk=complaint.pk).identities_kept_by(by, on=on).exists():
        rights.add(Who.CUSTODIAN)
    if _oversees(by, complaint, on=on):
        rights.add(Who.OVERSIGHT)
    if _reviews(by, complaint, on=on):
        rights.add(Who.REVIEWER)
    if scope.assignments_of(by, Permission.HANDLE, on=on):
        rights.add(Who.ANYONE_IN_REACH)
    return rights


def _reach_above(by: User, complaint: Complaint, *, on: date) -> tuple[bool, bool]:
    """Say whether someone handles cases at an office above, and whether at the top itself, which has none (D53)."""
    top = routing.ladder(complaint.programme)[-1].tier
    tiers = {
        office.tier
        for office in scope.offices_of(by, Permission.HANDLE, on=on)
        if scope.contains(office, programme_id=complaint.programme_id, region_code=complaint.region_id)
    }
    return any(tier > complaint.tier for tier in tiers), complaint.tier == top and top in tiers


def _asked_to_help(by: User, complaint: Complaint, *, on: date) -> set[Who]:
    """Return the rights of someone of whom, or of an office of theirs, help with this case was asked (D33)."""
    if not any(kind == "minta-bantuan" for kind, _by in steps_taken(complaint)):
        return set()
    offices = [office.pk for office in scope.offices_of(by, Permission.HANDLE, on=on)]
    asked = complaint.help_requests.filter(Q(user=by) | Q(office__in=offices))
    answered = list(asked.values_list("answered_at", flat=True))
    return ({Who.HELPER} if answered else set()) | ({Who.ASKED} if None in answered else set())


def _oversees(by: User, complaint: Complaint, *, on: date) -> bool:
    """Say whether an auditor must find the way out, as no office is left that may handle the case (D35)."""
    audits = any(
        scope.contains(office, programme_id=complaint.programme_id, region_code=complaint.region_id)
        for office in scope.offices_of(by, Permission.AUDIT, on=on)
    )
    return audits and routing.is_for_oversight(complaint, on=on)


def _reviews(by: User, complaint: Complaint, *, on: date) -> bool:
    """Say whether someone judges the cases of an area in which this one lies (D48)."""
    return any(
        scope.contains(office, programme_id=complaint.programme_id, region_code=complaint.region_id)
        for office in scope.offices_of(by, Permission.REVIEW, on=on)
    )


def _position(complaint: Complaint, step: Step) -> str:
    return complaint.case_file.position if step.position else ""
