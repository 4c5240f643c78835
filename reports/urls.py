"""The addresses of the reports, under /petugas/laporan/."""

from django.urls import path

from reports import views
from reports.dashboard import dashboard

urlpatterns = [
    path("", dashboard, name="report_dashboard"),
    path("arsip/", views.archive, name="report_archive"),
    path("<int:edition>.<str:kind>", views.download, name="report_file"),
]
