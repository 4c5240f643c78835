"""Taking a complaint in for someone: place, form, slip; bad input is told in a sentence and nothing typed is lost."""

import re
import uuid
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from pengaduan import tracking
from pengaduan.models import Attachment, Channel, Complaint, Secrecy
from tests.cast import EASTERN_VILLAGE, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE
from tests.test_steps_pages import photo, problems
from tiers.models import Tier
from workflow.models import Draft

HERE = "/petugas/catat/"


def there(village: str = VILLAGE, programme: str = "pkh") -> str:
    return f"{HERE}?program={programme}&wilayah={village}"


def filled(world, **changed) -> dict:
    """Return the form as an officer sends it, today, for a payment that did not come."""
    pkh, today = world.programmes["pkh"], timezone.localdate()
    fields = {
        "submission_key": str(uuid.uuid4()),
        "channel": pkh.channel_entries.get(code="surat").pk,
        "received_on_day": today.day,
        "received_on_month": today.month,
        "received_on_year": today.year,
        "category": world.category("pembayaran").pk,
        "text": "Bantuan belum cair sejak Januari",
        "secrecy": "rahasia",
    }
    return {name: value for name, value in (fields | changed).items() if value is not None}


def received(day) -> dict:
    return {"received_on_day": day.day, "received_on_month": day.month, "received_on_year": day.year}


def slip_of(client, response) -> str:
    assert response.status_code == 302, problems(response)
    return client.get(response.url).content.decode()


def code_on(html: str) -> str | None:
    shown = re.search(r'<p class="app-code">(.*?)</p>', html)
    return re.sub(r"<[^>]*>", "", shown[1]) if shown else None


def test_d22_a_village_officer_s_village_is_set_and_the_slip_bears_number_and_code(client, world):
    """D21, D58, D62."""
    client.force_login(world.desa)
    assert "Tentang program apa?" in client.get(HERE).content.decode()
    form = client.get(f"{HERE}?program=pkh").content.decode()
    assert "Indrajaya, Salem, Kabupaten Brebes, Jawa Tengah" in form
    html = slip_of(client, client.post(f"{HERE}?program=pkh", filled(world, name="Siti Contoh", consent_noted="on")))
    complaint = Complaint.objects.get()
    assert (complaint.region_id, complaint.office.region_id, complaint.channel.code) == (VILLAGE, VILLAGE, "surat")
    assert complaint.number in html
    complainant = complaint.complainants.get()
    assert bytes(complainant.tracking_hash) == tracking.code_hash(tracking.clean(code_on(html)))
    assert (complainant.secrecy, complainant.consent_noted) == (Secrecy.SECRET, True)
    assert complainant.unseal_identity("name") == "Siti Contoh"
    assert complaint.events.get().by == world.desa


def test_a_form_sent_twice_is_one_complaint_with_the_same_slip(client, world):
    client.force_login(world.desa)
    typed = filled(world)
    first, second = client.post(there(), typed), client.post(there(), typed)
    assert (first.url, Complaint.objects.count()) == (second.url, 1)
    assert (
        code_on(client.get(first.url).content.decode()) == code_on(client.get(second.url).content.decode()) is not None
    )


def test_the_code_is_shown_ten_minutes_to_who_recorded_it_and_then_only_a_sentence(client, world):
    """D62."""
    client.force_login(world.desa)
    address = client.post(there(), filled(world)).url
    response = client.get(address)
    assert "no-store" in response["Cache-Control"]
    code = tracking.clean(code_on(response.content.decode()))
    assert code.encode() not in bytes(Draft.objects.get().content)
    for other in (world.kecamatan, world.tetangga, world.auditor):
        client.force_login(other)
        assert client.get(address).status_code == 404
    Draft.objects.update(updated_at=timezone.now() - timedelta(minutes=11))
    client.force_login(world.desa)
    later = client.get(address).content.decode()
    assert code_on(later) is None
    assert (Complaint.objects.get().number in later, "Kode pelacakannya hanya ditampilkan sebentar" in later) == (
        True,
        True,
    )
    assert not Draft.objects.exists()


def test_the_place_is_narrowed_level_by_level_without_javascript(client, world):
    client.force_login(world.kabupaten)
    steps = []
    for place in ("", "33.29.01"):
        html = client.get(f"{HERE}?program=pkh&wilayah={place}").content.decode()
        steps.append(re.findall(r'<option value="([^"]*)">', html))
    assert steps == [["33.29.01"], [VILLAGE, OTHER_VILLAGE]]
    client.force_login(world.pusat)
    html = client.get(f"{HERE}?program=pkh").content.decode()
    assert re.findall(r'<option value="([^"]*)">', html) == ["33", "91"]


def test_a_village_is_found_by_its_name_the_own_area_first(client, world):
    client.force_login(world.kabupaten)
    html = client.get(f"{HERE}?program=pkh&cari=in").content.decode()
    assert re.findall(r"wilayah=(33\.29\.01\.\d{4})", html) == [VILLAGE]
    assert "Tidak ada desa/kelurahan yang diawali “zz”." in client.get(f"{HERE}?program=pkh&cari=zz").content.decode()
    both = client.get(f"{HERE}?program=pkh&cari=W").content.decode()
    assert re.findall(r"wilayah=(\d\d\.\d\d\.\d\d\.\d{4})", both) == [NEIGHBOUR_VILLAGE]


@pytest.mark.parametrize("place", ["99.99.99.9999", "x", "%00x", "33.29.01.2001'--"])
def test_an_unknown_place_is_refused_in_a_sentence_at_its_field(client, world, place):
    client.force_login(world.kabupaten)
    response = client.get(f"{HERE}?program=pkh&wilayah={place}")
    assert response.status_code == 422
    assert problems(response)[0].startswith("Wilayah dengan kode ")
    assert 'aria-describedby="wilayah_error"' in response.content.decode()
    assert client.post(f"{HERE}?program=pkh&wilayah={place}", filled(world)).status_code == 422
    assert not Complaint.objects.exists()


def test_an_unknown_programme_is_refused_in_a_sentence(client, world):
    client.force_login(world.desa)
    response = client.get(f"{HERE}?program=kotaku")
    assert (response.status_code, problems(response)) == (422, ["Pilih program dari daftar ini."])


def test_d21_a_complaint_of_another_district_is_taken_in_and_goes_to_the_office_there(client, world):
    """D21: anyone may hand in at the nearest desk; the officer is told that it will be out of sight."""
    client.force_login(world.desa)
    assert "Desa/kelurahan ini di luar wilayah Anda." in client.get(there(NEIGHBOUR_VILLAGE)).content.decode()
    html = slip_of(client, client.post(there(NEIGHBOUR_VILLAGE), filled(world)))
    complaint = Complaint.objects.get()
    assert (complaint.office.region_id, complaint.tier) == (NEIGHBOUR_VILLAGE, Tier.DESA)
    assert complaint.get_absolute_url() not in html
    assert client.get(complaint.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"text": ""}, "Tulis apa yang terjadi."),
        ({"text": "x" * 100_000}, "Teks terlalu panjang: 100000 huruf, paling banyak 10000."),
        (received(timezone.localdate() + timedelta(days=2)), "Tanggal diterima tidak boleh di masa depan."),
        (
            {"received_on_day": "31", "received_on_month": "2"},
            "Tanggal harus berupa tanggal yang benar, misalnya 27 3 2026.",
        ),
        ({"received_on_year": "1980"}, "Tanggal diterima paling awal 1 Januari 2020."),
        (
            {"occurred_on_day": "1", "occurred_on_month": "1", "occurred_on_year": "2199"},
            "Tanggal kejadian tidak boleh di masa depan.",
        ),
        ({"category": ""}, "Pilih kategorinya."),
        ({"channel": None}, "Pilih medianya, misalnya tatap muka."),
        ({"email": "siti"}, "Alamat surel ini tidak benar, misalnya nama@contoh.id."),
        ({"phone": "12"}, "Nomor telepon ini tidak benar, misalnya 0812 3456 7890."),
    ],
)
def test_bad_input_is_a_sentence_at_its_field_and_what_was_typed_stays(client, world, changed, sentence):
    client.force_login(world.desa)
    typed = filled(world, **{"subject": "Tetap ada", **changed})
    response = client.post(there(), typed)
    assert (response.status_code, problems(response)) == (422, [sentence])
    html = response.content.decode()
    assert html.count("govuk-form-group--error") == 1
    assert 'value="Tetap ada"' in html
    assert typed["submission_key"] in html
    assert typed["text"] in html
    assert not Complaint.objects.exists()


def test_a_category_or_channel_of_another_programme_is_refused(client, world):
    client.force_login(world.desa)
    typed = filled(world, category=world.category("penyimpangan-dana", "pamsimas").pk)
    typed["channel"] = world.programmes["pamsimas"].channel_entries.get(code="surat").pk
    response = client.post(there(), typed)
    assert (response.status_code, problems(response)) == (
        422,
        [
            "Media dan sumber harus dari program yang sama dengan kategorinya.",
            "Kategori ini bukan dari program yang dipilih. Pilih dari daftar ini.",
        ],
    )


def test_categories_stand_together_by_their_nature_and_the_online_form_is_no_channel_here(client, world):
    client.force_login(world.desa)
    html = client.get(there()).content.decode()
    assert re.findall(r'<optgroup label="(\w+)">', html) == ["Informatif", "Masalah"]
    channels = re.search(r'name="channel".*?</select>', html, re.S)[0]
    assert re.findall(r">([^<]+)</option>", channels) == [
        "Pilih media", "Tatap muka", "Surat", "Laporan BPKP (dihitung tersendiri)",
    ]  # fmt: skip


def test_who_is_reported_may_be_an_office_or_a_person_of_the_line_and_sees_nothing_of_it(client, world):
    """D35, D49."""
    client.force_login(world.pusat)
    typed = filled(world, reported_user=world.desa.pk, reported_office=world.office(Tier.KECAMATAN, "33.29.01").pk)
    client.post(there(), typed | {"reported_words": "ketua kelompok"})
    complaint = Complaint.objects.get()
    assert (complaint.tier, complaint.concealed_tier) == (Tier.KABUPATEN, Tier.KECAMATAN)
    assert complaint.reported_parties.count() == 3
    seen = [name for name in ("desa", "kecamatan", "kabupaten") if _answers(client, world, name, complaint)]
    assert seen == ["kabupaten"]


def _answers(client, world, name: str, complaint: Complaint) -> bool:
    client.force_login(getattr(world, name))
    return client.get(complaint.get_absolute_url()).status_code == 200


def test_a_person_outside_the_line_cannot_be_chosen_as_reported(client, world):
    client.force_login(world.desa)
    assert client.post(there(), filled(world, reported_user=world.tetangga.pk)).status_code == 422


def test_d21_a_letter_counts_from_the_day_it_came(client, world):
    """D11, D58."""
    client.force_login(world.desa)
    came = timezone.localdate() - timedelta(days=3)
    client.post(there(), filled(world, **received(came)))
    assert timezone.localdate(Complaint.objects.get().received_at) == came


def test_today_is_the_day_of_the_place(client, world):
    """D11: in Papua it may be tomorrow already."""
    client.force_login(world.pusat)
    form = client.get(there(EASTERN_VILLAGE)).content.decode()
    today = timezone.localdate(timezone=ZoneInfo("Asia/Jayapura"))
    assert re.search(r'name="received_on_day" value="(\d+)"', form)[1] == str(today.day)


def test_a_scan_is_kept_with_the_complaint_and_a_bad_one_leaves_nothing_behind(client, world, settings):
    client.force_login(world.desa)
    bad = client.post(there(), filled(world, file=SimpleUploadedFile("a.pdf", b"MZ nothing", "application/pdf")))
    assert (bad.status_code, Complaint.objects.count(), Draft.objects.count()) == (409, 0, 0)
    assert 'id="id_file_error"' in bad.content.decode()
    client.post(there(), filled(world, file=photo()))
    complaint = Complaint.objects.get()
    assert complaint.number.endswith("-000001")
    assert complaint.attachments.get().purpose == Attachment.Purpose.SCAN


def test_d13_a_late_report_is_warned_of_and_taken_in(client, world):
    """D13."""
    world.programmes["pkh"].late_report_days = 30
    world.programmes["pkh"].save()
    client.force_login(world.desa)
    day = timezone.localdate() - timedelta(days=40)
    typed = filled(world, occurred_on_day=day.day, occurred_on_month=day.month, occurred_on_year=day.year)
    html = slip_of(client, client.post(there(), typed))
    assert "Pengaduan ini datang 40 hari sesudah kejadian, lewat dari 30 hari. Tetap diterima." in html


def test_d16_the_anonymous_leave_no_name(client, world):
    """D37."""
    client.force_login(world.desa)
    client.post(there(), filled(world, secrecy="anonim", name="Siti", phone="0812 3456 7890", email="s@contoh.id"))
    complainant = Complaint.objects.get().complainants.get()
    assert (bytes(complainant.name_sealed), bytes(complainant.phone_sealed)) == (b"", b"")
    assert complainant.unseal_identity("email") == "s@contoh.id"


@pytest.mark.parametrize("name", ["auditor", "koordinator", "kustodian", "peninjau"])
def test_who_may_not_record_is_told_so(client, world, name):
    client.force_login(getattr(world, name))
    assert (client.get(HERE).status_code, client.post(there(), filled(world)).status_code) == (403, 403)
    assert not Complaint.objects.exists()


def test_what_was_typed_when_the_session_had_ended_comes_back_and_is_then_recorded_once(client, world):
    """D62: names typed meanwhile lie sealed."""
    typed = filled(world, name="Siti Contoh", petugas=str(world.desa.pk))
    response = client.post(there(), typed)
    assert response.url.startswith("/masuk/?next=/petugas/catat/")
    assert b"Siti" not in bytes(Draft.objects.get().content)
    client.force_login(world.desa)
    html = client.get(there()).content.decode()
    assert ('value="Siti Contoh"' in html, typed["submission_key"] in html, typed["text"] in html) == (True, True, True)
    assert "govuk-error-message" not in html
    assert client.post(there(), typed).status_code == 302
    assert Complaint.objects.count() == 1


def test_d58_letters_out_of_one_box_are_recorded_in_a_row(client, world):
    """The way they came is filled in again, with the minutes of the opening; nothing of what the first one told."""
    box = Channel.objects.create(
        programme=world.programmes["pkh"], code="kotak-pengaduan", name="Kotak pengaduan", position=9
    )
    client.force_login(world.desa)
    opened = {"box_opened_on_day": "2", "box_opened_on_month": "3", "box_opened_on_year": "2026"}
    typed = filled(world, channel=box.pk, box_witnesses="Kepala dusun dan guru", **opened, **received(date(2026, 3, 2)))
    slip = client.post(there(), typed, follow=True).content.decode()
    following = re.search(r'href="(\?[^"]*|/petugas/catat/\?[^"]*seperti-tadi)"', slip)[1].replace("&amp;", "&")
    form = client.get(following).context["form"]
    shown = {name: form[name].value() for name in ("channel", "received_on", "box_opened_on", "box_witnesses")}
    day = date(2026, 3, 2)
    assert shown == {
        "channel": box.pk, "received_on": day, "box_opened_on": day, "box_witnesses": "Kepala dusun dan guru",
    }  # fmt: skip
    assert [form[name].value() for name in ("text", "name", "reported_words", "category")] == [None] * 4
    client.force_login(world.kecamatan)  # the next person at this computer begins with an empty form
    assert client.get(following).context["form"]["box_witnesses"].value() is None
