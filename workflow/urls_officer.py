"""The addresses of the officers' pages, below /petugas/."""

from django.urls import path, re_path

from workflow.views import identity, officer, proposals, record, steps

NUMBER = r"pengaduan/(?P<number>[A-Z]{2,10}-[0-9.]{5}-[0-9]{4}-[0-9]{6,})/"

urlpatterns = [
    path("", officer.inbox, name="officer_inbox"),
    path("catat/", record.record, name="officer_record"),
    path("catat/lembar/<uuid:key>/", record.slip, name="officer_slip"),
    re_path(rf"^{NUMBER}$", officer.case, name="officer_case"),
    re_path(rf"^{NUMBER}pelapor/$", identity.complainants, name="officer_complainants"),
    path("pengaduan/<str:number>/pelapor/<uuid:pk>/buka/", identity.opened, name="open_identity"),
    re_path(rf"^{NUMBER}kode-baru/$", identity.new_code, name="officer_new_code"),
    path("identitas/", identity.requests, name="identity_requests"),
    path("identitas/<uuid:pk>/", identity.decide, name="identity_decide"),
    re_path(rf"^{NUMBER}usul/(?P<pk>[0-9]{{1,12}})/$", proposals.decide, name="officer_proposal"),
    re_path(rf"^{NUMBER}langkah/(?P<code>[a-z-]+)/$", steps.step, name="officer_step"),
]
