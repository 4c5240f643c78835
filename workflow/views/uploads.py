"""What a page that takes photos answers: to a form a page, to `static/js/foto.js` the list of files and a sentence."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise

JSON = "application/json"


def by_script(request: HttpRequest) -> bool:
    """Say whether the page's script asks, which stays on its page."""
    return request.headers.get("Accept") == JSON


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], *, sentence: str | Promise = "", status: int = 200
) -> JsonResponse:
    """Answer the script with the list of files as it stands now, and with what was refused."""
    listed = render_to_string(template, context, request)
    return JsonResponse({"daftar": listed, "kalimat": str(sentence)}, status=status)
