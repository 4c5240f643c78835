"""A citizen's report under way: sealed in the database, named in the session by its number alone (D37, D62).

What was typed in each step is kept as it was typed, so that a step shows it again even when it does not hold. After
sending, the code alone stays, for an hour, so that the receipt can be seen again. Its photos lie beside it
(`workflow.draft_files`) and go when it goes.
"""

import json
import uuid
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from pengaduan.models import Complaint
from pengaduan.sealing import seal, unseal
from workflow import draft_files
from workflow.models import Draft, DraftFile

PURPOSE = "lapor"
LIFE = timedelta(days=1)
CODE_LIFE = timedelta(hours=1)
UNDER_WAY, SENT = "lapor", "terkirim"  # in the session: the draft one writes, and the one last sent

Typed = dict[str, dict[str, str]]  # step -> name of the input -> what was typed


def under_way(session: SessionBase, *, now: datetime) -> Draft | None:
    """Return the draft that this session writes, None when there is none or it has grown old."""
    return _of(session.get(UNDER_WAY), now=now)


def sent(session: SessionBase, *, now: datetime) -> Draft | None:
    """Return the draft that this session sent last."""
    draft = _of(session.get(SENT), now=now)
    return draft if draft and draft.complaint_id else None


def begin(session: SessionBase, *, now: datetime) -> Draft:
    """Begin a new draft in this session, which gets a new name, and forget everyone's that have grown old."""
    forget_old(now=now)
    session.cycle_key()
    draft = Draft.objects.create(purpose=PURPOSE, updated_at=now)
    session[UNDER_WAY] = str(draft.pk)
    return draft


def typed(draft: Draft | None) -> Typed:
    """Return what was typed so far, by step."""
    return json.loads(_opened(draft) or "{}") if draft and not draft.complaint_id else {}


def keep(draft: Draft, step: str, answers: dict[str, str], *, now: datetime) -> None:
    """Keep what was typed in one step beside the others."""
    _seal(draft, json.dumps({**typed(draft), step: answers}), now=now)


def mark_sent(draft: Draft, complaint: Complaint, code: str | None, *, now: datetime) -> None:
    """Let the code take the place of what was typed."""
    draft.complaint = complaint
    _seal(draft, code or "", now=now)


def remember_sent(session: SessionBase, draft: Draft) -> None:
    """Let the session show the receipt; a new report begins afresh."""
    session.pop(UNDER_WAY, None)
    session[SENT] = str(draft.pk)


def discard(session: SessionBase) -> None:
    """Delete what this session has written and not sent, with its photos: somebody left in a hurry."""
    if pk := session.pop(UNDER_WAY, None):
        draft = Draft.objects.filter(pk=uuid.UUID(pk), purpose=PURPOSE, complaint=None)
        draft_files.remove(DraftFile.objects.filter(draft__in=draft))
        draft.delete()


def code_of(draft: Draft, *, now: datetime) -> str | None:
    """Return the code while it may still be shown: an hour from the sending."""
    if not draft.complaint_id or now - draft.updated_at > CODE_LIFE:
        return None
    return _opened(draft) or None


def forget_old(*, now: datetime) -> int:
    """Delete the drafts that are over with their photos: a day untouched; return how many.

    What was sent keeps its code for an hour.
    """
    Draft.objects.filter(purpose=PURPOSE, complaint__isnull=False, updated_at__lt=now - CODE_LIFE).update(content=b"")
    old = Draft.objects.filter(purpose=PURPOSE, updated_at__lt=now - LIFE)
    draft_files.remove(DraftFile.objects.filter(draft__in=old))
    _all, by_model = old.delete()
    return by_model.get(Draft._meta.label, 0)


def _of(pk: str | None, *, now: datetime) -> Draft | None:
    if not pk:
        return None
    return Draft.objects.filter(pk=uuid.UUID(pk), purpose=PURPOSE, updated_at__gte=now - LIFE).first()


def _seal(draft: Draft, text: str, *, now: datetime) -> None:
    draft.content = seal(text, table="draft", column="content", row=draft.pk)
    draft.updated_at = now
    draft.save(update_fields=["content", "complaint", "updated_at"])


def _opened(draft: Draft) -> str:
    return unseal(draft.content, table="draft", column="content", row=draft.pk)
