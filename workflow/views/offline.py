"""Pages that open without a signal: the worker that keeps them, the manifest, and the pages themselves (D41, D62).

They are made without the request's session, so that they are the same for everybody and nothing personal can be kept.
"""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from tiers.models import Office, Tier
from workflow.forms.citizen import programmes

WORKER_KEPT = 600  # seconds; else every page that is opened asks for the worker anew, also over a weak signal
LANGUAGE = "bahasa"  # in the address: the worker asks without cookies, so the language has to stand there
PAGES = {"/luring/": "luring/luring.html", "/luring/tulis/": "luring/tulis.html", "/luring/catat/": "luring/catat.html"}
FILES = (
    "css/app.css",
    "font/plus-jakarta-sans.woff2",
    "img/mark.svg",
    "img/icon.svg",
    "js/app.js",
    "js/draf.js",
    "js/susul.js",
    "js/antre.js",
    "js/luring.js",
    "js/catat.js",
)
ICONS = ("icon-192", "192x192", "any"), ("icon-512", "512x512", "any"), ("icon-maskable-512", "512x512", "maskable")


@require_safe
def page(request: HttpRequest, address: str) -> HttpResponse:
    """Show a page that also opens without a signal; nobody's session has a part in it."""
    asked = request.GET.get(LANGUAGE)
    language = asked if asked in dict(settings.LANGUAGES) else translation.get_language()
    response = HttpResponse(_made(address, language))
    response["Content-Language"] = language
    response["Cache-Control"] = "no-cache"
    return response


def _made(address: str, language: str) -> str:
    with translation.override(language):
        context = {"programmes": programmes().order_by("name"), "offices": _national()}  # read only where shown
        return render_to_string(PAGES[address], context)


def _national() -> QuerySet[Office]:
    """Return the offices at the top whose telephone is public: where to call when nothing else can be opened (D5)."""
    return Office.objects.filter(tier=Tier.PUSAT, programme__active=True).exclude(phone="").order_by("name")


@require_safe
@vary_on_cookie
@cache_control(private=True, max_age=WORKER_KEPT)
def worker(request: HttpRequest) -> HttpResponse:
    """Answer with the service worker; what it keeps is named by its content, so a change is a new version.

    With OFFLINE off it becomes one that removes what was kept, and itself, from every telephone that still has it.
    """
    if not settings.OFFLINE:
        script = render_to_string("luring/sw_berhenti.js")
    else:
        language = translation.get_language()
        content = "".join(_made(address, language) for address in PAGES)
        shell = [*map(static, FILES), *(f"{address}?{LANGUAGE}={language}" for address in PAGES)]
        version = hashlib.sha256(f"{shell}{content}".encode()).hexdigest()[:12]
        script = render_to_string(
            "luring/sw.js",
            {
                "shell": mark_safe(json.dumps(shell)),
                "version": version,
                "queue": static("js/antre.js"),
            },
        )
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Tell a telephone how the page is installed."""
    about = {
        "id": "/",
        "name": _("Pengaduan"),
        "short_name": _("Pengaduan"),
        "description": _("Sampaikan pengaduan tentang program dan pelayanan publik, dan ikuti penanganannya."),
        "lang": translation.get_language(),
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#ffffff",
        "theme_color": "#0a489f",
        "icons": [
            {"src": static(f"img/{name}.png"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
        "shortcuts": [
            {"name": _("Lapor"), "url": "/lapor/"},
            {"name": _("Lacak pengaduan"), "url": "/lacak/"},
        ],
    }
    return JsonResponse(about, content_type="application/manifest+json")


def followed_by_script(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Tell a script that sent a form where to go next, instead of leading it there: a page is then fetched once.

    `susul.js` sends a step so, in order to keep what was typed on the page when there is no signal.
    """

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.headers.get("X-Susul") and response.status_code == 302 and not urlsplit(response["Location"]).netloc:
            response["X-Ke"] = response["Location"]
            del response["Location"]
            response.status_code = 204
        return response

    return told
