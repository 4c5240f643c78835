"""A citizen reports in steps without JavaScript: numbered once, nothing typed is lost (D15–D21, D37, D41, D62)."""

import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image

from pengaduan import tracking
from pengaduan.models import Attachment, Complainant, Complaint
from tests.cast import EASTERN_VILLAGE, NEIGHBOUR_VILLAGE, VILLAGE
from tiers.models import Region, Tier
from workflow import drafts
from workflow.forms.citizen import find_villages, full_name
from workflow.models import Draft

TEXT = "Bantuan tahap dua belum cair, padahal tetangga sudah menerima."
ANSWERS = {
    "/lapor/": {"program": "pkh"},
    "/lapor/lokasi/": {"di": "33.29.01", "region": VILLAGE},
    "/lapor/kejadian/": {"category": "pembayaran", "text": TEXT, "reported": "Ketua kelompok"},
    "/lapor/identitas/": {
        "secrecy": "rahasia", "name": "Siti Contoh", "phone": "0812 3456 7890", "email": "siti@contoh.id",
    },
}  # fmt: skip


def fill(client, **changed) -> None:
    """Answer every step; a keyword like `kejadian={...}` changes a step's answers, None leaves it out."""
    for path, answers in ANSWERS.items():
        step = path.split("/")[2] or "program"
        if changed.get(step, {}) is not None:
            client.post(path, {**answers, **changed.get(step, {})})


def send(client):
    page = client.get("/lapor/periksa/")
    return client.post("/lapor/periksa/", {"draf": str(page.context["draft"].pk)})


def sentences(response) -> dict[str, list[str]]:
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


def photo(colour="navy") -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(drawn, "JPEG")
    return SimpleUploadedFile("Siti.jpg", drawn.getvalue())


def test_the_steps_lead_one_to_the_next_down_to_the_receipt(world, client):
    led = [client.post(path, answers).url for path, answers in ANSWERS.items()]
    assert led == ["/lapor/lokasi/", "/lapor/kejadian/", "/lapor/foto/", "/lapor/periksa/"]
    assert send(client).url == "/lapor/tanda-terima/"
    complaint = Complaint.objects.select_related("text", "channel", "source").get()
    assert (complaint.region_id, complaint.category.code, complaint.text.original) == (VILLAGE, "pembayaran", TEXT)
    assert (complaint.channel.code, complaint.source) == ("daring", None)
    assert [party.words for party in complaint.reported_parties.all()] == ["Ketua kelompok"]
    complainant = complaint.complainants.get()
    assert [complainant.unseal_identity(field) for field in ("name", "phone", "email")] == [
        "Siti Contoh", "+6281234567890", "siti@contoh.id",
    ]  # fmt: skip


def test_d22_the_receipt_shows_the_number_and_the_code_that_opens_the_complaint(world, client):
    fill(client)
    send(client)
    page = client.get("/lapor/tanda-terima/")
    code = page.context["code"]
    assert Complainant.objects.get().tracking_hash == tracking.code_hash(code)
    html = page.content.decode()
    assert [f"<span>{part}</span>" in html for part in tracking.in_groups(code).split()] == [True] * 4
    assert (page.context["complaint"].number in html, "no-store" in page["Cache-Control"]) == (True, True)


def test_the_code_can_be_seen_again_for_an_hour_and_then_no_more(world, client):
    """D62."""
    fill(client)
    send(client)
    assert client.get("/lapor/tanda-terima/").context["code"] == client.get("/lapor/tanda-terima/").context["code"]
    Draft.objects.update(updated_at=timezone.now() - timedelta(minutes=61))
    page = client.get("/lapor/tanda-terima/")
    assert (page.context["code"], "Kode pelacakan hanya ditampilkan selama satu jam" in page.content.decode()) == (
        None, True,
    )  # fmt: skip


def test_d62_a_form_sent_twice_is_one_complaint_and_the_same_receipt(world, client):
    fill(client)
    draft = str(client.get("/lapor/periksa/").context["draft"].pk)
    client.post("/lapor/periksa/", {"draf": draft})
    first = client.get("/lapor/tanda-terima/").context["code"]
    assert client.post("/lapor/periksa/", {"draf": draft}).url == "/lapor/tanda-terima/"
    assert (Complaint.objects.count(), client.get("/lapor/tanda-terima/").context["code"]) == (1, first)


def test_when_the_answer_is_lost_on_the_way_sending_again_finds_the_receipt(world, client):
    """D62: the browser never saw the first answer and comes back with the cookie it had."""
    fill(client)
    draft = str(client.get("/lapor/periksa/").context["draft"].pk)
    cookie = client.cookies["sessionid"].value
    client.post("/lapor/periksa/", {"draf": draft})
    first = client.get("/lapor/tanda-terima/").context["code"]
    client.cookies["sessionid"] = cookie
    page = client.post("/lapor/periksa/", {"draf": draft}, follow=True)
    assert (page.context["code"], Complaint.objects.count()) == (first, 1)


def test_going_back_after_sending_leads_to_the_receipt(world, client):
    fill(client)
    send(client)
    assert [client.get(path).url for path in ("/lapor/kejadian/", "/lapor/periksa/")] == ["/lapor/tanda-terima/"] * 2


def test_after_a_receipt_a_new_report_begins_empty(world, client):
    fill(client)
    send(client)
    assert client.get("/lapor/").context["form"].is_bound is False
    fill(client)
    send(client)
    assert Complaint.objects.count() == 2


def test_who_comes_too_early_is_led_to_the_first_missing_step(world, client):
    client.post("/lapor/", ANSWERS["/lapor/"])
    page = client.get("/lapor/identitas/", follow=True)
    assert page.redirect_chain == [("/lapor/lokasi/", 302)]
    assert [str(message) for message in page.context["messages"]] == [
        "Yang Anda tulis tersimpan. Lengkapi dulu langkah ini."
    ]


def test_d62_what_is_typed_when_the_session_is_gone_is_kept_and_nothing_is_lost(world, client):
    """Bad input: an expired session in mid-form."""
    page = client.post("/lapor/kejadian/", ANSWERS["/lapor/kejadian/"], follow=True)
    assert page.redirect_chain == [("/lapor/", 302)]
    client.post("/lapor/", ANSWERS["/lapor/"])
    assert client.post("/lapor/lokasi/", ANSWERS["/lapor/lokasi/"]).url == "/lapor/foto/"
    client.post("/lapor/identitas/", ANSWERS["/lapor/identitas/"])
    send(client)
    assert Complaint.objects.get().text.original == TEXT


def test_a_draft_lives_a_day(world, client):
    fill(client)
    Draft.objects.update(updated_at=timezone.now() - timedelta(hours=25))
    assert client.get("/lapor/periksa/").url == "/lapor/"
    client.post("/lapor/", ANSWERS["/lapor/"])
    assert Draft.objects.count() == 1


def test_the_database_holds_no_readable_word_of_a_draft_and_the_session_none_at_all(world, client):
    """D37."""
    fill(client)
    content = bytes(Draft.objects.get().content)
    assert (b"Siti" in content, TEXT.encode() in content) == (False, False)
    assert dict(client.session.items()) == {"lapor": str(Draft.objects.get().pk)}


def test_after_sending_the_draft_holds_the_code_alone(world, client):
    fill(client)
    send(client)
    draft = Draft.objects.get()
    assert drafts.code_of(draft, now=timezone.now()) == client.get("/lapor/tanda-terima/").context["code"]
    assert drafts.typed(draft) == {}
    Draft.objects.update(updated_at=timezone.now() - timedelta(minutes=61))
    drafts.forget_old(now=timezone.now())
    assert bytes(Draft.objects.get().content) == b""


def test_d16_an_anonymous_report_keeps_neither_name_nor_telephone_not_even_in_the_draft(world, client):
    """D16, D37."""
    fill(client, identitas={"secrecy": "anonim", "phone": "bukan nomor"})
    assert set(drafts.typed(Draft.objects.get())["identitas"]) == {"secrecy", "email"}
    send(client)
    complainant = Complainant.objects.get()
    assert [complainant.unseal_identity(field) for field in ("name", "phone", "email")] == ["", "", "siti@contoh.id"]


def test_an_open_report_needs_a_name(world, client):
    fill(client, identitas=None)
    response = client.post("/lapor/identitas/", {"secrecy": "terbuka"})
    assert sentences(response) == {"name": ["Tulis nama Anda, atau pilih rahasia atau tanpa nama."]}


@pytest.mark.parametrize(
    ("step", "changed", "field", "sentence"),
    [
        ("/lapor/", {"program": "lain"}, "program", "Program ini tidak menerima pengaduan di sini. Pilih dari daftar."),
        (
            "/lapor/kejadian/", {"category": "penyimpangan-dana"}, "category",
            "Pilihan ini bukan bagian dari program yang Anda pilih. Pilih lagi dari daftar.",
        ),
        ("/lapor/kejadian/", {"text": "  "}, "text", "Tulis apa yang terjadi."),
        (
            "/lapor/kejadian/", {"text": "x" * 100_000}, "text",
            "Teks terlalu panjang: 100000 karakter, paling banyak 10000.",
        ),
        (
            "/lapor/kejadian/", {"occurred_on_day": "1", "occurred_on_month": "1", "occurred_on_year": "2199"},
            "occurred_on", "Tanggal kejadian tidak boleh di masa depan.",
        ),
        ("/lapor/identitas/", {"phone": "12"}, "phone", "Tulis nomor telepon yang benar, misalnya 0812 3456 7890."),
        ("/lapor/identitas/", {"email": "siti@"}, "email", "Tulis alamat surel yang benar, misalnya nama@contoh.id."),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence_at_its_field_and_what_was_typed_stays(world, client, step, changed, field, sentence):
    fill(client)
    response = client.post(step, {**ANSWERS[step], **changed})
    assert (response.status_code, sentences(response)) == (422, {field: [sentence]})
    html = response.content.decode()
    assert f'id="id_{field}_error"' in html
    assert [text in html for name, text in changed.items() if name not in ("program", "category")] == [
        True for name in changed if name not in ("program", "category")
    ]


def test_a_long_text_may_have_exactly_ten_thousand_characters_however_the_browser_ends_its_lines(world, client):
    fill(client, kejadian={"text": "a\r\n" + "x" * 9_998})
    send(client)
    assert len(Complaint.objects.get().text.original) == 10_000


def test_a_village_of_another_district_is_refused_and_the_choice_so_far_kept(world, client):
    client.post("/lapor/", ANSWERS["/lapor/"])
    response = client.post("/lapor/lokasi/", {"di": "33.29.01", "region": NEIGHBOUR_VILLAGE})
    assert response.status_code == 422
    assert response.context["place"].errors["region"] == [
        "Desa atau kelurahan itu bukan bagian dari kecamatan yang dipilih. Pilih dari daftar."
    ]
    assert [region.name for region in response.context["path"]] == ["Jawa Tengah", "Kabupaten Brebes", "Salem"]


@pytest.mark.parametrize("region", ["99.99.99.9999", "33.29", "'; DROP", ""])
def test_an_unknown_place_is_refused_with_a_sentence(world, client, region):
    client.post("/lapor/", ANSWERS["/lapor/"])
    response = client.post("/lapor/lokasi/", {"di": "33.29.01", "region": region})
    wanted = (
        "Desa atau kelurahan ini tidak ada dalam daftar. Pilih lagi." if region else "Pilih desa atau kelurahannya."
    )
    assert (response.status_code, response.context["place"].errors["region"]) == (422, [wanted])


@pytest.mark.parametrize("typed", ["\0", "a\0b", "%_%", "x" * 5000, ",,,", "' OR 1=1 --"])
def test_no_search_or_address_breaks_the_page(world, client, typed):
    client.post("/lapor/", ANSWERS["/lapor/"])
    answers = [client.get("/lapor/lokasi/", {name: typed}).status_code for name in ("cari", "di", "dari")]
    assert (answers, client.post("/lapor/lokasi/", {"di": typed, "cari": typed, "region": typed}).status_code) == (
        [200, 422, 200], 422,
    )  # fmt: skip


def test_a_default_category_out_of_use_takes_its_programme_off_the_page(world, client):
    world.programmes["pamsimas"].category_entries.filter(is_default=True).update(active=False)
    assert [code for code, _name in client.get("/lapor/").context["form"].fields["program"].widget.choices] == ["pkh"]


def test_d41_the_place_is_narrowed_level_by_level_without_javascript(world, client):
    client.post("/lapor/", ANSWERS["/lapor/"])
    offered = []
    for di in ("", "33", "33.29"):
        page = client.get("/lapor/lokasi/", {"di": di} if di else {})
        offered.append([name for _code, name in page.context["area"].fields["di"].choices][1:])
    assert offered == [["Jawa Tengah", "Papua"], ["Kabupaten Brebes", "Kabupaten Tegal"], ["Salem"]]
    villages = client.get("/lapor/lokasi/", {"di": "33.29.01"}).context["place"].fields["region"].widget.choices
    assert [name for _code, name in villages][1:] == ["Indrajaya", "Tembongraja"]


def test_a_level_left_empty_is_marked_and_what_is_above_it_stays(world, client):
    client.post("/lapor/", ANSWERS["/lapor/"])
    page = client.get("/lapor/lokasi/", {"dari": "33", "di": ""})
    assert page.context["area"].errors == {"di": ["Pilih kabupaten atau kotanya."]}
    assert [region.name for region in page.context["path"]] == ["Jawa Tengah"]


def test_a_village_is_found_by_name_with_its_whole_path_and_chosen(world, client):
    client.post("/lapor/", ANSWERS["/lapor/"])
    page = client.get("/lapor/lokasi/", {"cari": "nolok"})
    assert page.context["results"].fields["region"].widget.choices == [
        (EASTERN_VILLAGE, "Nolokla, Sentani, Kabupaten Jayapura, Papua")
    ]
    assert client.post("/lapor/lokasi/", {"cari": "nolok", "region": EASTERN_VILLAGE}).url == "/lapor/kejadian/"


def test_what_a_search_found_stands_first_and_in_the_title(world, client):
    client.post("/lapor/", ANSWERS["/lapor/"])
    found, none, chosen = (
        client.get("/lapor/lokasi/", asked).content.decode()
        for asked in ({"cari": "nolok"}, {"cari": "takada"}, {"di": "33.29"})
    )
    assert [re.search(r"<title>([^<]*)</title>", page)[1] for page in (found, none, chosen)] == [
        "Di mana kejadiannya? 1 desa atau kelurahan ditemukan – Pengaduan",
        "Di mana kejadiannya? Tidak ditemukan – Pengaduan",
        "Di mana kejadiannya? Kecamatan – Pengaduan",
    ]
    shown = [re.sub(r'<input type="hidden"[^>]*>', "", page) for page in (found, none, chosen)]
    assert [re.findall(r'<(?:select|input)[^>]* name="(di|cari|region)"', page) for page in shown] == [
        ["cari", "region", "di"], ["cari", "di"], ["di", "cari"],
    ]  # fmt: skip


def test_a_telephone_is_shown_for_checking_as_people_dial_it(world, client):
    fill(client)
    assert client.get("/lapor/periksa/").context["phone"] == "0812-3456-7890"
    fill(client, identitas={"phone": "+60 12 345 6789"})
    assert client.get("/lapor/periksa/").context["phone"] == "+60 12-345 6789"
    fill(client, identitas={"phone": ""})
    assert client.get("/lapor/periksa/").context["phone"] == ""


def test_a_name_that_is_everywhere_is_narrowed_by_the_place_after_a_comma(world):
    Region.objects.bulk_create(
        Region(code=f"{district}.{2100 + n}", name="Sidomulyo", tier=Tier.DESA, zone="Asia/Jakarta", parent_id=district)
        for district in ("33.28.01", "33.29.01")
        for n in range(20)
    )
    today = timezone.localdate()
    everywhere, more = find_villages("sidomulyo", on=today)
    assert (len(everywhere), more) == (25, True)
    here, more = find_villages("Sidomulyo, tegal", on=today)
    assert ({full_name(village) for village in here}, len(here), more) == (
        {"Sidomulyo, Margasari, Kabupaten Tegal, Jawa Tengah"}, 20, False,
    )  # fmt: skip


def test_a_place_is_understood_without_the_comma_and_with_desa_before_it(world):
    today = timezone.localdate()
    nolokla = Region.objects.get(pk=EASTERN_VILLAGE)
    written = (
        "Nolokla Jayapura",
        "desa nolokla",
        "Kelurahan Nolokla, Papua",
        "nolokla kabupaten jayapura",
        "Nolokla Brebes",
    )
    assert [find_villages(each, on=today)[0] for each in written] == [[nolokla]] * 4 + [[]]


def test_who_is_not_sure_gets_the_default_category(world, client):
    fill(client, kejadian={"category": "tidak-yakin"})
    assert "Saya tidak yakin" in client.get("/lapor/periksa/").content.decode()
    send(client)
    assert Complaint.objects.get().category.is_default is True


def test_changing_the_programme_leads_back_to_the_category_that_no_longer_fits(world, client):
    fill(client)
    assert client.post("/lapor/", {"program": "pamsimas"}).url == "/lapor/kejadian/"
    page = client.get("/lapor/kejadian/")
    assert (list(page.context["form"].errors), TEXT in page.content.decode()) == (["category"], True)


def test_a_page_of_an_older_report_does_not_send_the_newer_one(world, client):
    fill(client)
    older = str(client.get("/lapor/periksa/").context["draft"].pk)
    session = client.session
    del session["lapor"]
    session.save()
    fill(client, kejadian={"text": "Cerita lain"})
    response = client.post("/lapor/periksa/", {"draf": older})
    assert (response.status_code, Complaint.objects.count()) == (409, 0)
    assert "Isi pengaduan ini sudah berubah. Periksa sekali lagi." in response.content.decode()


def test_a_programme_without_online_form_is_not_offered(world, client):
    world.programmes["pamsimas"].channel_entries.filter(online=True).update(active=False)
    assert [code for code, _name in client.get("/lapor/").context["form"].fields["program"].widget.choices] == ["pkh"]


def test_photos_follow_the_receipt_one_by_one_and_can_be_taken_back(world, client):
    fill(client)
    send(client)
    for colour in ("navy", "red"):
        assert client.post("/lapor/tanda-terima/", {"file": photo(colour)}).url == "/lapor/tanda-terima/"
    first = client.get("/lapor/tanda-terima/").context["files"][0]
    client.post(f"/lacak/pengaduan/berkas/{first.pk}/hapus/", {"dari": "tanda-terima"})
    assert [each.pk == first.pk for each in Attachment.objects.all()] == [False]


def test_a_refused_photo_is_told_on_the_receipt_and_the_complaint_stands(world, client):
    fill(client)
    send(client)
    response = client.post("/lapor/tanda-terima/", {"file": SimpleUploadedFile("a.jpg", b"MZ" + b"\0" * 200)})
    assert sentences(response) == {
        "file": ["Jenis berkas ini tidak dapat diterima. Kirim foto (JPEG, PNG, atau WEBP) atau PDF."]
    }
    assert (response.status_code, Complaint.objects.count()) == (422, 1)


def test_another_visitor_sees_neither_draft_nor_receipt(world, client):
    fill(client)
    send(client)
    stranger = Client()
    assert [stranger.get(path).url for path in ("/lapor/tanda-terima/", "/lapor/periksa/")] == ["/lacak/", "/lapor/"]


def test_the_start_page_names_the_programmes_and_both_ways(world, client):
    html = client.get("/").content.decode()
    assert [each in html for each in ('href="/lapor/"', 'href="/lacak/"', "Program Keluarga Harapan")] == [True] * 3


def test_two_sendings_at_once_are_one_complaint_and_one_receipt(real_world, client):
    """Bad input: a form sent twice, here by two requests that both read the draft before either had sent it."""
    fill(client)
    draft = str(client.get("/lapor/periksa/").context["draft"].pk)
    cookies = client.cookies
    both = threading.Barrier(2)

    def once(_number: int) -> tuple[str, str]:
        visitor = Client()
        visitor.cookies = cookies.copy()
        both.wait()
        try:
            sent_to = visitor.post("/lapor/periksa/", {"draf": draft}).url
            return sent_to, visitor.get("/lapor/tanda-terima/").context["code"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(once, range(2)))
    assert (len(answers), {where for where, _code in answers}, Complaint.objects.count()) == (
        1, {"/lapor/tanda-terima/"}, 1,
    )  # fmt: skip
