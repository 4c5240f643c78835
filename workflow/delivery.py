"""Pay the notices that are owed, by e-mail or SMS, each at least once (D42, D43).

A notice is claimed, sent and marked in one transaction of its own: a crash in between sends it again under the same
Message-ID, by which mail programs know it for the same. No address is stored, logged or kept in an error (D37). A
channel whose server is away does not hold back the other.
"""

import logging
import smtplib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.translation import gettext as _

from pengaduan.models import Complainant, Complaint
from tiers.models import User
from workflow import correspondence, letters, sms
from workflow.models import Notification
from workflow.notices import IDENTITY_ASKED
from workflow.undelivered import MOST_TRIES, TRIES_WHEN_REFUSED, ServerAway, Undeliverable

AWAY_COUNTS_UP_TO = 6  # while the mail server is away: shown, half an hour apart, and nothing is given up for it
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)

log = logging.getLogger(__name__)


class Outcome(Enum):
    """What became of one notice."""

    SENT = auto()
    FAILED = auto()
    AWAY = auto()  # failed, as nobody answers on its channel: the others of it need not be tried now
    DROPPED = auto()  # nobody is to be told any more


@dataclass(frozen=True)
class Delivered:
    """What a run came to."""

    sent: int
    failed: int
    dropped: int


class NoLongerOwed(Exception):
    """The person may not be told of this any more."""


def deliver(*, now: datetime, limit: int = 500) -> Delivered:
    """Send what is owed, the longest due first, over one connection; any number of runs may go on at once."""
    mailer = mail.get_connection()
    count: Counter[Outcome] = Counter()
    answering = {False, True}  # by mail, by SMS
    try:
        for _turn in range(limit):
            tried = _deliver_next(mailer, now=now, by_sms=answering) if answering else None
            if tried is None:
                break
            outcome, by_sms = tried
            count[outcome] += 1
            if outcome == Outcome.AWAY:
                answering.discard(by_sms)
    finally:
        mailer.close()
    return Delivered(count[Outcome.SENT], count[Outcome.FAILED] + count[Outcome.AWAY], count[Outcome.DROPPED])


def _deliver_next(mailer: BaseEmailBackend, *, now: datetime, by_sms: set[bool]) -> tuple[Outcome, bool] | None:
    """Claim the next notice of these channels that nobody else has in hand, and try it; None when there is none."""
    with transaction.atomic():
        notification = (
            Notification.objects.owed(now=now)
            .filter(by_sms__in=by_sms)
            .select_related("user", "complainant", "inbound", "event__to_office")
            .select_related("complaint__programme", "complaint__category", "complaint__region", "complaint__office")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("next_attempt_at")
            .first()
        )
        return (_try(notification, mailer, now=now), notification.by_sms) if notification else None


def _try(notification: Notification, mailer: BaseEmailBackend, *, now: datetime) -> Outcome:
    try:
        if notification.by_sms:
            _text(notification)
        else:
            with transaction.atomic():  # a query that fails here spoils the letter, not what is written about it
                message = _message(notification)
            _send(message, mailer)
    except NoLongerOwed as reason:
        _keep(notification, given_up_at=now, last_error=str(reason))
        return Outcome.DROPPED
    except ServerAway as away:
        tries = max(notification.attempts, min(notification.attempts + 1, AWAY_COUNTS_UP_TO))
        _keep_failure(notification, str(away), tries=tries, give_up=False, now=now)
        return Outcome.AWAY
    except Undeliverable as failure:
        tries = notification.attempts + 1
        _keep_failure(notification, str(failure), tries=tries, give_up=tries >= failure.tries, now=now)
        return Outcome.FAILED
    _keep(notification, sent_at=now, attempts=notification.attempts + 1, last_error="")
    return Outcome.SENT


def _text(notification: Notification) -> None:
    """Send a notice as a text message; a gateway knows no identity of a message, so one sent again arrives twice."""
    try:
        with transaction.atomic():
            to, text = _telephone(notification), sms.render(notification)
    except letters.NothingToTell as end:
        raise NoLongerOwed(str(end)) from end
    except NoLongerOwed:
        raise
    except Exception as failure:  # whatever is wrong with one notice, the others go out
        raise Undeliverable(_("SMS tidak dapat disusun (%s).") % type(failure).__name__) from failure
    if not to:
        raise Undeliverable(_("Penerima tidak mempunyai nomor telepon."), tries=1)
    sms.send(to, text)


def _telephone(notification: Notification) -> str:
    if complainant := notification.complainant:
        _still_follows(complainant, notification.complaint)
        return complainant.unseal_identity("phone")
    return notification.inbound.unseal_phone() if notification.inbound else ""


def _message(notification: Notification) -> mail.EmailMessage:
    """Return the mail, with an identity that stays the same however often it is tried."""
    try:
        address = _address(notification)
        letter = correspondence.kept(notification)
    except letters.TemplateFault as fault:
        raise Undeliverable(str(fault)) from fault
    except letters.NothingToTell as end:
        raise NoLongerOwed(str(end)) from end
    except (NoLongerOwed, Undeliverable):
        raise
    except Exception as failure:  # whatever is wrong with one notice, the others go out
        raise Undeliverable(_("Surel tidak dapat disusun (%s).") % type(failure).__name__) from failure
    return mail.EmailMessage(
        letter.subject,
        letter.body,
        to=[address],
        headers={
            "Message-ID": f"<{notification.pk}@{settings.MAIL_DOMAIN}>",
            "Auto-Submitted": "auto-generated",  # no holiday reply comes back (RFC 3834)
        },
    )


def _address(notification: Notification) -> str:
    """Return where it goes, after asking again whether this person may still be told (D49)."""
    address = ""
    if user := notification.user:
        _still_theirs(user, notification.complaint, notification.template)
        address = user.email
    elif complainant := notification.complainant:
        _still_follows(complainant, notification.complaint)
        address = complainant.unseal_identity("email")
    if not address:
        raise Undeliverable(_("Penerima tidak mempunyai alamat surel."), tries=1)
    return address


def _still_follows(complainant: Complainant, complaint: Complaint | None) -> None:
    """What was owed before a complaint was split off again is another's matter by now (D20, D55)."""
    if complaint and not complainant.brought(complaint):
        raise NoLongerOwed(_("Pelapor ini tidak lagi mengikuti pengaduan ini."))


def _still_theirs(user: User, complaint: Complaint | None, template: str) -> None:
    if not user.is_active:
        raise NoLongerOwed(_("Penerima tidak lagi bertugas."))
    if complaint is None:
        return
    this = Complaint.objects.filter(pk=complaint.pk)
    theirs = this.identities_kept_by(user) if template == IDENTITY_ASKED else this.visible_to(user)
    if not theirs.exists():
        raise NoLongerOwed(_("Penerima tidak lagi bertugas pada pengaduan ini."))


def _send(message: mail.EmailMessage, mailer: BaseEmailBackend) -> None:
    """Hand the mail to the server; after any failure the next mail gets a fresh connection."""
    try:
        mailer.open()
    except OSError as failure:  # smtplib's errors are OSErrors too
        mailer.close()
        raise ServerAway(_("Server surel tidak menjawab.")) from failure
    try:
        mailer.send_messages([message])
    except Exception as failure:
        mailer.close()
        raise _as_undeliverable(failure) from failure


def _as_undeliverable(failure: Exception) -> Undeliverable:
    """Say what went wrong in words that hold no address; a server's own words may repeat it."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        code = max(code for code, _words in failure.recipients.values())
        tries = TRIES_WHEN_REFUSED if code >= 500 else MOST_TRIES
        return Undeliverable(_("Server surel menolak penerima (%d).") % code, tries=tries)
    if isinstance(failure, smtplib.SMTPResponseException):
        return Undeliverable(_("Server surel menolak surel ini (%d).") % failure.smtp_code)
    if isinstance(failure, OSError):
        return Undeliverable(_("Sambungan ke server surel terputus."))
    if isinstance(failure, ValueError):
        return Undeliverable(_("Alamat surel tidak sah."), tries=TRIES_WHEN_REFUSED)
    return Undeliverable(_("Surel tidak dapat dikirim (%s).") % type(failure).__name__)


def _keep_failure(notification: Notification, sentence: str, *, tries: int, give_up: bool, now: datetime) -> None:
    """Keep the failure where it is seen, and when to try again: after 1, 2, 4 … minutes, at most six hours."""
    pause = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
    _keep(
        notification,
        attempts=tries,
        last_error=sentence[:240],
        next_attempt_at=now + pause,
        given_up_at=now if give_up else None,
    )
    log.warning("notice %s not delivered, try %s: %s", notification.pk, tries, sentence)


def _keep(notification: Notification, **changes: object) -> None:
    Notification.objects.filter(pk=notification.pk).update(**changes)
