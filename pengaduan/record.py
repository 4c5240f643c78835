"""Append to the record of a complaint: the next link of its chain (D40)."""

import hashlib
import json
from datetime import datetime
from typing import Any

from pengaduan.models import Complaint, Event, Note
from pengaduan.models.event import SEPARATOR


def canonical(data: dict) -> str:
    """Return a dictionary as the one JSON text that the digest covers."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).replace(SEPARATOR, " ")


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def next_event(
    complaint: Complaint, kind: str, *, at: datetime, text: str = "", data: dict | None = None, **fields: Any
) -> Event:
    """Return the event that follows the complaint's last one, with its digest, not yet saved.

    The complaint's `event_seq` and `event_head` must be written in the same transaction, by whoever claims the row.
    """
    event = Event(
        complaint=complaint,
        regency_code=complaint.region_id[:5],
        seq=complaint.event_seq + 1,
        kind=kind,
        at=at,
        data=canonical(data or {}),
        text_digest=text_digest(text),
        previous=bytes(complaint.event_head),
        **fields,
    )
    event.digest = event.reckon_digest()
    return event


def save(event: Event, text: str = "") -> Event:
    """Save the event and its words."""
    event.save(force_insert=True)
    if text:
        Note.objects.create(event=event, regency_code=event.regency_code, text=text)
    return event
