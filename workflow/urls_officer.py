"""The addresses of the officers' pages, below /petugas/."""

from django.urls import path, re_path

from workflow.views import (
    book,
    case,
    gaya,
    identity,
    inbound,
    inbox,
    joint,
    letters,
    printed,
    profile,
    proposals,
    record,
    steps,
    supervisor,
)

NUMBER = r"pengaduan/(?P<number>[A-Z]{2,10}-[0-9.]{5}-[0-9]{4}-[0-9]{6,})/"

urlpatterns = [
    path("", inbox.inbox, name="officer_inbox"),
    path("gaya/", gaya.gaya, name="living_page"),
    path("register/", book.register, name="officer_register"),
    path("register.pdf", book.printed, name="officer_register_pdf"),
    path("catat/", record.record, name="officer_record"),
    path("catat/lembar/<uuid:key>/", record.slip, name="officer_slip"),
    path("profil/", profile.profile, name="officer_profile"),
    path("profil/tidak-hadir/", profile.absent, name="officer_absent"),
    path("tidak-hadir/<int:pk>/", profile.absence, name="officer_absence"),
    path("papan/", supervisor.board, name="board"),
    path("papan/beban/", supervisor.workload, name="board_workload"),
    path("papan/putusan/", supervisor.decisions, name="board_decisions"),
    path("papan/petugas/<int:pk>/", supervisor.officer, name="board_officer"),
    path("papan/petugas/<int:pk>/tidak-hadir/", supervisor.officer_absent, name="board_officer_absent"),
    path("sms/", inbound.texts, name="officer_sms"),
    path("sms/<uuid:pk>/", inbound.text, name="officer_sms_one"),
    path("sms/<uuid:pk>/catat/", inbound.record_text, name="officer_sms_record"),
    re_path(rf"^{NUMBER}$", case.case, name="officer_case"),
    re_path(rf"^{NUMBER}pelapor/$", identity.complainants, name="officer_complainants"),
    path("pengaduan/<str:number>/pelapor/<uuid:pk>/buka/", identity.opened, name="open_identity"),
    re_path(rf"^{NUMBER}kode-baru/$", identity.new_code, name="officer_new_code"),
    path("identitas/", identity.requests, name="identity_requests"),
    path("identitas/<uuid:pk>/", identity.decide, name="identity_decide"),
    re_path(rf"^{NUMBER}usul/(?P<pk>[0-9]{{1,12}})/$", proposals.decide, name="officer_proposal"),
    re_path(rf"^{NUMBER}langkah/(?P<code>[a-z-]+)/$", steps.step, name="officer_step"),
    re_path(rf"^{NUMBER}formulir/(?P<printed>[a-z-]+)\.pdf$", printed.form, name="officer_printed_form"),
    path("pengaduan/<str:number>/surat/", letters.officer_letters, name="officer-letters"),
    path("pengaduan/<str:number>/surat/<uuid:pk>/", letters.officer_letter, name="officer-letter"),
    path("pengaduan/<str:number>/surat/<uuid:pk>/pdf", letters.officer_letter_pdf, name="officer-letter-pdf"),
    path("rekomendasi/", joint.gathered, name="joint_recommendations"),
    path("rekomendasi/<int:office>/baru/", joint.new, name="new_joint_recommendation"),
    path("rekomendasi/<int:pk>/", joint.one, name="joint_recommendation"),
]
