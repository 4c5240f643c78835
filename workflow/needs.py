"""What must exist before a step is taken: each need of the table checked against the case (D12, D17-D29, D52-D56)."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from pengaduan.models import Attachment, Complaint, Event, LegalWatch, Nature, Outcome, Path, Stage
from tiers.models import Tier, User
from workflow.calendar import end_of_day, local_day
from workflow.machine import Need
from workflow.models import IdentityRequest

SILENCE_DAYS = 14  # after the result was told: no answer counts as acceptance (D28)
COMPLETION_DAYS = 30  # after the question: no completion counts as withdrawal (D12)
ASKS = 3  # how often a file may wait: each time the clock stands (D12)
REMINDER_DAYS = (15, 25)  # of waiting: the complainant is reminded once each (D12)
REOPEN_DAYS = 30  # after closing (D28)
EXTENSIONS, EXTENSION_DAYS = 2, 30  # how often a tier's time is extended, and by how much at most (D52)
FIRST_CHECK_DAYS = 30  # when law enforcement is first asked after a case, unless another day is named (D29)
CHECK_DAYS = 90  # how long a case in the hands of law enforcement may go without being asked after (D27)
# Who took one of these has handled the case, and neither verifies nor closes it (D53).
HANDLING = (
    *("daftarkan", "daftarkan-informatif", "jawab", "nyatakan-terbukti", "nyatakan-tidak-terbukti", "rekomendasikan"),
    *("laporkan-hasil", "analisis-ulang", "nyatakan-selesai", "tinjau-ke-klarifikasi", "tinjau-ke-analisis"),
    *("catat-keterangan", "sepakati-tindakan", "catat-hasil-tindakan", "catat-uang", "bebastugaskan"),
)

# From here on what was handed in before proves nothing any more: another round needs its own papers (D25-D28).
SENT_BACK = ("tolak-hasil", "buka-kembali", "analisis-ulang", "kembalikan-mutu")

Facts = dict[str, Any]


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
    region = facts.get("region") or complaint.region
    if region.tier > Tier.DESA:
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


def _money(complaint: Complaint, _facts: Facts, *, code: str, **_rest: Any) -> str | None:
    """All money back (D29): a category of funds must say what was lost, and nothing may be outstanding.

    What did not happen has cost nothing; a loss that was recorded is not forgotten by calling it unproven.
    """
    if complaint.lost_amount is None:
        if code == "nyatakan-tidak-terbukti":
            return None
        return "lost_amount" if complaint.category.closure_standards.filter(money=True).exists() else None
    return "amount" if complaint.outstanding else None


def _other_person(complaint: Complaint, _facts: Facts, *, by: User | None = None, **_rest: Any) -> str | None:
    return "by" if by is None or by.pk in hands_of(complaint) else None


def hands_of(complaint: Complaint) -> set[int | None]:
    """Return who has handled the case: its handler, and whoever took a step of the procedure in it (D53)."""
    return {complaint.handler_id, *(by for kind, by in steps_taken(complaint) if kind in HANDLING)}


def steps_taken(complaint: Complaint) -> list[tuple[str, int | None]]:
    """Return which steps were taken and by whom, oldest first; read once for each version, as a page asks often."""
    version, taken = complaint.__dict__.get("_steps_taken", (None, []))
    if version != complaint.event_seq:
        taken = remember_steps(complaint, complaint.events.order_by("seq").only("kind", "by", "complaint"))
    return taken


def remember_steps(complaint: Complaint, events: Iterable[Event]) -> list[tuple[str, int | None]]:
    """Keep with the complaint which steps were taken, for a page that has read the whole record anyway."""
    taken = [(event.kind, event.by_id) for event in events]
    complaint.__dict__["_steps_taken"] = complaint.event_seq, taken
    return taken


def _second_pair(complaint: Complaint, _facts: Facts, *, by: User | None = None, **_rest: Any) -> str | None:
    """A masalah that is registered is closed by somebody who did not handle it; the complainant's own word aside.

    It stays one when it comes back to the registration or is called a question: neither is a way around (D53).
    """
    under_way = complaint.stage != Stage.REGISTRATION and complaint.category.nature == Nature.MASALAH
    once = any(kind == "daftarkan" for kind, _by in steps_taken(complaint))
    return "by" if by and (under_way or once) and by.pk in hands_of(complaint) else None


def _word(_complaint: Complaint, facts: Facts, *, by: User | None = None, **_rest: Any) -> str | None:
    """An officer who writes down the complainant's word says how it came (D21)."""
    return "reason" if by and not facts.get("reason") else None


def _actions_ended(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return "actions" if any(action.done is None for action in complaint.agreed_actions.all()) else None


def _suspensions_ended(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return "suspensions" if any(each.ended_on is None for each in complaint.suspensions.all()) else None


def _master_data(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    due = complaint.category.path == Path.MASTER_DATA_DECISION and complaint.case_file.master_data_approved is None
    return "approved" if due else None


def _decision(_complaint: Complaint, facts: Facts, **_rest: Any) -> str | None:
    if facts.get("approved") is None:
        return "approved"
    return None if facts.get("reason") else "reason"


def _coordination(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    due = complaint.category.path == Path.AVAILABILITY and complaint.case_file.coordinated_on is None
    return "authority" if due else None


def _two_complainants(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return None if complaint.all_complainants().count() >= 2 else "complainants"


def _reported(_complaint: Complaint, facts: Facts, **_rest: Any) -> str | None:
    named = any(facts.get(field) for field in ("reported_user", "reported_office", "reported_words"))
    return None if named else "reported_words"


def _help(_complaint: Complaint, facts: Facts, **_rest: Any) -> str | None:
    if not facts.get("asked"):
        return "asked"
    return None if facts.get("office") or facts.get("user") else "office"


def _amount(_complaint: Complaint, facts: Facts, **_rest: Any) -> str | None:
    """Either what was lost, or a repayment with its day and words, or one that was written down in error (D29)."""
    if facts.get("cancelled"):
        return None if facts.get("reason") else "reason"
    if facts.get("amount"):
        return next((field for field in ("paid_on", "words") if not facts.get(field)), None)
    return "lost_amount" if facts.get("lost_amount") is None else None


def _open_action(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return None if any(action.done is None for action in complaint.agreed_actions.all()) else "action"


def _party(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return None if complaint.reported_parties.all() else "party"


def _open_suspension(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return None if any(each.ended_on is None for each in complaint.suspensions.all()) else "suspension"


def _proof(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    """The statement and its documents go to Pusat with the recommendation: there must be something (D36)."""
    files = complaint.attachments.exclude(state=Attachment.State.REFUSED)
    return None if files.exists() or complaint.statements.exists() else "file"


def _at_regency(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return None if complaint.tier >= Tier.KABUPATEN else "office"


def _at_pusat(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return None if complaint.tier == Tier.PUSAT else "office"


def _extension_left(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return "until" if complaint.extensions >= EXTENSIONS else None


def _not_overdue(complaint: Complaint, _facts: Facts, *, now: datetime, **_rest: Any) -> str | None:
    """An overdue case goes up a tier; at the top it stays flagged: no extension undoes that (D32, D52)."""
    return "until" if complaint.is_overdue(now=now) else None


def _other_agrees(complaint: Complaint, _facts: Facts, *, by: User | None = None, **_rest: Any) -> str | None:
    """Who handles a case gives it no more time, not even as supervisor at the top (D52)."""
    return "by" if by is None or by.pk in hands_of(complaint) else None


def _watched(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return None if LegalWatch.objects.filter(complaint=complaint, ended_on=None).exists() else "reason"


def _new_date(complaint: Complaint, facts: Facts, **_rest: Any) -> str | None:
    """The new date lies after the present deadline, and not far after (D52)."""
    due_on, until = local_day(complaint.tier_due_at, complaint.zone), facts.get("until")
    return None if until and due_on < until <= due_on + timedelta(days=EXTENSION_DAYS) else "until"


def _next_check(complaint: Complaint, facts: Facts, *, code: str, now: datetime, **_rest: Any) -> str | None:
    """The day on which it is asked again is near; when a case goes to law enforcement it need not be named (D29)."""
    today, day = local_day(now, complaint.zone), facts.get("next_check_on")
    if day is None and code == "proses-hukum":
        return None
    return None if day and today < day <= today + timedelta(days=CHECK_DAYS) else "next_check_on"


def _linked(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    """There is a link to take back; a page that read the case knows already."""
    known = getattr(complaint, "is_linked", None)
    return None if (complaint.links.exists() if known is None else known) else "original"


def _undecided(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    """An office says "not ours" until the tier above two that refused has decided (D56)."""
    return None if refusals_of(complaint) < 2 else "region"


def _refused_twice(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    decided = any(kind == "tetapkan-wilayah" for kind, _by in steps_taken(complaint))
    return None if refusals_of(complaint) >= 2 and not decided else "region"


def refusals_of(complaint: Complaint) -> int:
    """Return how many offices have said that the matter is not theirs (D56)."""
    return sum(kind == "pindah-wilayah" for kind, _by in steps_taken(complaint))


def _granted(_complaint: Complaint, facts: Facts, *, by: User | None = None, now: datetime, **_rest: Any) -> str | None:
    wanted = facts.get("request")
    return None if wanted and by and wanted.asked_by_id == by.pk and is_open(wanted, now=now) else "request"


def is_open(request: IdentityRequest, *, now: datetime) -> bool:
    """Say whether an identity may be opened on a request: until its hour, and while the case has not moved (D63)."""
    if request.granted_until is None or request.granted_until < now:
        return False
    since = request.complaint.events.filter(at__gte=request.decided_at, from_office__isnull=False)
    return not since.exclude(to_office=F("from_office")).exists()


def _all_agree(complaint: Complaint, facts: Facts, *, code: str, by: User | None = None, **_rest: Any) -> str | None:
    """Of several who brought the matter, the word of one does not end it for the others (D20, D28).

    An officer writes down the word of one complainant: enough where nobody else is left.
    """
    others = complaint.all_complainants()
    if code == "terima-hasil" and complaint.settled_at:
        others = others.exclude(accepted_at__gte=complaint.settled_at)
    if speaking := facts.get("complainant"):
        others = others.exclude(pk=speaking.pk)
    left = others.count()
    return None if left == 0 or (by and left == 1) else "complainants"


def _time_passed(complaint: Complaint, _facts: Facts, *, code: str, now: datetime, **_rest: Any) -> str | None:
    if code == "ingatkan-pelapor":
        return None if reminder_due(complaint, now=now) else "now"
    since, length = {
        "diam-dianggap-menerima": (complaint.settled_at, SILENCE_DAYS),
        "tidak-dilengkapi": (complaint.waiting_since, COMPLETION_DAYS),
        "eskalasi": (complaint.tier_due_at, 0),
    }[code]
    return None if since and days_after(since, length, complaint.zone) < now else "now"


def reminder_due(complaint: Complaint, *, now: datetime) -> int | None:
    """Return the mark whose reminder is due: the last that has passed, unless it was sent (D12)."""
    since = complaint.waiting_since
    passed = [days for days in REMINDER_DAYS if since and days_after(since, days, complaint.zone) < now]
    if not passed:
        return None
    sent = complaint.events.filter(kind="ingatkan-pelapor", at__gt=since).values_list("data", flat=True)
    return None if passed[-1] in {json.loads(data)["day"] for data in sent} else passed[-1]


def _forum_day(complaint: Complaint, facts: Facts, *, now: datetime, **_rest: Any) -> str | None:
    """A forum that met before the matter was brought, or before its result was rejected, has not settled it (D27)."""
    back = complaint.events.filter(kind__in=SENT_BACK).order_by("-seq").values_list("at", flat=True).first()
    since, today = (local_day(instant, complaint.zone) for instant in (back or complaint.received_at, now))
    return None if since <= facts["forum_held_on"] <= today else "forum_held_on"


def _others_word(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    return "code" if accepted_with_the_code(complaint) else None


def accepted_with_the_code(complaint: Complaint) -> bool:
    """Say whether the complainant certainly accepted in person (D21, D28, D58).

    A word that an officer wrote down may be undone, and so may one by a code that an officer has seen: of a complaint
    recorded at the desk, or a code given anew there.
    """
    if complaint.outcome != Outcome.ACCEPTED:
        return False
    spoken = complaint.events.filter(kind__in=("diterima", "kode-baru", "terima-hasil"))
    return not spoken.exclude(by=None).exists()


def _ask_left(complaint: Complaint, _facts: Facts, **_rest: Any) -> str | None:
    """Asking again and again does not stop the clock for good; what nobody answered is not waited for anew (D12)."""
    kinds = [kind for kind, _by in steps_taken(complaint)]
    unanswered = "lanjutkan-tanpa-kelengkapan" in kinds
    return "questions" if unanswered or kinds.count("minta-kelengkapan") >= ASKS else None


def _recognised(complaint: Complaint, facts: Facts, *, by: User | None = None, **_rest: Any) -> str | None:
    """Who handles a case gets no code to speak for the complainant; a kept telephone that was named is proof (D62)."""
    return None if facts.get("phone_known") else _second_pair(complaint, facts, by=by)


def _sampled(complaint: Complaint, facts: Facts, **_rest: Any) -> str | None:
    review = facts.get("review")
    return None if review and review.complaint_id == complaint.pk and not review.verdict else "review"


def _untouched(complaint: Complaint, _facts: Facts, *, by: User | None = None, **_rest: Any) -> str | None:
    """Who verified a result, or only helped, does not judge it either (D53)."""
    touched = {complaint.handler_id, *(person for _kind, person in steps_taken(complaint))}
    return "by" if by is None or by.pk in touched else None


def _within_30_days(complaint: Complaint, _facts: Facts, *, now: datetime, **_rest: Any) -> str | None:
    within = complaint.closed_at and now <= days_after(complaint.closed_at, REOPEN_DAYS, complaint.zone)
    return None if within else "now"


def days_after(since: datetime, length: int, zone: str) -> datetime:
    """Return the end of the day that lies a number of days after an instant, at the place (D11)."""
    return end_of_day(local_day(since, zone) + timedelta(days=length), zone)


def _has_file(complaint: Complaint, purpose: str) -> bool:
    """Say whether a usable file of a purpose was handed in since the case last came to where it is (D27, D28)."""
    files = complaint.attachments.filter(purpose=purpose).exclude(state=Attachment.State.REFUSED)
    review = purpose == Attachment.Purpose.REVIEW_MINUTES
    back = complaint.events.filter(to_stage=Stage.REVIEW) if review else complaint.events.filter(kind__in=SENT_BACK)
    since = back.order_by("-seq").values_list("at", flat=True).first()
    if since is None:
        return not review and files.exists()
    return files.filter(created_at__gte=since).exists()


_WORDS = {
    Need.ANSWER: ("answer",),
    Need.CHRONOLOGY: ("chronology",),
    Need.ANALYSES: ("case_analysis", "stakeholder_analysis"),
    Need.RECOMMENDATION: ("recommendation",),
    Need.FOLLOW_UP: ("follow_up_by",),
    Need.RESULT: ("result",),
    Need.FINDING: ("finding",),
    Need.FORUM: ("forum_held_on", "forum_place", "forum_attendance", "forum_decision"),
    Need.REASON: ("reason",),
    Need.QUESTIONS: ("questions",),
    Need.AUTHORITY: ("authority",),
    Need.ORIGINAL: ("original",),
    Need.SUITABLE: ("suitable",),
    Need.STATEMENT: ("kind", "given_on", "text"),
    Need.ACTION: ("what", "who", "until"),
    Need.ACTION_RESULT: ("action", "result"),
    Need.SUSPENSION: ("party", "since", "ordered_by"),
    Need.SUSPENSION_END: ("suspension", "ended_on", "ended_as"),
    Need.PLACE: ("region",),
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
    Need.SECOND_PAIR: _second_pair,
    Need.WORD: _word,
    Need.ACTIONS_ENDED: _actions_ended,
    Need.SUSPENSIONS_ENDED: _suspensions_ended,
    Need.MASTER_DATA: _master_data,
    Need.COORDINATION: _coordination,
    Need.TWO_COMPLAINANTS: _two_complainants,
    Need.REPORTED: _reported,
    Need.HELP: _help,
    Need.AMOUNT: _amount,
    Need.OPEN_ACTION: _open_action,
    Need.PARTY: _party,
    Need.OPEN_SUSPENSION: _open_suspension,
    Need.PROOF: _proof,
    Need.AT_REGENCY: _at_regency,
    Need.AT_PUSAT: _at_pusat,
    Need.EXTENSION_LEFT: _extension_left,
    Need.NEW_DATE: _new_date,
    Need.NOT_OVERDUE: _not_overdue,
    Need.OTHER_AGREES: _other_agrees,
    Need.WATCHED: _watched,
    Need.NEXT_CHECK: _next_check,
    Need.UNDECIDED: _undecided,
    Need.REFUSED_TWICE: _refused_twice,
    Need.GRANTED: _granted,
    Need.ALL_AGREE: _all_agree,
    Need.LINKED: _linked,
    Need.ASK_LEFT: _ask_left,
    Need.FORUM_DAY: _forum_day,
    Need.OTHERS_WORD: _others_word,
    Need.RECOGNISED: _recognised,
    Need.SAMPLED: _sampled,
    Need.UNTOUCHED: _untouched,
    Need.DECISION: _decision,
}
