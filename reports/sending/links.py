"""Links to a report that is too large for a mail: signed, for one delivery and file, for fourteen days (D44, D57).

Whoever has the link has the file, without an account; so it is bound to what the recipient may have, and ends with
that. The address is no secret for long: it appears in no log (`config.logs`), and the page tells no cache to keep it.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from reports.models import ReportDelivery, ReportRecipient
from reports.sending import recipients

SALT = "reports.sending.links"
VALID_FOR = timedelta(days=14)
FULL, SUMMARY = "lengkap", "ringkasan"
KINDS = ("pdf", "xlsx")


def address(delivery: ReportDelivery, kind: str) -> str:
    """Return where the recipient of a delivery without an account fetches its file."""
    signed = signing.dumps([delivery.pk.hex, kind, version(delivery), addressed(delivery.recipient)], salt=SALT)
    return settings.SITE_URL + reverse("report_link", args=[signed])


def version(delivery: ReportDelivery) -> str:
    """Return which version of the report its recipient gets."""
    return FULL if delivery.user_id or delivery.recipient.needs_to_know else SUMMARY


def addressed(recipient: ReportRecipient | None) -> str:
    """Return what binds a link to the address that it was mailed to: whoever held it before has nothing to open."""
    return salted_hmac(SALT, recipient.email if recipient else "").hexdigest()[:16]


def opened(signed: str) -> tuple[ReportDelivery, str] | None:
    """Return the delivery and the kind of file of a link; None where it is not ours, too old, or no longer theirs."""
    try:
        key, kind, promised, bound = signing.loads(signed, salt=SALT, max_age=VALID_FOR)
    except (signing.BadSignature, ValueError):
        return None
    found = ReportDelivery.objects.select_related("edition__programme", "edition__region", "recipient")
    delivery = found.filter(pk=key, recipient__isnull=False).first()
    if delivery is None or kind not in KINDS:
        return None
    if (version(delivery), addressed(delivery.recipient)) != (promised, bound):
        return None
    if recipients.why_not(delivery.edition, delivery.recipient):
        return None
    return delivery, kind


def fetched(delivery: ReportDelivery, *, now: datetime) -> None:
    """Note when a delivery's file was taken for the first time."""
    ReportDelivery.objects.filter(pk=delivery.pk, fetched_at__isnull=True).update(fetched_at=now)
