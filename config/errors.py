"""Error pages that say what to do, in the look of the product."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Tell that the page was too old to be sent, without losing what stands in the browser."""
    return render(request, "403_csrf.html", status=403)
