"""Make the reports that a period calls for, each once, however often the beat fires, dies or was down (D44, D45).

What a period calls for is written down as one ReportDue a report, all of them at once; whoever comes next takes one
after the other, makes its edition and owes it to its recipients in the same transaction. So two beats share the work,
a process that is killed leaves its report to the next one, and what failed is tried again later and shown.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from pengaduan.models import Complaint
from reports import editions
from reports.figures.reckoning import RECKONINGS
from reports.models import Edition, ReportDue
from reports.periods import JAKARTA, PERIODS, Kind, Period
from reports.sending import dispatch, recipients
from reports.subject import BELOW, Subject
from tiers.models import Assignment, Office, Programme, Region
from tiers.permissions import Permission, roles_with

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
MOST_ATTEMPTS = 16  # for more than two days
SENT_AT = time(6)  # in Jakarta, on the day after the period
BATCH = 20  # editions that are made before those of them are mailed

logger = logging.getLogger(__name__)


def due_at(period: Period) -> datetime:
    """Return when the reports of a period are made: at six in Jakarta on the day after it."""
    return datetime.combine(period.following.first, SENT_AT, JAKARTA)


def last_due(kind: Kind, *, now: datetime) -> Period:
    """Return the last period of a kind whose reports should have been made by now."""
    period = PERIODS[kind].of(now).previous
    return period if due_at(period) <= now else period.previous


def catch_up(*, now: datetime) -> None:
    """Take up the last period of each kind that nobody has taken up: the beat was down when its hour came."""
    for kind in Kind:
        take_up(last_due(kind, now=now), now=now)


def take_up(period: Period, *, now: datetime) -> None:
    """Write down what reports a period calls for, unless that has been done; one query where it has."""
    taken = ReportDue.objects.filter(kind=period.kind, begins_on=period.first)
    if taken.exists():
        return
    rows = [
        ReportDue(
            kind=period.kind,
            programme=subject.programme,
            region=subject.region,
            begins_on=period.first,
            created_at=now,
            next_attempt_at=now,
        )
        for subject in subjects(period, on=timezone.localdate(now))
    ]
    ReportDue.objects.bulk_create(rows, ignore_conflicts=True)  # the other of two at once was faster


def subjects(period: Period, *, on: date) -> Iterator[Subject]:
    """Yield the reports that a period calls for: the nation's of each programme, and the areas' where someone reads."""
    for programme in Programme.objects.filter(active=True).order_by("code"):
        yield Subject(programme, None, period)
        read = _read_by_officers(programme, on=on) | _read_outside(programme, period.kind)
        for region in sorted(read, key=lambda region: region.code):
            if region.tier in RECKONINGS[period.kind].tiers:
                yield Subject(programme, region, period)


def _read_by_officers(programme: Programme, *, on: date) -> set[Region]:
    receiving = Assignment.objects.current(on).filter(role__in=roles_with(Permission.RECEIVE_REPORTS))
    offices = Office.objects.filter(programme=programme, pk__in=receiving.values("office"), region__isnull=False)
    return {office.region for office in offices.filter(tier__in=BELOW).select_related("region")}


def _read_outside(programme: Programme, kind: Kind) -> set[Region]:
    extra = recipients.outside_of(programme, kind).filter(region__isnull=False)
    return {recipient.region for recipient in extra.select_related("region")}


def make_and_send(*, now: datetime) -> list[str]:
    """Make what is due and mail it, some at a time; return the titles of what could not be made or sent as it is."""
    failed: list[str] = []
    while True:
        made, broken = make(now=now, limit=BATCH)
        failed += broken
        failed += dispatch.deliver(now=now).tampered
        if made + len(broken) < BATCH:
            return failed


def make(*, now: datetime, limit: int) -> tuple[int, list[str]]:
    """Make reports that are due, each in a transaction of its own; return how many, and the titles of the failed."""
    made, failed = 0, []
    for _turn in range(limit):
        due = _make_next(now=now)
        if due is None:
            break
        if due.made_at:
            made += 1
        else:
            failed.append(due.subject.title)
    return made, failed


def _make_next(*, now: datetime) -> ReportDue | None:
    """Claim one report and make it; None when nothing is due. Those of the nation come first."""
    with transaction.atomic():
        owed = ReportDue.objects.owed(now=now).select_for_update(skip_locked=True, of=("self",))
        due = owed.select_related("programme", "region").order_by("next_attempt_at", "pk").first()
        if due is None:
            return None
        try:
            with transaction.atomic():
                due.edition = _made(due.subject, now=now)
        except Exception as failure:  # whatever it is, the others are still made, and it stays due and visible
            logger.exception("the report %s could not be made", due.subject.slug)
            _postpone(due, failure, now=now)
        else:
            due.made_at, due.last_error = now, ""
        due.save()
        return due


def _made(subject: Subject, *, now: datetime) -> Edition | None:
    """Return the first edition, owed to its recipients; None of one that would say nothing to nobody.

    A biweekly one is for prominent cases: without any it goes out only where the programme wants to be told so (PNPM's
    rules do). Of a period that ended before the programme began here there is nothing to report.
    """
    if not _had_begun(subject):
        return None
    if subject.kind == Kind.BIWEEKLY and not subject.programme.always_biweekly:
        edition = editions.first_edition_with_cases(subject, now=now)
    else:
        edition = editions.first_edition(subject, now=now)
    if edition:
        dispatch.owe(edition, now=now)
    return edition


def _had_begun(subject: Subject) -> bool:
    """Say whether anybody held a post in the programme, or anything had come in, before the period ended."""
    posts = Assignment.objects.filter(office__programme=subject.programme, starts_on__lte=subject.period.last)
    cases = Complaint.objects.filter(programme=subject.programme, received_at__lt=subject.period.ends_at)
    return posts.exists() or cases.exists()


def _postpone(due: ReportDue, failure: Exception, *, now: datetime) -> None:
    due.attempts += 1
    due.last_error = type(failure).__name__  # its text may hold what a row says
    due.next_attempt_at = now + min(FIRST_WAIT * 2 ** (due.attempts - 1), LONGEST_WAIT)
    if due.attempts >= MOST_ATTEMPTS:
        due.given_up_at = now
