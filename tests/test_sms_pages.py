"""The choice of SMS in the forms, and the officers' list of what came by SMS: recorded, or answered and kept (D19)."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pengaduan.models import Complaint, Inbound
from tests.cast import VILLAGE
from tests.test_record_page import filled, problems, received, slip_of, there
from workflow import daily, inbound
from workflow.inbound import Incoming
from workflow.models import Notification

PHONE = "+6281234567890"
TOLD = "pa gemana pancimas komogok kenapa, dana udah abis"
LIST = "/petugas/sms/"
IDENTITY = "/lapor/identitas/"


@pytest.fixture(autouse=True)
def connected(settings):
    settings.SMS_URL, settings.SMS_TOKEN, settings.SMS_PROGRAMME = "http://127.0.0.1:9/", "x" * 40, {"": "pkh"}


@pytest.fixture
def one(world):
    """Return what came by SMS yesterday."""
    return _write(TOLD, now=timezone.now() - timedelta(days=1))


def _write(words, *, sender=PHONE, now=None):
    now = now or timezone.now()
    inbound.take_in(Incoming(str(uuid.uuid4()), sender, "3456", words, now), now=now)
    return Inbound.objects.latest("received_at")


def recorded(world, one, **changed):
    """Return the form as the page offers it, filled in."""
    channel = world.programmes["pkh"].channel_entries.get_or_create(code="sms", defaults={"name": "SMS"})[0]
    typed = {"text": one.words(), "phone": PHONE, "sms": "on", "channel": channel.pk, "submission_key": _key(one)}
    return filled(world, **received(timezone.localdate() - timedelta(days=1)), **(typed | changed))


def _key(one, read=None):
    return str(uuid.uuid5(one.pk, str(len(one.parts()) if read is None else read)))


def address(one, village=VILLAGE):
    return f"{LIST}{one.pk}/catat/?wilayah={village}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"phone": "0812 3456 7890", "sms": "on"}, []),
        ({"phone": "0812 3456 7890"}, []),
        ({"sms": "on"}, ["Tulis nomor HP supaya dapat dikabari lewat SMS, atau hapus centangnya."]),
        (
            {"phone": "021 3847 066", "sms": "on"},
            ["SMS tidak sampai ke telepon rumah. Tulis nomor HP, atau hapus centang pada SMS."],
        ),
        ({"phone": "021 3847 066"}, []),
        ({"phone": "12", "sms": "on"}, ["Nomor telepon ini tidak benar, misalnya 0812 3456 7890."]),
    ],
)
def test_d42_sms_is_chosen_with_a_telephone_that_can_take_it(client, world, typed, said):
    client.force_login(world.desa)
    response = client.post(there(), filled(world, **typed))
    assert (response.status_code, [] if response.status_code == 302 else problems(response)) == (
        422 if said else 302,
        said,
    )
    if not said:
        assert Complaint.objects.get().complainants.get().can_be_texted is ("sms" in typed)


def test_d42_sms_of_an_anonymous_person_is_not_kept_whatever_was_ticked(client, world):
    """D37."""
    client.force_login(world.desa)
    client.post(there(), filled(world, secrecy="anonim", phone="0812 3456 7890", sms="on"))
    person = Complaint.objects.get().complainants.get()
    assert (person.sms_wanted, bytes(person.phone_sealed)) == (False, b"")


@pytest.mark.parametrize(("url", "offered"), [("http://127.0.0.1:9/", True), ("", False)])
def test_d42_sms_is_offered_only_where_a_gateway_carries_it(client, world, settings, url, offered):
    settings.SMS_URL = url
    client.force_login(world.desa)
    assert ('name="sms"' in client.get(there()).content.decode()) is offered
    client.post("/lapor/", {"program": "pkh"})
    client.post("/lapor/lokasi/", {"region": VILLAGE})
    client.post("/lapor/kejadian/", {"text": TOLD, "category": "tidak-yakin"})
    page = client.get(IDENTITY)
    assert (page.status_code, 'name="sms"' in page.content.decode()) == (200, offered)
    client.post(IDENTITY, {"secrecy": "rahasia", "phone": "0812 3456 7890", "sms": "on"})
    summary = client.get("/lapor/periksa/").content.decode()
    assert ("Kabar lewat SMS" in summary) is offered
    draft = summary.partition('name="draf" value="')[2].partition('"')[0]
    receipt = client.post("/lapor/periksa/", {"draf": draft}, follow=True).content.decode()
    assert Complaint.objects.get().complainants.get().sms_wanted is offered
    assert ("Kabar perkembangan juga dikirim lewat SMS" in receipt) is offered


def test_d59_the_top_office_sees_the_list_and_nobody_else(client, world, one):
    client.force_login(world.pusat)
    html = client.get(LIST).content.decode()
    assert (one.number in html, TOLD in html, '<a class="app-nav__link" href="/petugas/sms/"' in html) == (True,) * 3
    for other in ("tetangga", "desa", "kabupaten", "provinsi", "penyelia", "koordinator", "auditor", "peninjau"):
        client.force_login(world.users[other])
        codes = [client.get(url).status_code for url in (LIST, f"{LIST}{one.pk}/", address(one))]
        assert codes == [403, 404, 404], other
        assert client.post(f"{LIST}{one.pk}/", {"read": 1, "reply": "terima-kasih"}).status_code == 404
        assert "/petugas/sms/" not in client.get("/petugas/").content.decode()
    client.logout()
    assert {client.get(url).status_code for url in (LIST, f"{LIST}{one.pk}/", address(one))} == {302}


def test_d59_who_serves_another_programme_at_the_top_does_not_see_it(client, world, one):
    world.pusat.assignments.exclude(office__programme__code="pamsimas").delete()
    client.force_login(world.pusat)
    assert one.number not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{one.pk}/").status_code == 404


def test_d59_without_incoming_sms_the_menu_does_not_offer_it(client, world, settings):
    settings.SMS_TOKEN = ""
    client.force_login(world.pusat)
    assert LIST not in client.get("/petugas/").content.decode()


def test_d37_the_page_of_a_text_shows_no_whole_number_and_is_not_stored(client, world, one):
    client.force_login(world.pusat)
    response = client.get(f"{LIST}{one.pk}/")
    html = response.content.decode()
    assert ("+62812 … 890" in html, "1234567" in html, TOLD in html) == (True, False, True)
    assert "no-store" in response["Cache-Control"]


def test_d59_a_text_is_recorded_by_the_usual_form_with_what_is_known_filled_in(client, world, one):
    world.programmes["pkh"].channel_entries.create(code="sms", name="SMS")
    client.force_login(world.pusat)
    place = client.get(f"{LIST}{one.pk}/catat/").content.decode()
    assert "Di mana kejadiannya?" in place
    html = client.get(address(one)).content.decode()
    assert (TOLD in html, "0812-3456-7890" in html, "selected>SMS</option>" in html, _key(one) in html) == (True,) * 4
    slip = slip_of(client, client.post(address(one), recorded(world, one)))
    complaint = Complaint.objects.get()
    assert (complaint.number in slip, complaint.channel.code, complaint.region_id) == (True, "sms", VILLAGE)
    one.refresh_from_db()
    assert (one.settled_as, one.complaint, one.settled_by) == ("dicatat", complaint, world.pusat)
    person = complaint.complainants.get()
    assert (person.unseal_identity("phone"), person.can_be_texted) == (PHONE, True)
    assert Notification.objects.filter(complainant=person, template="tanda-terima", by_sms=True).count() == 1
    html = client.get(f"{LIST}?tampilan=selesai").content.decode()
    assert (one.number in html, complaint.number in html) == (True, True)


def test_d59_a_text_is_recorded_once_and_sent_twice_leads_to_the_same_slip(client, world, one):
    client.force_login(world.pusat)
    typed = recorded(world, one)
    first, second = client.post(address(one), typed), client.post(address(one), typed)
    assert (first.url, Complaint.objects.count()) == (second.url, 1)
    assert client.get(f"{LIST}{one.pk}/catat/").url == first.url


def test_d19_what_the_sender_adds_while_the_form_is_open_is_shown_before_it_is_recorded(client, world, one):
    client.force_login(world.pusat)
    typed = recorded(world, one)
    _write("Desa Indrajaya, sejak Januari")
    response = client.post(address(one), typed)
    assert (response.status_code, Complaint.objects.count()) == (422, 0)
    assert problems(response) == [
        "Pengirimnya menulis lagi; SMS baru ditambahkan di bawah isinya. Periksa, lalu kirim lagi."
    ]
    assert f"{TOLD}\n\nDesa Indrajaya, sejak Januari" in response.content.decode()
    assert client.post(address(one), recorded(world, one)).status_code == 302


@pytest.mark.parametrize("reply", ["terima-kasih", "bukan-kewenangan"])
def test_d19_what_is_no_complaint_gets_a_courteous_reply_and_is_kept(client, world, one, reply):
    client.force_login(world.pusat)
    response = client.post(f"{LIST}{one.pk}/", {"read": 1, "reply": reply})
    assert (response.status_code, response.url) == (302, LIST)
    one.refresh_from_db()
    assert (one.settled_as, one.words(), Complaint.objects.count()) == (reply, TOLD, 0)
    owed = Notification.objects.get()
    assert (owed.inbound, owed.template, owed.by_sms, owed.complainant, owed.user) == (one, reply, True, None, None)
    again = client.post(f"{LIST}{one.pk}/", {"read": 1, "reply": reply})
    assert (again.status_code, Notification.objects.count()) == (409, 1)
    assert "SMS ini sudah ditangani oleh petugas lain. Pilih SMS yang lain." in again.content.decode()


def test_d19_a_reply_to_what_was_not_all_read_is_refused(client, world, one):
    client.force_login(world.pusat)
    _write("Maaf, ini pengaduan: bantuan dipotong")
    response = client.post(f"{LIST}{one.pk}/", {"read": 1, "reply": "terima-kasih"})
    assert (response.status_code, Notification.objects.count()) == (409, 0)
    html = response.content.decode()
    assert ("Pengirimnya baru saja menulis lagi." in html, "bantuan dipotong" in html) == (True, True)
    assert client.post(f"{LIST}{one.pk}/", {"read": 2, "reply": "terima-kasih"}).status_code == 302


@pytest.mark.parametrize("typed", [{}, {"read": 1}, {"read": 1, "reply": "dicatat"}, {"read": "x", "reply": "?"}])
def test_d19_a_reply_that_is_none_is_told_in_a_sentence(client, world, one, typed):
    client.force_login(world.pusat)
    assert client.post(f"{LIST}{one.pk}/", typed).status_code == 422
    one.refresh_from_db()
    assert one.settled_at is None


def test_d20_what_the_same_telephone_wrote_before_is_shown(client, world, one):
    client.force_login(world.pusat)
    client.post(address(one), recorded(world, one))
    again = _write("Kapan ditindak?", now=timezone.now() + timedelta(minutes=1))
    html = client.get(f"{LIST}{again.pk}/").content.decode()
    assert ("Pernah menulis sebelumnya" in html, one.number in html, Complaint.objects.get().number in html) == (
        True,
        True,
        True,
    )
    assert again.number != one.number


def test_d19_who_reads_them_is_told_in_the_menu_and_every_morning_until_none_waits(client, world, one):
    """Nothing received is ever unanswered."""
    client.force_login(world.pusat)
    assert "SMS masuk (1)" in client.get("/petugas/").content.decode()
    assert daily.digest_of(world.pusat, now=timezone.now()) == [daily.Section("SMS masuk", 1, [one.number])]
    assert daily.digest_of(world.tetangga, now=timezone.now()) == []
    assert daily.owe_digests(now=timezone.now()) == 1
    assert Notification.objects.get().user == world.pusat
    inbound.reply(one, Inbound.Settled.THANKS, by=world.pusat, now=timezone.now(), seen=1)
    assert "SMS masuk (0)" in client.get("/petugas/").content.decode()
    assert (daily.digest_of(world.pusat, now=timezone.now()), daily.owe_digests(now=timezone.now())) == ([], 0)


@pytest.mark.parametrize("who", ["desa", "pusat"])
def test_d41_the_menu_asks_once_who_reads_them_and_how_many_wait(client, world, one, settings, who):
    client.force_login(world.users[who])
    with_sms = _queries(client, "/petugas/")
    settings.SMS_TOKEN = ""
    assert with_sms - _queries(client, "/petugas/") == 1


def test_d41_a_list_of_fifty_asks_no_more_than_a_list_of_one(client, world, one):
    client.force_login(world.pusat)
    of_one = _queries(client, LIST)
    for n in range(55):
        _write(f"SMS {n}", sender=f"+62857000011{n:02d}")
    assert _queries(client, LIST) == of_one
    html = client.get(LIST).content.decode()
    assert (html.count('class="app-row"'), "Yang tampil 50 yang pertama." in html) == (50, True)


def _queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    return len(asked)
