"""Who complained stays sealed until a custodian lets the holder open it: for a time, on record, told (D37, D63)."""

import re
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from pengaduan import following, sealing, tracking
from pengaduan.models import Event, Note, Recusal, ReportedParty, Secrecy, Stage
from tests.cast import World, at
from tests.journey import START, to_stage
from tiers.models import Assignment, Tier, User
from workflow import actions, letters
from workflow.delivery import NoLongerOwed, _still_theirs
from workflow.machine import Refused
from workflow.models import IdentityRequest, Notification

NAME, PHONE = "Siti Rahasia Sekali", "+6281234567890"
IDENTITY = {"name": NAME, "phone": PHONE, "email": "siti@contoh.id", "address": "RT 3 RW 1"}
NOW = START


def asked(world: World, complaint, *, by=None, now=NOW) -> IdentityRequest:
    person = complaint.complainants.get()
    return actions.ask_identity(complaint, person, by=by or world.desa, now=now, motive="Perlu KTP", purpose="hukum")


def granted(world: World, complaint, *, hours: int = 24, now=NOW) -> IdentityRequest:
    request = asked(world, complaint, now=now)
    actions.grant_identity(request, by=world.kustodian, now=now, reason="Wajar", hours=hours)
    return IdentityRequest.objects.get(pk=request.pk)


@pytest.fixture
def secret(world):
    return world.complaint(identity=IDENTITY)


def openings(complaint) -> int:
    return complaint.events.filter(kind="buka-identitas").count()


def test_d63_a_secret_identity_is_opened_after_the_custodian_granted_it(world, secret):
    request = asked(world, secret)
    with pytest.raises(Refused, match="belum diizinkan"):
        actions.open_identity(request, by=world.desa, now=NOW)
    actions.grant_identity(request, by=world.kustodian, now=NOW, reason="Wajar", hours=24)
    assert actions.open_identity(request, by=world.desa, now=NOW) == IDENTITY


def test_d63_every_opening_is_an_event_that_holds_nothing_of_the_identity(world, secret):
    request = granted(world, secret)
    for _time in range(3):
        actions.open_identity(request, by=world.desa, now=NOW)
    events = Event.objects.filter(complaint=secret, kind="buka-identitas")
    assert [event.by for event in events] == [world.desa] * 3
    kept = " ".join([*events.values_list("data", flat=True), *Note.objects.values_list("text", flat=True)])
    assert [value for value in IDENTITY.values() if value in kept] == []


def test_d63_the_complainant_is_told_of_the_first_opening_and_sees_when_and_what_for(world, secret, client):
    request = granted(world, secret)
    for _time in range(2):
        actions.open_identity(request, by=world.desa, now=NOW + timedelta(hours=1))
    told = Notification.objects.filter(template="identitas-dibuka")
    assert [notice.complainant for notice in told] == [request.complainant]
    letter = letters.render(told.get())
    assert NAME not in letter.subject + letter.body
    client.post("/lacak/", {"code": secret.receipt.code})
    html = client.get("/lacak/pengaduan/").content.decode()
    assert html.count("Identitas Anda dibuka oleh petugas") == 2
    assert html.count("Untuk memenuhi permintaan hukum") == 2
    assert "Perlu KTP" not in html


def test_d63_an_open_identity_needs_a_motive_and_no_custodian(world):
    complaint = world.complaint(identity=IDENTITY, secrecy=Secrecy.OPEN)
    with pytest.raises(Refused, match="Tulis alasannya"):
        actions.ask_identity(complaint, complaint.complainants.get(), by=world.desa, now=NOW, motive="")
    request = asked(world, complaint)
    assert actions.open_identity(request, by=world.desa, now=NOW + timedelta(hours=24)) == IDENTITY
    assert list(complaint.events.values_list("kind", flat=True).order_by("seq"))[1:] == [
        "minta-identitas",
        "buka-identitas",
    ]
    assert not Notification.objects.filter(template="petugas-identitas-diminta").exists()
    with pytest.raises(Refused, match="waktunya sudah lewat"):
        actions.open_identity(request, by=world.desa, now=NOW + timedelta(hours=24, seconds=1))


@pytest.mark.parametrize("identity", [{}, {"email": "siti@contoh.id"}])
def test_d63_of_the_anonymous_there_is_nothing_to_open(world, identity):
    complaint = world.complaint(identity=identity, secrecy=Secrecy.ANONYMOUS)
    with pytest.raises(Refused, match="Tidak ada identitas yang dapat dibuka"):
        asked(world, complaint)


@pytest.mark.parametrize(
    "who", ["kecamatan", "kabupaten", "penyelia", "provinsi", "pusat", "auditor", "peninjau", "koordinator", "tetangga"]
)
def test_d63_only_the_office_that_holds_the_case_asks_and_opens(world, secret, who):
    request = granted(world, secret)
    with pytest.raises(Refused):
        asked(world, secret, by=world.users[who])
    with pytest.raises(Refused):
        actions.open_identity(request, by=world.users[who], now=NOW)
    assert openings(secret) == 0


def test_d63_a_helper_does_not_open(world, secret):
    secret.help_requests.create(user=world.kecamatan, asked="Tanyakan", asked_by=world.desa, asked_at=NOW)
    with pytest.raises(Refused):
        asked(world, secret, by=world.kecamatan)


def test_d63_the_accused_neither_asks_nor_opens_what_was_granted_before(world, secret):
    request = granted(world, secret)
    ReportedParty.objects.create(complaint=secret, user=world.desa)
    with pytest.raises(Refused, match="bukan wewenang"):
        actions.open_identity(request, by=world.desa, now=NOW)
    with pytest.raises(Refused, match="bukan wewenang"):
        asked(world, secret)


def test_d63_a_grant_is_for_who_asked_and_for_the_one_complainant(world, secret):
    """Another officer of the same office asks for themselves; a second complainant needs a second request."""
    request = granted(world, secret)
    colleague = User.objects.create_user("rekan", "rekan@kantor.id", None, name="Rekan")
    Assignment.objects.create(
        user=colleague, office=secret.office, role="petugas", starts_on=at("2025-01-01 00:00").date()
    )
    with pytest.raises(Refused, match="belum diizinkan"):
        actions.open_identity(request, by=colleague, now=NOW)
    other = world.complaint(identity={"name": "Budi Lain"}).complainants.get()
    with pytest.raises(Refused, match="bukan pelapor pengaduan ini"):
        actions.ask_identity(secret, other, by=world.desa, now=NOW, motive="Perlu")


def test_d63_a_grant_ends_at_its_hour(world, secret):
    request = granted(world, secret, hours=4)
    actions.open_identity(request, by=world.desa, now=NOW + timedelta(hours=4))
    with pytest.raises(Refused, match="waktunya sudah lewat"):
        actions.open_identity(request, by=world.desa, now=NOW + timedelta(hours=4, seconds=1))


def test_d63_a_grant_ends_with_the_case_also_when_it_is_opened_again(world, secret):
    request = granted(world, secret, hours=72)
    actions.withdraw(world.read(secret), by=world.desa, now=NOW + timedelta(hours=1), reason="Katanya sudah cair")
    with pytest.raises(Refused, match="sudah ditutup"):
        actions.open_identity(request, by=world.desa, now=NOW + timedelta(hours=2))
    actions.take_up_again(world.read(secret), by=world.desa, now=NOW + timedelta(hours=3), reason="Belum cair")
    with pytest.raises(Refused, match="waktunya sudah lewat"):
        actions.open_identity(request, by=world.desa, now=NOW + timedelta(hours=4))


def test_d63_a_grant_ends_when_the_case_leaves_the_office_also_when_it_comes_back(world, secret):
    request = granted(world, secret, hours=72)
    actions.hand_up(world.read(secret), by=world.penyelia, now=NOW + timedelta(hours=1), reason="Perlu")
    with pytest.raises(Refused, match="bukan wewenang"):
        actions.open_identity(request, by=world.desa, now=NOW + timedelta(hours=2))
    actions.hand_down(world.read(secret), by=world.penyelia, now=NOW + timedelta(hours=3), reason="Kembali")
    assert world.read(secret).office.tier == Tier.DESA
    with pytest.raises(Refused, match="waktunya sudah lewat"):
        actions.open_identity(request, by=world.desa, now=NOW + timedelta(hours=4))


def test_d63_no_grant_is_longer_than_three_days_nor_without_a_reason(world, secret):
    request = asked(world, secret)
    for hours in (0, 73):
        with pytest.raises(Refused, match="paling lama 72 jam"):
            actions.grant_identity(request, by=world.kustodian, now=NOW, reason="Wajar", hours=hours)
    with pytest.raises(Refused, match="Tulis alasannya"):
        actions.grant_identity(request, by=world.kustodian, now=NOW, reason="", hours=24)


@pytest.mark.parametrize(
    "who", ["desa", "kabupaten", "penyelia", "pusat", "auditor", "peninjau", "koordinator", "tetangga"]
)
def test_d63_only_a_custodian_decides(world, secret, who):
    request = asked(world, secret)
    with pytest.raises(Refused, match="bukan wewenang"):
        actions.grant_identity(request, by=world.users[who], now=NOW, reason="Wajar", hours=24)
    with pytest.raises(Refused, match="bukan wewenang"):
        actions.refuse_identity(request, by=world.users[who], now=NOW, reason="Tidak")


def test_d63_nobody_decides_their_own_request(world, secret):
    """Neither in the software nor in the database."""
    request = asked(world, secret)
    Assignment.objects.create(user=world.desa, office=secret.office, role="kustodian", starts_on=NOW.date())
    both = User.objects.get(pk=world.desa.pk)
    with pytest.raises(Refused, match="kustodian lain"):
        actions.grant_identity(request, by=both, now=NOW, reason="Wajar", hours=24)
    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityRequest.objects.filter(pk=request.pk).update(decided_by=world.desa, decided_at=NOW)


def test_d63_a_request_is_decided_once(world, secret):
    request = asked(world, secret)
    actions.refuse_identity(request, by=world.kustodian, now=NOW, reason="Kirim pesan saja")
    with pytest.raises(Refused, match="sudah diputuskan"):
        actions.grant_identity(request, by=world.kustodian, now=NOW, reason="Berubah pikiran", hours=24)
    with pytest.raises(Refused, match="belum diizinkan"):
        actions.open_identity(request, by=world.desa, now=NOW)


def test_d63_one_request_at_a_time_and_none_while_a_grant_holds(world, secret):
    request = asked(world, secret)
    with pytest.raises(Refused, match="masih menunggu keputusan"):
        asked(world, world.read(secret))
    actions.grant_identity(request, by=world.kustodian, now=NOW, reason="Wajar", hours=4)
    with pytest.raises(Refused, match="masih berlaku"):
        asked(world, world.read(secret))
    asked(world, world.read(secret), now=NOW + timedelta(hours=5))


def test_d63_the_custodian_stands_outside_the_line_of_the_accused(world, secret):
    """Reported themselves, their office, or a colleague there: each time they neither decide nor hear of it."""
    for reported in ({"user": world.kustodian}, {"user": world.pusat}, {"office": world.office(Tier.PUSAT, None)}):
        party = ReportedParty.objects.create(complaint=secret, **reported)
        request = asked(world, secret)
        assert not Notification.objects.filter(template="petugas-identitas-diminta").exists()
        with pytest.raises(Refused, match="bukan wewenang"):
            actions.grant_identity(request, by=world.kustodian, now=NOW, reason="Wajar", hours=24)
        request.delete()
        party.delete()
        secret = world.read(secret)
    asked(world, secret)
    assert [notice.user for notice in Notification.objects.filter(template="petugas-identitas-diminta")] == [
        world.kustodian
    ]


def test_d63_the_nearest_custodian_who_may_decide_is_told_and_not_of_the_matter(world, secret):
    near = User.objects.create_user("kustodian-kab", "kk@kantor.id", None, name="Kustodian Brebes")
    office = world.office(Tier.KABUPATEN, "33.29")
    Assignment.objects.create(user=near, office=office, role="kustodian", starts_on=NOW.date())
    asked(world, secret)
    (notice,) = Notification.objects.filter(template="petugas-identitas-diminta")
    assert notice.user == near
    letter = letters.render(notice)
    assert [
        word for word in (secret.category.name, secret.region.name, secret.subject, NAME) if word in letter.body
    ] == []
    assert f"{secret.number}" in letter.subject + letter.body
    assert "/petugas/identitas/" in letter.body
    _still_theirs(near, secret, notice.template)
    ReportedParty.objects.create(complaint=secret, office=office)
    with pytest.raises(NoLongerOwed):
        _still_theirs(near, secret, notice.template)


def test_d63_who_asked_hears_the_decision(world, secret):
    asked(world, secret)
    request = IdentityRequest.objects.get()
    actions.refuse_identity(request, by=world.kustodian, now=NOW, reason="Kirim pesan saja")
    assert [notice.user for notice in Notification.objects.filter(template="petugas-identitas-diputus")] == [world.desa]


def test_d55_an_opening_is_told_to_the_one_whom_it_concerns(world, secret, client):
    """Two people follow one case; the other learns neither that there is a second nor that it was opened."""
    code = tracking.new_code()
    first = secret.complainants.get()
    second = type(first)(
        complaint=secret, secrecy=Secrecy.SECRET, tracking_hash=tracking.code_hash(code), created_at=NOW
    )
    second.seal_identity(name="Budi Kedua", email="budi@contoh.id")
    second.save()
    request = actions.ask_identity(secret, second, by=world.desa, now=timezone.now(), motive="Perlu")
    actions.grant_identity(request, by=world.kustodian, now=timezone.now(), reason="Wajar", hours=24)
    actions.open_identity(request, by=world.desa, now=timezone.now())
    assert [notice.complainant for notice in Notification.objects.filter(template="identitas-dibuka")] == [second]
    for typed, expected in ((secret.receipt.code, 0), (code, 1)):
        browser = Client()
        browser.post("/lacak/", {"code": typed})
        html = browser.get("/lacak/pengaduan/").content.decode()
        assert html.count("Identitas Anda dibuka") == expected


# the pages


def page_of(complaint) -> str:
    return f"/petugas/pengaduan/{complaint.number}/pelapor/"


def test_d37_the_holder_sees_what_is_kept_and_not_what_it_says(world, client, secret):
    client.force_login(world.desa)
    case = client.get(secret.get_absolute_url()).content.decode()
    assert page_of(secret) in case
    answer = client.get(page_of(secret))
    html = answer.content.decode()
    assert "Nama, Telepon, Surel, Alamat" in html
    assert [value for value in IDENTITY.values() if value in case + html] == []
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("who", ["kecamatan", "penyelia", "auditor", "peninjau", "koordinator"])
def test_d37_the_page_of_the_complainants_is_the_holders(world, client, secret, who):
    client.force_login(world.users[who])
    assert client.get(page_of(secret)).status_code == 409
    assert client.post(page_of(secret)).status_code == 409
    assert page_of(secret) not in client.get(secret.get_absolute_url()).content.decode()


def test_d63_from_the_request_to_the_opening_by_the_pages(world, client, secret):
    client.force_login(world.desa)
    sent = {"complainant": str(secret.complainants.get().pk), "purpose": "menghubungi", "motive": "Telepon mati"}
    assert client.post(page_of(secret), {}).status_code == 422
    assert client.post(page_of(secret), sent).status_code == 302
    assert client.post(page_of(secret), sent).status_code == 409
    request = IdentityRequest.objects.get()
    opening = f"{page_of(secret)}{request.pk}/buka/"
    assert client.get(opening).status_code == 405
    assert client.post(opening).status_code == 409

    client.force_login(world.kustodian)
    assert "/petugas/identitas/" in client.get("/").content.decode()
    assert client.get("/petugas/")["Location"] == "/petugas/identitas/"
    html = client.get("/petugas/identitas/").content.decode()
    assert secret.number in html
    assert "Telepon mati" in html
    assert [word for word in (secret.subject, secret.category.name, "Indrajaya,", NAME) if word in html] == []
    deciding = f"/petugas/identitas/{request.pk}/"
    assert secret.subject not in client.get(deciding).content.decode()
    assert client.post(deciding, {"verdict": "24"}).status_code == 422
    assert client.post(deciding, {"verdict": "24", "reason": "Wajar"}).status_code == 302
    assert client.get(deciding).status_code == 404
    assert client.get(secret.get_absolute_url()).status_code == 404

    client.force_login(world.desa)
    assert "Diizinkan sampai" in client.get(page_of(secret)).content.decode()
    answer = client.post(opening)
    html = answer.content.decode()
    assert [value for value in IDENTITY.values() if value not in html] == []
    assert "sudah dicatat atas nama Anda" in html
    assert "no-store" in answer["Cache-Control"]
    assert openings(secret) == 1
    case = client.get(secret.get_absolute_url()).content.decode()
    assert case.count("Untuk menghubungi pelapor") == 2
    for who in ("kecamatan", "penyelia", "auditor", "tetangga"):
        client.force_login(world.users[who])
        assert client.post(opening).status_code == 404
    assert openings(secret) == 1


@pytest.mark.parametrize("who", ["desa", "penyelia", "auditor", "peninjau", "koordinator", "tetangga"])
def test_d63_the_list_of_requests_is_the_custodians(world, client, secret, who):
    request = asked(world, secret)
    client.force_login(world.users[who])
    assert client.get("/petugas/identitas/").status_code == 404
    assert client.post(f"/petugas/identitas/{request.pk}/", {"verdict": "24", "reason": "Ya"}).status_code == 404
    assert "/petugas/identitas/" not in client.get("/petugas/").content.decode()


# the words as they were received (D18)


@pytest.mark.parametrize(
    ("who", "expected"),
    [("desa", True), ("kecamatan", True), ("penyelia", True), ("pusat", True)]
    + [(who, False) for who in ("auditor", "peninjau", "koordinator")],
)
@pytest.mark.parametrize("registered", [True, False])
def test_d18_the_words_as_received_are_for_who_handles_supervises_or_verifies(world, client, who, expected, registered):
    complaint = world.complaint(
        text="Saya Siti, rumah biru dekat pasar. Bantuan saya belum cair.", subject="Belum cair"
    )
    if registered:
        actions.register(complaint, by=world.desa, now=NOW, recorded="Bantuan belum cair.", suitable=True)
    client.force_login(world.users[who])
    html = client.get(complaint.get_absolute_url()).content.decode()
    assert ("rumah biru dekat pasar" in html) == expected


def test_d18_the_tier_left_behind_reads_the_recorded_words_only(world, client):
    complaint = world.complaint(text="Saya Siti, rumah biru dekat pasar.", subject="Belum cair")
    actions.register(complaint, by=world.desa, now=NOW, recorded="Bantuan belum cair.", suitable=True)
    actions.hand_up(world.read(complaint), by=world.penyelia, now=NOW, reason="Perlu")
    client.force_login(world.desa)
    for url in (complaint.get_absolute_url(), f"{complaint.get_absolute_url()}langkah/mundur/"):
        html = client.get(url).content.decode()
        assert "Bantuan belum cair." in html
        assert "rumah biru" not in html


# a lost code (D62)


def test_d62_a_new_code_opens_and_the_old_one_is_dead(world, secret):
    person = secret.complainants.get()
    code = actions.give_new_code(secret, person, by=world.desa, now=NOW, reason="Membawa surat", phone=PHONE)
    assert following.owner_of(code) == person
    assert following.owner_of(secret.receipt.code) is None
    told = Notification.objects.filter(template="kode-baru")
    assert [notice.complainant for notice in told] == [person]
    assert code not in " ".join(
        [*Note.objects.values_list("text", flat=True), *Event.objects.values_list("data", flat=True)]
    )
    assert code not in letters.render(told.get()).body


def test_d62_a_telephone_that_is_kept_must_be_named(world, secret):
    person = secret.complainants.get()
    for phone in ("", "+6281234567891"):
        with pytest.raises(Refused, match="bukan yang dicatat"):
            actions.give_new_code(secret, person, by=world.desa, now=NOW, reason="Katanya", phone=phone)
    assert following.owner_of(secret.receipt.code) == person


@pytest.mark.parametrize("who", ["auditor", "kustodian", "koordinator", "tetangga"])
def test_d62_only_who_holds_the_case_or_stands_above_gives_a_new_code(world, client, secret, who):
    with pytest.raises(Refused, match="bukan wewenang"):
        actions.give_new_code(
            secret, secret.complainants.get(), by=world.users[who], now=NOW, reason="Katanya", phone=PHONE
        )
    client.force_login(world.users[who])
    assert client.post(f"{secret.get_absolute_url()}kode-baru/", {"reason": "x"}).status_code in {404, 409}


def test_d62_a_new_code_by_the_page_once(world, client, secret):
    client.force_login(world.desa)
    url = f"{secret.get_absolute_url()}kode-baru/"
    assert client.get(url).status_code == 200
    sent = {
        "version": secret.version,
        "complainant": str(secret.complainants.get().pk),
        "phone": "0812 3456 7890",
        "reason": "Membawa surat",
    }
    assert client.post(url, {**sent, "reason": ""}).status_code == 422
    assert client.post(url, {**sent, "phone": "0812 3456 7891"}).status_code == 409
    html = client.post(url, sent).content.decode()
    code = re.sub(r"\D", "", re.sub("<[^>]+>", "", html.partition('class="app-code">')[2].partition("</p>")[0]))
    assert following.owner_of(code) == secret.complainants.get()
    assert client.post(url, sent).status_code == 409
    assert following.owner_of(code) == secret.complainants.get()


# a masked value is never saved over the true one (domain §11)


def test_d37_no_form_has_a_field_of_the_identity(world, client, secret):
    """What shows a mask could save it: no page of officers or reviewers has an input for what is sealed."""
    before = {name: bytes(getattr(secret.complainants.get(), f"{name}_sealed")) for name in IDENTITY}
    client.force_login(world.desa)
    for code in ("daftarkan", "minta-kelengkapan", "tugaskan", "catat", "kirim-pesan", "cabut"):
        html = client.get(f"{secret.get_absolute_url()}langkah/{code}/").content.decode()
        assert 'name="version"' in html
        assert [name for name in ("name", "phone", "email", "address") if f'name="{name}"' in html] == []
        client.post(f"{secret.get_absolute_url()}langkah/{code}/", {"version": 0, **dict.fromkeys(IDENTITY, "•••")})
    client.post(page_of(secret), dict.fromkeys(IDENTITY, "•••"))
    client.force_login(world.peninjau)
    answer = client.post(f"/admin/pengaduan/complaint/{secret.pk}/change/", dict.fromkeys(IDENTITY, "•••"))
    assert answer.status_code in {403, 405}
    after = {name: bytes(getattr(secret.complainants.get(), f"{name}_sealed")) for name in IDENTITY}
    assert after == before


def test_d37_a_sealed_value_opens_only_in_its_place(world, secret):
    person = secret.complainants.get()
    other = world.complaint(identity={"name": "Budi"}).complainants.get()
    other.name_sealed = person.name_sealed
    with pytest.raises(InvalidTag):
        other.unseal_identity("name")
    assert sealing.unseal(person.name_sealed, table="complainant", column="name", row=person.pk) == NAME


def test_d63_who_stepped_aside_does_not_open(world, secret):
    request = granted(world, secret)
    Recusal.objects.create(complaint=secret, user=world.desa, at=NOW)
    with pytest.raises(Refused, match="bukan wewenang"):
        actions.open_identity(request, by=world.desa, now=NOW)


def test_d63_nothing_is_asked_of_a_closed_case(world):
    with pytest.raises(Refused, match="sudah ditutup"):
        asked(world, to_stage(world, Stage.CLOSED, nature="informatif"))


@pytest.mark.parametrize("text", ["Saya Siti dari Salem, bantuan belum cair.", "katanya siti contoh belum menerima"])
def test_d37_what_heads_a_case_in_the_lists_names_nobody(world, text):
    """The lists show how a text begins until it is registered, or the category where it begins with a name."""
    assert world.complaint(text=text, identity={"name": "Siti Contoh"}).subject == "Pembayaran"
