"""The files of an edition: made once, by the worker as a rule, and kept as they were sent (D47)."""

import hashlib
import json

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from reports import editions
from reports.models import Edition
from reports.papers import documents
from reports.papers.words import Reading
from tiers.models import User

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def content(edition: Edition, kind: str, *, reader: User | None = None) -> bytes:
    """Return a file of an edition for a reader, made now where it is not kept yet.

    `json` is the edition's text to the byte, for the operator's command alone; the others leave out the listed cases
    that are hidden from the reader, and are kept once for each text that readers get.
    """
    if kind == "json":
        return editions.verified(edition).encode()
    reading = documents.read(edition, reader)
    path = _path(reading, kind)
    if default_storage.exists(path):
        with default_storage.open(path) as kept:
            return kept.read()
    made = documents.render(reading, kind)
    saved = default_storage.save(path, ContentFile(made))
    if saved != path:  # the other of two at once was faster
        default_storage.delete(saved)
    return made


def _path(reading: Reading, kind: str) -> str:
    """Return where a file is kept; readers who get the same figures, and the same list of changes, share one."""
    told = json.dumps([reading.figures, reading.differences], sort_keys=True, default=str)
    return f"laporan/{reading.edition.pk}/{hashlib.sha256(told.encode()).hexdigest()[:16]}.{kind}"
