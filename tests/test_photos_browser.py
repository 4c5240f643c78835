"""Photos over a weak signal: shrunk before they are sent, kept in the page when they are not (D37, D41, D62)."""

import json
from pathlib import Path

import pytest
from django.core.cache import cache
from PIL import Image
from playwright.sync_api import expect

from pengaduan.attachments import rewritten
from pengaduan.models import Attachment, Complaint
from tests.test_lapor import ANSWERS
from tests.test_lapor_browser import Visit, photo
from workflow import draft_files
from workflow.models import DraftFile

pytestmark = pytest.mark.slow
MOST = 400 * 1024
FAILED = "Belum terkirim: sinyal terputus. Berkasnya masih ada di halaman ini."


@pytest.fixture
def visit(real_world, live_server, browser) -> Visit:
    """Return a visitor at the step for photos."""
    cache.clear()
    visit = Visit(browser, live_server.url, javascript=True, name="foto")
    arrive(visit)
    return visit


def arrive(visit: Visit) -> None:
    """Answer the steps before the photos, by the forms' own addresses."""
    page = visit.page
    visit.go("/lapor/")
    token = page.locator("main input[name=csrfmiddlewaretoken]").first.input_value()
    for path in ("/lapor/", "/lapor/lokasi/", "/lapor/kejadian/"):
        page.request.post(
            visit.address + path,
            form={**ANSWERS[path], "csrfmiddlewaretoken": token},
            headers={"Referer": visit.address},
        )
    visit.go("/lapor/foto/")
    assert page.url.endswith("/lapor/foto/")


def choose(visit: Visit, *files: dict | Path) -> None:
    visit.page.get_by_label("Foto atau dokumen").set_input_files(list(files))


def rows(visit: Visit):
    return visit.page.locator("[data-foto-antre] li")


def listed(visit: Visit):
    return visit.page.locator("[data-foto-daftar] li")


def telephone_photo(folder: Path) -> Path:
    """Return a photo of 20 MB with its owner in it."""
    exif = Image.Exif()
    exif[0x013B] = "Siti Contoh"
    photo = folder / "Siti.jpg"
    Image.effect_noise((2000, 1500), 120).convert("RGB").save(photo, "JPEG", quality=95, exif=exif)
    with photo.open("ab") as more:  # what stands behind the picture is no part of it
        more.write(bytes(20_000_000 - photo.stat().st_size))
    return photo


def test_d41_a_photo_of_twenty_megabytes_is_sent_as_four_hundred_kilobytes_that_tell_nothing(
    visit, monkeypatch, tmp_path
):
    """D37: shrunk in the browser, its EXIF left behind."""
    came = []
    monkeypatch.setattr(draft_files, "rewritten", lambda file: (came.append(file.read()), rewritten(file))[1])
    choose(visit, telephone_photo(tmp_path))
    expect(listed(visit)).to_have_count(1, timeout=60_000)
    (content,) = came
    assert (len(content) <= MOST, b"Siti" in content, DraftFile.objects.count()) == (True, False, 1)
    with Image.open(DraftFile.objects.get().file.path) as picture:
        assert max(picture.size) <= 1280


def test_d62_a_photo_stays_in_the_page_without_a_signal_and_goes_when_it_is_back(visit):
    visit.context.set_offline(True)
    choose(visit, photo("navy"), photo("red"))
    expect(rows(visit).locator(".app-file__state")).to_have_text([FAILED, FAILED])
    visit.look()
    visit.context.set_offline(False)
    expect(listed(visit)).to_have_count(2)
    expect(rows(visit)).to_have_count(0)
    assert DraftFile.objects.count() == 2


def test_d62_a_photo_whose_answer_was_lost_is_tried_again_and_is_one(visit):
    visit.page.route("**/lapor/foto/", lambda route: (route.fetch(), route.abort()))
    choose(visit, photo("navy"))
    expect(rows(visit).locator(".app-file__state")).to_have_text([FAILED])
    assert DraftFile.objects.count() == 1
    visit.page.unroute("**/lapor/foto/")
    visit.page.get_by_role("button", name="Coba lagi").click()
    expect(listed(visit)).to_have_count(1)
    assert DraftFile.objects.count() == 1


def test_going_on_while_a_photo_waits_is_said_once(visit):
    visit.page.route(
        "**/lapor/foto/",
        lambda route: (
            route.abort()
            if route.request.method == "POST" and "json" in route.request.headers["accept"]
            else route.continue_()
        ),
    )
    choose(visit, photo("navy"))
    expect(rows(visit).locator(".app-file__state")).to_have_text([FAILED])
    lanjut = visit.page.get_by_role("button", name="Lanjut", exact=True)
    lanjut.click()
    expect(visit.page.locator("[data-foto-kabar]")).to_contain_text("tekan sekali lagi untuk melanjutkan")
    visit.press("Lanjut")
    assert visit.page.url.endswith("/lapor/identitas/")


def test_what_is_no_photo_gets_a_sentence_and_can_be_put_away(visit):
    choose(visit, {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" + bytes(300)})
    sentence = "Jenis berkas ini tidak dapat diterima. Kirim foto (JPEG, PNG, atau WEBP) atau PDF."
    expect(rows(visit).locator(".app-file__state")).to_have_text([sentence])
    expect(rows(visit).locator("progress")).to_be_hidden()
    heard = visit.page.locator("[data-foto-kabar]")  # read out with its name, and seen in its row alone
    expect(heard).to_have_text(f"a.jpg: {sentence}")
    expect(heard).to_contain_class("govuk-visually-hidden")
    expect(visit.page.get_by_role("button", name="Coba lagi")).to_have_count(0)
    visit.look()
    rows(visit).get_by_role("button", name="Hapus").click()
    expect(rows(visit)).to_have_count(0)


def test_a_document_that_is_too_large_is_told_before_anything_is_sent(visit):
    sent = []
    visit.page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    choose(visit, {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7" + bytes(11 * 1024**2)})
    expect(rows(visit).locator(".app-file__state")).to_have_text(["Berkas terlalu besar: paling banyak 10 MB."])
    assert sent == []


def test_a_photo_is_taken_back_without_leaving_the_page_and_the_report_goes_on_with_the_rest(visit):
    choose(visit, photo("navy"), photo("red"))
    expect(listed(visit)).to_have_count(2)
    visit.look()
    listed(visit).first.get_by_role("button").click()
    expect(listed(visit)).to_have_count(1)
    visit.press("Lanjut")
    visit.page.get_by_label("Tanpa nama").check()
    visit.press("Lanjut")
    visit.press("Kirim pengaduan")
    assert (Complaint.objects.count(), Attachment.objects.count()) == (1, 1)
    assert [text for text in visit.complaints if "422" not in text] == []


def test_the_script_says_nothing_that_the_page_did_not_give_it(visit):
    """The words are translated with the page."""
    words = json.loads(visit.page.evaluate("JSON.stringify(document.querySelector('[data-foto]').dataset)"))
    assert {"perkecil", "kirim", "antre", "putus", "besar", "selesai", "terhapus", "tunggu"} <= set(words)


def test_d62_without_javascript_twenty_megabytes_get_a_sentence(real_world, live_server, browser, tmp_path):
    visit = Visit(browser, live_server.url, javascript=False, name="foto-polos")
    arrive(visit)
    choose(visit, telephone_photo(tmp_path))
    visit.press("Tambahkan berkas ini")
    assert visit.page.locator(".govuk-error-summary li").inner_text() == "Berkas terlalu besar: paling banyak 10 MB."
    visit.press("Lanjut tanpa foto")
    assert visit.page.url.endswith("/lapor/identitas/")
