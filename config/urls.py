"""Every address of the product (design.md §5)."""

from django.urls import include, path
from django.views.i18n import set_language

from config import health
from reports.pages.public import statistics
from reports.sending import fetching
from tiers.admin_site import site

urlpatterns = [
    path("hidup/", health.alive, name="alive"),
    path("siap/", health.ready, name="ready"),
    path("admin/", site.urls),
    path("bahasa/", set_language, name="set_language"),
    path("api/v1/", include("api.urls")),
    path("", include("tiers.urls")),
    path("", include("workflow.urls_offline")),
    path("petugas/laporan/", include("reports.urls")),
    path("laporan/unduh/<str:signed>/", fetching.page, name="report_link"),
    path("laporan/unduh/<str:signed>/berkas", fetching.file, name="report_link_file"),
    path("petugas/", include("workflow.urls_officer")),
    path("statistik/", statistics, name="statistics"),
    path("", include("workflow.urls_citizen")),
]
