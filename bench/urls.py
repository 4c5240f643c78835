"""The product's pages, and the floor of a page: signed in, one indexed query, one small template."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from pengaduan.models import Complaint
from tiers.models import Assignment

ROWS = engines["django"].from_string(
    "<!doctype html><title>Lantai</title><ul>{% for row in rows %}<li>{{ row.number }} {{ row.subject }}"
    " {{ row.tier_due_at }}</li>{% endfor %}</ul>"
)


@login_required
def floor(request: HttpRequest) -> HttpResponse:
    office = Assignment.objects.filter(user=request.user).values("office")[:1]
    rows = Complaint.objects.filter(office__in=office, closed_at=None).order_by("tier_due_at", "id")[:25]
    return HttpResponse(ROWS.render({"rows": rows}, request))


urlpatterns = [path("lantai/", floor), path("", include("config.urls"))]
