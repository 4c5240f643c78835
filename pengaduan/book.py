"""The register (buku register) of an office and a month: what came in, without anybody's identity (D17, D37).

The order is that of receipt; a page is found by comparing rows (keyset), as everywhere.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef
from django.db.models.fields.tuple_lookups import TupleGreaterThan

from pengaduan.models import Attachment, Complaint, ReportedParty
from pengaduan.models.complaint import SCOPE_COLUMN
from tiers.models import Office, Tier, User, Zone

ROWS = 50
CURSOR = re.compile(r"(\d{1,17})-(\d{1,18})")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sheet:
    """One sheet of the book and where the next begins; `cursor` is None on the last."""

    rows: list[Complaint]
    cursor: str | None


def sheet(user: User, office: Office, month: date, *, after: str = "") -> Sheet:
    """Return a sheet of what this user may see of an office's area in the month that begins with a day.

    Each row has `has_reported` and `has_evidence`; who is reported, and who reports, is not in it.
    """
    start, end = _bounds(month, office)
    found = Complaint.objects.visible_to(user).filter(
        programme=office.programme_id, received_at__gte=start, received_at__lt=end
    )
    if office.tier != Tier.PUSAT:
        found = found.filter(**{SCOPE_COLUMN[Tier(office.tier)]: office.region_id})
    if place := CURSOR.fullmatch(after):
        found = found.filter(TupleGreaterThan((F("received_at"), F("pk")), _row_of(place)))
    about = {"complaint": OuterRef("pk")}
    found = found.annotate(
        has_reported=Exists(ReportedParty.objects.filter(**about)),
        has_evidence=Exists(Attachment.objects.filter(**about).exclude(state=Attachment.State.REFUSED)),
    ).select_related(
        "source", "channel", "category", "field", "text", "region__parent__parent__parent"
    )  # fmt: skip
    rows = list(found.order_by("received_at", "pk")[: ROWS + 1])
    return Sheet(rows[:ROWS], _cursor(rows[ROWS - 1]) if len(rows) > ROWS else None)


def _bounds(month: date, office: Office) -> tuple[datetime, datetime]:
    """Return the first instant of the month at the office, and of the next."""
    zone = ZoneInfo(office.region.zone if office.region else Zone.WIB)
    following = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(month.replace(day=1), time(), zone), datetime.combine(following, time(), zone)


def _cursor(complaint: Complaint) -> str:
    return f"{(complaint.received_at - EPOCH) // timedelta(microseconds=1)}-{complaint.pk}"


def _row_of(place: re.Match) -> tuple[datetime, int]:
    return EPOCH + timedelta(microseconds=int(place[1])), int(place[2])
