"""Photos of a report before it is sent: kept with the draft, never in the words' way, gone with them (D37, D41)."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from pengaduan.models import Attachment, Complaint
from tests.test_attachments import telephone_photo
from tests.test_lapor import ANSWERS, fill, photo, send, sentences
from workflow import drafts, tasks
from workflow.models import Draft, DraftFile

BY_SCRIPT = {"HTTP_ACCEPT": "application/json"}
NOT_A_PHOTO = "Jenis berkas ini tidak dapat diterima. Kirim foto (JPEG, PNG, atau WEBP) atau PDF."


def on_disk(settings) -> list[Path]:
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def begun(client) -> None:
    fill(client, identitas=None)


def add(client, file=None, **more):
    return client.post("/lapor/foto/", {"file": file or photo()}, **more)


def broken() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", b"MZ" + b"\0" * 200)


def twenty_megabytes() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" + b"\0" * 20_000_000)


def test_d41_photos_are_kept_with_the_draft_and_become_files_of_the_complaint(
    world, client, settings, django_capture_on_commit_callbacks
):
    fill(client)
    assert [add(client, photo(colour)).url for colour in ("navy", "red")] == ["/lapor/foto/"] * 2
    assert DraftFile.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        send(client)
    complaint = Complaint.objects.get()
    files = complaint.attachments.order_by("created_at")
    assert [(file.complainant_id, file.media_type, file.state) for file in files] == [
        (complaint.complainants.get().pk, "image/jpeg", "bersih")
    ] * 2
    assert (DraftFile.objects.count(), len(on_disk(settings))) == (0, 2)


def test_d37_a_photo_of_a_draft_is_drawn_anew_under_a_name_that_tells_nothing(world, client, settings):
    begun(client)
    add(client, SimpleUploadedFile("Siti Contoh.jpg", telephone_photo()))
    (kept,) = on_disk(settings)
    content = kept.read_bytes()
    assert (kept.name, b"Siti" in content) == (f"{DraftFile.objects.get().pk}.jpg", False)
    with Image.open(io.BytesIO(content)) as picture:
        assert dict(picture.getexif()) == {}


def test_the_step_may_be_skipped(world, client):
    begun(client)
    assert client.post("/lapor/foto/", {"lanjut": "ya"}).url == "/lapor/identitas/"
    client.post("/lapor/identitas/", ANSWERS["/lapor/identitas/"])
    assert client.post("/lapor/foto/", {"lanjut": "ya"}).url == "/lapor/periksa/"


def test_who_goes_on_with_a_photo_chosen_loses_it_not(world, client):
    begun(client)
    assert client.post("/lapor/foto/", {"lanjut": "ya", "file": photo()}).url == "/lapor/identitas/"
    assert DraftFile.objects.count() == 1


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (broken, NOT_A_PHOTO),
        (twenty_megabytes, "Berkas terlalu besar: paling banyak 10 MB."),
        (lambda: SimpleUploadedFile("a.jpg", b""), "Berkas ini kosong. Pilih berkas lain."),
    ],
    ids=["not a photo", "20 MB", "empty"],
)  # fmt: skip
def test_d62_a_photo_that_is_refused_gets_a_sentence_and_never_blocks_the_words(world, client, file, sentence):
    begun(client)
    response = client.post("/lapor/foto/", {"lanjut": "ya", "file": file()})
    assert (response.status_code, sentences(response)) == (422, {"file": [sentence]})
    assert "Lanjut tanpa foto" in response.content.decode()
    client.post("/lapor/identitas/", ANSWERS["/lapor/identitas/"])
    send(client)
    assert (Complaint.objects.count(), Attachment.objects.count()) == (1, 0)


def test_ten_files_are_the_most_and_the_same_one_twice_is_one(world, client):
    begun(client)
    for number in range(10):
        add(client, photo((number * 20, 0, 0)))
    add(client, photo((0, 0, 0)))
    response = add(client, photo("white"))
    assert sentences(response) == {"file": ["Paling banyak 10 berkas untuk satu pengaduan."]}
    assert DraftFile.objects.count() == 10


def test_a_photo_is_taken_back_and_its_content_with_it(world, client, settings, django_capture_on_commit_callbacks):
    begun(client)
    add(client)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/lapor/foto/{DraftFile.objects.get().pk}/hapus/")
    assert (DraftFile.objects.count(), on_disk(settings)) == (0, [])


def test_d37_another_visitor_neither_sees_a_photo_of_a_draft_nor_takes_it_back(world, client):
    begun(client)
    add(client)
    address = f"/lapor/foto/{DraftFile.objects.get().pk}"
    stranger, officer = Client(), Client()
    begun(stranger)
    officer.force_login(world.desa)
    assert [each.get(f"{address}.jpg").status_code for each in (client, stranger, Client(), officer)] == [
        200, 404, 404, 404,
    ]  # fmt: skip
    stranger.post(f"{address}/hapus/")
    assert DraftFile.objects.count() == 1


def test_the_small_picture_is_small_and_kept_by_no_browser(world, client):
    begun(client)
    drawn = io.BytesIO()
    Image.effect_noise((1600, 1200), 80).save(drawn, "JPEG")
    add(client, SimpleUploadedFile("a.jpg", drawn.getvalue()))
    response = client.get(f"/lapor/foto/{DraftFile.objects.get().pk}.jpg")
    with Image.open(io.BytesIO(response.content)) as picture:
        assert picture.size == (160, 120)
    assert (len(response.content) < 12_000, "no-store" in response["Cache-Control"]) == (True, True)


def test_d37_when_a_draft_grows_old_its_photos_leave_the_disk(
    world, client, settings, django_capture_on_commit_callbacks
):
    begun(client)
    add(client)
    Draft.objects.update(updated_at=timezone.now() - timedelta(hours=23))
    tasks.forget_drafts()
    assert len(on_disk(settings)) == 1
    Draft.objects.update(updated_at=timezone.now() - timedelta(hours=25))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.forget_drafts()
    assert (Draft.objects.count(), DraftFile.objects.count(), on_disk(settings)) == (0, 0, [])


def test_a_photo_keeps_its_draft_young(world, client):
    begun(client)
    Draft.objects.update(updated_at=timezone.now() - timedelta(hours=23))
    add(client)
    assert timezone.now() - Draft.objects.get().updated_at < timedelta(minutes=5)


def test_who_leaves_in_a_hurry_leaves_neither_words_nor_photos(
    world, client, settings, django_capture_on_commit_callbacks
):
    begun(client)
    add(client)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/lacak/keluar/").url == "/"
    assert (Draft.objects.count(), on_disk(settings), dict(client.session.items())) == (0, [], {})


def test_where_there_is_a_scanner_the_photos_of_a_report_wait_for_it(world, client, settings):
    settings.CLAMAV_HOST = "127.0.0.1:1"
    fill(client)
    add(client)
    send(client)
    assert [file.state for file in Attachment.objects.all()] == ["karantina"]


def test_a_photo_that_cannot_be_read_any_more_is_told_on_the_receipt_and_the_complaint_stands(world, client, settings):
    fill(client)
    for colour in ("navy", "red"):
        add(client, photo(colour))
    client.get("/lapor/foto/")  # reads what was said so far
    Path(DraftFile.objects.order_by("created_at").first().file.path).unlink()
    page = client.post("/lapor/periksa/", {"draf": str(Draft.objects.get().pk)}, follow=True)
    assert [str(message) for message in page.context["messages"]] == [
        "Satu foto atau dokumen tidak terkirim: Berkas ini tidak dapat dibaca lagi. Kirim sekali lagi."
    ]
    assert (Complaint.objects.count(), Attachment.objects.count(), DraftFile.objects.count()) == (1, 1, 0)


def test_after_a_crash_between_the_number_and_the_photos_sending_again_brings_them(world, client, monkeypatch):
    fill(client)
    add(client)
    draft, crash = str(Draft.objects.get().pk), RuntimeError("mati listrik")
    with monkeypatch.context() as failing, pytest.raises(RuntimeError):
        failing.setattr("workflow.filing.attach", lambda *_given, **_named: (_ for _ in ()).throw(crash))
        client.post("/lapor/periksa/", {"draf": draft})
    assert (Complaint.objects.count(), Attachment.objects.count()) == (1, 0)
    client.post("/lapor/periksa/", {"draf": draft})
    assert (Complaint.objects.count(), Attachment.objects.count()) == (1, 1)


def test_d62_a_photo_whose_session_is_gone_begins_a_new_draft(world, client):
    assert add(client).url == "/lapor/foto/"
    assert client.get("/lapor/foto/").url == "/lapor/"
    begun(client)
    assert [file.draft_id for file in DraftFile.objects.all()] == [Draft.objects.get().pk]


def test_a_photo_that_comes_after_the_sending_is_led_to_the_receipt(world, client):
    fill(client)
    send(client)
    assert add(client).url == "/lapor/tanda-terima/"
    late = add(client, **BY_SCRIPT)
    assert (late.status_code, late.json()["kalimat"]) == (409, "Pengaduan ini sudah terkirim. Ini tanda terimanya.")
    assert DraftFile.objects.count() == 0


def test_the_script_is_answered_with_the_list_and_with_a_sentence(world, client):
    begun(client)
    taken, refused = add(client, **BY_SCRIPT), add(client, broken(), **BY_SCRIPT)
    assert (taken.status_code, taken.json()["kalimat"], taken.json()["daftar"].count("<li")) == (200, "", 1)
    assert (refused.status_code, refused.json()["kalimat"], refused.json()["daftar"].count("<li")) == (
        422, NOT_A_PHOTO, 1,
    )  # fmt: skip
    gone = client.post(f"/lapor/foto/{DraftFile.objects.get().pk}/hapus/", **BY_SCRIPT)
    assert gone.json()["daftar"].count("<li") == 0


def test_the_script_is_answered_alike_on_the_receipt_and_on_the_page_of_the_complaint(world, client):
    fill(client)
    send(client)
    for address, colour in (("/lapor/tanda-terima/", "navy"), ("/lacak/pengaduan/berkas/", "red")):
        answer = client.post(address, {"file": photo(colour)}, **BY_SCRIPT)
        assert (answer.status_code, answer.json()["kalimat"]) == (200, "")
        assert client.post(address, {"file": broken()}, **BY_SCRIPT).json()["kalimat"] == NOT_A_PHOTO
    first = Attachment.objects.order_by("created_at").first()
    gone = client.post(f"/lacak/pengaduan/berkas/{first.pk}/hapus/", **BY_SCRIPT)
    assert (gone.json()["daftar"].count("<li"), Attachment.objects.count()) == (1, 1)


def test_the_photos_stand_among_the_answers_to_check(world, client):
    fill(client)
    add(client)
    page = client.get("/lapor/periksa/").content.decode()
    kept = DraftFile.objects.get()
    assert [part in page for part in (f'src="/lapor/foto/{kept.pk}.jpg"', 'href="/lapor/foto/"')] == [True, True]


def test_the_same_number_of_queries_for_one_photo_and_for_ten(world, client):
    begun(client)
    counts = []
    for number in range(10):
        add(client, photo((number * 20, 0, 0)))
        client.get("/lapor/foto/")
        if number in (0, 9):
            with CaptureQueriesContext(connection) as asked:
                client.get("/lapor/foto/")
            counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_code_lives_an_hour_from_the_sending_whatever_photos_follow(world, client):
    fill(client)
    add(client)
    send(client)
    draft = Draft.objects.get()
    assert drafts.code_of(draft, now=draft.updated_at + timedelta(minutes=61)) is None


def test_d62_a_file_that_the_web_server_did_not_take_gets_a_sentence_and_the_way_on(world, client):
    """nginx asks for this page in place of its own (deploy/nginx)."""
    assert "Tekan tombol kembali" in client.get("/terlalu-besar/").content.decode()
    begun(client)
    page = client.get("/terlalu-besar/")
    html = page.content.decode()
    assert (page.status_code, 'href="/lapor/foto/"' in html, 'href="/lapor/identitas/"' in html) == (413, True, True)


def test_nginx_takes_what_the_product_refuses_itself_and_has_that_page_for_the_rest(settings):
    conf = (Path(__file__).parent.parent / "deploy/nginx/pengaduan.conf").read_text()
    most = int(re.search(r"client_max_body_size (\d+)m;", conf)[1]) * 1024**2
    assert most > 2 * settings.UPLOAD_MAX_BYTES
    assert "error_page 413 /terlalu-besar/;" in conf
