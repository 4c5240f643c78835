"""Forms of a case to print, filled in as far as it is known: minutes and attendance (D27, D28).

They are read aloud and passed round where people meet: no complainant, no tracking code, no reported party (D37, D38).
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from workflow.forms.printed import PrintedForm
from workflow.printing import pdf_response
from workflow.views.kept import officer_page
from workflow.views.steps import case_of

LINES_TO_SIGN = 20
TEMPLATES = {
    PrintedForm.SETTLED: "cetak/berita_acara_penyelesaian.html",
    PrintedForm.REVIEW: "cetak/berita_acara_peninjauan.html",
    PrintedForm.ATTENDANCE: "cetak/daftar_hadir.html",
}


@require_safe
@officer_page
def form(request: HttpRequest, number: str, printed: str) -> HttpResponse:
    """Print one form of a case that the officer may see."""
    if printed not in TEMPLATES:
        raise Http404
    complaint = case_of(request.user, number)
    context = {
        "complaint": complaint,
        "office": complaint.office,
        "title": PrintedForm(printed).label,
        "actions": complaint.agreed_actions.order_by("until", "pk"),
        "standards": complaint.category.closure_standards.order_by("position"),
        "lines": range(LINES_TO_SIGN),
    }
    filename = f"{printed}-{complaint.number}.pdf"
    return pdf_response(TEMPLATES[PrintedForm(printed)], context, filename, zone=complaint.zone)
