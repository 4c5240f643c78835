"""Officers in a real browser without JavaScript: one PKH case from the desk to closed, on a phone and a wide screen."""

import io
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page

from pengaduan.models import Complaint, Outcome, Stage
from tiers.models import User

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LOOKED_AT = os.environ.get("SCREENSHOTS")  # a folder for whoever wants to see the pages


class Desk:
    """One officer at a browser; it notes every violation of the Content-Security-Policy and every failed load."""

    def __init__(self, browser: Browser, live_server, user: User, width: int) -> None:
        client = Client()
        client.force_login(user)
        self.name, self.width, self.url = user.username, width, live_server.url
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console", lambda message: self.complaints.append(message.text) if message.type == "error" else None
        )
        self.page.on("requestfailed", lambda request: self.complaints.append(request.url))

    def look(self, name: str) -> None:
        """Check that the page is no wider than the screen, also on the narrowest phone; keep a picture if wanted."""
        if LOOKED_AT:
            self.page.screenshot(path=str(Path(LOOKED_AT) / f"{name}-{self.width}.png"), full_page=True)
        for width in (self.width, 320):
            self.page.set_viewport_size({"width": width, "height": 800})
            wide = self.page.locator("html").evaluate("page => page.scrollWidth")
            assert wide <= width, f"{name} scrolls sideways at {width}: {wide}"
        self.page.set_viewport_size({"width": self.width, "height": 800})

    def open(self, address: str) -> Page:
        self.page.goto(self.url + address)
        return self.page

    def take(self, complaint: Complaint, step: str, **typed: str) -> None:
        """Take a step from the case page: press its link, fill in the form, send it."""
        page = self.open(complaint.get_absolute_url())
        others = page.get_by_role("complementary").get_by_text("Langkah lain")
        link = page.get_by_role("complementary").get_by_text(step, exact=True)
        if not link.is_visible():
            others.click()
        link.click()
        self.look(step.replace(" ", "-").lower())
        for label, value in typed.items():
            page.locator(f"[name={label}]").first.fill(value)
        for box in page.locator("[name=ticked], [name=suitable]").all():
            box.check()
        if page.locator("[name=recommendation]").count():
            page.get_by_text("Non-litigasi (penyelesaian alternatif)").click()
        if page.locator("[name=file]").count():
            page.locator("[name=file]").set_input_files(
                {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": _photo(step)}
            )
        page.locator("main form button").click()
        assert page.get_by_text(f"“{step}” sudah dicatat.").is_visible()


def _photo(about: str) -> bytes:
    written = io.BytesIO()
    Image.effect_noise((60, 40), 20 + len(about)).save(written, "JPEG")
    return written.getvalue()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_case_goes_from_the_desk_to_closed_by_browser_alone(browser, live_server, real_world, width):
    world, today = real_world, timezone.localdate()
    desa = Desk(browser, live_server, world.desa, width)
    page = desa.open("/petugas/catat/")
    desa.look("catat-program")
    page.get_by_text("Program Keluarga Harapan").click()
    page.get_by_role("button", name="Lanjut").click()
    desa.look("catat")
    page.get_by_role("button", name="Catat pengaduan").click()
    assert page.get_by_text("Ada yang perlu diperbaiki").is_visible()
    desa.look("catat-salah")
    page.get_by_label("Media", exact=True).select_option(label="Surat")
    page.get_by_label("Kategori", exact=True).select_option(label="Pembayaran")
    page.get_by_label("Isi pengaduan seperti diterima").fill("Bantuan tahap dua belum cair padahal tetangga sudah.")
    page.get_by_label("Nama pelapor (boleh dilewati)").fill("Siti Contoh")
    page.locator("[name=file]").set_input_files(
        {"name": "surat.jpg", "mimeType": "image/jpeg", "buffer": _photo("surat")}
    )
    page.get_by_role("button", name="Catat pengaduan").click()
    complaint = Complaint.objects.get()
    assert page.get_by_role("heading", name="Pengaduan diterima").is_visible()
    desa.look("lembar")
    desa.open("/petugas/")
    desa.look("kotak-masuk")
    desa.open(complaint.get_absolute_url())
    desa.look("kasus-baru")

    desa.take(complaint, "Daftarkan pengaduan", recorded="Bantuan tahap dua belum diterima.")
    desa.take(complaint, "Nyatakan masalah terjadi", chronology="Nama tertukar di daftar bayar.")
    desa.take(
        complaint, "Tetapkan rekomendasi", case_analysis="Salah ketik", stakeholder_analysis="Pos", follow_up_by="Pos"
    )
    desa.take(complaint, "Laporkan hasil penanganan", result="Pos membayar tahap dua.")
    desa.take(
        complaint, "Nyatakan selesai", finding="Sudah diterima",
        forum_attendance="21", forum_place="Balai desa", forum_decision="Diterima warga",
        forum_held_on_day=f"{today.day}", forum_held_on_month=f"{today.month}", forum_held_on_year=f"{today.year}",
    )  # fmt: skip
    above = Desk(browser, live_server, world.kecamatan, width)
    above.open("/petugas/?tampilan=periksa")
    above.look("untuk-diperiksa")
    above.take(complaint, "Sahkan penyelesaian")
    above.take(complaint, "Hasil diterima pelapor", reason="Lewat telepon, sudah puas.")
    above.look("kasus-ditutup")
    complaint.refresh_from_db()
    assert (complaint.stage, complaint.outcome) == (Stage.CLOSED, Outcome.ACCEPTED)
    assert complaint.attachments.count() == 3
    told = "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    assert desa.complaints + above.complaints == [told]  # the form sent empty, and nothing else


def test_a_place_is_found_step_by_step_on_a_phone(browser, live_server, real_world):
    desk = Desk(browser, live_server, real_world.kabupaten, 360)
    page = desk.open("/petugas/catat/?program=pkh")
    desk.look("catat-kecamatan")
    page.get_by_label("Kecamatan", exact=True).select_option(label="Salem")
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_label("Desa/Kelurahan", exact=True).select_option(label="Tembongraja")
    page.get_by_role("button", name="Lanjut").click()
    assert page.get_by_text("Tembongraja, Salem, Kabupaten Brebes, Jawa Tengah").is_visible()
    desk.open("/petugas/catat/?program=pkh&cari=w")
    desk.look("catat-cari")
    page.get_by_role("link", name="Wanasari, Margasari, Kabupaten Tegal, Jawa Tengah").click()
    assert page.get_by_text("Desa/kelurahan ini di luar wilayah Anda.").is_visible()
    desk.look("catat-luar")
    assert desk.complaints == []
