"""The case page: what to do next, the matter, why the date is that date, all that happened; never who complained."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from pengaduan.models import Complaint, Message, Outcome, Position, Secrecy, Stage
from tests.cast import EASTERN_VILLAGE, at
from tests.journey import START, to_stage
from workflow import actions, delivery, sla
from workflow.machine import BY_CODE, STEPS
from workflow.models import Notification
from workflow.views.explained import left_out_in
from workflow.views.step_groups import GROUPS
from workflow.views.step_pages import PAGES
from workflow.views.timeline import HAPPENED, notices_of

ROLES = ("desa", "kecamatan", "kabupaten", "provinsi", "pusat", "penyelia", "auditor", "koordinator", "peninjau")
IDENTITY = {"name": "Siti Rahasia", "phone": "+628123456789", "email": "siti@rahasia.id", "address": "Jalan Sembunyi 7"}


PATH_STEPS = {step.code for step in STEPS if step.paths}


def page(client, user, complaint) -> str:
    client.force_login(user)
    response = client.get(complaint.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def owed_of(complaint):
    return Notification.objects.filter(complaint=complaint).select_related("user").order_by("-created_at", "pk")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def steps_on(html: str) -> list[str]:
    return re.findall(r"/langkah/([a-z-]+)/", html)


def test_one_step_is_the_next_one_and_the_others_stand_below(client, world):
    html = page(client, world.desa, world.complaint())
    button = re.findall(r'class="govuk-button" [^>]*href="[^"]*/langkah/([a-z-]+)/"', html)
    assert button == ["daftarkan"]
    aside = html.split("<aside", 1)[1].split("</aside>")[0]
    headings = re.findall(r'<h3 class="govuk-heading-s">([^<]+)</h3>', aside)
    assert headings == [
        *("Catat", "Dengan pelapor", "Kantor, petugas, dan waktu", "Tutup dengan cara lain"),
        "Usulkan, orang lain memutuskan",
    ]
    last = aside.split("Tutup dengan cara lain")[1].split("Usulkan, orang lain memutuskan")[0]
    assert steps_on(last) == [
        *("bukan-kewenangan", "ucapan-terima-kasih", "salurkan", "duplikat", "proses-hukum", "serahkan-fase-akhir"),
    ]


def test_every_step_with_a_page_stands_under_one_heading():
    grouped_codes = [code for _title, codes in GROUPS for code in codes]
    assert len(grouped_codes) == len(set(grouped_codes))
    assert set(grouped_codes) <= set(PAGES)
    assert all(BY_CODE[code].target for code in set(PAGES) - set(grouped_codes) - PATH_STEPS)


@pytest.mark.parametrize("name", ["auditor", "koordinator", "peninjau"])
def test_who_only_reads_is_offered_no_step(client, world, name):
    html = page(client, getattr(world, name), world.complaint())
    assert steps_on(html) == []
    assert "Pengaduan ini dipegang Ketua Kelompok Indrajaya. Anda dapat membacanya." in words(html)


def test_who_settled_a_case_is_told_that_another_verifies_it(client, world):
    """D53."""
    complaint = to_stage(world, Stage.SETTLED)
    Complaint.objects.filter(pk=complaint.pk).update(handler=world.kecamatan)
    html = page(client, world.kecamatan, complaint)
    assert "sahkan-selesai" not in steps_on(html)
    assert "Yang memeriksa penyelesaian harus orang lain daripada yang menangani." in words(html)
    assert steps_on(page(client, world.kabupaten, complaint))[0] == "sahkan-selesai"


def test_d28_reopening_is_offered_no_longer_than_thirty_days(client, world):
    """D28."""
    complaint = to_stage(world, Stage.CLOSED, position=Position.UNPROVEN)
    Complaint.objects.filter(pk=complaint.pk).update(closed_at=timezone.now() - timedelta(days=3))
    assert "buka-kembali" in steps_on(page(client, world.desa, complaint))
    Complaint.objects.filter(pk=complaint.pk).update(closed_at=timezone.now() - timedelta(days=40))
    assert "buka-kembali" not in steps_on(page(client, world.desa, complaint))


@pytest.mark.parametrize("secrecy", Secrecy)
@pytest.mark.parametrize("name", ROLES)
def test_d37_nobody_reads_who_complained_only_how_secret_it_is(client, world, name, secrecy):
    """D37."""
    complaint = world.complaint(secrecy=secrecy, identity=IDENTITY)
    html = page(client, getattr(world, name), complaint)
    assert [value for value in IDENTITY.values() if value in html] == []
    assert f"Pelapor {secrecy.label}" in words(html)


def test_d49_the_neighbour_the_accused_and_who_stepped_aside_get_404_and_the_stranger_signs_in(client, world):
    """D49."""
    complaint = world.complaint(reported_users=[world.kabupaten])
    complaint.recusals.create(user=world.provinsi, at=START)
    assert client.get(complaint.get_absolute_url()).url == f"/masuk/?next={complaint.get_absolute_url()}"
    for name in ("tetangga", "kabupaten", "provinsi", "desa", "kustodian"):
        client.force_login(getattr(world, name))
        for address in ("", "langkah/catat/", "langkah/daftarkan/"):
            assert client.get(complaint.get_absolute_url() + address).status_code == 404, (name, address)
        assert client.post(complaint.get_absolute_url() + "langkah/catat/", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize("number", ["PKH-33.29-2026-999999", "PKH-33.29-2026-00000%00", "x", "PKH'--", "../../etc"])
def test_a_number_that_is_none_is_not_found(client, world, number):
    client.force_login(world.desa)
    assert client.get(f"/petugas/pengaduan/{number}/").status_code == 404


def test_d60_the_reported_party_stands_in_neutral_words(client, world):
    """D38, D60."""
    html = page(client, world.desa, world.complaint(reported_words="ketua kelompok lama"))
    assert "Pihak yang dilaporkan ketua kelompok lama" in words(html)
    assert not re.search("terlapor|pelaku|tersangka|tertuduh", words(html), re.IGNORECASE)


def test_d11_the_page_explains_its_date_with_every_day_left_out(client, world):
    """D11: from, length and each day that did not count."""
    complaint = world.complaint(received="2026-03-16 10:00")
    html = page(client, world.desa, complaint)
    why = words(re.search(r"Mengapa tanggal ini\?.*?</details>", html, re.S)[0])
    start = "Mengapa tanggal ini? Dihitung sejak hari diterima: 16 Maret 2026 , 26 hari kerja (PKH)."
    assert why.startswith(start)
    assert "Tenggat asli 23 April 2026 Langkah sekarang Dokumentasi, analisis, klarifikasi" in why
    days = [words(line) for line in re.findall(r"<li>(.*?)</li>", html.partition("Hari yang tidak dihitung:")[2])[:7]]
    assert days[:4] == [
        "19 Maret 2026 : Nyepi",
        "20 Maret 2026 : Idulfitri",
        "21 Maret 2026 sampai 22 Maret 2026 : Sabtu, Minggu",
        "28 Maret 2026 sampai 29 Maret 2026 : Sabtu, Minggu",
    ]
    assert days[6] == "18 April 2026 sampai 19 April 2026 : Sabtu, Minggu"


def test_d12_a_time_of_waiting_and_the_weekends_in_it_are_one_line(client, world):
    complaint = world.complaint()
    actions.ask_completion(complaint, by=world.desa, now=START, questions="Sejak kapan?")
    complainant = complaint.complainants.get()
    actions.complete(complaint, now=at("2026-03-12 10:00"), answer="Sejak Februari.", complainant=complainant)
    clock = sla.clock_of(world.read(complaint))
    assert left_out_in(clock.tier)[0] == (
        date(2026, 3, 4), date(2026, 3, 12), "menunggu kelengkapan dari pelapor, Sabtu, Minggu",
    )  # fmt: skip


def test_d12_while_the_complainant_is_awaited_the_page_says_so_and_until_when(client, world):
    """D40: nothing green asks the officer to speak in the complainant's place."""
    complaint = world.complaint()
    actions.ask_completion(complaint, by=world.desa, now=START, questions="Sejak kapan?")
    aside = page(client, world.desa, world.read(complaint)).split("<aside", 1)[1].split("</aside>")[0]
    assert "govuk-button" not in aside
    said = words(aside)
    assert "Menunggu pelapor Pelapor dapat melengkapi keterangannya sampai 2 April 2026." in said
    assert steps_on(aside.split("<details", 1)[0]) == ["lengkapi", "lanjutkan-tanpa-kelengkapan"]


def test_d53_while_a_colleague_is_to_look_at_it_the_one_who_settled_is_told_so(client, world):
    complaint = to_stage(world, Stage.SETTLED)
    aside = page(client, world.desa, world.read(complaint)).split("<aside", 1)[1].split("</aside>")[0]
    assert "govuk-button" not in aside
    assert "Menunggu pemeriksaan Petugas lain memeriksanya sebelum pelapor diberi tahu." in words(aside)


def test_d28_while_the_answer_is_awaited_the_page_says_until_when(client, world):
    complaint = to_stage(world, Stage.FEEDBACK)
    Complaint.objects.filter(pk=complaint.pk).update(settled_at=at("2026-05-04 10:00"))
    said = words(page(client, world.desa, world.read(complaint)))
    assert "Pelapor dapat menanggapi sampai 18 Mei 2026. Tanpa tanggapan, pengaduan ditutup." in said


def test_a_clock_that_stands_is_explained(client, world):
    complaint = world.complaint()
    actions.ask_completion(complaint, by=world.desa, now=START, questions="Sejak kapan?")
    html = page(client, world.desa, complaint)
    assert "Jam berhenti: menunggu pelapor" in words(html)
    assert "Waktu berhenti sejak 3 Maret 2026" in words(html)


def test_d40_everything_that_happened_stands_there_in_words_newest_first_with_who_and_what_they_wrote(client, world):
    complaint = world.complaint()
    actions.register(complaint, by=world.desa, now=START, recorded="Bantuan belum cair", suitable=True)
    actions.note(complaint, by=world.desa, now=at("2026-03-04 09:05"), text="Sudah menelepon pos")
    actions.send_message(complaint, by=world.desa, now=at("2026-03-04 10:00"), text="Mohon bawa kartu")
    complainant = complaint.complainants.get()
    actions.send_message(complaint, complainant=complainant, now=at("2026-03-05 10:00"), text="Baik, besok")
    html = page(client, world.desa, world.read(complaint))
    entries = [words(entry) for entry in re.findall(r'<li class="app-timeline__item.*?</li>', html, re.S)]
    assert entries == [
        "5 Mar 2026 10.00 Pesan dari pelapor Pelapor",
        "4 Mar 2026 10.00 Pesan dikirim kepada pelapor Desa",
        "4 Mar 2026 09.05 Catatan Desa Sudah menelepon pos",
        "3 Mar 2026 09.00 Register lengkap, klarifikasi dimulai Desa",
        "2 Mar 2026 10.00 Pengaduan diterima Pelapor",
    ]
    messages = [words(each) for each in re.findall(r'<div class="app-message.*?</div>', html, re.S)]
    assert messages == ["Kantor · 4 Mar 2026 10.00 Mohon bawa kartu", "Pelapor · 5 Mar 2026 10.00 Baik, besok"]


def test_every_event_that_a_step_can_leave_has_words(world):
    assert {step.code for step in STEPS} - set(HAPPENED) == set()


def test_times_are_those_of_the_place(client, world):
    """D11: 23.30 in Jakarta is 01.30 of the next day in Papua."""
    complaint = world.complaint(region=EASTERN_VILLAGE, received="2026-03-02 23:30")
    assert "3 Mar 2026 01.30 Pengaduan diterima" in words(page(client, world.pusat, complaint))


def test_d18_the_original_stays_behind_a_marked_fold_once_the_officer_has_reworded_it(client, world):
    """D18."""
    complaint = world.complaint(text="Si ANU maling!!", subject="Bantuan")
    assert "Si ANU maling!!" in page(client, world.desa, complaint)
    actions.register(complaint, by=world.desa, now=START, recorded="Bantuan belum diterima", suitable=True)
    html = page(client, world.desa, complaint)
    folded = re.search(r"<details(?:(?!</details>).)*Si ANU maling!!.*?</details>", html, re.S)[0]
    assert "Teks asli dari pelapor (terbatas)" in folded
    assert html.count("Si ANU maling!!") == 1


def test_a_notice_that_fails_is_told_to_who_is_responsible_without_an_address(client, world):
    complaint = world.complaint(identity=IDENTITY)
    again = timezone.now() + timedelta(minutes=5)
    Notification.objects.filter(complaint=complaint).exclude(complainant=None).update(
        attempts=3, next_attempt_at=again, last_error="550 siti@rahasia.id unknown"
    )
    html = page(client, world.desa, complaint)
    when = timezone.localtime(again)
    shown = f"{when:%H.%M}" if when.date() == timezone.localdate() else f"{when.day}"
    assert f"Surel kepada pelapor gagal 3 kali, dicoba lagi {shown}" in words(html)
    assert "siti@rahasia.id" not in html


def test_each_notice_says_what_became_of_it(world):
    complaint = world.complaint()
    now = at("2026-03-02 10:05")
    Notification.objects.filter(user=None).update(sent_at=at("2026-03-02 10:02"), attempts=1)
    Notification.objects.exclude(user=None).update(given_up_at=now, attempts=5)
    assert [(notice.words, notice.failing) for notice in notices_of(complaint, owed_of(complaint), now=now)] == [
        ("Surel kepada Desa tidak terkirim sesudah 5 kali dicoba. Hubungi dengan cara lain.", True),
        ("Surel kepada pelapor terkirim 10.02.", False),
    ]
    Notification.objects.exclude(user=None).update(given_up_at=None, attempts=0, next_attempt_at=at("2026-03-03 08:00"))
    assert notices_of(complaint, owed_of(complaint), now=now)[-1].words in {
        "Surel kepada Desa dikirim mulai 3 Mar 2026 08.00.",
        "Surel kepada pelapor terkirim 10.02.",
    }


def test_d49_nobody_is_asked_to_tell_the_accused_in_another_way(world):
    """A mail dropped because its reader may no longer see the case is no failure and invites no call."""
    complaint = world.complaint()
    actions.name_reported(complaint, by=world.kecamatan, now=START, reported_office=[complaint.office])
    delivery.deliver(now=at("2026-03-05 10:00"))
    notices = notices_of(world.read(complaint), owed_of(complaint), now=at("2026-03-05 10:00"))
    told = {notice.words: notice.failing for notice in notices}
    assert told["Surel kepada Desa tidak perlu dikirim lagi."] is False
    assert not any(failing for failing in told.values())


def test_hostile_words_stay_words(client, world):
    bad = "<script>alert(1)</script>"
    complaint = world.complaint(text=bad, reported_words=bad)
    actions.note(complaint, by=world.desa, now=START, text=bad)
    html = page(client, world.desa, world.read(complaint))
    assert bad not in html
    assert html.count("&lt;script&gt;") >= 3


def test_a_closed_case_says_how_it_ended(client, world):
    complaint = to_stage(world, Stage.CLOSED, nature="informatif")
    assert f"Hasil akhir {Outcome.SILENT.label}" in words(page(client, world.desa, complaint))


def test_a_long_record_costs_no_more_queries_than_a_short_one(client, world, django_assert_max_num_queries):
    complaint = to_stage(world, Stage.SETTLED)
    client.force_login(world.kecamatan)
    with django_assert_max_num_queries(15) as short:
        client.get(complaint.get_absolute_url())
    for minute in range(20):
        actions.note(complaint, by=world.desa, now=at(f"2026-03-09 09:{minute:02}"), text=f"Catatan {minute}")
    event = complaint.events.last()
    for minute in range(5):
        Message.objects.create(
            complaint=complaint, complainant=complaint.complainants.get(), event=event, from_complainant=True,
            text="Pesan", at=at(f"2026-03-09 10:{minute:02}"),
        )  # fmt: skip
    with django_assert_max_num_queries(15) as long:
        client.get(complaint.get_absolute_url())
    assert len(short) == len(long)
