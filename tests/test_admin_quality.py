"""Samples of closed cases: drawn at random in one's area, judged by who never touched them, sent back on record."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from pengaduan.models import Complaint, Outcome, ReportedParty, Stage
from tests.cast import NEIGHBOUR_VILLAGE, at
from tests.journey import lead_on, to_stage
from tiers.models import Assignment, Region, Tier, User
from workflow import actions, notices, quality
from workflow.machine import Refused
from workflow.models import Notification, QualityReview, QualitySample

NOW = at("2026-05-04 09:00")
DAYS = {"closed_from": date(2026, 3, 1), "closed_until": date(2026, 4, 30)}
ADD = "/admin/workflow/qualitysample/add/"


def closed(world, how="accepted") -> Complaint:
    """Return a case of Brebes that `desa` handled and `kecamatan` verified, closed as it is asked for."""
    if how == "inquiry":
        return to_stage(world, Stage.CLOSED, nature="informatif")
    complaint = to_stage(world, Stage.FEEDBACK)
    actions.accept(complaint, complainant=complaint.complainants.get(), now=at("2026-03-10 09:00"))
    return world.read(complaint)


def draw(world, *, by=None, region=None, size=50) -> QualitySample:
    programme, region = world.programmes["pkh"], Region.objects.filter(pk=region).first()
    return actions.draw_sample(by=by or world.peninjau, now=NOW, programme=programme, region=region, size=size, **DAYS)


def drawn(sample) -> set:
    return set(sample.reviews.values_list("complaint", flat=True))


def answers(review, *lacking) -> dict:
    return {item.code: item.code not in lacking for item in quality.questions_of(review)}


def review_of(complaint) -> QualityReview:
    return QualityReview.objects.select_related("complaint__category", "complaint__programme").get(complaint=complaint)


def test_d48_what_can_be_taken_up_again_is_drawn_and_nothing_else(world):
    good, answered = closed(world), closed(world, "inquiry")
    withdrawn = world.complaint()
    actions.withdraw(withdrawn, by=world.desa, now=at("2026-03-10 09:00"), reason="Sudah dibayar")
    late = closed(world)
    Complaint.objects.filter(pk=late.pk).update(closed_at=at("2026-05-01 00:00"))
    last = closed(world)
    Complaint.objects.filter(pk=last.pk).update(closed_at=at("2026-04-30 23:59:59"))
    world.complaint()
    assert drawn(draw(world)) == {good.pk, answered.pk, last.pk}


def test_d49_who_touched_a_case_or_is_reported_in_it_does_not_judge_it(world):
    mine, against = closed(world), closed(world)
    ReportedParty.objects.create(complaint=against, user=world.peninjau)
    Assignment.objects.create(
        user=world.kecamatan, office=world.office(Tier.PUSAT, None), role="peninjau", starts_on=date(2024, 1, 1)
    )
    verifier = User.objects.get(pk=world.kecamatan.pk)  # afresh, with the new assignment
    assert drawn(draw(world)) == {mine.pk}
    with pytest.raises(Refused) as refusal:
        draw(world, by=verifier)
    assert refusal.value.field == "closed_until"
    review = review_of(mine)
    with pytest.raises(Refused) as refusal:
        actions.return_for_quality(review, by=verifier, now=NOW, checklist=answers(review), reason="Kurang")
    assert str(refusal.value) == "Mutu harus dinilai orang yang tidak pernah mengambil langkah pada pengaduan ini."
    assert review_of(mine).verdict == ""


def test_a_case_is_not_drawn_again_until_it_was_closed_anew(world):
    complaint = closed(world)
    draw(world)
    with pytest.raises(Refused):
        draw(world)
    review = review_of(complaint)
    actions.approve_quality(review, by=world.peninjau, now=NOW, checklist=answers(review))
    with pytest.raises(Refused):
        draw(world)


def test_the_size_is_kept_and_the_choice_is_by_chance(world):
    cases = [world.complaint("pertanyaan").pk for _ in range(12)]
    Complaint.objects.filter(pk__in=cases).update(
        stage=Stage.CLOSED, outcome=Outcome.SILENT, closed_at=at("2026-03-10 09:00")
    )
    choices = set()
    for _ in range(4):
        sample = draw(world, size=5)
        assert len(drawn(sample)) == 5
        choices.add(frozenset(drawn(sample)))
        QualityReview.objects.all().delete()
    assert len(choices) > 1


def test_d54_a_case_sent_back_goes_on_under_its_old_clock_and_all_concerned_are_told(world):
    before = closed(world)
    draw(world)
    review = review_of(before)
    event = actions.return_for_quality(
        review, by=world.peninjau, now=NOW, checklist=answers(review, "berita-acara"), reason="Daftar hadir tidak ada"
    )
    after = world.read(before)
    assert (after.stage, after.outcome, after.closed_at, after.settled_at) == (Stage.REVIEW, "", None, None)
    assert (after.due_at, after.tier_due_at, after.handler) == (before.due_at, before.tier_due_at, world.desa)
    assert (event.kind, event.by, event.note.text) == ("kembalikan-mutu", world.peninjau, "Daftar hadir tidak ada")
    told = Notification.objects.filter(event=event)
    assert set(told.filter(template=notices.QUALITY).values_list("user__username", flat=True)) == {"desa", "kecamatan"}
    assert [str(each.template) for each in told.filter(complainant__isnull=False)] == ["dibuka-kembali"]
    stored = review_of(before)
    assert (stored.verdict, stored.reason, stored.reviewed_by) == (
        "dikembalikan",
        "Daftar hadir tidak ada",
        world.peninjau,
    )
    with pytest.raises(Refused):
        actions.return_for_quality(stored, by=world.peninjau, now=NOW, checklist={}, reason="Sekali lagi")


def test_d27_what_comes_back_needs_papers_of_its_own(world):
    complaint = closed(world)
    draw(world)
    review = review_of(complaint)
    actions.return_for_quality(review, by=world.peninjau, now=NOW, checklist=answers(review), reason="Kurang")
    with pytest.raises(Refused) as refusal:
        actions.review(world.read(complaint), by=world.desa, now=NOW, to=Stage.ANALYSIS)
    assert refusal.value.field == "file"


def test_an_answer_that_is_sent_back_is_written_anew(world):
    complaint = closed(world, "inquiry")
    draw(world)
    review = review_of(complaint)
    actions.return_for_quality(
        review, by=world.peninjau, now=NOW, checklist=answers(review, "jawaban"), reason="Kurang"
    )
    assert world.read(complaint).stage == Stage.ANSWER
    assert [event.kind for event in complaint.events.order_by("-seq")][0] == "kembalikan-mutu-jawaban"


def test_without_a_reason_nothing_is_sent_back(world):
    complaint = closed(world)
    draw(world)
    review = review_of(complaint)
    with pytest.raises(Refused) as refusal:
        actions.return_for_quality(review, by=world.peninjau, now=NOW, checklist=answers(review), reason="")
    assert (refusal.value.field, world.read(complaint).stage) == ("reason", Stage.CLOSED)


def test_the_questions_fit_what_the_case_was(world):
    codes = {how: {item.code for item in quality.items_for(closed(world, how))} for how in ("accepted", "inquiry")}
    assert codes["accepted"] - codes["inquiry"] == {"bukti", "berita-acara", "standar"}
    assert codes["inquiry"] - codes["accepted"] == {"jawaban"}
    for item in quality.CHECKLIST:
        assert str(item.question)


def test_a_sample_is_drawn_judged_and_counted_in_the_admin(world, client):
    first, second = closed(world), closed(world, "inquiry")
    client.force_login(world.peninjau)
    data = {"programme": world.programmes["pkh"].pk, "region": "33.29", "size": "5"}
    days = {"closed_from": "2026-03-01", "closed_until": "2026-04-30"}
    page = client.post(ADD, data | days)
    sample = QualitySample.objects.get()
    assert page.headers["Location"] == reverse("admin:workflow_qualitysample_change", args=[sample.pk])
    assert (sample.drawn_by, sample.region_id, drawn(sample)) == (world.peninjau, "33.29", {first.pk, second.pk})
    reviews = list(sample.reviews.order_by("complaint__number"))
    urls = [reverse("admin:workflow_qualityreview_change", args=[review.pk]) for review in reviews]
    form = client.get(urls[0]).context["adminform"].form
    asked = {name: "True" for name in form.fields if name.startswith("item_")}
    assert client.post(urls[0], asked | {"verdict": "baik"}).headers["Location"] == urls[1]
    asked = {name: "True" for name in client.get(urls[1]).context["adminform"].form.fields if name.startswith("item_")}
    lacking = client.post(urls[1], asked | {"verdict": "dikembalikan"})
    assert lacking.context["adminform"].form.errors == {"reason": ["Tulis alasannya."]}
    sent = asked | {"item_netral": "False", "verdict": "dikembalikan", "reason": "Menyebut terlapor bersalah"}
    done = client.post(urls[1], sent)
    assert done.headers["Location"] == reverse("admin:workflow_qualitysample_change", args=[sample.pk])
    figures = quality.figures_of(sample)
    assert (figures.drawn, figures.good, figures.returned, figures.waiting) == (2, 1, 1, 0)
    assert [(str(each.of), each.judged, each.short) for each in figures.by_item if each.short] == [
        ("Kata-katanya netral; yang dilaporkan tidak dianggap bersalah sebelum terbukti", 2, 1)
    ]
    assert [(each.of, each.judged, each.short) for each in figures.by_office] == [(str(first.office), 2, 1)]
    assert client.get(done.headers["Location"]).status_code == 200
    assert client.post(urls[1], sent).status_code == 403  # judged is judged
    assert client.get(urls[1]).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"size": "4"}, "size"),
        ({"size": "51"}, "size"),
        ({"closed_until": "2026-02-01"}, "closed_until"),
        ({"closed_until": "2028-02-01"}, "closed_until"),
        ({"closed_from": "2025-01-01", "closed_until": "2025-01-31"}, "closed_until"),  # nothing there
    ],
)
def test_a_drawing_that_cannot_be_is_told_at_its_field(world, client, changes, field):
    closed(world)
    client.force_login(world.peninjau)
    data = {"programme": world.programmes["pkh"].pk, "size": "5"}
    response = client.post(ADD, data | {"closed_from": "2026-03-01", "closed_until": "2026-04-30"} | changes)
    assert list(response.context["adminform"].form.errors) == [field]
    assert not QualitySample.objects.exists()


def test_d48_a_reviewer_of_another_kabupaten_neither_draws_nor_sees(world, client):
    complaint = closed(world)
    sample = draw(world)
    tegal = User.objects.create_user("tegal", "tegal@kantor.id", None, name="Tegal")
    office = world.office(Tier.KABUPATEN, "33.28")
    Assignment.objects.create(user=tegal, office=office, role="peninjau", starts_on=date(2024, 1, 1))
    client.force_login(tegal)
    for region in ("33.29", "33", ""):
        data = {"programme": sample.programme_id, "region": region, "size": "5"}
        data |= {"closed_from": "2026-03-01", "closed_until": "2026-04-30"}
        assert list(client.post(ADD, data).context["adminform"].form.errors) == ["region"]
    review = review_of(complaint)
    for name, row in (("sample", sample), ("review", review)):
        url = reverse(f"admin:workflow_quality{name}_change", args=[row.pk])
        assert client.get(url).status_code == 302
        listed = client.get(reverse(f"admin:workflow_quality{name}_changelist")).context["cl"].queryset
        assert list(listed) == []
    with pytest.raises(Refused):
        actions.approve_quality(review, by=tegal, now=NOW, checklist={})
    ours = lead_on(world.complaint("pertanyaan", region=NEIGHBOUR_VILLAGE), world, Stage.REGISTRATION, now=NOW)
    assert Complaint.objects.visible_to(tegal).get() == ours


def test_d48_the_auditor_reads_the_findings_and_judges_nothing(world, client):
    complaint = closed(world)
    sample = draw(world)
    client.force_login(world.auditor)
    url = reverse("admin:workflow_qualityreview_change", args=[review_of(complaint).pk])
    assert client.get(reverse("admin:workflow_qualitysample_change", args=[sample.pk])).status_code == 200
    assert client.get(url).status_code == 200
    assert client.post(url, {"verdict": "baik"}).status_code == 403
    assert client.get(ADD).status_code == 403


def test_d37_no_identity_and_no_word_of_the_matter_is_on_these_pages(world, client):
    complaint = closed(world)
    sample = draw(world)
    client.force_login(world.peninjau)
    for name, pk in (("sample", sample.pk), ("review", review_of(complaint).pk)):
        page = client.get(reverse(f"admin:workflow_quality{name}_change", args=[pk])).content.decode()
        for secret in ("Siti Contoh", "siti@contoh.id", "tetangga sudah menerima"):
            assert secret not in page
    assert DAYS["closed_until"] - DAYS["closed_from"] < timedelta(days=366)


@pytest.mark.parametrize("who", ["desa", "penyelia", "tetangga", "koordinator"])
def test_officers_have_no_business_with_samples(world, client, who):
    client.force_login(world.users[who])
    assert client.get(ADD).status_code == 403
    assert client.get("/admin/workflow/qualityreview/").status_code == 403
