"""What reviewers type as lines, what they are told instead of codes, and what they may not take away."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from pengaduan.models import Category, ClosureStandard
from tests.cast import at
from tiers.models import Programme
from workflow.admin_questions import QuestionsField
from workflow.models import Notification, ReplyTemplate, SweepRun
from workflow.questions import faults


def test_d59_questions_are_lines_and_come_back_as_they_were_typed(world):
    field = QuestionsField()
    kept = [
        {"code": "tempat", "question": "Di desa mana; kecamatan mana?", "kind": "place"},
        {"code": "peserta", "question": "Apakah Anda peserta?", "kind": "choice", "options": ["Ya", "Bukan, tetangga"]},
    ]
    typed = field.prepare_value(kept)
    assert typed == (
        "tempat | tempat | Di desa mana; kecamatan mana?\n"
        "peserta | pilihan | Apakah Anda peserta? | Ya | Bukan, tetangga"
    )
    assert field.clean(typed) == kept
    assert faults(kept) == []


@pytest.mark.parametrize(
    "line",
    [
        "tempat | Di mana?",
        "Tempat | teks | Di mana?",
        "lain | teks | Apa lagi?",
        "tempat | alamat | Di mana?",
        "tempat | teks | ",
        "tempat | teks | Di mana? | Sini",
        "tempat | pilihan | Di mana?",
        "tempat | pilihan | Di mana? | Sini | ",
        "tempat | teks | Di mana?\ntempat | teks | Di mana lagi?",
    ],
)
def test_d59_a_question_that_cannot_be_asked_is_refused(line):
    with pytest.raises(ValidationError):
        QuestionsField().clean(line)


def test_only_the_template_that_asks_offers_questions(world, client):
    client.force_login(world.peninjau)
    programme = Programme.objects.get(code="pkh")
    asks, other = (
        ReplyTemplate.objects.create(programme=programme, code=code, name=name, subject=name, body="Yth. Pelapor")
        for code, name in (("belum-lengkap", "Keterangan belum lengkap"), ("jawaban", "Jawaban"))
    )
    fields = [
        set(client.get(reverse("admin:workflow_replytemplate_change", args=[each.pk])).context["adminform"].form.fields)
        for each in (asks, other)
    ]
    assert fields[0] - fields[1] == {"questions"}


def test_d53_a_standard_that_a_category_asks_for_is_not_deleted(world, client):
    client.force_login(world.peninjau)
    asked = ClosureStandard.objects.filter(category__programme__code="pkh").first()
    unasked = ClosureStandard.objects.create(programme=asked.programme, code="uji", name="Uji")
    for standard in (asked, unasked):
        client.post(reverse("admin:pengaduan_closurestandard_delete", args=[standard.pk]), {"post": "yes"})
    marked = {"action": "delete_selected", "_selected_action": [asked.pk], "post": "yes"}
    client.post(reverse("admin:pengaduan_closurestandard_changelist"), marked)
    assert set(ClosureStandard.objects.filter(pk__in=[asked.pk, unasked.pk])) == {asked}
    assert Category.objects.filter(closure_standards=asked).exists()


def test_a_row_that_is_in_use_is_refused_with_a_way_back(world, client):
    client.force_login(world.peninjau)
    asked = ClosureStandard.objects.filter(category__programme__code="pkh").first()
    page = client.get(reverse("admin:pengaduan_closurestandard_delete", args=[asked.pk])).content.decode()
    assert "Masih dipakai, jadi tidak dapat dihapus." in page
    assert f'href="{reverse("admin:pengaduan_closurestandard_change", args=[asked.pk])}">Kembali' in page


def test_the_history_of_a_complaint_is_its_record(world, client):
    complaint = world.complaint()
    client.force_login(world.peninjau)
    response = client.get(reverse("admin:pengaduan_complaint_history", args=[complaint.pk]))
    assert response.headers["Location"] == f"{reverse('admin:pengaduan_event_changelist')}?nomor={complaint.number}"


def test_notices_and_runs_are_named_in_words(world, client):
    complaint = world.complaint()
    when = at("2026-03-02 10:00")
    for code in ("tanda-terima", "petugas-tanpa-templat"):
        Notification.objects.create(
            complaint=complaint, user=world.desa, template=code, created_at=when, next_attempt_at=when
        )
    run = SweepRun.objects.create(as_of=when, started_at=when)
    client.force_login(world.peninjau)
    listed = client.get(reverse("admin:workflow_notification_changelist"), {"isi": "tanda-terima"})
    assert {notice.named for notice in listed.context["cl"].result_list} == {"Tanda terima"}
    page = client.get(reverse("admin:workflow_notification_changelist")).content.decode()
    assert "Petugas tanpa templat" in page
    assert str(run) == "2 Maret 2026 10.00"
