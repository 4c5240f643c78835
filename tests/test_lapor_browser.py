"""The whole way of a citizen in a real browser: with and without JavaScript, on a narrow phone (D41, D62)."""

import io
import os

import pytest
from django.core.cache import cache
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page

from pengaduan.models import Complaint
from workflow import actions

pytestmark = pytest.mark.slow
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, NARROWEST = {"width": 360, "height": 740}, {"width": 320, "height": 640}
PICTURES = os.environ.get("PICTURES")  # a folder for pictures of every page, to be looked at


class Visit:
    """One visitor: every page is checked as it is left, and what the browser complains of is kept."""

    def __init__(self, browser: Browser, address: str, *, javascript: bool, name: str) -> None:
        self.context = browser.new_context(viewport=PHONE, java_script_enabled=javascript, locale="id-ID")
        self.page: Page = self.context.new_page()
        self.address, self.name, self.seen = address, name, 0
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.look()

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).click()
        self.look()

    def look(self) -> None:
        """Hold the page to the narrowest phone; take its picture where one is wanted."""
        self.page.set_viewport_size(NARROWEST)
        assert self.page.evaluate("document.documentElement.scrollWidth") == NARROWEST["width"], self.page.url
        self.page.set_viewport_size(PHONE)
        if PICTURES:
            self.seen += 1
            place = self.page.url.removeprefix(self.address).split("?")[0].strip("/").replace("/", "-") or "mulai"
            for width in (360, 1280):
                self.page.set_viewport_size({"width": width, "height": 740})
                self.page.screenshot(path=f"{PICTURES}/{self.name}-{self.seen:02}-{place}-{width}.png", full_page=True)
            self.page.set_viewport_size(PHONE)

    def attach(self, button: str, listed: str, *, colour: str = "navy") -> None:
        """Choose a photo; without JavaScript the button sends it, with it nothing more is needed."""
        self.page.get_by_label("Foto atau dokumen").set_input_files(photo(colour))
        if self.page.get_by_role("button", name=button).count():
            self.press(button)
        self.page.locator(".app-file__name", has_text=listed).wait_for()
        self.look()


def photo(colour: str) -> dict:
    drawn = io.BytesIO()
    Image.new("RGB", (600, 400), colour).save(drawn, "JPEG")
    return {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


def _report(visit: Visit) -> str:
    """Report from the start page to the receipt and return the code as it stands there."""
    page = visit.page
    visit.go("/")
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Lapor", exact=True).click()
    visit.press("Lanjut")  # nothing chosen: the page says so
    assert page.locator(".govuk-error-summary").inner_text().endswith("Pilih program atau pelayanan yang diadukan.")
    page.get_by_label("Program Keluarga Harapan").check()
    visit.press("Lanjut")
    for label, place in (
        ("Provinsi", "Jawa Tengah"), ("Kabupaten atau kota", "Kabupaten Brebes"), ("Kecamatan", "Salem"),
        ("Desa atau kelurahan", "Indrajaya"),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).select_option(label=place)
        visit.press("Lanjut")
    page.get_by_label("Pembayaran").check()
    page.get_by_label("Apa yang terjadi?").fill("Bantuan tahap dua belum cair. " * 8)
    page.get_by_label("Siapa yang dilaporkan?").fill("Ketua kelompok")
    visit.press("Lanjut")
    visit.attach("Tambahkan berkas ini", "Foto 1")
    visit.press("Lanjut")
    page.get_by_label("Rahasia").check()
    page.get_by_role("textbox", name="Nama").fill("Siti Contoh")
    page.get_by_label("Surel").fill("siti@contoh.id")
    visit.press("Lanjut")
    visit.press("Kirim pengaduan")
    code = page.locator(".app-code").inner_text()
    visit.attach("Kirim berkas", "Berkas 2", colour="red")
    visit.press("Selesai dan keluar")
    return code


@pytest.mark.parametrize("javascript", [False, True])
def test_from_the_start_page_to_the_receipt_and_back_with_the_code(real_world, live_server, browser, javascript):
    cache.clear()
    visit = Visit(browser, live_server.url, javascript=javascript, name="js" if javascript else "polos")
    page = visit.page
    code = _report(visit)
    visit.go("/lacak/")
    page.get_by_label("Kode pelacakan").fill("1234 5678")
    visit.press("Lacak")
    assert "terdiri atas 16 angka; yang Anda tulis 8." in page.locator(".govuk-error-summary").inner_text()
    page.get_by_label("Kode pelacakan").fill(" ".join(code.split()))
    visit.press("Lacak")
    page.get_by_label("Pesan Anda").fill("Apakah ada kabar?")
    visit.press("Kirim pesan")
    complaint = real_world.read(Complaint.objects.get())
    actions.ask_completion(complaint, by=real_world.desa, now=timezone.now(), questions="Tahap dan tahun berapa?")
    page.reload()
    visit.look()
    page.get_by_text("Mengapa tanggal ini?").click()
    visit.look()
    page.get_by_label("Jawaban Anda").fill("Tahap dua tahun 2026.")
    visit.press("Kirim jawaban")
    said = [each.text for each in complaint.messages.order_by("pk")]
    assert said == ["Apakah ada kabar?", "Tahap dan tahun berapa?", "Tahap dua tahun 2026."]
    visit.press("Keluar")
    assert (page.url, visit.complaints) == (f"{live_server.url}/", _expected(visit.complaints))


def _expected(complaints: list[str]) -> list[str]:
    """Return those that tell of a 422 of ours, which the browser notes as an error; nothing else may stand there."""
    return [text for text in complaints if "422" in text]


def test_a_village_is_found_by_its_name(real_world, live_server, browser):
    visit = Visit(browser, live_server.url, javascript=False, name="cari")
    page = visit.page
    visit.go("/lapor/")
    page.get_by_label("Program Keluarga Harapan").check()
    visit.press("Lanjut")
    page.get_by_label("Nama desa atau kelurahan").fill("indra")
    visit.press("Cari")
    page.get_by_label("Indrajaya, Salem, Kabupaten Brebes, Jawa Tengah").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Lanjut", exact=True).first.click()  # what was found stands above the lists
    assert page.url == f"{live_server.url}/lapor/kejadian/"
