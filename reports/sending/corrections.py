"""New editions of what was reported: what was recorded late or put right reaches whoever read the old one (D44, D47).

Once a week the last periods are reckoned again, and at any time when somebody who receives the report asks. Only data
that differ make a new edition; it lists what differs, and goes to those who were owed an earlier one.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from reports import editions
from reports.figures.reckoning import RECKONINGS
from reports.models import CorrectionRequest, Edition, EditionQuerySet
from reports.periods import Kind
from reports.sending import dispatch, making
from tiers.models import User

LOOKED_BACK = {Kind.MONTHLY: 3, Kind.BIWEEKLY: 2, Kind.QUARTERLY: 2}
"""How many periods of each kind are reckoned again: a letter from far away may be recorded weeks later."""

LONGEST_ANSWER = timedelta(minutes=30)  # after which something must have gone wrong

logger = logging.getLogger(__name__)


def look_back(*, now: datetime) -> list[str]:
    """Correct the reports of the last periods; return the titles of those that could not be reckoned.

    An edition of an older version of the definitions stays: a new version of the software corrects nobody's data.
    """
    failed = []
    for edition in _recent(now=now):
        try:
            _correct(edition, now=now)
        except Exception:  # whatever it is, the others are still looked at, and the task says so
            logger.exception("the report %s could not be looked at again", edition.slug)
            failed.append(str(edition))
    return failed


def _recent(*, now: datetime) -> Iterator[Edition]:
    for kind, periods in LOOKED_BACK.items():
        last = making.last_due(kind, now=now)
        latest = Edition.objects.in_force().filter(kind=kind, query_version=RECKONINGS[kind].version)
        begun = [last.back(each).first for each in range(periods)]
        yield from latest.filter(begins_on__in=begun, programme__active=True).select_related("programme", "region")


def _correct(edition: Edition, *, now: datetime) -> Edition:
    with transaction.atomic():
        latest, is_new = editions.new_edition(edition.subject, now=now)
        if is_new:
            dispatch.owe(latest, now=now)
    return latest


def ask(edition: Edition, *, by: User, now: datetime, why: str) -> bool:
    """Ask that a report be reckoned again, with the reason on record; False where that is already under way."""
    try:
        with transaction.atomic():
            CorrectionRequest.objects.create(edition=edition, asked_by=by, asked_at=now, why=why)
    except IntegrityError:
        return False
    return True


def answer(*, now: datetime) -> list[str]:
    """Reckon again what was asked for, each by itself; return what failed, which is tried again at the next run."""
    failed = []
    for request in CorrectionRequest.objects.filter(answered_at=None).order_by("pk"):
        try:
            _answer(request.pk, now=now)
        except Exception:  # the others are still answered; the task fails, and the page tells who asked
            logger.exception("the request %s to reckon a report again could not be answered", request.pk)
            failed.append(str(request))
    return failed


def _answer(request: int, *, now: datetime) -> None:
    with transaction.atomic():
        open_one = CorrectionRequest.objects.filter(pk=request, answered_at=None)
        asked = open_one.select_for_update(skip_locked=True).first()
        if asked:
            asked.found, asked.answered_at = _correct(asked.edition, now=now), now
            asked.save(update_fields=["found", "answered_at"])


def result(request: CorrectionRequest, *, of: Edition, others: EditionQuerySet, now: datetime) -> str:
    """Say what came of a request about an edition; `others` are those of the same report that the reader may know."""
    if request.found_id is None and now - request.asked_at > LONGEST_ANSWER:
        return _("belum berhasil dihitung; dicoba lagi setiap lima menit")
    if request.found_id is None:
        return _("menunggu dihitung, paling lama beberapa menit")
    if request.found_id == of.pk or not others.filter(pk=request.found_id).exists():
        return _("data tidak berubah")
    return _("edisi %s dibuat") % request.found.number
