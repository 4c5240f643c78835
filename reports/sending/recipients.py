"""Who gets which report (D45, D48).

Monthly: whoever may receive reports at the office of the area. Biweekly: the same, since a prominent case is urgent at
every tier of its ladder. Quarterly: those at Pusat, the technical team for which the source made it, and in the
provinces, which answer for several regencies; a single regency has nothing to hold against another.

An address without an account gets the kinds that a reviewer ticked. Without a need to know it gets the figures that
are public anyway (`outside`), which are published once: no correction of them is sent.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.figures import unchanged
from reports.models import Edition, ReportDelivery, ReportRecipient
from reports.periods import Kind
from reports.sending import outside
from tiers import scope
from tiers.models import Office, Programme, User
from tiers.permissions import Permission

BOX = {Kind.MONTHLY: "monthly", Kind.BIWEEKLY: "biweekly", Kind.QUARTERLY: "quarterly"}


def of(edition: Edition, *, now: datetime) -> Iterator[User | ReportRecipient]:
    """Yield who is to get an edition: all whom it is for, of a later one those who were owed an earlier one."""
    earlier = ReportDelivery.objects.filter(edition__in=_before(edition))
    is_correction = earlier.exists()
    office = edition.subject.office()
    if office:
        users = receivers(office, now=now)
        users = users.filter(pk__in=earlier.values("user")) if is_correction else users
        yield from (user for user in users if not unchanged.for_reader(user, Edition.objects.filter(pk=edition.pk)))
    addresses = outside_of(edition.programme, Kind(edition.kind)).filter(region=edition.region)
    if is_correction:
        addresses = addresses.filter(pk__in=earlier.values("recipient"))
    yield from (address for address in addresses if not why_not(edition, address))


def why_not(edition: Edition, address: ReportRecipient) -> str:
    """Say why an edition is not for an address without an account; empty when it is."""
    if not address.wants(Kind(edition.kind)):
        return _("Penerima ini tidak dikirimi lagi.")
    if (address.programme_id, address.region_id) != (edition.programme_id, edition.region_id):
        return _("Laporan ini bukan dari wilayah penerima.")
    if address.needs_to_know:
        return ""
    if not outside.may_exist(edition):
        return _("Laporan ini hanya untuk yang perlu tahu.")
    return _("Angka yang terbit untuk umum tidak diperbaiki.") if edition.number > 1 else ""


def outside_of(programme: Programme, kind: Kind) -> QuerySet[ReportRecipient]:
    """Return the addresses that get a kind of report of a programme."""
    return ReportRecipient.objects.filter(programme=programme, active=True, **{BOX[kind]: True})


def receivers(office: Office, *, now: datetime) -> QuerySet[User]:
    return scope.users_for(Permission.RECEIVE_REPORTS, office, on=timezone.localdate(now), with_absent=True)


def _before(edition: Edition) -> QuerySet[Edition]:
    return Edition.objects.about(edition.subject).filter(number__lt=edition.number).order_by()
