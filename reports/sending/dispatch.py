"""Send each report once to whoever it is for, and go on until it has arrived (D44, D47, D48).

An edition is owed as one ReportDelivery a recipient, in the transaction that finds the recipients; a delivery is
claimed, mailed and marked by itself, so that two beats send once, and what fails is tried again later.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.translation import gettext as _

from reports import editions
from reports.figures import unchanged
from reports.models import Edition, ReportDelivery
from reports.sending import links, mailing, recipients
from tiers.models import User

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
MOST_ATTEMPTS = 16  # more than two days of a mail server that is down

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """How many reports went out in a run, how many could not, and which of these have been tampered with."""

    sent: int = 0
    failed: int = 0
    tampered: tuple[str, ...] = ()


def owe(edition: Edition, *, now: datetime) -> int:
    """Owe an edition to each of its recipients, once each however often it is asked; return how many are new."""
    before = edition.deliveries.count()
    ReportDelivery.objects.bulk_create(
        [
            ReportDelivery(
                edition=edition,
                created_at=now,
                next_attempt_at=now,
                **{"user" if isinstance(whom, User) else "recipient": whom},
            )
            for whom in recipients.of(edition, now=now)
        ],
        ignore_conflicts=True,
    )
    return edition.deliveries.count() - before


def deliver(*, now: datetime, limit: int = 200) -> Delivered:
    """Mail what is owed, over one connection, each in a transaction of its own."""
    sent, failed = 0, []
    connection = None
    try:
        for _turn in range(limit):
            connection = connection or mail.get_connection()
            delivery = _deliver_next(connection, now=now)
            if delivery is None:
                break
            if delivery.sent_at:
                sent += 1
            else:
                failed.append(delivery.edition)
                if delivery.attempts and _is_unreachable(connection):
                    break  # the others stay owed as they are: each would wait for the same silence
                connection = _closed(connection)  # after a failure the next one gets a fresh connection
    finally:
        _closed(connection)
    tampered = {str(edition) for edition in failed if not editions.is_intact(edition)}
    return Delivered(sent, len(failed), tuple(sorted(tampered)))


def _deliver_next(connection: BaseEmailBackend, *, now: datetime) -> ReportDelivery | None:
    """Claim one delivery and mail it; return it as it stands then, None when nothing is owed.

    Where the process dies after the mail went out and before the commit it is mailed again, under the same Message-ID.
    """
    with transaction.atomic():
        owed = ReportDelivery.objects.owed(now=now).select_for_update(skip_locked=True, of=("self",))
        delivery = owed.select_related("edition__programme", "edition__region", "user", "recipient").first()
        if delivery is None:
            return None
        if reason := _why_not(delivery, now=now):
            delivery.last_error, delivery.given_up_at = reason, now
        else:
            _attempt(delivery, connection, now=now)
        delivery.save()
        return delivery


def _attempt(delivery: ReportDelivery, connection: BaseEmailBackend, *, now: datetime) -> None:
    delivery.attempts += 1
    try:
        connection.open()
        letter, delivery.linked = mailing.letter(delivery, connection)
        letter.send()
    except editions.Tampered as failure:  # trying again does not mend it: a person has to look
        logger.critical("the edition %s of %s has been tampered with", delivery.edition_id, delivery.edition.slug)
        delivery.last_error, delivery.given_up_at = str(failure), now
    except Exception as failure:  # whatever it is, the others still get theirs, and it stays owed and visible
        if not isinstance(failure, SMTPException | OSError):
            logger.exception("the report delivery %s could not be made", delivery.pk)
        delivery.last_error = _without_addresses(failure)
        delivery.next_attempt_at = now + min(FIRST_WAIT * 2 ** (delivery.attempts - 1), LONGEST_WAIT)
        if delivery.attempts >= MOST_ATTEMPTS:
            delivery.given_up_at = now
    else:
        delivery.sent_at, delivery.last_error = now, ""


def _why_not(delivery: ReportDelivery, *, now: datetime) -> str:
    """Say why a report is no longer for its recipient; empty when it is."""
    edition = delivery.edition
    if links.version(delivery) == links.SUMMARY:  # what is published is not corrected
        return recipients.why_not(edition, delivery.recipient)
    editions_of_it = Edition.objects.about(edition.subject)
    unseen = unchanged.for_reader(delivery.user, editions_of_it) if delivery.user else ()
    if edition.pk in unseen:
        return _("Tidak lagi untuk penerima ini.")
    if newer := editions_of_it.filter(number__gt=edition.number).exclude(pk__in=unseen).last():
        return _("Diganti edisi %s.") % newer.number
    if delivery.recipient:
        return recipients.why_not(edition, delivery.recipient)
    office = edition.subject.office()
    if office is None or not recipients.receivers(office, now=now).filter(pk=delivery.user_id).exists():
        return _("Tidak lagi bertugas menerima laporan ini.")
    return "" if delivery.user.email else _("Penerima tidak mempunyai alamat surel.")


def _without_addresses(failure: Exception) -> str:
    """Return what went wrong in a line; a server's answer may hold the address, so only its code and kind stay."""
    code = getattr(failure, "smtp_code", "")
    return f"{type(failure).__name__} {code}".strip()


def _is_unreachable(connection: BaseEmailBackend) -> bool:
    """Say whether the mail server could not be reached at all; other backends than SMTP always can."""
    return getattr(connection, "connection", connection) is None


def _closed(connection: BaseEmailBackend | None) -> None:
    if connection is not None:
        connection.close()
