"""What no link leads to: refusals, errors, pages that stand only as the answer to something sent."""

from collections.abc import Callable, Iterator

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.template.loader import render_to_string
from playwright.sync_api import Response

from pengaduan import tracking
from pengaduan.models import Stage
from tests.face import mailed, report_scenes
from tests.face.examined import Glass, Seen
from tests.face.story import IDENTITY, Story
from tiers.models import User
from workflow import actions

PASSWORD = "jambu-biji-merah"
GUESSES = 9  # one more than a visitor has
Scene = Callable[[Glass, Story], Iterator[tuple[str, Response]]]


def of_anyone(glass: Glass, story: Story) -> Iterator[tuple[str, Response]]:
    """A page that is not there, one that the server cannot make, a form too old, too many guesses."""
    yield "tidak ada", glass.open("/tidak-ada/")
    yield from report_scenes.of_links(glass, story)
    for status in (400, 500):
        broken = {"body": render_to_string(f"{status}.html"), "status": status, "content_type": "text/html"}
        glass.page.route("**/galat/", lambda route, broken=broken: route.fulfill(**broken))
        yield f"galat {status}", glass.open("/galat/")
        glass.page.unroute("**/galat/")
    for guess in range(GUESSES):
        glass.open("/lacak/")
        glass.page.get_by_label("Kode pelacakan").fill(tracking.new_code())
        answer = glass.press("Lacak")
        if guess == 0:
            yield "kode tidak ditemukan", answer
    yield "terlalu banyak", answer
    glass.open("/lacak/")
    glass.page.context.clear_cookies()
    glass.page.get_by_label("Kode pelacakan").fill(tracking.new_code())
    yield "formulir kedaluwarsa", glass.press("Lacak")


def of_the_village(glass: Glass, story: Story) -> Iterator[tuple[str, Response]]:
    """A step that is not open, a case that changed meanwhile, an opened identity, a new code."""
    case = f"/petugas/pengaduan/{story.number(Stage.CLARIFICATION)}/"
    yield "langkah tertutup", glass.open(f"{case}langkah/sahkan-selesai/")
    note = f"{case}langkah/catat/"
    glass.open(note)
    other = glass.page.context.new_page()  # a colleague, who is quicker
    for page in (other, glass.page):
        if page is other:
            page.goto(glass.site + note)
        page.locator("main textarea").first.fill("Sudah ditelepon.")
        with page.expect_navigation() as answer:
            page.locator("main form[method=post] button").last.click()
    other.close()
    yield "berubah", answer.value
    glass.open(f"/petugas/pengaduan/{story.number('ramai')}/pelapor/")
    yield "identitas terbuka", glass.press("Buka identitas")
    glass.open(f"/petugas/pengaduan/{story.number('menunggu')}/kode-baru/")
    glass.page.fill("[name=phone]", IDENTITY["phone"])
    glass.page.fill("[name=reason]", "Datang sendiri dengan KTP")
    yield "kode baru", glass.press("Buat kode baru")


def of_the_second_step(glass: Glass, _story: Story) -> Iterator[tuple[str, Response]]:
    """Signing in with the second factor, and what is kept behind it."""
    glass.open("/masuk/?next=/akun/")
    glass.page.fill("[name=login]", "berkunci")
    glass.page.fill("[name=password]", PASSWORD)
    with glass.page.expect_navigation() as answer:
        glass.page.click("main button")
    yield "langkah kedua", answer.value


def of_who_proved_themselves(glass: Glass, _story: Story) -> Iterator[tuple[str, Response]]:
    """What opens only after the password was typed once more."""
    glass.open("/akun/kode-pemulihan/baru/")
    glass.page.fill("main [name=password]", PASSWORD)
    with glass.page.expect_navigation():
        glass.page.locator("main form[method=post] button").first.click()
    for address in ("/akun/kode-pemulihan/baru/", "/akun/kode-pemulihan/", "/akun/langkah-kedua/matikan/"):
        yield "sesudah dipastikan", glass.open(address)


def of_the_coordinator(glass: Glass, story: Story) -> Iterator[tuple[str, Response]]:
    """The figures of each choice, and the archive."""
    yield from report_scenes.of_the_figures(glass, story)
    yield from report_scenes.of_the_archive(glass, story)


SCENES: dict[str, Scene] = {
    "siapa pun": of_anyone,
    "desa": of_the_village,
    "kabupaten": report_scenes.of_the_lists,
    "koordinator": of_the_coordinator,
    "kustodian": report_scenes.of_who_gets_none,
    "yang masuk": of_the_second_step,
    "yang berkunci": of_who_proved_themselves,
}


def prepare(story: Story) -> None:
    """Grant the identity that the village opens, and make an account with a second factor."""
    request = story.cases["ramai"].identity_requests.get()
    actions.grant_identity(request, by=story.world.kustodian, now=story.now, reason="Wajar", hours=24)
    waiting = story.cases["menunggu"]
    ask = {"by": story.world.desa, "now": story.now, "motive": "Perlu KTP", "purpose": "hukum"}
    actions.ask_identity(waiting, waiting.complainants.get(), **ask)
    locked = User.objects.create_user("berkunci", "berkunci@kantor.id", PASSWORD, name="Petugas Berkunci")
    TOTP.activate(locked, generate_totp_secret())
    RecoveryCodes.activate(locked)
    mailed.send(story)
    report_scenes.ask_for_lists(story, story.world.kabupaten)


def play(glass: Glass, visitor: str, story: Story) -> Iterator[Seen]:
    """Examine each scene of a visitor, who otherwise only follows links."""
    for state, answer in SCENES[visitor](glass, story) if visitor in SCENES else ():
        yield glass.examine(visitor, answer, state=state)
