"""Ask the virus scanner (clamd) about a file; no answer is never taken for a clean file."""

import io
from urllib.parse import urlsplit

from clamav_client.clamd import BufferTooLongError, ClamdError, ClamdNetworkSocket
from django.conf import settings

from pengaduan.models import Attachment

USUAL_PORT = 3310
SCAN_SECONDS, GREETING_SECONDS = 30, 5


class NotScanned(Exception):
    """The scanner said nothing about this file; the text is for the log."""


class ScannerDown(NotScanned):
    """The scanner says nothing about any file at the moment."""


def scan(attachment: Attachment) -> str:
    """Return the name of what the scanner found in a file, nothing when the file is clean.

    Raises NotScanned, or ScannerDown where asking about other files is of no use either.
    """
    try:
        with attachment.file.open("rb") as reading:
            content = reading.read()
    except OSError as lost:
        raise NotScanned(f"not readable in the storage ({type(lost).__name__})") from None
    state, found = _answer(content)
    if state == "OK":
        return ""
    if state == "FOUND":
        return found or "?"
    raise NotScanned(f"the scanner answered {state} {found or ''}".strip())


def _answer(content: bytes) -> tuple[str, str | None]:
    try:
        answers = _scanner(SCAN_SECONDS).instream(io.BytesIO(content))
    except BufferTooLongError:
        raise NotScanned("larger than the scanner takes (StreamMaxLength)") from None
    except (ClamdError, OSError) as failure:
        # it hangs up on a file that is too large while we still send: only its silence means that it is down
        if _answers_at_all():
            raise NotScanned(f"the scanner broke off ({type(failure).__name__})") from None
        raise ScannerDown(f"{settings.CLAMAV_HOST} does not answer ({failure})") from None
    return answers.get("stream", ("nothing", None))


def _answers_at_all() -> bool:
    try:  # about nothing: the client's own ping leaves its socket open when nobody is there
        return bool(_scanner(GREETING_SECONDS).instream(io.BytesIO()))
    except (ClamdError, OSError):
        return False


def _scanner(seconds: float) -> ClamdNetworkSocket:
    address = urlsplit(f"//{settings.CLAMAV_HOST}")
    return ClamdNetworkSocket(host=address.hostname or "", port=address.port or USUAL_PORT, timeout=seconds)
