"""Error pages that say what to do, in the look of the product, and show what was typed."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_CSRF_TOKEN_MISSING, REASON_NO_CSRF_COOKIE
from django.shortcuts import render

STEPS_OF_A_REPORT = frozenset(f"/lapor/{step}" for step in ("", "lokasi/", "kejadian/", "identitas/"))
NEVER_SHOWN = ("csrfmiddlewaretoken", "password", "login", "code", "language", "next")
MOST_TYPED = 40_000  # characters; what is longer was not typed


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Tell why a form was not taken, and show what was typed in it, so that nothing is lost (D62).

    Cookies refused, or a page from before they were cleared: the steps of a report offer to send the same words again.
    Only what a page of ours sent is shown: nobody else puts words under our name.
    """
    typed = _typed(request) if _from_here(request) else []
    context = {
        "no_cookie": reason == REASON_NO_CSRF_COOKIE or reason == REASON_CSRF_TOKEN_MISSING and not request.COOKIES,
        "typed": typed,
        "shown": [text for _name, text in typed if " " in text.strip() or len(text) > 20],
        "again": request.path if typed and request.path in STEPS_OF_A_REPORT else "",
    }
    return render(request, "403_csrf.html", context, status=403)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    if any(name.endswith("password") for name in request.POST):
        return []
    pairs = [(name, text) for name, text in request.POST.items() if name not in NEVER_SHOWN and text.strip()]
    return pairs if sum(len(text) for _name, text in pairs) <= MOST_TYPED else []


def _from_here(request: HttpRequest) -> bool:
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(said).netloc == request.get_host()
