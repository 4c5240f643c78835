"""How the deliveries of an edition stand, in the words of the archive."""

from dataclasses import dataclass

from django import template
from django.utils.translation import gettext as _

from reports.models import Edition, ReportDelivery
from reports.sending import mailing

register = template.Library()
register.filter("nilai", mailing.value)


@dataclass(frozen=True)
class State:
    """How many of an edition's mails arrived, failed so far, or wait for their first attempt."""

    sent: int
    failing: int
    waiting: int


@register.filter
def pengiriman(edition: Edition) -> State:
    """Return how the deliveries of an edition stand; those that are no longer for anybody count as none."""
    owed = [each for each in edition.deliveries.all() if not each.sent_at]
    failing = sum(bool(each.attempts) for each in owed)
    return State(
        sent=len(edition.deliveries.all()) - len(owed),
        failing=failing,
        waiting=sum(not each.attempts and not each.given_up_at for each in owed),
    )


@register.filter
def kegagalan(delivery: ReportDelivery) -> str:
    """Say in plain words why a mail has not arrived; what was written down is a kind of error and a code."""
    error, _space, code = delivery.last_error.partition(" ")
    if not delivery.attempts:
        return delivery.last_error  # it was not tried: the reason is a sentence already
    if code.startswith("5"):
        return _("Server surel menolak alamat atau isinya (%s).") % code
    if code.startswith("4"):
        return _("Server surel meminta kami menunggu (%s).") % code
    if error in {"ConnectionRefusedError", "TimeoutError", "gaierror", "SMTPServerDisconnected", "SMTPConnectError"}:
        return _("Server surel tidak menjawab.")
    if "SMTP" in error:
        return _("Server surel menolak (%s).") % delivery.last_error
    return delivery.last_error if " " in delivery.last_error else _("Berkas laporan belum dapat dibuat.")
