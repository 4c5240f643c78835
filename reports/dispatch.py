"""Send each report once to whoever it is for, and go on until it has arrived (D44, D47, D48).

An edition is owed as one ReportDelivery a recipient, in the transaction that finds the recipients; a delivery is
claimed, mailed and marked by itself, so that two beats send once, and what fails is tried again later.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from reports import editions, files
from reports.models import Edition, ReportDelivery, ReportRecipient
from reports.numbers import amount
from reports.periods import Month
from reports.subject import BELOW, Subject
from reports.words import Reading
from tiers import scope
from tiers.models import Assignment, Office, Programme, Tier, User
from tiers.permissions import Permission, roles_with

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
MOST_ATTEMPTS = 16  # more than two days of a mail server that is down

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """How many reports went out in a run, and how many could not."""

    sent: int = 0
    failed: int = 0


def send_month(month: Month, *, now: datetime) -> list[str]:
    """Make the reports of a month and owe them; return the titles of those that could not be made.

    Every programme gets its national report, a province or regency one where somebody receives it. A report that
    fails does not hold up the others.
    """
    failed = []
    for subject in subjects(month, on=timezone.localdate(now)):
        try:
            owe(editions.first_edition(subject, now=now), now=now)
        except Exception:
            logger.exception("the report %s %s could not be made", subject.slug, month)
            failed.append(subject.title)
    return failed


def subjects(month: Month, *, on: date) -> Iterator[Subject]:
    """Yield the reports that a month calls for."""
    for programme in Programme.objects.filter(active=True).order_by("code"):
        yield Subject(programme, None, month)
        receiving = Assignment.objects.current(on).filter(role__in=roles_with(Permission.RECEIVE_REPORTS))
        places = {
            office.region
            for office in Office.objects.filter(programme=programme, pk__in=receiving.values("office"))
            .filter(tier__in=set(BELOW) - {Tier.PUSAT})
            .select_related("region")
        }
        extra = ReportRecipient.objects.filter(programme=programme, active=True, region__isnull=False)
        places |= {recipient.region for recipient in extra.select_related("region")}
        for region in sorted(filter(None, places), key=lambda region: region.code):
            yield Subject(programme, region, month)


def owe(edition: Edition, *, now: datetime) -> int:
    """Owe an edition to each of its recipients, once each however often it is asked; return how many are new."""
    office, owed = edition.subject.office(), []
    if office:
        owed += [{"user": user} for user in _receivers(office, now=now)]
    extra = ReportRecipient.objects.filter(programme=edition.programme, region=edition.region, active=True)
    owed += [{"recipient": recipient} for recipient in extra]
    before = edition.deliveries.count()
    ReportDelivery.objects.bulk_create(
        [ReportDelivery(edition=edition, created_at=now, next_attempt_at=now, **who) for who in owed],
        ignore_conflicts=True,
    )
    return edition.deliveries.count() - before


def deliver(*, now: datetime, limit: int = 200) -> Delivered:
    """Mail what is owed, over one connection, each in a transaction of its own."""
    sent = failed = 0
    connection = None
    try:
        for _turn in range(limit):
            connection = connection or mail.get_connection()
            outcome = _deliver_next(connection, now=now)
            if outcome is None:
                break
            sent, failed = sent + outcome, failed + (not outcome)
            if not outcome:
                connection = _closed(connection)  # after a failure the next one gets a fresh connection
    finally:
        _closed(connection)
    return Delivered(sent, failed)


def _deliver_next(connection: BaseEmailBackend, *, now: datetime) -> bool | None:
    """Claim one delivery and mail it: True when it went out, False when not, None when nothing is owed.

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
        return delivery.sent_at is not None


def _attempt(delivery: ReportDelivery, connection: BaseEmailBackend, *, now: datetime) -> None:
    delivery.attempts += 1
    try:
        connection.open()
        _letter(delivery, connection).send()
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
    if delivery.recipient:
        return "" if delivery.recipient.active else _("Penerima ini tidak dikirimi lagi.")
    office = delivery.edition.subject.office()
    if office is None or not _receivers(office, now=now).filter(pk=delivery.user_id).exists():
        return _("Tidak lagi bertugas menerima laporan ini.")
    return "" if delivery.user.email else _("Penerima tidak mempunyai alamat surel.")


def _receivers(office: Office, *, now: datetime) -> QuerySet[User]:
    return scope.users_for(Permission.RECEIVE_REPORTS, office, on=timezone.localdate(now), with_absent=True)


def _letter(delivery: ReportDelivery, connection: BaseEmailBackend) -> mail.EmailMessage:
    edition = delivery.edition
    reader = delivery.user
    with translation.override("id"):
        letter = mail.EmailMessage(
            subject=_("Laporan bulanan pengaduan: %s") % edition.subject.title,
            body=_body(Reading(edition, reader)),
            to=[delivery.to.email],
            headers={
                "Message-ID": f"<laporan-{delivery.pk}@{settings.MAIL_DOMAIN}>",
                "Auto-Submitted": "auto-generated",
            },
            connection=connection,
        )
    for kind in ("pdf", "xlsx"):
        made = files.content(edition, kind, reader=reader)
        letter.attach(f"{edition.slug}.{kind}", made, files.MEDIA_TYPES[kind])
    return letter


def _body(reading: Reading) -> str:
    totals = reading.totals
    return "\n\n".join((
        _("Terlampir laporan bulanan pengaduan %s.") % reading.subject.title,
        _("Masuk %(received)s, selesai %(settled)s, berjalan %(open)s, terlambat %(late)s.")
        % {name: amount(totals[name]) for name in ("received", "settled", "open", "late")},
        reading.change,
        _("Laporan ini untuk Anda yang perlu tahu; jangan disebarluaskan. Semua edisi ada di %s.")
        % f"{settings.SITE_URL}/petugas/laporan/arsip/",
    ))  # fmt: skip


def _without_addresses(failure: Exception) -> str:
    """Return what went wrong in a line; a server's answer may hold the address, so only its code and kind stay."""
    code = getattr(failure, "smtp_code", "")
    return f"{type(failure).__name__} {code}".strip()


def _closed(connection: BaseEmailBackend | None) -> None:
    if connection is not None:
        connection.close()
