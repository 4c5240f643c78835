"""The public addresses: procedure, report, receipt, follow with a code, and files behind the code (design.md §5)."""

from django.urls import path

from pengaduan import views as reading
from workflow.views import citizen, lapor, letters, paper, photos, privacy, receipt
from workflow.views.offline import followed_by_script as told
from workflow.views.procedure import procedure

urlpatterns = [
    path("", citizen.start, name="start"),
    path("prosedur/", procedure, name="procedure"),
    path("formulir/", paper.paper_forms, name="paper-forms"),
    path("formulir/<slug:code>.pdf", paper.complaint_form, name="paper-form"),
    path("formulir/<slug:code>/bukan-peserta.pdf", paper.exclusion_form, name="paper-form-exclusion"),
    path("formulir/<slug:code>/berita-acara-kotak.pdf", paper.box_minutes, name="paper-box"),
    path("lapor/", told(lapor.program), name="program"),
    path("lapor/lokasi/", told(lapor.lokasi), name="lokasi"),
    path("lapor/kejadian/", told(lapor.kejadian), name="kejadian"),
    path("lapor/foto/", photos.photos, name="foto"),
    path("terlalu-besar/", photos.too_large, name="too-large"),
    path("lapor/foto/<uuid:pk>/hapus/", photos.remove, name="remove-photo"),
    path("lapor/foto/<uuid:pk>.jpg", photos.thumbnail, name="photo"),
    path("lapor/identitas/", told(lapor.identitas), name="identitas"),
    path("lapor/periksa/", told(lapor.periksa), name="periksa"),
    path("lapor/tanda-terima/", receipt.receipt, name="tanda-terima"),
    path("lapor/tanda-terima.pdf", receipt.proof, name="proof"),
    path("privasi/", privacy.privacy, name="privacy"),
    path("lacak/", reading.track, name="track"),
    path("lacak/pengaduan/", citizen.tracked, name="tracked"),
    path("lacak/pengaduan/berkas/", citizen.add_file, name="add-file"),
    path("lacak/pengaduan/berkas/<uuid:pk>/hapus/", citizen.remove_file, name="remove-file"),
    path("lacak/berkas/<uuid:pk>", reading.own_file, name="own-file"),
    path("lacak/surat/<uuid:pk>/", letters.own_letter, name="own-letter"),
    path("lacak/surat/<uuid:pk>/pdf", letters.own_letter_pdf, name="own-letter-pdf"),
    path("lacak/keluar/", citizen.leave, name="leave"),
    path("petugas/berkas/<uuid:pk>", reading.officer_file, name="officer-file"),
]
