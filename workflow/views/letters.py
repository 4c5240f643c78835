"""The letters of a case to read and to print: a complainant's own, and those of a case that an officer sees (D42)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pengaduan.models import Complainant, Complaint
from workflow import correspondence, letter_pdf
from workflow.models import Letter
from workflow.views.citizen import with_code
from workflow.views.kept import officer_page
from workflow.views.steps import case_of


@require_safe
@with_code
def own_letter(request: HttpRequest, complaint: Complaint, me: Complainant, *, now: datetime, pk: UUID) -> HttpResponse:
    """Show a complainant a letter that was written to them, or a referral of their case."""
    letter = _among(correspondence.of_complainant(me), pk)
    return _page(request, letter, "warga/surat.html", pdf_url=reverse("own-letter-pdf", args=[pk]))


@require_safe
@with_code
def own_letter_pdf(
    request: HttpRequest, complaint: Complaint, me: Complainant, *, now: datetime, pk: UUID
) -> HttpResponse:
    """Print it."""
    return _pdf(_among(correspondence.of_complainant(me), pk))


@require_safe
@officer_page
def officer_letters(request: HttpRequest, number: str) -> HttpResponse:
    """List the letters of a case that an officer sees, and what is wrong with those not yet made."""
    complaint = case_of(request.user, number)
    letters, faults = correspondence.of_case(complaint)
    return render(request, "petugas/surat_daftar.html", {"complaint": complaint, "letters": letters, "faults": faults})


@require_safe
@officer_page
def officer_letter(request: HttpRequest, number: str, pk: UUID) -> HttpResponse:
    """Show an officer a letter of a case that they see."""
    complaint = case_of(request.user, number)
    letter = _among(correspondence.of_case(complaint)[0], pk)
    pdf_url = reverse("officer-letter-pdf", args=[number, pk])
    return _page(request, letter, "petugas/surat.html", pdf_url=pdf_url, complaint=complaint)


@require_safe
@officer_page
def officer_letter_pdf(request: HttpRequest, number: str, pk: UUID) -> HttpResponse:
    """Print it."""
    return _pdf(_among(correspondence.of_case(case_of(request.user, number))[0], pk))


def _among(letters: Iterable[Letter], pk: UUID) -> Letter:
    """Return a letter of those that may be read here; the page and the list never disagree."""
    if found := next((letter for letter in letters if letter.pk == pk), None):
        return found
    raise Http404


def _page(request: HttpRequest, letter: Letter, template: str, **context: object) -> HttpResponse:
    office = letter.event.to_office or letter.complaint.office
    return render(request, template, {"sheet": letter_pdf.sheet_of(letter), "office": office, **context})


def _pdf(letter: Letter) -> HttpResponse:
    """Answer with the words for paper, where the programme has them; no cache keeps it."""
    response = HttpResponse(letter_pdf.letter_pdf(correspondence.on_paper(letter)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{letter_pdf.filename(letter)}"'
    response["Cache-Control"] = "private, no-store"
    return response
