"""The addresses of the reports, under /petugas/laporan/."""

from django.urls import path

from reports import views
from reports.dashboard import dashboard
from reports.listing import listing

urlpatterns = [
    path("", dashboard, name="report_dashboard"),
    path("daftar/", listing, name="report_cases"),
    path("arsip/", views.archive, name="report_archive"),
    path("arsip/<int:edition>/", views.edition, name="report_edition"),
    path("arsip/<int:edition>/hitung-ulang/", views.recount, name="report_recount"),
    path("<int:edition>.<str:kind>", views.download, name="report_file"),
]
