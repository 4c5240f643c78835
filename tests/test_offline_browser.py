"""Days without a signal in a real browser: drafts, sending later, the outbox, what a telephone keeps (D62)."""

import json
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Playwright, Route, expect, sync_playwright

from pengaduan.models import Complaint
from tests.chromium import BROWSER
from tiers.models import User
from workflow.models import Draft

PATIENCE = 30  # seconds: a busy machine is no fault of the page
expect.set_options(timeout=PATIENCE * 1000)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}
PICTURES = os.environ.get("PICTURES")  # a folder for pictures of every page, to be looked at
TOLD = "Bantuan belum cair sejak Januari, kata Bu Kenari"
NAME = "Kenari Zamrudiawati"
KEPT = """async () => {
  const found = {};
  for (const name of await caches.keys())
    for (const asked of await (await caches.open(name)).keys())
      found[asked.url] = await (await caches.match(asked)).text();
  return found;
}"""
STORED = """async () => {
  const found = [];
  for (const {name} of await indexedDB.databases()) {
    const asked = indexedDB.open(name);
    const db = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
    for (const store of db.objectStoreNames) {
      const rows = db.transaction(store).objectStore(store).getAll();
      await new Promise(done => { rows.onsuccess = done; });
      found.push(...rows.result.map(row => {
        const bytes = row.sealed ? new TextDecoder("latin1").decode(row.sealed) : "";
        return JSON.stringify(row) + bytes;
      }));
    }
    db.close();
  }
  return found.join("\\n") + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + document.cookie;
}"""


FAULT = """kind => {
  const real = window.fetch;
  Object.assign(window, {fault: kind, lost: 0, fetch: async (address, about) => {
    if (!window.fault || !String(address).includes("/kirim/")) return real(address, about);
    if (window.fault === "busy") return new Response("", {status: 503});
    if (window.fault === "answer lost") await real(address, about);
    window.lost++;
    throw new TypeError("no signal");
  }});
}"""  # Playwright's own routes do not see what a page sends that came out of a worker's cache


@pytest.fixture
def playwright(monkeypatch) -> Iterator[Playwright]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in this thread
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)  # the server's threads outlive the test
    cache.clear()
    with sync_playwright() as running:
        yield running
        connections.close_all()  # inside Playwright's loop Django keeps connections of its own


@pytest.fixture
def phone(playwright, live_server, real_world, tmp_path) -> Iterator["Phone"]:
    phone = Phone(playwright, live_server.url, tmp_path / "telepon")
    yield phone
    phone.context.close()
    assert phone.complaints == []


class Phone:
    """One telephone: its browser can be killed and started again, and what the page complains of is kept."""

    def __init__(self, playwright: Playwright, address: str, folder: Path) -> None:
        self.playwright, self.address, self.folder = playwright, address, folder
        self.complaints: list[str] = []
        self.start()

    def start(self) -> None:
        self.context: BrowserContext = self.playwright.chromium.launch_persistent_context(
            self.folder, executable_path="/usr/bin/chromium", args=BROWSER, viewport=PHONE, locale="id-ID"
        )
        self.page: Page = self.context.pages[0]
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, said) -> None:
        if "Content Security Policy" in said.text or "Refused to" in said.text:
            self.complaints.append(said.text)

    def restart(self) -> None:
        self.context.close()
        self.start()

    def sign_in(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.address}])

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).first.click()

    def await_worker(self) -> None:
        self.page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        self.page.wait_for_function("navigator.serviceWorker.controller !== null")

    def wait(self, script: str) -> None:
        """Wait until a script, which may itself have to wait, says so."""
        until = time.monotonic() + PATIENCE
        while not self.page.evaluate(script):
            assert time.monotonic() < until, script
            self.page.wait_for_timeout(100)

    def forgot(self, words: str) -> None:
        """Wait until nothing of the words is left on this telephone."""
        self.wait(f"async () => !(await ({STORED})()).includes({json.dumps(words)})")

    def without_background_sync(self) -> None:
        """Be one of the many browsers whose pages send by themselves, or not at all."""
        self.context.add_init_script(
            "Object.defineProperty(ServiceWorkerRegistration.prototype, 'sync', {value: null})"
        )

    def stored(self) -> str:
        return self.page.evaluate(STORED)

    def look(self, name: str) -> None:
        """Hold the page to the narrowest phone; take its picture where one is wanted."""
        for width in (320, 360, 1280):
            self.page.set_viewport_size({"width": width, "height": 740})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, name
            if PICTURES and width != 320:
                self.page.screenshot(path=f"{PICTURES}/luring-{name}-{width}.png", full_page=True)
        self.page.set_viewport_size(PHONE)


def to_matter(phone: Phone) -> None:
    """Go from the first step to the one where the story is told."""
    phone.go("/lapor/")
    phone.page.get_by_label("Program Keluarga Harapan").check()
    phone.press("Lanjut")
    phone.page.wait_for_url("**/lapor/lokasi/")
    for label, place in (
        ("Provinsi", "Jawa Tengah"),
        ("Kabupaten atau kota", "Kabupaten Brebes"),
        ("Kecamatan", "Salem"),
        ("Desa atau kelurahan", "Indrajaya"),
    ):
        phone.page.get_by_label(label, exact=True).select_option(label=place)
        with phone.page.expect_navigation():
            phone.press("Lanjut")
    phone.page.wait_for_url("**/lapor/kejadian/")


def tell(phone: Phone, *, keep: bool) -> None:
    if keep:
        phone.page.get_by_label("Simpan di telepon ini selama sehari").check()
    phone.page.get_by_label("Apa yang terjadi?").fill(TOLD)
    if keep:
        expect(phone.page.locator("[data-draf-kabar]")).to_have_text("Tersimpan di telepon ini.")


# --- what the worker keeps


def test_without_a_signal_a_sentence_and_what_can_be_done(phone):
    phone.go("/")
    phone.await_worker()
    phone.context.set_offline(True)
    phone.go("/lacak/")
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Tidak ada sinyal")
    phone.look("luring")
    phone.page.get_by_role("link", name="Tulis dulu, kirim nanti").click()
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Tulis dulu, kirim nanti")
    phone.look("tulis")
    phone.go("/luring/catat/")
    expect(phone.page.locator("[data-tanpa-bekal]")).to_be_visible()
    phone.look("catat-belum-siap")


def test_after_a_signed_in_walk_the_caches_hold_nothing_personal(phone, real_world):
    """D37: every key and body of every cache."""
    complaint = real_world.complaint(text=TOLD, identity={"name": NAME})
    phone.go("/")
    phone.await_worker()
    phone.sign_in(real_world.desa)
    for path in (
        "/petugas/",
        complaint.get_absolute_url(),
        "/petugas/catat/",
        "/petugas/luring/",
        "/luring/catat/",
        "/akun/",
    ):
        phone.go(path)
    kept = phone.page.evaluate(KEPT)
    paths = {address.removeprefix(phone.address).partition("?")[0] for address in kept}
    assert {path for path in paths if not path.startswith("/static/")} == {
        "/luring/",
        "/luring/tulis/",
        "/luring/catat/",
    }
    bodies = "".join(kept.values())
    found = [word for word in (complaint.number, NAME, TOLD, "Masuk sebagai", 'name="csrf') if word in bodies]
    assert found == []


def test_switched_off_the_telephone_forgets_the_pages(phone, settings):
    phone.go("/")
    phone.await_worker()
    settings.OFFLINE = False
    # a telephone keeps the worker's address for ten minutes: they are over
    phone.page.evaluate("async () => { await fetch('/sw.js', {cache: 'reload'}); }")
    phone.page.evaluate("async () => (await navigator.serviceWorker.ready).update()")
    phone.wait("async () => !(await caches.keys()).length")
    phone.wait("async () => !(await navigator.serviceWorker.getRegistrations()).length")


# --- a citizen's draft


def test_a_draft_survives_no_signal_and_a_killed_browser_and_is_offered_back(phone):
    to_matter(phone)
    tell(phone, keep=True)
    phone.look("kejadian")
    stored = phone.stored()
    assert (TOLD in stored, NAME in stored) == (True, False)
    phone.context.clear_cookies()
    phone.restart()
    phone.go("/")
    expect(phone.page.locator("[data-draf-ada]")).to_be_visible()
    phone.look("mulai-draf")
    phone.page.get_by_role("button", name="Lanjutkan").click()
    to_matter(phone)
    assert phone.page.get_by_label("Apa yang terjadi?").input_value() == TOLD


def test_nothing_is_kept_without_being_asked_to(phone):
    to_matter(phone)
    tell(phone, keep=False)
    phone.page.wait_for_timeout(600)  # longer than the pause after which a draft would be kept
    assert TOLD not in phone.stored()


def test_who_takes_the_tick_away_or_presses_delete_leaves_nothing(phone):
    to_matter(phone)
    tell(phone, keep=True)
    phone.page.get_by_label("Simpan di telepon ini selama sehari").uncheck()
    expect(phone.page.locator("[data-draf-kabar]")).to_have_text("Draf di telepon ini sudah dihapus.")
    assert TOLD not in phone.stored()
    phone.page.get_by_label("Simpan di telepon ini selama sehari").check()
    expect(phone.page.locator("[data-draf-kabar]")).to_have_text("Tersimpan di telepon ini.")
    phone.go("/")
    phone.press("Hapus")
    expect(phone.page.locator("[data-draf-ada]")).to_be_hidden()
    assert TOLD not in phone.stored()


def test_a_draft_is_gone_after_a_day(phone):
    to_matter(phone)
    tell(phone, keep=True)
    phone.page.clock.install(time=timezone.now() + timedelta(hours=25))
    phone.go("/")
    phone.forgot(TOLD)
    expect(phone.page.locator("[data-draf-ada]")).to_be_hidden()


def test_who_leaves_the_page_at_once_is_not_reminded_of_it_here(phone):
    """Whoever picks the telephone up next finds no draft offered."""
    to_matter(phone)
    tell(phone, keep=True)
    phone.page.route("https://**", lambda route: route.fulfill(body="cuaca"))
    with phone.page.expect_navigation(url="https://**"):
        phone.page.get_by_role("link", name="Tinggalkan halaman ini").click()
    phone.go("/")
    phone.forgot(TOLD)
    expect(phone.page.locator("[data-draf-ada]")).to_be_hidden()


def to_identity(phone: Phone) -> None:
    phone.page.get_by_label("Pembayaran").check()
    phone.press("Lanjut")
    phone.page.wait_for_url("**/lapor/foto/")
    phone.go("/lapor/identitas/")


def test_without_a_name_nothing_stays_on_the_telephone(phone):
    to_matter(phone)
    tell(phone, keep=True)
    to_identity(phone)
    phone.page.get_by_label("Tanpa nama").check()
    phone.forgot(TOLD)
    phone.go("/lapor/kejadian/")
    expect(phone.page.get_by_label("Apa yang terjadi?")).to_have_value(TOLD)  # from the server's own draft
    expect(phone.page.locator("[data-draf-mau]")).to_be_hidden()


def test_what_is_sent_without_a_signal_stays_and_goes_by_itself_once(phone):
    """Double taps, a lost answer and a signal that comes and goes: one complaint; then the draft is gone."""
    to_matter(phone)
    tell(phone, keep=True)
    phone.page.get_by_label("Pembayaran").check()
    phone.context.set_offline(True)
    phone.press("Lanjut")
    expect(phone.page.locator("[data-susul-gagal]")).to_be_focused()
    phone.look("belum-terkirim")
    assert phone.page.get_by_label("Apa yang terjadi?").input_value() == TOLD
    phone.page.get_by_label("Kirim sendiri begitu sinyal kembali").check()
    with phone.page.expect_navigation(url="**/lapor/foto/"):
        phone.context.set_offline(False)
    phone.go("/lapor/identitas/")
    phone.page.get_by_label("Rahasia", exact=True).check()
    phone.press("Lanjut")
    phone.page.wait_for_url("**/lapor/periksa/")
    lost = lose_answers(phone, "**/lapor/periksa/")
    phone.page.get_by_role("button", name="Kirim pengaduan").dblclick()
    expect(phone.page.locator("[data-susul-gagal]")).to_be_visible()
    assert (len(lost), Complaint.objects.count()) == (1, 1)
    phone.page.unroute("**/lapor/periksa/")
    phone.press("Coba kirim lagi")
    phone.page.wait_for_url("**/lapor/tanda-terima/")
    assert Complaint.objects.count() == 1
    phone.forgot(TOLD)


def lose_answers(phone: Phone, pattern: str) -> list[str]:
    """Let what is posted reach the server, and lose the answer on the way back."""
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        lost.append(route.request.url)
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    phone.page.route(pattern, lose)
    return lost


def test_written_where_there_is_no_signal_and_taken_along_to_the_report(phone):
    phone.go("/")
    phone.await_worker()
    phone.context.set_offline(True)
    phone.go("/luring/tulis/")
    page = phone.page
    page.get_by_label("Tentang program atau pelayanan apa?").select_option(label="Program Keluarga Harapan")
    page.get_by_label("Di desa atau kelurahan mana?").fill("Indrajaya")
    page.get_by_label("Apa yang terjadi?").fill(TOLD)
    page.get_by_label("Simpan di telepon ini selama sehari").check()
    expect(page.locator("[data-draf-kabar]")).to_have_text("Tersimpan di telepon ini.")
    phone.context.set_offline(False)
    phone.go("/lapor/")
    page.get_by_role("button", name="Lanjutkan").click()
    assert page.get_by_label("Program Keluarga Harapan").is_checked()
    phone.press("Lanjut")
    page.wait_for_url("**/lapor/lokasi/")
    expect(page.get_by_label("Nama desa atau kelurahan")).to_have_value("Indrajaya")


# --- the officers' outbox


def make_ready(phone: Phone, user: User) -> None:
    phone.sign_in(user)
    phone.go("/petugas/luring/")
    phone.press("Siapkan telepon ini")
    expect(phone.page.locator("[data-siap]")).to_be_visible()
    phone.await_worker()


def write(phone: Phone, text: str = TOLD, **more: str) -> None:
    page = phone.page
    phone.go("/luring/catat/")
    page.evaluate(FAULT, more.get("fault"))
    page.locator("#c-program").select_option("pkh")
    page.get_by_label("Media").select_option(label="Tatap muka")
    page.get_by_label("Kategori").select_option(label=more.get("category", "Pembayaran"))
    page.get_by_label("Isi pengaduan seperti diterima").fill(text)
    page.get_by_label("Nama pelapor (boleh dilewati)").fill(NAME)
    page.get_by_label("Telepon pelapor (boleh dilewati)").fill(more.get("telephone", "0813 9999 8877"))
    page.get_by_label("Pelapor setuju pengaduannya saya catatkan").check()
    phone.press("Kunci dan simpan")
    expect(page.locator("[data-kabar]")).to_have_text("Terkunci dan tersimpan. Dikirim begitu ada sinyal.")


def rows(phone: Phone):
    return phone.page.locator("[data-daftar] > li")


def test_d62_an_entry_is_sealed_at_once_and_sent_when_the_signal_is_back(phone, real_world):
    make_ready(phone, real_world.desa)
    phone.look("siapkan")
    phone.context.set_offline(True)
    phone.go("/luring/catat/")
    phone.look("catat")
    phone.press("Kunci dan simpan")
    expect(phone.page.locator("[data-salah] li")).to_have_text(
        ["Pilih programnya.", "Pilih medianya, misalnya tatap muka.", "Pilih kategorinya.", "Tulis apa yang terjadi."]
    )
    write(phone)
    expect(rows(phone)).to_contain_text("Menunggu sinyal")
    phone.look("catat-menunggu")
    stored = phone.stored()
    assert [word for word in (TOLD, NAME, "99998877") if word in stored] == []
    assert "antre=1" in stored
    phone.restart()  # the browser is killed; the telephone has been off
    phone.sign_in(real_world.desa)
    phone.go("/luring/catat/")
    complaint = sent(phone)
    expect(rows(phone)).to_contain_text(complaint.number)
    assert (complaint.text.original, complaint.complainants.get().unseal_identity("name")) == (TOLD, NAME)
    assert "antre=" not in phone.stored()
    phone.look("catat-terkirim")
    phone.page.get_by_role("link", name="Buka lembar dengan kode pelacakan").click()
    expect(phone.page.locator(".app-code")).to_be_visible()


def sent(phone: Phone) -> Complaint:
    """Wait until nothing waits any more, and return the one complaint."""
    phone.wait("async () => (await Antre.all()).every(entry => entry.number)")
    return Complaint.objects.get()


def test_a_lost_answer_two_pages_at_once_and_a_double_tap_make_one_complaint(phone, real_world):
    phone.without_background_sync()
    make_ready(phone, real_world.desa)
    write(phone, fault="answer lost")
    phone.wait("lost === 1")
    assert Complaint.objects.count() == 1
    other = phone.context.new_page()
    other.goto(phone.address + "/luring/catat/")
    phone.page.get_by_role("button", name="Kirim sekarang").dblclick()
    expect(rows(phone)).to_contain_text(sent(phone).number)
    expect(other.locator("[data-daftar] > li")).to_contain_text(Complaint.objects.get().number)
    assert phone.page.evaluate("lost") == 1  # it asked what had arrived, and sent nothing again


def test_an_ended_session_keeps_the_whole_queue(phone, real_world):
    make_ready(phone, real_world.desa)
    phone.context.set_offline(True)
    write(phone)
    write(phone, "Yang kedua, tentang pompa air di dusun timur yang rusak")
    phone.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    phone.context.set_offline(False)
    expect(phone.page.get_by_role("link", name="Masuk lagi untuk mengirim")).to_be_visible()
    phone.look("catat-masuk-lagi")
    assert (rows(phone).count(), Complaint.objects.count()) == (2, 0)
    phone.sign_in(real_world.desa)
    phone.press("Kirim sekarang")
    phone.wait("async () => (await Antre.all()).every(entry => entry.number)")
    assert Complaint.objects.count() == 2


def test_another_officer_cannot_send_it_and_is_told(phone, real_world):
    make_ready(phone, real_world.desa)
    phone.context.set_offline(True)
    write(phone)
    phone.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    phone.sign_in(real_world.kecamatan)
    phone.context.set_offline(False)
    expect(rows(phone)).to_contain_text("Ditulis petugas lain. Hanya ia yang dapat mengirimnya")
    assert Complaint.objects.count() == 0
    phone.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    phone.sign_in(real_world.desa)
    phone.press("Kirim sekarang")
    assert sent(phone).events.get().by == real_world.desa


def test_what_is_refused_stays_with_its_sentence_and_is_mended(phone, real_world):
    make_ready(phone, real_world.desa)
    write(phone, telephone="12")
    expect(rows(phone)).to_contain_text("Nomor telepon ini tidak benar")
    phone.look("catat-ditolak")
    phone.page.get_by_role("link", name="Perbaiki dan catat").click()
    page = phone.page
    assert page.get_by_label("Isi pengaduan seperti diterima").input_value() == TOLD
    phone.look("perbaiki")
    page.get_by_label("Telepon pelapor").fill("0813 9999 8877")
    with page.expect_navigation(url="**/lembar/**"):
        page.get_by_role("main").get_by_role("button", name="Catat pengaduan").click()
    phone.go("/luring/catat/")
    expect(rows(phone)).to_contain_text(sent(phone).number)


def test_a_server_that_fails_or_is_gone_is_tried_again_later(phone, real_world):
    phone.without_background_sync()
    make_ready(phone, real_world.desa)
    write(phone, fault="busy")
    phone.press("Kirim sekarang")
    expect(phone.page.locator("[data-kabar]")).to_have_text("Belum ada sinyal. Dicoba lagi nanti.")
    assert Complaint.objects.count() == 0
    phone.page.evaluate("fault = null")
    sent(phone)  # by itself


def test_the_worker_sends_when_no_page_is_open(phone, real_world):
    """Where Background Sync is present."""
    make_ready(phone, real_world.desa)
    phone.context.set_offline(True)
    write(phone)
    phone.page.goto("about:blank")
    phone.context.set_offline(False)
    phone.go("/luring/")
    worker = phone.context.service_workers[0]
    assert worker.evaluate("async () => Antre.send()") == "selesai"
    assert Complaint.objects.count() == 1


def test_signing_out_warns_of_what_waits_and_then_wipes_the_telephone(phone, real_world):
    phone.without_background_sync()
    make_ready(phone, real_world.desa)
    write(phone, fault="no signal")
    phone.go("/keluar/")
    expect(phone.page.get_by_role("main")).to_contain_text("Masih ada 1 catatan di telepon ini yang belum terkirim.")
    phone.look("keluar")
    phone.press("Hapus catatan itu dan keluar")
    phone.page.wait_for_url(phone.address + "/")
    phone.go("/luring/catat/")
    expect(phone.page.locator("[data-tanpa-bekal]")).to_be_visible()
    assert (rows(phone).count(), Complaint.objects.count(), Draft.objects.count()) == (0, 0, 0)


def test_without_javascript_the_pages_say_what_to_do_instead(playwright, live_server, real_world):
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
    page = browser.new_context(java_script_enabled=False, viewport=PHONE).new_page()
    for path, said in (("/luring/catat/", "formulir di kertas"), ("/luring/tulis/", "memerlukan JavaScript")):
        page.goto(live_server.url + path)
        assert said in page.locator("main").inner_text()
        assert page.locator("main form:visible").count() == 0
    browser.close()
