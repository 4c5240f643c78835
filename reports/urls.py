"""The addresses of the reports, under /petugas/laporan/."""

from django.urls import path

from reports.lists import export_views
from reports.lists.behind_export import take_along
from reports.pages import views
from reports.pages.dashboard import dashboard, page_file
from reports.pages.listing import listing

urlpatterns = [
    path("", dashboard, name="report_dashboard"),
    path("angka.<str:ending>", page_file, name="report_page_file"),
    path("daftar/", listing, name="report_cases"),
    path("daftar/unduh/", take_along, name="report_cases_file"),
    path("arsip/", views.archive, name="report_archive"),
    path("arsip/<int:edition>/", views.edition, name="report_edition"),
    path("arsip/<int:edition>/hitung-ulang/", views.recount, name="report_recount"),
    path("ekspor/", export_views.ask, name="export_new"),
    path("ekspor/<uuid:export>/", export_views.show, name="export_show"),
    path("ekspor/<uuid:export>/batal/", export_views.cancel, name="export_cancel"),
    path("ekspor/<uuid:export>/ulangi/", export_views.again, name="export_again"),
    path("ekspor/<uuid:export>/<int:number>/unduh/", export_views.download, name="export_file"),
    path("<int:edition>.<str:kind>", views.download, name="report_file"),
]
