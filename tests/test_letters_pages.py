"""The letters of a case as page and PDF: each reader finds their own, and an outsider none (D37, D38, D42, D54)."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from pengaduan import tracking
from pengaduan.models import Complainant, Recusal, ReportedParty, Secrecy
from tests.cast import at
from workflow import actions, correspondence, letter_pdf, letters, notices, wording
from workflow.models import Letter, Notification, ReplyTemplate
from workflow.seeding.programme_file import read_programmes

RECEIVED = "2026-05-04 09:00"
IDENTITY = {"name": "Siti Rahasia", "phone": "+6281234567890", "email": "siti@contoh.id", "address": "Jl. Melati 7"}
PKH = next(record for record in read_programmes(Path("programmes")) if record.code == "pkh")


def use_programme_words(world, record=PKH):
    ReplyTemplate.objects.bulk_create(
        ReplyTemplate(
            programme=world.programmes["pkh"], code=each.code, name=each.name, subject=each.subject, body=each.body
        )
        for each in record.templates
    )


@pytest.fixture
def case(world):
    """Return a PKH case with an identity, an accused and a referral to an agency, in the words of its programme."""
    use_programme_words(world)
    complaint = world.complaint(
        received=RECEIVED, identity=IDENTITY, text="Dipotong oleh Bapak Terlapor.", reported_words="Bapak Terlapor"
    )
    office = complaint.office
    office.address, office.phone, office.responsible_person = "Balai Desa, Jalan Raya 1", "0283-1234", "Ibu Ketua"
    office.save()
    actions.close_aside(
        complaint, "salurkan", by=world.desa, now=at("2026-05-06 09:00"),
        authority="Dinas Pendidikan Kabupaten Brebes", reason="Ini soal guru.",
    )  # fmt: skip
    return complaint


def letter_of(complaint, template) -> Letter:
    return Letter.objects.get(complaint=complaint, template=template)


def as_complainant(client, complaint):
    client.post("/lacak/", {"code": complaint.receipt.code})
    return client


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def addresses(complaint, letter) -> list[str]:
    office = f"/petugas/pengaduan/{complaint.number}/surat"
    return [f"/lacak/surat/{letter.pk}/", f"/lacak/surat/{letter.pk}/pdf", f"{office}/{letter.pk}/",
            f"{office}/{letter.pk}/pdf", f"{office}/"]  # fmt: skip


def test_d42_the_complainant_finds_the_letters_newest_first_and_opens_each(case, client):
    as_complainant(client, case)
    page = client.get("/lacak/pengaduan/")
    letters_of = page.context["letters"]
    assert [letter.template for letter in letters_of] == ["disalurkan", wording.REFERRAL, "tanda-terima"]
    for letter in letters_of:
        assert f'href="/lacak/surat/{letter.pk}/"' in page.content.decode()
        opened = client.get(f"/lacak/surat/{letter.pk}/")
        assert (opened.status_code, letter.subject in opened.content.decode()) == (200, True)
        assert "no-store" in opened["Cache-Control"]


def test_d42_the_printed_letter_is_one_tagged_page_with_letterhead_and_signature(case, client):
    as_complainant(client, case)
    letter = letter_of(case, "tanda-terima")
    response = client.get(f"/lacak/surat/{letter.pk}/pdf")
    assert (response["Content-Type"], "no-store" in response["Cache-Control"]) == ("application/pdf", True)
    assert response["Content-Disposition"] == f'inline; filename="surat-{case.number}-1.pdf"'
    pdf = PdfReader(io.BytesIO(response.content))
    assert (len(pdf.pages), "/MarkInfo" in pdf.trailer["/Root"], "/StructTreeRoot" in pdf.trailer["/Root"]) == (
        1, True, True,
    )  # fmt: skip
    text = text_of(response.content)
    parts = [
        "Ketua Kelompok Indrajaya Program Keluarga Harapan Balai Desa, Jalan Raya 1",
        "Indrajaya, 4 Mei 2026",
        case.number,
        f"Tanda terima pengaduan {case.number}",
        "Yth. Pelapor",
        "Dengan hormat,",
        "Hormat kami, Ketua Kelompok Indrajaya Ibu Ketua",
        "dengan kode pelacakan pada tanda terima",
    ]
    assert [part for part in parts if part not in text] == []


def test_d42_all_fonts_are_in_the_file(case):
    pdf = PdfReader(io.BytesIO(letter_pdf.letter_pdf(letter_of(case, "tanda-terima"))))
    fonts = pdf.pages[0]["/Resources"]["/Font"]
    embedded = [font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts.values()]
    assert embedded
    assert all({"/FontFile2", "/FontFile3"} & set(descriptor.get_object()) for descriptor in embedded)


def test_d42_the_letter_to_an_authority_names_it_and_never_the_complainant(case, client, world):
    client.force_login(world.kabupaten)
    letter = letter_of(case, wording.REFERRAL)
    response = client.get(f"/petugas/pengaduan/{case.number}/surat/{letter.pk}/pdf")
    text = text_of(response.content)
    assert ("Yth. Dinas Pendidikan Kabupaten Brebes" in text, "Ini soal guru." in text) == (True, True)
    assert [secret for secret in IDENTITY.values() if secret in text] == []


def test_d42_officers_who_see_the_case_find_the_same_letters(case, client, world):
    client.force_login(world.desa)
    listed = client.get(f"/petugas/pengaduan/{case.number}/surat/")
    assert [letter.template for letter in listed.context["letters"]] == ["disalurkan", wording.REFERRAL, "tanda-terima"]
    assert f"/petugas/pengaduan/{case.number}/surat/" in client.get(case.get_absolute_url()).content.decode()
    for letter in listed.context["letters"]:
        assert client.get(f"/petugas/pengaduan/{case.number}/surat/{letter.pk}/").status_code == 200


@pytest.mark.parametrize("who", ["tetangga", "kustodian", "accused", "aside"])
def test_d42_an_outsider_finds_no_letter(world, client, case, who):
    user = world.users.get(who) or world.kabupaten
    if who == "accused":
        ReportedParty.objects.create(complaint=case, regency_code="33.29", user=user)
    if who == "aside":
        Recusal.objects.create(complaint=case, user=user, at=at("2026-05-07 09:00"))
    client.force_login(user)
    letter = letter_of(case, "tanda-terima")
    statuses = [client.get(address).status_code for address in addresses(case, letter)]
    assert statuses == [302, 302, 404, 404, 404]  # without a code the public page asks for it


def test_d42_a_stranger_is_asked_for_the_code_or_to_sign_in(case, client):
    letter = letter_of(case, "tanda-terima")
    went = [client.get(address).url.partition("?")[0] for address in addresses(case, letter)]
    assert went == ["/lacak/", "/lacak/", "/masuk/", "/masuk/", "/masuk/"]


def test_d42_a_letter_of_another_complaint_or_another_complainant_is_not_found(world, client, case):
    """D55: two who brought the same matter learn nothing of each other, not even by an address."""
    code = tracking.new_code()
    other = Complainant.objects.create(
        complaint=case, secrecy=Secrecy.ANONYMOUS, tracking_hash=tracking.code_hash(code),
        created_at=at("2026-05-05 09:00"),
    )  # fmt: skip
    foreign = world.complaint(received=RECEIVED)
    mine = letter_of(case, "tanda-terima")
    client.post("/lacak/", {"code": code})
    for letter in (mine, letter_of(foreign, "tanda-terima")):
        assert client.get(f"/lacak/surat/{letter.pk}/").status_code == 404
        assert client.get(f"/lacak/surat/{letter.pk}/pdf").status_code == 404
    assert {letter.complainant for letter in correspondence.of_complainant(other)} == {other, None}
    client.force_login(world.desa)
    wrong = f"/petugas/pengaduan/{foreign.number}/surat/{mine.pk}/"
    assert client.get(wrong).status_code == 404


def test_d42_the_mail_the_page_and_the_paper_say_the_same(world, case, client):
    ReplyTemplate.objects.filter(code="disalurkan").update(body="Lain sekali.", subject="Lain")
    letter = letter_of(case, "disalurkan")
    notice = Notification.objects.get(complaint=case, template="disalurkan")
    mail = correspondence.kept(notice)
    assert (mail.subject, mail.body) == (letter.subject, letter.body)
    page = as_complainant(client, case).get(f"/lacak/surat/{letter.pk}/").content.decode()
    text = text_of(letter_pdf.letter_pdf(correspondence.on_paper(letter)))
    for words in ("Dinas Pendidikan Kabupaten Brebes", "Alasan: Ini soal guru."):
        assert (words in mail.body, words in page, words in text) == (True, True, True)
    assert "Lain sekali" not in page + text


@pytest.mark.parametrize("code", sorted(notices.COMPLAINANT_TEMPLATES | set(wording.AUTHORITY_LETTERS)))
def test_d42_every_kind_of_letter_is_one_page_and_names_nobody(world, code):
    """D37, D38: no identity, no code, no accused in any, as page, mail or PDF; ordinary words fit on one sheet."""
    use_programme_words(world)
    complaint = world.complaint(received=RECEIVED, identity=IDENTITY, reported_words="Bapak Terlapor")
    event = complaint.events.get(kind="diterima")
    words = letters.compose(complaint, event, code, complaint.receipt.complainant)
    letter = Letter(
        complaint=complaint, event=event, complainant=complaint.receipt.complainant, template=code,
        subject=words.subject, body=words.body, created_at=event.at,
    )  # fmt: skip
    content = letter_pdf.letter_pdf(letter)
    assert len(PdfReader(io.BytesIO(content)).pages) == 1
    everything = words.subject + words.body + text_of(content) + letter_pdf.filename(letter)
    tracking_code = complaint.receipt.code
    secrets = [*IDENTITY.values(), tracking_code, tracking.in_groups(tracking_code), "Terlapor", "Siti"]
    assert [secret for secret in secrets if secret in everything] == []
    assert complaint.number in text_of(content)


@pytest.mark.parametrize(("tier", "place"), [("desa", "Indrajaya"), ("kabupaten", "Brebes"), ("pusat", "Jakarta")])
def test_d42_a_letter_is_dated_at_the_place_of_its_office(world, tier, place):
    office = next(
        office for office in world.programmes["pkh"].offices.all() if office.get_tier_display().lower().startswith(tier)
        and (office.region is None or office.region.code.startswith("33.29"))
    )  # fmt: skip
    assert letter_pdf.place_of(office) == place
