"""A reviewer edits the words of a letter: unknown marks are refused by name, and a preview shows it unsaved (D42)."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from workflow import wording
from workflow.models import ReplyTemplate


@pytest.fixture
def template(world):
    return ReplyTemplate.objects.create(
        programme=world.programmes["pkh"], code="jawaban", name="Jawaban", subject="Jawaban {nomor}", body="{alasan}"
    )


def typed(template, **changes) -> dict[str, str]:
    return {"name": template.name, "subject": template.subject, "body": template.body, "questions": ""} | changes


def save(client, template, **changes):
    return client.post(reverse("admin:workflow_replytemplate_change", args=[template.pk]), typed(template, **changes))


def preview(client, template, **changes):
    return client.post(reverse("admin:workflow_replytemplate_preview", args=[template.pk]), typed(template, **changes))


@pytest.mark.parametrize(("field", "mark"), [("body", "pertanyaan"), ("subject", "nama"), ("body", "tujuan")])
def test_d42_an_unknown_mark_is_refused_by_name_with_those_that_are_allowed(world, client, template, field, mark):
    client.force_login(world.peninjau)
    response = save(client, template, **{field: f"Halo {{{mark}}}"})
    allowed = "{nomor}, {program}, {kategori}, {wilayah}, {tahap}, {kantor}, {jenjang}, {tenggat}, {tautan}, {alasan}"
    assert response.context["adminform"].form.errors == {
        field: [f"Tanda {{{mark}}} tidak dikenal di sini. Yang boleh dipakai: {allowed}."]
    }
    template.refresh_from_db()
    assert template.body == "{alasan}"


def test_d42_a_brace_without_its_partner_is_refused(world, client, template):
    client.force_login(world.peninjau)
    errors = save(client, template, body="Halo {nomor").context["adminform"].form.errors
    assert errors == {"body": ["Tanda kurung kurawal tidak berpasangan."]}


def test_d42_what_is_known_is_saved_with_its_questions(world, client, template):
    client.force_login(world.peninjau)
    ReplyTemplate.objects.filter(pk=template.pk).update(code="belum-lengkap")  # the one that asks (D59)
    template.refresh_from_db()
    asked = "sejak | tanggal | Sejak kapan?"
    assert save(client, template, body="Yang kurang: {pertanyaan}", questions=asked).status_code == 302
    template.refresh_from_db()
    assert (template.body, template.questions[0]["code"]) == ("Yang kurang: {pertanyaan}", "sejak")
    assert save(client, template, questions="sejak | tanggal").context["adminform"].form.errors.keys() == {"questions"}


def test_d42_the_form_names_the_marks_and_offers_the_preview(world, client, template):
    client.force_login(world.peninjau)
    page = client.get(reverse("admin:workflow_replytemplate_change", args=[template.pk])).content.decode()
    address = reverse("admin:workflow_replytemplate_preview", args=[template.pk])
    assert (f'formaction="{address}"' in page, "{tautan}, {alasan}" in page) == (True, True)


def test_d42_the_preview_shows_mail_text_message_and_letter_without_saving(world, client, template):
    client.force_login(world.peninjau)
    page = preview(client, template, body="Jawaban kami untuk {kategori}: {alasan}")
    assert page.status_code == 200
    assert page.context["words"].subject == f"Jawaban {wording.EXAMPLE['nomor']}"
    assert page.context["words"].body.startswith(f"Jawaban kami untuk Pembayaran: {wording.EXAMPLE['alasan']}")
    assert page.context["text"].startswith(f"Pengaduan {wording.EXAMPLE['nomor']}: ")
    letter = preview(client, template, body="Jawaban kami untuk {kategori}: {alasan}", pdf="1")
    pages = PdfReader(io.BytesIO(letter.content)).pages
    text = " ".join(pages[0].extract_text().split())
    assert (letter["Content-Type"], len(pages)) == ("application/pdf", 1)
    assert ("Kantor Contoh" in text, "Jawaban kami untuk Pembayaran" in text) == (True, True)
    template.refresh_from_db()
    assert template.body == "{alasan}"


def test_d42_the_preview_of_a_faulty_template_says_what_is_wrong(world, client, template):
    client.force_login(world.peninjau)
    page = preview(client, template, body="Halo {nama}")
    assert (page.status_code, "Tanda {nama} tidak dikenal di sini." in page.content.decode()) == (422, True)


def test_d42_a_notice_to_officers_is_shown_as_a_mail_only(world, client):
    template = ReplyTemplate.objects.create(
        programme=world.programmes["pkh"], code="petugas-baru", name="Baru", subject="Baru {nomor}", body="Ada."
    )
    client.force_login(world.peninjau)
    page = preview(client, template)
    assert (page.context["text"], page.context["on_paper"]) == ("", False)


def test_d42_a_template_that_is_not_yet_saved_is_shown_too(world, client):
    client.force_login(world.peninjau)
    new = {"programme": world.programmes["pkh"].pk, "code": "surat-jawaban", "name": "Surat", "subject": "Hal {nomor}",
           "body": "Dengan hormat, {alasan}", "is_letter": "on", "questions": ""}  # fmt: skip
    page = client.post(reverse("admin:workflow_replytemplate_preview_new"), new)
    assert (page.status_code, page.context["text"], page.context["on_paper"]) == (200, "", True)
    assert not ReplyTemplate.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("desa", 403), ("pusat", 403), ("auditor", 403), ("", 302)])
def test_d42_only_a_reviewer_of_the_programme_sees_the_preview(world, client, template, who, status):
    if who:
        client.force_login(world.users[who])
    assert preview(client, template).status_code == status


def test_d42_a_preview_is_asked_for_by_post(world, client, template):
    client.force_login(world.peninjau)
    assert client.get(reverse("admin:workflow_replytemplate_preview", args=[template.pk])).status_code == 405
