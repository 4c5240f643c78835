"""What the server does for days without a signal: worker, manifest, pages of nobody, entries taken in once (D62)."""

import gzip
import json
import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image

from pengaduan import tracking
from pengaduan.models import Attachment, Complaint
from tests.cast import NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE
from tests.device import STATE, Device, sealed
from tests.test_record_page import code_on
from tests.test_steps_pages import photo
from tiers.models import Programme, User
from workflow import outbox, tasks
from workflow.models import Draft

PAGES = ("/luring/", "/luring/tulis/", "/luring/catat/")
NAME, PHONE = "Kenari Zamrudiawati", "+6281399998877"
OF_A_SESSION = re.compile(r"csrfmiddlewaretoken|>Keluar<|Masuk sebagai|>Desa<")


@pytest.fixture
def desa(world) -> Client:
    client = Client()
    client.force_login(world.desa)
    return client


@pytest.fixture
def device(desa) -> Device:
    return Device(desa)


def typed(world, **changed) -> dict:
    """Return what the form without a signal holds, for a payment that did not come."""
    today, pkh = timezone.localdate(), world.programmes["pkh"]
    fields = {
        "program": "pkh",
        "wilayah": VILLAGE,
        "channel": str(pkh.channel_entries.get(code="tatap-muka").pk),
        "received_on_day": str(today.day),
        "received_on_month": str(today.month),
        "received_on_year": str(today.year),
        "category": str(world.category("pembayaran").pk),
        "text": "Bantuan belum cair sejak Januari",
        "secrecy": "rahasia",
        "name": NAME,
        "phone": PHONE,
        "consent_noted": "on",
    }
    return fields | changed


# --- the worker, the manifest and the pages


def test_the_scripts_are_as_small_as_a_weak_signal_needs():
    def weight(*names: str) -> int:
        return sum(len(gzip.compress((settings.BASE_DIR / "static/js" / name).read_bytes(), 9)) for name in names)

    worker = len(gzip.compress((settings.BASE_DIR / "templates/luring/sw.js").read_bytes(), 9))
    assert [worker <= 1024, weight("draf.js") <= 1536, weight("luring.js", "antre.js") <= 3100] == [True] * 3
    assert weight("app.js", "antre.js", "luring.js", "catat.js") <= 6 * 1024
    assert weight("app.js", "draf.js", "susul.js") <= 6 * 1024


def test_the_manifest_tells_how_the_page_is_installed(client, db):
    answer = client.get("/app.webmanifest")
    about = answer.json()
    assert (answer["Content-Type"], about["name"], about["id"], about["start_url"], about["scope"], about["lang"]) == (
        "application/manifest+json", "Pengaduan", "/", "/", "/", "id",
    )  # fmt: skip
    assert (about["theme_color"], {icon["purpose"] for icon in about["icons"]}) == ("#0a489f", {"any", "maskable"})
    for icon in about["icons"]:
        with Image.open(settings.BASE_DIR / icon["src"].removeprefix("/")) as drawn:
            assert f"{drawn.width}x{drawn.height}" == icon["sizes"]
    assert '<link rel="manifest" href="/app.webmanifest">' in client.get("/").content.decode()


def shell(client) -> list[str]:
    script = client.get("/sw.js").content.decode()
    return json.loads(re.search(r"const SHELL = (\[.*\]);", script)[1])


def version(client) -> str:
    return re.search(r'KEPT = "(luring-\w+)"', client.get("/sw.js").content.decode())[1]


def test_the_worker_keeps_only_addresses_of_nobody(client, world):
    kept = shell(client)
    pages = [address for address in kept if not address.startswith("/static/")]
    assert pages == [f"{page}?bahasa=id" for page in PAGES]
    assert all((settings.BASE_DIR / address.removeprefix("/")).is_file() for address in set(kept) - set(pages))
    answer = client.get("/sw.js")
    assert (answer["Content-Type"], answer["Cache-Control"]) == (
        "text/javascript; charset=utf-8", "private, max-age=600",
    )  # fmt: skip


def test_the_version_follows_the_content(client, world):
    before = version(client)
    assert version(client) == before
    Programme.objects.filter(code="pkh").update(name="Keluarga Harapan")
    assert version(client) != before


def test_the_kept_pages_are_the_same_for_everybody(world, desa, client):
    """D37: nothing of a session can be kept, because none has a part in them."""
    for address in PAGES:
        mine, anyones = desa.get(address), client.get(address)
        assert (mine.status_code, mine.content) == (200, anyones.content)
        assert OF_A_SESSION.findall(mine.content.decode()) == []
        assert not mine.cookies


def test_the_kept_pages_come_in_the_language_that_was_chosen(client, world):
    client.cookies["django_language"] = "en"
    assert shell(client)[-3:] == [f"{page}?bahasa=en" for page in PAGES]
    assert '<html lang="en"' in Client().get("/luring/?bahasa=en").content.decode()
    assert '<html lang="id"' in Client().get("/luring/?bahasa=xx").content.decode()


def test_switched_off_the_worker_removes_what_was_kept_and_itself(client, db, settings):
    settings.OFFLINE = False
    script = client.get("/sw.js").content.decode()
    assert ("registration.unregister()" in script, "addAll" in script, "indexedDB" in script) == (True, False, False)


# --- a telephone is made ready


def test_a_telephone_gets_the_lists_of_its_officer_and_nothing_of_people(world, desa):
    state = desa.get(STATE, {"bekal": ""}).json()
    pkh = next(one for one in state["program"] if one["kode"] == "pkh")
    assert pkh["tempat"] == [[VILLAGE, "Indrajaya, Salem"]]
    assert [name for _pk, name in pkh["media"]] == ["Tatap muka", "Surat", "Laporan BPKP"]
    assert {user.name for user in User.objects.all()} & set(re.findall(r"\w+", json.dumps(state))) == set()
    assert "program" not in desa.get(STATE).json()


def test_the_places_are_those_of_the_own_area(world):
    def places(name: str) -> list[str]:
        client = Client()
        client.force_login(world.users[name])
        return [code for code, _name in client.get(STATE, {"bekal": ""}).json()["program"][0]["tempat"]]

    assert places("kecamatan") == ["33.29.01", VILLAGE, OTHER_VILLAGE]
    assert NEIGHBOUR_VILLAGE not in places("kabupaten")
    assert NEIGHBOUR_VILLAGE in places("pusat")


def test_a_large_area_is_offered_by_its_larger_parts(world, monkeypatch):
    monkeypatch.setattr(outbox, "MOST_PLACES", 6)
    client = Client()
    client.force_login(world.pusat)
    places = client.get(STATE, {"bekal": ""}).json()["program"][0]["tempat"]
    assert [code for code, _name in places] == ["33.28", "33.28.01", "33.29", "33.29.01", "91.03", "91.03.01"]


@pytest.mark.parametrize("who", ["auditor", "kustodian", "peninjau"])
def test_who_may_not_record_cannot_make_a_telephone_ready(world, who):
    client = Client()
    client.force_login(world.users[who])
    assert client.get("/petugas/luring/").status_code == 403
    assert client.get(STATE, {"bekal": ""}).json()["program"] == []


# --- sealing


def test_the_private_key_never_leaves_and_the_key_id_goes_along(world, settings, desa):
    settings.IDENTITY_KEYS = {2: b"b" * 32, 1: b"a" * 32}
    new = desa.get(STATE).json()["kunci"]
    settings.IDENTITY_KEYS = {1: b"a" * 32}
    old = desa.get(STATE).json()["kunci"]
    assert (new["id"], old["id"], new["titik"] != old["titik"]) == (2, 1, True)


def test_an_entry_sealed_before_the_key_was_changed_is_still_taken_in(world, settings, desa):
    settings.IDENTITY_KEYS = {1: b"a" * 32}
    device = Device(desa)
    entry, closed = device.seal(typed(world))
    settings.IDENTITY_KEYS = {2: b"b" * 32, 1: b"a" * 32}
    assert device.send(entry, closed).status_code == 201


def test_an_entry_whose_key_is_gone_is_refused_with_a_sentence(world, settings, desa):
    settings.IDENTITY_KEYS = {1: b"a" * 32}
    device = Device(desa)
    entry, closed = device.seal(typed(world))
    settings.IDENTITY_KEYS = {2: b"b" * 32}
    answer = device.send(entry, closed)
    assert (answer.status_code, answer.json()["kalimat"]) == (
        422, "Catatan ini tidak dapat dibuka lagi. Tulis sekali lagi, lalu hapus yang ini.",
    )  # fmt: skip


def test_an_altered_moved_or_broken_entry_opens_nothing(world, device):
    entry, closed = device.seal(typed(world))
    other = str(uuid.uuid4())
    altered = closed[:-1] + bytes([closed[-1] ^ 1])
    for name, content in (
        (entry, altered),
        (other, closed),
        (entry, b""),
        (entry, closed[:40]),
        (entry, b"\2" + closed[1:]),
    ):
        assert device.send(name, content).status_code == 422
    assert Complaint.objects.count() == 0


# --- taking entries in


def test_an_entry_is_taken_in_with_its_number_and_a_slip(world, device):
    entry, closed = device.seal(typed(world))
    answer = device.send(entry, closed, sisa="2")
    complaint = Complaint.objects.get()
    assert (answer.status_code, answer.json()) == (
        201, {"nomor": complaint.number, "lembar": f"/petugas/catat/lembar/{entry}/"},
    )  # fmt: skip
    assert (complaint.region_id, complaint.office.region_id, str(complaint.submission_key)) == (VILLAGE, VILLAGE, entry)
    assert (complaint.events.get().by, answer.cookies["antre"].value) == (world.desa, "2")
    person = complaint.complainants.get()
    assert (person.unseal_identity("name"), person.unseal_identity("phone"), person.consent_noted) == (
        NAME,
        PHONE,
        True,
    )


def test_d62_an_entry_sent_twice_is_one_complaint(world, device):
    """Also when the answer was lost: the telephone sends again, or asks first what has arrived."""
    entry, closed = device.seal(typed(world))
    first, second = device.send(entry, closed), device.send(entry, closed)
    assert (first.json(), Complaint.objects.count()) == (second.json(), 1)
    assert device.client.get(STATE, {"catatan": entry}).json()["sudah"] == {entry: first.json()}
    assert second.cookies["antre"].value == ""


def test_the_code_waits_until_the_slip_is_opened_and_then_has_its_minutes(world, device, monkeypatch):
    """Nobody sees the entry arrive: the ten minutes of a slip would be over before the officer looks (D62)."""
    entry, closed = device.seal(typed(world))
    slip = device.send(entry, closed).json()["lembar"]
    Draft.objects.filter(pk=entry).update(updated_at=timezone.now() - timedelta(days=3))
    code = code_on(device.client.get(slip).content.decode())
    assert bytes(Complaint.objects.get().complainants.get().tracking_hash) == tracking.code_hash(tracking.clean(code))
    Draft.objects.filter(pk=entry).update(updated_at=timezone.now() - timedelta(minutes=11))
    assert code_on(device.client.get(slip).content.decode()) is None


def test_a_photo_comes_along_sealed(world, device):
    entry, closed = device.seal(typed(world), photo=photo().read())
    assert device.send(entry, closed).status_code == 201
    assert Complaint.objects.get().attachments.get().purpose == Attachment.Purpose.SCAN


def test_what_does_not_hold_is_kept_and_mended_in_the_ordinary_form(world, device):
    entry, closed = device.seal(typed(world, category="", phone="12"))
    answer = device.send(entry, closed)
    mend = answer.json()["perbaiki"]
    assert (answer.status_code, answer.json()["kalimat"], Complaint.objects.count()) == (422, "Pilih kategorinya.", 0)
    draft = Draft.objects.get()
    assert NAME.encode() not in bytes(draft.content)
    page = device.client.get(mend, follow=True)
    html = page.content.decode()
    assert ("Bantuan belum cair sejak Januari" in html, NAME in html, "Pilih kategorinya." in html) == (True,) * 3
    where = page.redirect_chain[-1][0]
    mended = typed(world, submission_key=entry)
    slip = device.client.post(where, mended)
    assert (slip.status_code, slip.url) == (302, f"/petugas/catat/lembar/{entry}/")
    assert (Complaint.objects.count(), Draft.objects.filter(pk=draft.pk).exists()) == (1, False)
    again = device.send(entry, closed)
    assert (again.status_code, Complaint.objects.count()) == (201, 1)
    assert "sudah tercatat" in device.client.get(mend).content.decode()


def test_the_photo_of_a_mended_entry_follows_once(world, device):
    entry, closed = device.seal(typed(world, category=""), photo=photo().read())
    where = device.client.get(device.send(entry, closed).json()["perbaiki"], follow=True).redirect_chain[-1][0]
    device.client.post(where, typed(world, submission_key=entry))
    assert [device.send(entry, closed).status_code for _ in range(2)] == [201, 201]
    assert Complaint.objects.get().attachments.count() == 1


def test_a_place_that_was_not_on_the_list_is_asked_for(world, device):
    entry, closed = device.seal(typed(world, wilayah=""))
    answer = device.send(entry, closed)
    assert (answer.status_code, answer.json()["kalimat"]) == (422, "Pilih tempatnya.")
    html = device.client.get(answer.json()["perbaiki"], follow=True).content.decode()
    assert "Indrajaya" in html
    there = device.client.get(f"{answer.json()['perbaiki']}?program=pkh&wilayah={NEIGHBOUR_VILLAGE}").content.decode()
    assert ("Bantuan belum cair" in there, "Wanasari" in there) == (True, True)


def test_what_may_be_known_already_is_looked_at_by_a_person_first(world, device):
    """D20, D55: the same sentence as at the desk, before a second number is given."""
    text = "Bantuan tahap dua untuk keluarga Pak Darmo belum cair padahal tetangga sudah menerima sejak Januari"
    first, second = device.seal(typed(world, text=text)), device.seal(typed(world, text=text))
    assert device.send(*first).status_code == 201
    answer = device.send(*second)
    assert (answer.status_code, Complaint.objects.count()) == (409, 1)
    assert "sudah ada" in answer.json()["kalimat"]


def test_a_sentence_for_the_telephone_names_nobody(world, device):
    """D37: it is shown, and kept, on a telephone that others pick up."""
    User.objects.filter(pk=world.desa.pk).update(name="Slamet Contoh")
    entry, closed = device.seal(typed(world, reported_words="Pak Slamet"))
    answer = device.send(entry, closed)
    assert (answer.status_code, answer.json()["kalimat"]) == (422, "Pilih siapa yang dimaksud.")


def test_an_entry_of_another_officer_is_not_sent_under_the_wrong_name(world, device):
    entry, closed = device.seal(typed(world))
    device.client.force_login(world.kecamatan)
    answer = device.send(entry, closed)
    assert (answer.status_code, answer.json()["lain"], Complaint.objects.count()) == (409, True, 0)
    device.state = {**device.state, "pemilik": outbox.writer(world.kecamatan)}
    assert (device.send(entry, closed).status_code, Complaint.objects.count()) == (422, 0)


def test_after_the_session_nothing_is_taken_and_nothing_is_lost(world, device):
    entry, closed = device.seal(typed(world))
    device.client.logout()
    assert device.send(entry, closed).url == "/masuk/?next=/luring/catat/"
    assert (Complaint.objects.count(), Draft.objects.count()) == (0, 0)


def test_an_outsider_neither_mends_nor_hears_of_an_entry(world, device):
    """The neighbour, whoever is reported, and who is not signed in."""
    good, bad = device.seal(typed(world)), device.seal(typed(world, category="", text="Lain sama sekali isinya"))
    device.send(*good)
    mend = device.send(*bad).json()["perbaiki"]
    for who in ("tetangga", "kecamatan", "pusat"):
        client = Client()
        client.force_login(world.users[who])
        assert client.get(mend).status_code == 404
        assert client.get(STATE, {"catatan": good[0]}).json()["sudah"] == {}
    assert Client().get(mend).url.startswith("/masuk/")


def test_nothing_typed_stands_in_the_answer_or_the_log(world, device, caplog):
    entry, closed = device.seal(typed(world, category=""))
    answer = device.send(entry, closed)
    said = answer.content.decode() + str(answer.headers) + caplog.text
    assert [word for word in (NAME, PHONE, "Bantuan belum cair") if word in said] == []


def test_a_kept_entry_is_forgotten_after_a_day(world, device):
    mend = device.send(*device.seal(typed(world, category=""))).json()["perbaiki"]
    Draft.objects.update(updated_at=timezone.now() - timedelta(hours=25))
    assert device.client.get(mend).status_code == 404
    device.send(*device.seal(typed(world)))
    tasks.forget_drafts()
    assert [draft.purpose for draft in Draft.objects.all()] == ["lembar"]
    Draft.objects.update(updated_at=timezone.now() - timedelta(days=8))
    tasks.forget_drafts()
    assert Draft.objects.count() == 0


def test_an_entry_larger_than_a_photo_is_refused(world, device, monkeypatch):
    entry, closed = device.seal(typed(world), photo=b"x" * 1_000_000)
    assert device.send(entry, closed).status_code == 422


# --- signing out


def test_signing_out_with_entries_asks_first_and_then_forgets_them(world, desa):
    desa.cookies["antre"] = "3"
    answer = desa.post("/keluar/")
    assert (answer.status_code, answer.url, "_auth_user_id" in desa.session) == (302, "/keluar/", True)
    html = desa.get("/keluar/").content.decode()
    assert ("Masih ada 3 catatan" in html, 'name="buang"' in html) == (True, True)
    gone = desa.post("/keluar/", {"buang": "1"})
    assert ("_auth_user_id" in desa.session, gone["Clear-Site-Data"]) == (False, '"cache", "storage"')
    assert gone.cookies["antre"]["max-age"] == 0


@pytest.mark.parametrize("cookie", ["", "0", "tiga", "-1", "<b>"])
def test_signing_out_without_entries_asks_nothing(world, desa, cookie):
    desa.cookies["antre"] = cookie
    assert desa.post("/keluar/").headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "_auth_user_id" not in desa.session


# --- a step sent by a script


def test_a_script_is_told_where_to_go_and_a_person_is_led_there(client, world):
    told = client.post("/lapor/", {"program": "pkh"}, headers={"X-Susul": "1"})
    assert (told.status_code, told.headers.get("X-Ke"), told.headers.get("Location")) == (204, "/lapor/lokasi/", None)
    assert client.post("/lapor/", {"program": "pkh"}).url == "/lapor/lokasi/"
    assert client.post("/lapor/", {"program": ""}, headers={"X-Susul": "1"}).status_code == 422


def test_a_server_s_key_opens_what_the_telephone_s_script_would_seal(world, device):
    """The format is written down once in workflow/outbox.py; this is the other hand."""
    entry = uuid.uuid4()
    closed = sealed({"text": "é"}, entry=str(entry), state=device.state, photo=b"jpg")
    assert outbox.open_entry(closed, entry=entry, by=world.desa) == outbox.Entry({"text": "é"}, b"jpg")
