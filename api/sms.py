"""What Kannel hands over when somebody writes an SMS (docs/sms.md)."""

import base64
import binascii
import ipaddress
import logging
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from workflow import inbound
from workflow.intake import TEXT_LENGTH
from workflow.taking import ChangedMeanwhile

TEXT = "text/plain; charset=utf-8"
CHARSETS = {"utf-8", "us-ascii", "iso-8859-1", "windows-1252", "utf-16be"}

log = logging.getLogger(__name__)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def incoming(request: HttpRequest) -> HttpResponse:
    """Take one message from the gateway and return what its sender is answered; nothing is no answer.

    Any status but 200 makes Kannel hand the same message over again, so that nothing is lost while we are away.
    """
    if not _is_gateway(request):
        return HttpResponseForbidden("", content_type=TEXT)
    message = _message(request)
    if not message.gateway_id or not message.sender:
        return HttpResponseBadRequest("id, from", content_type=TEXT)
    if len(message.words) > TEXT_LENGTH:
        return HttpResponse("", content_type=TEXT, status=413)
    try:
        answer = inbound.take_in(message, now=timezone.now())
    except ChangedMeanwhile:  # the gateway comes again
        log.warning("a text message is to be handed over again")
        return HttpResponse("", content_type=TEXT, status=503)
    return HttpResponse(answer, content_type=TEXT)


def _is_gateway(request: HttpRequest) -> bool:
    """Say whether the request comes from the gateway's address and bears its token; a proxy names who asks it."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PRODUCTION else ""
    try:
        address = ipaddress.ip_address(forwarded or request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    known = any(address in network for network in settings.SMS_FROM)
    return bool(settings.SMS_TOKEN) and known and constant_time_compare(_token(request), settings.SMS_TOKEN)


def _token(request: HttpRequest) -> str:
    """Return the token of the Authorization header: the password of `Basic`, or what follows `Bearer`."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _message(request: HttpRequest) -> inbound.Incoming:
    """Read a message from Kannel's headers and body (post-url), or from a form or an address (get-url)."""
    request.encoding = "utf-8"  # of the address; the charset that Kannel names is that of the body
    fields = request.GET.copy()
    if request.content_type == "application/x-www-form-urlencoded":
        fields.update(request.POST)
    words = fields.get("text", "")
    if request.method == "POST" and request.content_type == "text/plain":
        words = _body(request)
    return inbound.Incoming(
        gateway_id=_short(fields.get("id")),
        sender=_short(fields.get("from") or request.headers.get("X-Kannel-From")),
        receiver=_short(fields.get("to") or request.headers.get("X-Kannel-To")),
        words=words.replace("\0", ""),
        sent_at=_instant(fields.get("time", "")),
    )


def _body(request: HttpRequest) -> str:
    charset = (request.content_params or {}).get("charset", "utf-8").strip('"').lower()
    return request.body.decode(charset if charset in CHARSETS else "utf-8", errors="replace")


def _short(text: str | None) -> str:
    return (text or "").replace("\0", "").strip()[:80]


def _instant(seconds: str) -> datetime | None:
    """Return the instant of Kannel's %T, seconds since 1970."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
