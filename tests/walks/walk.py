"""One case walked from page to page: who sits at which screen, what each fills in, and what was seen on the way.

Only pages are used; time alone passes behind the scenes. With WALK_PICTURES=1 each step leaves a picture and its line
in docs/perjalanan/; without, that table is held against what was walked, so that it stays true.
"""

import io
import os
import re
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone, translation
from django.utils.text import slugify
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Locator, Page

from pengaduan.models import Complaint
from tests.walks.cast import PEOPLE, Place
from tiers.models import Programme, Tier, User
from tiers.permissions import ROLES
from workflow import delivery, escalation, lapses
from workflow.machine import BY_CODE

PICTURES = bool(os.environ.get("WALK_PICTURES"))
FOLDER = settings.BASE_DIR / "docs" / "perjalanan"
PHONE, DESK, NARROWEST = 360, 1280, 320
TALLEST, WIDEST, QUALITY = 2000, 960, 36  # of a picture: the folder stays below 8 MB
EXPECTED = re.compile(r"status of (404|409|422)")  # the browser notes these answers of ours as errors


class Clock:
    """The hour at the place of the story: it runs as the true one does, and jumps when it is told to."""

    def __init__(self, start: datetime) -> None:
        self.go_to(start)

    def go_to(self, when: datetime) -> None:
        self._at, self._since = when, time.monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._since)


@dataclass(frozen=True)
class Seen:
    """One line of the table: who did what, by which rule, and its picture."""

    number: int
    who: str
    what: str
    rule: str

    @property
    def picture(self) -> str:
        return f"{self.number:02}-{slugify(self.what)[:48].strip('-')}.jpg"


class Screen:
    """One person's browser: a telephone or a desk."""

    def __init__(self, walk: "Walk", who: str, width: int) -> None:
        self.walk, self.who, self.width = walk, who, width
        self.context = walk.browser.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=walk.javascript, locale="id-ID"
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda said: self._note(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))

    def _note(self, said: str) -> None:
        if not EXPECTED.search(said):
            self.walk.complaints.append(f"{self.who}: {said}")

    def open(self, address: str) -> Page:
        self.page.goto(self.walk.url + address)
        return self.page

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=words, exact=True).last.click()

    def see(self, what: str, rule: str = "") -> None:
        """Keep what is on the screen as a step of the walk, and hold the page to the narrowest phone."""
        self.walk.keep(self, what, rule)
        self.page.set_viewport_size({"width": NARROWEST, "height": 800})
        wide = self.page.locator("html").evaluate("page => page.scrollWidth")
        self.page.set_viewport_size({"width": self.width, "height": 800})
        assert wide <= NARROWEST, f"{what} scrolls sideways on the narrowest phone: {wide} at {self.page.url}"

    def fill(self, **facts: object) -> None:
        """Fill in the form on the page by the names of its inputs."""
        for name, value in facts.items():
            self._fill_one(name, value)

    def _fill_one(self, name: str, value: object) -> None:
        page = self.page
        if isinstance(value, date):
            parts = {"day": value.day, "month": value.month, "year": value.year}
            for part, number in parts.items():
                page.locator(f"main [name='{name}_{part}']").fill(str(number))
            return
        inputs = page.locator(f"main [name='{name}']:not([type=hidden])")
        kind = inputs.first.evaluate("input => input.type || input.tagName.toLowerCase()")
        if kind in {"radio", "checkbox"}:
            self._tick(inputs, value)
        elif kind == "file":
            inputs.set_input_files(paper(str(value), self.walk))
        elif kind.startswith("select"):
            labels = inputs.locator("option").all_inner_texts()
            inputs.select_option(label=next(label for label in labels if label.strip().startswith(str(value))))
        else:
            inputs.first.fill(str(value))

    def _tick(self, inputs: Locator, value: object) -> None:
        """Tick all (True), or exactly those that the value or values name, by label or by what they send."""
        if value is True:
            for box in inputs.all():
                box.check()
            return
        if isinstance(value, list):
            for box in inputs.all():
                box.uncheck()
        for wanted in value if isinstance(value, list) else [value]:
            chosen = [box for box in inputs.all() if box.get_attribute("value") == wanted or _named(box, wanted)]
            assert chosen, f"no choice {wanted!r} at {self.page.url}"
            chosen[0].check()


def _named(box: Locator, words: str) -> bool:
    return box.evaluate("(input, words) => [...input.labels].some(l => l.textContent.trim().startsWith(words))", words)


class Desk(Screen):
    """An officer, signed in."""

    def __init__(self, walk: "Walk", user: User) -> None:
        _name, role, tier = PEOPLE[user.username]
        rung = walk.programme.ladder.get(tier=tier)
        label = rung.name if role == "petugas" else f"{ROLES[role].label}, {rung.name}"
        super().__init__(walk, label, PHONE if tier <= Tier.KECAMATAN else DESK)
        self.user = user
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": walk.url}])

    def case(self) -> Page:
        return self.open(self.walk.case_url)

    def look(self, what: str, rule: str = "") -> Page:
        """See the case as it stands."""
        self.case()
        self.see(what, rule)
        return self.page

    def take(self, code: str, rule: str, what: str = "", /, **facts: object) -> None:
        """Take a step, or propose it where it is somebody else's: from the case, by its link and its form."""
        label = str(BY_CODE[code].label)
        self.begin(code)
        self.fill(**facts)
        shown = self.page.locator("main button[name=lihat]")
        if shown.count() and shown.inner_text() == "Lihat balasannya dulu":
            with self.page.expect_navigation():
                shown.click()
        self.see(what or label, rule)
        self.send()
        said = self.page.locator("main, body").first.inner_text()
        assert f"“{label}” sudah d" in said, f"{label}: {self._refusal()}"

    def begin(self, code: str) -> None:
        """Open the form of a step by its link on the case."""
        self.case()
        link = self.page.locator(f"aside a[href$='/langkah/{code}/']").first
        assert link.count(), f"{code} is not offered to {self.who}: {self.page.locator('aside').first.inner_text()}"
        if not link.is_visible():
            link.locator("xpath=ancestor::details/summary").click()
        with self.page.expect_navigation():
            link.click()

    def send(self) -> None:
        button = self.page.locator("main form[method=post] button:not([name=lihat]):not([formnovalidate])").last
        with self.page.expect_navigation():
            button.click()

    def offers(self, code: str) -> bool:
        self.case()
        return self.page.locator(f"aside a[href$='/langkah/{code}/']").count() > 0

    def _refusal(self) -> str:
        summary = self.page.locator(".govuk-error-summary")
        return summary.first.inner_text() if summary.count() else self.page.locator("main").inner_text()[:400]

    def decide_proposal(self, what: str, rule: str, reason: str, verdict: str = "setuju") -> None:
        """Decide what another officer proposed (D33)."""
        self.case()
        with self.page.expect_navigation():
            self.page.get_by_role("link", name="Putuskan usul ini").click()
        self.fill(verdict=verdict, reason=reason)
        self.see(what, rule)
        self.send()

    def pdf(self, href: str) -> bytes:
        """Fetch a printed sheet as the link on the page leads to it."""
        answer = self.context.request.get(self.walk.url + href)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf"), href
        return answer.body()

    def print_forms(self) -> list[bytes]:
        """Print the blank forms that the step's page offers (D27, D28)."""
        links = self.page.locator("main form a[href*='/formulir/']")
        return [self.pdf(link.get_attribute("href")) for link in links.all()]

    def sees_nothing(self, what: str, rule: str) -> None:
        """Find neither the case nor its number anywhere."""
        answer = self.page.goto(self.walk.url + self.walk.case_url)
        assert answer.status == 404
        self.see(what, rule)
        assert self.walk.number not in self.open("/petugas/").content()


class Citizen(Screen):
    """The complainant, on a telephone, known by the code alone."""

    code = ""

    def __init__(self, walk: "Walk") -> None:
        super().__init__(walk, "Pelapor", PHONE)

    def report(
        self, *, category: str, text: str, place: Place, knows_village: bool = True, secrecy: str = "rahasia",
        occurred_on: date | None = None, reported: str = "", photo: str = "", **identity: str,
    ) -> None:  # fmt: skip
        """Report from the start page to the receipt (D21, D41, D62)."""
        page = self.open("/")
        with page.expect_navigation():
            page.get_by_role("main").get_by_role("button", name="Lapor", exact=True).click()
        self.fill(program=self.walk.programme.code)
        self.see("Pilih program", "D1")
        self.press("Lanjut")
        self._choose_place(place, knows_village)
        self.fill(category=category, text=text)
        if occurred_on:
            self.fill(occurred_on=occurred_on)
        if reported:
            self.fill(reported=reported)
        self.see("Ceritakan kejadiannya", "D18")
        self.press("Lanjut")
        self.press("Lanjut")
        self.fill(secrecy=secrecy, **identity)
        self.see("Pilih kerahasiaan", "D37")
        self.press("Lanjut")
        self.press("Kirim pengaduan")
        self.code = "".join(page.locator(".app-code").inner_text().split())
        self.walk.number = page.locator("main p:has-text('Nomor pengaduan:') strong").inner_text()
        if photo:
            self.fill(file=photo)
            if page.locator("[data-foto-polos]").is_visible():
                self.press("Kirim berkas")
            page.locator("[data-foto-daftar] .app-file").first.wait_for()
        self.see("Tanda terima dengan kode", "D22, D62")
        self.press("Selesai dan keluar")

    def _choose_place(self, place: Place, knows_village: bool) -> None:
        page = self.page
        labels = ("Provinsi", "Kabupaten atau kota", "Kecamatan")
        for label, name in zip(labels, place.names, strict=False):
            page.get_by_label(label, exact=True).select_option(label=name)
            with page.expect_navigation():
                page.get_by_role("button", name="Lanjut", exact=True).first.click()
        if not knows_village:
            self.press("Saya tidak tahu desanya")
            return
        page.get_by_label("Desa atau kelurahan", exact=True).select_option(label=place.names[3])
        with page.expect_navigation():
            page.get_by_role("button", name="Lanjut", exact=True).first.click()

    def follow(self) -> Page:
        """Enter the code and read the complaint."""
        page = self.open("/lacak/")
        page.get_by_label("Kode pelacakan").fill(self.code)
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name="Lacak", exact=True).click()
        assert page.url.endswith("/lacak/pengaduan/"), page.locator("main").inner_text()[:300]
        return page

    def look(self, what: str, rule: str = "D39") -> Page:
        page = self.follow()
        self.see(what, rule)
        return page

    def answer(self, what: str, rule: str, **answers: object) -> None:
        """Answer the officer's questions, one tap each (D59)."""
        self.follow()
        self.fill(**{f"lengkapi-{name}": value for name, value in answers.items()})
        self.see(what, rule)
        self.press("Kirim jawaban")
        assert "Jawaban Anda terkirim." in self.page.locator("body").inner_text()

    def say(self, code: str, words: str, what: str, rule: str) -> None:
        """Accept, refuse, write: a few words in the form of one step."""
        self.follow()
        form = self.page.locator(f"form:has(input[name=langkah][value='{code}'])")
        if not form.locator("button").is_visible():
            form.locator("xpath=ancestor::details/summary").click()
        form.locator("textarea").fill(words)
        self.see(what, rule)
        with self.page.expect_navigation():
            form.locator("button").click()
        assert not self.page.locator(".govuk-error-summary").count(), self.page.locator("main").inner_text()[:400]

    def letter(self, subject: str, what: str, rule: str = "D42") -> str:
        """Open a letter as a page and as a PDF; return its words on the page."""
        self.follow()
        links = self.page.locator("main a[href*='/lacak/surat/']")
        assert subject in "".join(links.all_inner_texts()), f"no letter “{subject}”: {links.all_inner_texts()}"
        with self.page.expect_navigation():
            links.filter(has_text=subject).first.click()
        self.see(what, rule)
        href = self.page.locator("a[href$='/pdf']").first.get_attribute("href")
        answer = self.context.request.get(self.walk.url + href)
        assert answer.headers["content-type"] == "application/pdf" and answer.body().startswith(b"%PDF")
        return self.page.locator("main").inner_text()


def paper(about: str, walk: "Walk") -> dict:
    """Return a scanned sheet: a page with a line of writing, never twice the same."""
    sheet = Image.new("RGB", (420, 600), "white")
    ImageDraw.Draw(sheet).text((40, 40), f"{about}\n{walk.clock.now():%d-%m-%Y %H:%M:%S.%f}", fill="black")
    written = io.BytesIO()
    sheet.save(written, "JPEG")
    return {"name": "dokumen.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}


class Walk:
    """A case of one programme, the people around it, and what was seen so far."""

    def __init__(
        self,
        programme: Programme,
        people: dict[str, User],
        *,
        browser: Browser,
        url: str,
        clock: Clock,
        javascript: bool,
    ) -> None:
        self.programme, self.people, self.browser, self.url = programme, people, browser, url
        self.clock, self.javascript, self.number = clock, javascript, ""
        self.seen: list[Seen] = []
        self.complaints: list[str] = []
        self._desks: dict[str, Desk] = {}

        self.warga = Citizen(self)

    def __getattr__(self, account: str) -> Desk:
        """Return an officer's screen by account: `walk.desa`."""
        if account not in self.__dict__.get("people", {}):
            raise AttributeError(account)
        if account not in self._desks:
            self._desks[account] = Desk(self, self.people[account])
        return self._desks[account]

    @property
    def case_url(self) -> str:
        return f"/petugas/pengaduan/{self.number}/"

    @property
    def complaint(self) -> Complaint:
        """Return the case as the database has it, to compare with what the pages said."""
        return Complaint.objects.select_related("office", "category", "service_level", "case_file").get(
            number=self.number
        )

    def keep(self, screen: Screen, what: str, rule: str) -> None:
        seen = Seen(len(self.seen) + 1, screen.who, what, rule)
        self.seen.append(seen)
        if not PICTURES:
            return
        folder = FOLDER / self.programme.code
        folder.mkdir(parents=True, exist_ok=True)
        tall = screen.page.locator("html").evaluate("page => page.scrollHeight")
        clip = {"x": 0, "y": 0, "width": screen.width, "height": min(tall, TALLEST)}
        picture = Image.open(io.BytesIO(screen.page.screenshot(full_page=True, clip=clip))).convert("RGB")
        if picture.width > WIDEST:
            picture = picture.resize((WIDEST, picture.height * WIDEST // picture.width), Image.Resampling.LANCZOS)
        picture.save(folder / seen.picture, quality=QUALITY, optimize=True, progressive=True)

    def until(self, when: datetime) -> None:
        """Let time go by, and do what the beat does in it: lapses, escalations, mails."""
        self.clock.go_to(when)
        now = timezone.now()
        lapses.close_lapsed(now=now)
        escalation.sweep(now=now)
        delivery.deliver(now=now)

    def end(self) -> None:
        """Hold the table of docs/perjalanan/ against what was walked, or write it with the pictures."""
        assert self.complaints == []
        readme = FOLDER / "README.md"
        mark, table = f"<!-- {self.programme.code} -->", self._table()
        before, _mark, rest = readme.read_text(encoding="utf-8").partition(mark)
        _table, _end, after = rest.partition("<!-- -->")
        if PICTURES:
            readme.write_text(f"{before}{mark}\n{table}<!-- -->{after}", encoding="utf-8")
            wanted = {seen.picture for seen in self.seen}
            for old in (FOLDER / self.programme.code).glob("*.jpg"):
                if old.name not in wanted:
                    old.unlink()
        else:
            assert _table.strip() == table.strip(), "walk again with WALK_PICTURES=1"

    def _table(self) -> str:
        lines = ["| | who | what | rule | picture |", "|---|---|---|---|---|"]
        for seen in self.seen:
            link = f"[{seen.picture}]({self.programme.code}/{seen.picture})"
            lines.append(f"| {seen.number} | {seen.who} | {seen.what} | {seen.rule} | {link} |")
        return "\n".join(lines) + "\n"


def in_indonesian() -> None:
    """Let labels read here be those of the pages."""
    translation.activate("id")
