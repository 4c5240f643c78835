"""The privacy notice in plain words (UU 27/2022; D37, D64)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from workflow import drafts
from workflow.needs import REOPEN_DAYS


def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept, why, for whom, how long, and which rights one has."""
    context = {
        "draft_hours": drafts.LIFE.days * 24,
        "code_minutes": drafts.CODE_LIFE.seconds // 60,
        "reopen_days": REOPEN_DAYS,
    }
    return render(request, "warga/privasi.html", context)
