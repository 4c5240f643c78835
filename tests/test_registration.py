"""The register and the four ways that lead on from it: registered, incomplete, not ours, thanks (D13, D17-D19)."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from pengaduan.models import Category, Complaint, Outcome, Stage
from tests.cast import OTHER_VILLAGE, VILLAGE, at
from tests.test_record_page import filled, there
from tests.test_steps_pages import SUITABLE, address, post, problems, taken
from tiers.models import Tier
from workflow import actions
from workflow.forms.register import EVIDENCE
from workflow.machine import NEED_SENTENCES, Need, Refused
from workflow.models import Notification, ReplyTemplate

NOW = at("2026-03-03 09:00")


def registered(complaint, **changed) -> dict:
    """Return the register as an officer sends it."""
    fields = {
        "subject": "Bantuan belum cair",
        "recorded": "Bantuan tahap dua belum diterima.",
        "channel": complaint.channel_id,
        "weight": "sedang",
        "suitable": SUITABLE,
    }
    return fields | changed


def ways(html: str) -> list[str]:
    nav = re.search(r'<nav class="app-views".*?</nav>', html, re.S)
    return re.findall(r"langkah/([a-z-]+)/", nav[0]) if nav else []


# --- what may be recorded


def test_d18_each_point_is_ticked_before_a_complaint_is_registered(client, world):
    complaint = world.complaint()
    response = post(client, world.desa, complaint, "daftarkan", **registered(complaint, suitable=[]))
    assert (response.status_code, problems(response)) == (422, [NEED_SENTENCES[Need.SUITABLE]])
    for point in SUITABLE:
        rest = [code for code in SUITABLE if code != point]
        response = post(client, world.desa, complaint, "daftarkan", **registered(complaint, suitable=rest))
        assert (response.status_code, problems(response)) == (409, [NEED_SENTENCES[Need.SUITABLE]]), point
    assert world.read(complaint).stage == Stage.REGISTRATION
    assert taken(client, world, world.desa, complaint, "daftarkan", **registered(complaint)).stage == "klarifikasi"


def test_d18_the_gate_asks_for_it_whoever_calls_the_verb(world):
    complaint = world.complaint()
    with pytest.raises(Refused, match=str(NEED_SENTENCES[Need.SUITABLE])):
        actions.register(complaint, by=world.desa, now=NOW, recorded="Bantuan belum cair")


def test_d18_the_list_names_all_that_the_source_forbids_and_evidence_where_it_is_needed(client, world):
    """[P] slide 17."""
    client.force_login(world.desa)
    plain, funds = world.complaint(), world.complaint("penyimpangan-dana", programme="pamsimas")
    html = client.get(address(plain, "daftarkan")).content.decode().lower()
    forbidden = ("fitnah", "hasutan", "menghina", "melecehkan", "pornografi", "narkoba", "sara", "iklan", "politik")
    assert [word for word in forbidden if word not in html] == []
    offered = [
        f'value="{EVIDENCE}"' in client.get(address(each, "daftarkan")).content.decode() for each in (plain, funds)
    ]
    assert offered == [False, True]


def test_d18_the_original_stands_beside_the_text_to_reword_and_stays(client, world):
    complaint = world.complaint(text="Dasar maling semua pengurusnya! Bantuan tidak cair.")
    client.force_login(world.desa)
    html = client.get(address(complaint, "daftarkan")).content.decode()
    beside = re.search(r'<div class="govuk-inset-text">(.*?)</div>', html, re.S)[1]
    to_reword = re.search(r'<textarea name="recorded".*?>(.*?)</textarea>', html, re.S)[1]
    assert (beside, to_reword.strip()) == ("Dasar maling semua pengurusnya! Bantuan tidak cair.",) * 2
    complaint = taken(client, world, world.desa, complaint, "daftarkan", **registered(complaint))
    assert (complaint.text.original, complaint.text.recorded) == (
        "Dasar maling semua pengurusnya! Bantuan tidak cair.", "Bantuan tahap dua belum diterima.",
    )  # fmt: skip


def test_d17_the_register_is_filled_on_one_page(client, world):
    complaint, pkh = world.complaint(), world.programmes["pkh"]
    field, source = pkh.field_entries.get(), pkh.source_entries.get()
    letter = pkh.channel_entries.get(code="surat")
    day = {"occurred_on_day": "27", "occurred_on_month": "2", "occurred_on_year": "2026"}
    facts = {"field": field.pk, "source": source.pk, "channel": letter.pk, "programme_year": "2025", **day}
    complaint = taken(client, world, world.desa, complaint, "daftarkan", **registered(complaint, **facts))
    assert (complaint.field, complaint.source, complaint.channel, complaint.programme_year) == (
        field, source, letter, 2025,
    )  # fmt: skip
    assert complaint.occurred_on.isoformat() == "2026-02-27"


# --- the place


def test_d18_a_place_known_roughly_is_completed_and_the_office_there_gets_the_case(client, world):
    """D31: and is told of it."""
    complaint = world.complaint(region="33.29")
    assert (complaint.tier, complaint.office.region_id) == (Tier.KABUPATEN, "33.29")
    refused = post(client, world.kabupaten, complaint, "daftarkan", **registered(complaint))
    assert (refused.status_code, problems(refused)) == (
        422, ["Pilih desa atau kelurahannya. Bila belum diketahui, minta pelapor melengkapi."],
    )  # fmt: skip
    due = complaint.tier_due_at
    complaint = taken(client, world, world.kabupaten, complaint, "daftarkan", **registered(complaint, region=VILLAGE))
    assert (complaint.region_id, complaint.office.region_id, complaint.tier) == (VILLAGE, VILLAGE, Tier.DESA)
    assert (complaint.stage, complaint.handler, complaint.tier_due_at) == (Stage.CLARIFICATION, None, due)
    event = complaint.events.get(kind="daftarkan")
    assert list(Notification.objects.filter(event=event, user=world.desa).values_list("template", flat=True)) == [
        "petugas-baru"
    ]


def test_d51_where_nobody_is_at_the_desk_below_the_office_keeps_the_case(client, world):
    complaint = world.complaint(region="33.29")
    filled_in = registered(complaint, region=OTHER_VILLAGE)
    complaint = taken(client, world, world.kabupaten, complaint, "daftarkan", **filled_in)
    assert (complaint.region_id, complaint.tier, complaint.handler) == (OTHER_VILLAGE, Tier.KABUPATEN, world.kabupaten)


def test_d35_a_completed_place_never_leads_to_who_is_reported(world):
    complaint = world.complaint(region="33.29", reported_users=[world.desa])
    region = world.office(Tier.DESA, VILLAGE).region
    actions.register(complaint, by=world.kabupaten, now=NOW, recorded="x", suitable=True, region=region)
    complaint = world.read(complaint)
    assert (complaint.tier, complaint.concealed_tier) == (Tier.KECAMATAN, Tier.DESA)
    seen = [user for user in ("desa", "kecamatan") if Complaint.objects.visible_to(getattr(world, user)).exists()]
    assert seen == ["kecamatan"]


def test_d33_a_case_that_was_raised_does_not_fall_back_with_its_place(world):
    complaint = world.complaint(region="33.29.01")
    actions.hand_up(complaint, by=world.penyelia, now=NOW, reason="Menyangkut dua kecamatan")
    region = world.office(Tier.DESA, VILLAGE).region
    actions.register(
        complaint, by=world.kabupaten, now=NOW + timedelta(hours=1), recorded="x", suitable=True, region=region
    )
    assert (world.read(complaint).tier, world.read(complaint).region_id) == (Tier.KABUPATEN, VILLAGE)


def test_d18_a_place_outside_the_one_that_is_known_is_refused(client, world):
    complaint = world.complaint(region="33.29.01")
    response = post(client, world.kecamatan, complaint, "daftarkan", **registered(complaint, region="33.28.01.2001"))
    assert (response.status_code, problems(response)) == (
        422, ["Pilih desa atau kelurahan di dalam wilayah pengaduan ini."],
    )  # fmt: skip
    elsewhere = world.office(Tier.KABUPATEN, "33.28").region
    with pytest.raises(Refused):
        actions.register(complaint, by=world.kecamatan, now=NOW, recorded="x", suitable=True, region=elsewhere)


# --- the four ways


def test_d19_the_four_ways_stand_side_by_side_on_each_of_their_pages(client, world):
    complaint = world.complaint()
    client.force_login(world.desa)
    four = ["daftarkan", "minta-kelengkapan", "bukan-kewenangan", "ucapan-terima-kasih"]
    for code in four:
        assert ways(client.get(address(complaint, code)).content.decode()) == four, code
    actions.register(complaint, by=world.desa, now=NOW, recorded="x", suitable=True)
    assert ways(client.get(address(complaint, "minta-kelengkapan")).content.decode()) == []


def test_d19_not_ours_is_read_before_it_is_sent_and_says_where_to_turn(client, world):
    ReplyTemplate.objects.create(
        programme=world.programmes["pkh"], code="bukan-kewenangan", name="Bukan kewenangan",
        subject="Pengaduan {nomor} perlu ditujukan ke tempat lain", body="Alasan: {alasan}\nHubungi: {tujuan}",
    )  # fmt: skip
    complaint = world.complaint()
    words = {"authority": "Dinas Sosial", "reason": "Bantuan lain"}
    looked = post(client, world.desa, complaint, "bukan-kewenangan", lihat="1", **words)
    html = looked.content.decode()
    assert (looked.status_code, world.read(complaint).stage) == (200, Stage.REGISTRATION)
    assert "Alasan: Bantuan lain<br>Hubungi: Dinas Sosial" in html
    assert f"Pengaduan {complaint.number} perlu ditujukan ke tempat lain" in html
    seen = re.search(r'name="dilihat" value="(\w+)"', html)[1]
    changed = post(client, world.desa, complaint, "bukan-kewenangan", dilihat=seen, **words | {"reason": "Salah"})
    assert (changed.status_code, "Alasan: Salah" in changed.content.decode()) == (200, True)
    complaint = taken(client, world, world.desa, complaint, "bukan-kewenangan", dilihat=seen, **words)
    assert complaint.outcome == Outcome.NOT_OURS


def test_d19_a_reply_without_its_words_is_not_shown(client, world):
    response = post(client, world.desa, world.complaint(), "bukan-kewenangan", lihat="1", authority="", reason="")
    assert (response.status_code, "Balasan yang akan dibaca pelapor" in response.content.decode()) == (422, False)


def test_d19_where_to_turn_is_suggested_by_the_programme(client, world):
    world.programmes["pkh"].elsewhere = "Dinas Sosial kabupaten\n\n Ombudsman (137) "
    world.programmes["pkh"].save()
    client.force_login(world.desa)
    html = client.get(address(world.complaint(), "bukan-kewenangan")).content.decode()
    assert re.findall(r'<option value="([^"]*)"></option>', html) == ["Dinas Sosial kabupaten", "Ombudsman (137)"]
    assert 'list="id_authority_saran"' in html


def test_d19_thanks_are_read_before_they_are_sent(client, world):
    complaint = world.complaint(text="Terima kasih, bantuan sudah cair")
    client.force_login(world.desa)
    html = client.get(address(complaint, "ucapan-terima-kasih")).content.decode()
    assert "Terima kasih atas pesan dan dukungan Anda." in html
    assert taken(client, world, world.desa, complaint, "ucapan-terima-kasih").outcome == Outcome.THANKS


def test_d19_a_template_that_cannot_be_filled_says_so_instead_of_failing(client, world):
    ReplyTemplate.objects.create(
        programme=world.programmes["pkh"], code="terima-kasih", name="Terima kasih", subject="x", body="{siapa}"
    )
    client.force_login(world.desa)
    html = client.get(address(world.complaint(), "ucapan-terima-kasih")).content.decode()
    assert "tanda {siapa} tidak dikenal di sini." in html


def test_d22_the_category_is_shown_with_its_nature_and_can_be_changed(client, world):
    complaint = world.complaint("pertanyaan")
    client.force_login(world.desa)
    html = client.get(address(complaint, "daftarkan-informatif")).content.decode()
    assert ("Informatif" in html, f'href="{address(complaint, "ubah-kategori")}"' in html) == (True, True)


# --- late (D13)


def late(world, limit: int = 30) -> None:
    world.programmes["pkh"].late_report_days = limit
    world.programmes["pkh"].save()


def test_d13_a_late_complaint_is_remarked_on_and_the_remark_is_kept(client, world):
    late(world)
    client.force_login(world.desa)
    day = timezone.localdate() - timedelta(days=40)
    typed = filled(world, occurred_on_day=day.day, occurred_on_month=day.month, occurred_on_year=day.year)
    client.post(there(), typed)
    complaint = Complaint.objects.get()
    assert json.loads(complaint.events.get().data)["late_days"] == 40
    assert "Datang 40 hari sesudah kejadian" in client.get(complaint.get_absolute_url()).content.decode()
    html = client.get(address(complaint, "daftarkan")).content.decode()
    assert "Pengaduan ini datang 40 hari sesudah kejadian, lewat dari 30 hari. Tetap diterima" in html


def test_d13_the_remark_is_kept_when_the_date_is_found_out_at_the_registration(world):
    late(world)
    for occurred, expected in (("2026-01-31", None), ("2026-01-30", 31)):
        complaint = world.complaint(received="2026-03-02 10:00")
        actions.register(
            complaint, by=world.desa, now=NOW, recorded="x", suitable=True,
            occurred_on=at(f"{occurred} 00:00").date(),
        )  # fmt: skip
        assert json.loads(complaint.events.get(kind="daftarkan").data).get("late_days") == expected


def test_d13_no_programme_but_public_service_asks_for_it(client, world):
    complaint = world.complaint(occurred_on=at("2020-01-01 00:00").date())
    client.force_login(world.desa)
    assert "sesudah kejadian" not in client.get(address(complaint, "daftarkan")).content.decode()
    assert "late_days" not in json.loads(complaint.events.get().data)


# --- who sees it


@pytest.mark.parametrize("code", ["daftarkan", "minta-kelengkapan", "bukan-kewenangan", "ucapan-terima-kasih"])
def test_d18_the_neighbour_and_the_accused_find_none_of_the_four_pages(client, world, code):
    complaint = world.complaint(reported_users=[world.kecamatan])
    for name in ("tetangga", "kecamatan", "desa"):
        client.force_login(getattr(world, name))
        assert (client.get(address(complaint, code)).status_code, name) == (404, name)
    client.logout()
    assert client.get(address(complaint, code)).url.startswith("/masuk/")


def test_d18_who_only_reads_is_refused_and_does_not_see_the_original(client, world):
    complaint = world.complaint(text="Kata-kata asli yang kasar")
    client.force_login(world.auditor)
    response = client.get(address(complaint, "daftarkan"))
    assert (response.status_code, "Kata-kata asli" in response.content.decode()) == (409, False)


def test_d31_category_decides_the_office_also_when_the_place_is_completed(world):
    Category.objects.filter(code="data-peserta").update(start_tier=Tier.KECAMATAN)
    complaint = world.complaint("data-peserta", region="33.29")
    region = world.office(Tier.DESA, VILLAGE).region
    actions.register(complaint, by=world.kabupaten, now=NOW, recorded="x", suitable=True, region=region)
    assert world.read(complaint).office == world.office(Tier.KECAMATAN, "33.29.01")
