"""May this person take this step now, and what is still missing? (D22–D29, D33, D49, D53)"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Attachment, Complainant, Complaint, Event, Stage
from tiers import scope
from tiers.models import CODE_LENGTH, Tier, User
from tiers.permissions import Permission
from workflow import routing
from workflow.calendar import end_of_day, local_day
from workflow.machine import BY_CODE, NEED_SENTENCES, STEPS, Need, Refused, Step, Who, fits, why_not

SILENCE_DAYS = 14  # after the result was told: no answer counts as acceptance (D28)
COMPLETION_DAYS = 30  # after the question: no completion counts as withdrawal (D12)
REOPEN_DAYS = 30  # after closing (D28)
SETTLING = ("nyatakan-selesai", "nyatakan-tidak-terbukti")

Facts = dict[str, Any]


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


def open_steps(complaint: Complaint, *, by: User, now: datetime) -> list[Step]:
    """Return the steps whose button this officer is shown: rows that fit and are theirs to take.

    For a complaint that the page read through `visible_to`; `allowed` asks again when the step is taken.
    """
    rights = _roles_of(by, complaint, now=now)
    return [step for step in STEPS if step.who in rights and fits(step, complaint, position=_position(complaint, step))]


def steps_of_complainant(complaint: Complaint) -> set[str]:
    """Return the codes of the steps that are the complainant's to take now."""
    return {step.code for step in STEPS if step.who == Who.COMPLAINANT and fits(step, complaint)}


def may_take(
    step: Step, complaint: Complaint, *, now: datetime, by: User | None = None, complainant: Complainant | None = None
) -> bool:
    """Say whether this person, or the system when nobody is named, is the one the row is for."""
    if by is None:
        if complainant is not None:
            return step.who == Who.COMPLAINANT and complainant.complaint_id == complaint.pk
        return step.who == Who.SYSTEM
    return step.who in rights_of(by, complaint, now=now)


def rights_of(by: User, complaint: Complaint, *, now: datetime) -> set[Who]:
    """Return as whom an officer may act on a complaint; nothing when they may not see it."""
    if not Complaint.objects.filter(pk=complaint.pk).visible_to(by).exists():
        return set()
    return _roles_of(by, complaint, now=now)


def _roles_of(by: User, complaint: Complaint, *, now: datetime) -> set[Who]:
    on = timezone.localdate(now)
    rights = set()
    if scope.may(by, Permission.HANDLE, complaint.office, on=on):
        rights |= {Who.HOLDER, Who.COMPLAINANT}  # the holder writes down the complainant's word (D21)
    if scope.may_above(by, Permission.SUPERVISE, complaint.office, on=on):
        rights |= {Who.SUPERVISOR, Who.VERIFIER}
    elif _handles_above(by, complaint, on=on):
        rights.add(Who.VERIFIER)
    if scope.assignments_of(by, Permission.HANDLE, on=on):
        rights.add(Who.ANYONE_IN_REACH)
    return rights


def _handles_above(by: User, complaint: Complaint, *, on: date) -> bool:
    """Say whether someone handles cases at an office above; at the top a colleague of the same office counts (D53)."""
    top = routing.ladder(complaint.programme)[-1].tier
    return any(
        scope.contains(office, programme_id=complaint.programme_id, region_code=complaint.region_id)
        and (office.tier > complaint.tier or office.tier == complaint.tier == top)
        for office in scope.offices_of(by, Permission.HANDLE, on=on)
    )


def _position(complaint: Complaint, step: Step) -> str:
    return complaint.case_file.position if step.position else ""


def missing(
    need: Need, complaint: Complaint, *, code: str, now: datetime, facts: Facts, by: User | None = None
) -> str | None:
    """Return the name of the field that is missing for a need, None when it is met."""
    if check := _WORDS.get(need):
        return next((field for field in check if not facts.get(field)), None)
    if purpose := _FILES.get(need):
        return None if _has_file(complaint, purpose) else "file"
    return _CHECKS[need](complaint, facts, code=code, by=by, now=now)


def _register(complaint: Complaint, facts: Facts, **_rest: Any) -> str | None:
    if len(complaint.region_id) < CODE_LENGTH[Tier.DESA]:
        return "region"
    return None if facts.get("recorded") else "recorded"


def _evidence(complaint: Complaint, facts: Facts, **_rest: Any) -> str | None:
    enough = (
        complaint.category.evidence == "optional"
        or facts.get("information_complete")
        or complaint.attachments.exclude(state=Attachment.State.REFUSED).exists()
    )
    return None if enough else "information_complete"


def _standard(complaint: Complaint, facts: Facts, **_rest: Any) -> str | None:
    wanted = {item for standard in complaint.category.closure_standards.all() for item in standard.items}
    return None if wanted <= set(facts.get("ticked", ())) else "ticked"


def _money(complaint: Complaint, facts: Facts, **_rest: Any) -> str | None:
    """All money back (D29): a category of funds must say what was lost, and nothing may be outstanding."""
    lost = facts.get("lost_amount", complaint.lost_amount)
    returned = facts.get("returned_amount", complaint.returned_amount) or 0
    if lost is None:
        return "lost_amount" if complaint.category.closure_standards.filter(money=True).exists() else None
    return "returned_amount" if returned < lost else None


def _other_person(complaint: Complaint, _facts: Facts, *, by: User | None = None, **_rest: Any) -> str | None:
    settled = Event.objects.filter(complaint=complaint, kind__in=SETTLING).order_by("-seq").values_list("by", flat=True)
    hands = {complaint.handler_id, settled.first()}
    return "by" if by is None or by.pk in hands else None


def _time_passed(complaint: Complaint, _facts: Facts, *, code: str, now: datetime, **_rest: Any) -> str | None:
    since, length = {
        "diam-dianggap-menerima": (complaint.settled_at, SILENCE_DAYS),
        "tidak-dilengkapi": (complaint.waiting_since, COMPLETION_DAYS),
        "eskalasi": (complaint.tier_due_at, 0),
    }[code]
    return None if since and days_after(since, length, complaint.zone) < now else "now"


def _within_30_days(complaint: Complaint, _facts: Facts, *, now: datetime, **_rest: Any) -> str | None:
    within = complaint.closed_at and now <= days_after(complaint.closed_at, REOPEN_DAYS, complaint.zone)
    return None if within else "now"


def days_after(since: datetime, length: int, zone: str) -> datetime:
    """Return the end of the day that lies a number of days after an instant, at the place (D11)."""
    return end_of_day(local_day(since, zone) + timedelta(days=length), zone)


def _has_file(complaint: Complaint, purpose: str) -> bool:
    """Say whether a usable file of a purpose was handed in since the case last came to where it is (D27, D28)."""
    files = complaint.attachments.filter(purpose=purpose).exclude(state=Attachment.State.REFUSED)
    if purpose == Attachment.Purpose.REVIEW_MINUTES:
        arrived = complaint.events.filter(to_stage=Stage.REVIEW).order_by("-seq").values_list("at", flat=True).first()
        files = files.filter(created_at__gte=arrived) if arrived else files.none()
    return files.exists()


_WORDS = {
    Need.ANSWER: ("answer",),
    Need.CHRONOLOGY: ("chronology",),
    Need.ANALYSES: ("case_analysis", "stakeholder_analysis"),
    Need.RECOMMENDATION: ("recommendation",),
    Need.FOLLOW_UP: ("follow_up_by",),
    Need.RESULT: ("result",),
    Need.FINDING: ("finding",),
    Need.FORUM: ("forum_held_on", "forum_attendance"),
    Need.REASON: ("reason",),
    Need.QUESTIONS: ("questions",),
    Need.AUTHORITY: ("authority",),
    Need.ORIGINAL: ("original",),
}
_FILES = {
    Need.RESULT_DOCUMENT: Attachment.Purpose.RESULT,
    Need.MINUTES: Attachment.Purpose.MINUTES,
    Need.REVIEW_MINUTES: Attachment.Purpose.REVIEW_MINUTES,
}
_CHECKS: dict[Need, Callable[..., str | None]] = {
    Need.REGISTER: _register,
    Need.EVIDENCE: _evidence,
    Need.STANDARD: _standard,
    Need.MONEY: _money,
    Need.OTHER_PERSON: _other_person,
    Need.TIME_PASSED: _time_passed,
    Need.WITHIN_30_DAYS: _within_30_days,
}
