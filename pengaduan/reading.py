"""Who has a case open just now, so that two people do not work on it unknown to each other."""

from datetime import datetime, timedelta

from django.db import connection

from pengaduan.models import Complaint
from tiers.models import User

OPEN_FOR = timedelta(minutes=10)  # as long as somebody reads without loading the page again

# One statement: a page that says who else reads should not cost two.
_NOTE_AND_ASK = """
WITH noted AS (
  INSERT INTO pengaduan_reading (complaint_id, regency_code, user_id, at) VALUES (%s, %s, %s, %s)
  ON CONFLICT ON CONSTRAINT one_reading_a_case_and_user DO UPDATE SET at = greatest(pengaduan_reading.at, excluded.at)
)
SELECT coalesce(nullif(person.name, ''), person.username)
FROM pengaduan_reading AS other JOIN tiers_user AS person ON person.id = other.user_id
WHERE other.complaint_id = %s AND other.user_id <> %s AND other.at > %s
ORDER BY other.at DESC
"""


def also_open(complaint: Complaint, *, by: User, now: datetime) -> list[str]:
    """Note that `by` has the case open; return the names of who else opened it in ten minutes, the latest first.

    For those who work on the case only: an auditor or a coordinator who reads is neither noted nor told.
    """
    values = [complaint.pk, complaint.regency_code or "", by.pk, now, complaint.pk, by.pk, now - OPEN_FOR]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_AND_ASK, values)
        return [name for (name,) in cursor.fetchall()]
