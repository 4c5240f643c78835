"""The addresses of the reports, under /petugas/laporan/."""

from django.urls import path

from reports import views

urlpatterns = [
    path("", views.archive, name="report_archive"),
    path("<int:edition>.<str:kind>", views.download, name="report_file"),
]
