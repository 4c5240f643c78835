"""The letters that are kept as they were sent: made in the transaction of the step, read ever after (D19, D42, D54).

A letter is written from the template then in force, for everyone who is told, whether or not a mail can reach them;
mail and page show the kept words. Where the programme has words for paper (`surat-` before the code) they are kept
beside it. What a sweep owes to thousands, and what a faulty template prevented, is made at delivery or first reading.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from pengaduan.models import Complainant, Complaint, Event
from workflow import letters, notices
from workflow.models import Letter, Notification, ReplyTemplate
from workflow.wording import AUTHORITY_LETTERS, LETTER, OMBUDSMAN, REFUSALS, TO_AUTHORITY

WITH = ("event__to_office__region", "complaint__programme", "complaint__office", "complainant__complaint")

log = logging.getLogger(__name__)


def keep_for(event: Event, complaint: Complaint) -> list[str]:
    """Keep every letter that an event leaves; return as sentences what is wrong with templates that allow none.

    A step never fails for a template: the letter is made later.
    """
    faults = []
    for template, people in _told(event, complaint).items():
        for code in _with_paper(complaint, template):
            faults += _keep(event, complaint, code, people)
    for code in _to_authorities(event):
        faults += _keep(event, complaint, code, [None])
    return faults


def _told(event: Event, complaint: Complaint) -> dict[str, list[Complainant]]:
    """Return who hears of an event in which words: of several complainants one may hear otherwise (D55)."""
    told: dict[str, list[Complainant]] = {}
    if template := notices.told_of(event):
        everyone = notices.people_told(event, complaint)
        for person in everyone:
            if _was_there(person, event):
                told.setdefault(notices.told_by(event, template, person, of=len(everyone)), []).append(person)
    return told


def kept(notification: Notification) -> letters.Letter:
    """Return what a notice says: to a complainant the kept letter, made now if there is none yet.

    Raises letters.TemplateFault and letters.NothingToTell.
    """
    event, complainant = notification.event, notification.complainant
    if event is None or complainant is None or notification.complaint is None:
        return letters.render(notification)
    found = Letter.objects.filter(event=event, template=notification.template, complainant=complainant)
    if letter := found.first():
        return letters.Letter(letter.subject, letter.body)
    words = letters.render(notification)
    _store(event, notification.template, [(complainant, words)])
    return words


def of_complainant(me: Complainant) -> list[Letter]:
    """Return the letters of one complainant, newest first, and the referrals of their case to an authority.

    Nobody else's: also of a case that their complaint was merged into they read what was written to them; its referrals
    bear the number of another, and are handed out by the office (D20, D55).
    """
    _make_missing(me.complaint, since=me.created_at, me=me)
    if original := me.complaint.merged_into:
        _make_missing(original, since=me.complaint.closed_at, me=me)
    mine = Q(complainant=me) & ~Q(template__startswith=LETTER)
    found = _listed(Letter.objects.filter(mine | Q(complainant=None, complaint=me.complaint)))
    return [letter for letter in found if letter.complainant_id or _is_theirs_to_know(letter, me)]


def of_case(complaint: Complaint) -> tuple[list[Letter], list[str]]:
    """Return the letters of a case for officers, newest first, and what is wrong with those not yet made.

    A referral to the Ombudsman is theirs to hand out once the result was refused twice, or late at the top (D54).
    """
    faults = _make_missing(complaint)
    found = Letter.objects.filter(complaint=complaint).exclude(complainant__isnull=False, template__startswith=LETTER)
    if complaint.rejections < 2 and complaint.top_overdue_at is None:
        found = found.exclude(template=OMBUDSMAN)
    return _listed(found), faults


def _is_theirs_to_know(letter: Letter, me: Complainant) -> bool:
    """Say whether a referral may be shown to a complainant: that another of them rejected is nobody's to know (D55)."""
    if letter.event.kind not in notices.REJECTED:
        return True
    told = notices.TO_COMPLAINANT[letter.event.kind]
    return notices.told_by(letter.event, told, me, of=letter.complaint.all_complainants().count()) == told


def on_paper(letter: Letter) -> Letter:
    """Return the letter in its words for paper, where the programme has them (D42)."""
    if letter.template.startswith(LETTER):
        return letter
    return (
        Letter.objects.filter(
            event=letter.event_id, complainant=letter.complainant_id, template=LETTER + letter.template
        )
        .select_related(*WITH)
        .first()
        or letter
    )


def _listed(found: QuerySet[Letter]) -> list[Letter]:
    """Return letters newest first, with what a page of one needs."""
    return list(found.select_related(*WITH).order_by("-created_at", "-event__seq", "template"))


def _was_there(person: Complainant, event: Event) -> bool:
    """Say whether a complainant followed the case by the time of an event: what was before is not told anew (D20)."""
    if person.complaint_id == event.complaint_id:
        return person.created_at <= event.at
    return person.complaint.closed_at is not None and person.complaint.closed_at <= event.at


def _with_paper(complaint: Complaint, template: str) -> list[str]:
    """Return the template of a reply and the one of its words on paper, if the programme has them."""
    paper = ReplyTemplate.objects.filter(programme=complaint.programme_id, code=LETTER + template).exists()
    return [template, LETTER + template] if paper and LETTER + template not in AUTHORITY_LETTERS else [template]


def _to_authorities(event: Event) -> list[str]:
    codes = [TO_AUTHORITY[event.kind]] if event.kind in TO_AUTHORITY else []
    return [*codes, OMBUDSMAN] if event.kind in REFUSALS else codes


def _keep(event: Event, complaint: Complaint, template: str, people: Iterable[Complainant | None]) -> list[str]:
    written = []
    for person in people:
        try:
            written.append((person, letters.compose(complaint, event, template, person)))
        except letters.TemplateFault as fault:
            log.warning("letter of event %s not written: %s", event.pk, fault)
            return [str(fault)]
    _store(event, template, written)
    return []


def _store(event: Event, template: str, written: list[tuple[Complainant | None, letters.Letter]]) -> None:
    Letter.objects.bulk_create(
        [
            Letter(
                complaint_id=event.complaint_id,
                regency_code=event.regency_code,
                event=event,
                complainant=person,
                template=template,
                subject=words.subject[:240],
                body=words.body,
                created_at=event.at,
            )
            for person, words in written
        ],
        ignore_conflicts=True,
    )


def _make_missing(complaint: Complaint, *, me: Complainant | None = None, since: datetime | None = None) -> list[str]:
    """Make the letters of a case that a sweep or a faulty template left to be made; return what is still wrong."""
    there = Letter.objects.filter(event=OuterRef("pk"), complainant__isnull=False)
    told = complaint.events.filter(kind__in=notices.TO_COMPLAINANT)
    if me and since:
        there, told = there.filter(complainant=me), told.filter(at__gte=since)
    told = told.exclude(Exists(there))
    faults = []
    for event in told.select_related("to_office", "from_office").order_by("seq"):
        if me is None or me in notices.people_told(event, complaint):
            faults += keep_for(event, complaint)
    return faults
