"""What the beat asks for. Each task reads the clock and calls one rule; each may run twice, late, or at once."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from workflow import corrections, daily, delivery, drafts, escalation, lapses, outbox, scans, warnings

SHOWN = 20  # numbers in one line of the log; the command lists all

log = logging.getLogger(__name__)


@shared_task
def escalate_overdue() -> None:
    """Take what is overdue up a tier (D32)."""
    run = escalation.sweep(now=timezone.now())
    if run.refused:
        log.error("the escalation waits for a person: %s", run.refused)


@shared_task
def warn_of_deadlines() -> None:
    """Warn of what is half over, nearly over, or at the end of a step (D34)."""
    warnings.warn(now=timezone.now())


@shared_task
def deliver_notices() -> None:
    """Send the notices that are owed (D42, D43)."""
    delivery.deliver(now=timezone.now())


@shared_task
def close_lapsed() -> None:
    """Close what waited for the complainant too long (D12, D28)."""
    lapses.close_lapsed(now=timezone.now())


@shared_task
def follow_calendar() -> None:
    """Move the open deadlines that a corrected holiday touches, or a changed period that is to be followed (D10)."""
    corrections.follow_calendar(now=timezone.now())
    corrections.follow_levels(now=timezone.now())


@shared_task
def scan_files() -> None:
    """Have the files in quarantine scanned, where there is a scanner (D17)."""
    if settings.CLAMAV_HOST:
        scans.scan_quarantined(now=timezone.now())


@shared_task
def forget_drafts() -> None:
    """Delete reports that were begun and never sent, with their photos, and what officers never mended (D37, D62)."""
    now = timezone.now()
    drafts.forget_old(now=now)
    outbox.forget_old(now=now)


@shared_task
def check_clocks() -> None:
    """Say aloud what is overdue and was not escalated, and owe what is told every morning (D29, D32, D51)."""
    now = timezone.now()
    if missed := list(escalation.missed(now=now)):
        _say("overdue and not escalated", missed)
    daily.owe_digests(now=now)
    daily.owe_legal_checks(now=now)
    if unheard := daily.owe_daily(now=now):
        _say("late at the top, with no coordinator to tell", unheard)


def _say(what: str, complaints: list) -> None:
    numbers = ", ".join(complaint.number for complaint in complaints[:SHOWN])
    log.error("%s: %s complaints, first %s", what, len(complaints), numbers)
