"""What law enforcement has is closed in the count, and asked after until it ends there (D27, D29)."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from pengaduan import inbox
from pengaduan.inbox import View
from pengaduan.models import LegalWatch, Outcome, Recusal, Stage
from tests.cast import at
from tests.journey import START, to_stage
from workflow import actions, daily, delivery, gate, notices
from workflow.machine import Refused
from workflow.models import Letter, Notification

LATER = START + timedelta(days=1)  # Wednesday 4 March 2026
MORNING = at("2026-04-03 05:30")  # thirty days on, a Friday


def to_law(world, **more):
    """Return a case of the village that the kecamatan left with the police."""
    complaint = to_stage(world, Stage.HANDLING)
    facts = {"authority": "Polres Brebes", "reason": "Laporan polisi sudah diterima."} | more
    actions.close_aside(complaint, "proses-hukum", by=world.kecamatan, now=LATER, **facts)
    return world.read(complaint)


def reminded(**wanted):
    found = Notification.objects.filter(template=notices.LEGAL_CHECK, **wanted)
    return sorted(found.values_list("user__username", flat=True))


def test_d29_a_case_with_law_enforcement_is_closed_in_the_count_and_watched(world):
    complaint = to_law(world, reference="LP/B/12/III/2026")
    assert (complaint.stage, complaint.outcome) == (Stage.CLOSED, Outcome.LEGAL)
    watch = LegalWatch.objects.get()
    assert (watch.complaint, watch.authority, watch.reference) == (complaint, "Polres Brebes", "LP/B/12/III/2026")
    assert (watch.next_check_on, watch.ended_on) == (date(2026, 4, 3), None)


def test_d29_the_day_of_the_first_check_may_be_named_within_ninety_days(world):
    assert to_law(world, next_check_on=date(2026, 6, 2)).legal_watch.next_check_on == date(2026, 6, 2)
    for day in (date(2026, 6, 3), date(2026, 3, 4)):
        with pytest.raises(Refused) as refusal:
            to_law(world, next_check_on=day)
        assert refusal.value.field == "next_check_on"


def test_d29_what_law_enforcement_said_is_kept_and_told_and_the_next_day_set(world):
    complaint = to_law(world)
    event = actions.check_legal(
        complaint, by=world.desa, now=at("2026-04-03 10:00"), reason="Masih penyidikan.", next_check_on=date(2026, 5, 4)
    )
    assert event.note.text == "Masih penyidikan."
    assert LegalWatch.objects.get().next_check_on == date(2026, 5, 4)
    assert Letter.objects.get(event=event).template == "pantau-hukum"


def test_d29_when_it_ended_there_nobody_asks_any_more(world):
    complaint = to_law(world)
    actions.end_legal(complaint, by=world.desa, now=at("2026-04-03 10:00"), reason="Putusan 1 April: dihukum.")
    assert LegalWatch.objects.get().ended_on == date(2026, 4, 3)
    for again in (
        lambda: actions.end_legal(world.read(complaint), by=world.desa, now=MORNING, reason="Sekali lagi"),
        lambda: actions.check_legal(
            world.read(complaint), by=world.desa, now=MORNING, reason="Apa kabar", next_check_on=date(2026, 5, 4)
        ),
    ):
        with pytest.raises(Refused) as refusal:
            again()
        assert (
            str(refusal.value) == "Proses hukum kasus ini sudah berakhir dan tidak dipantau lagi. Muat ulang halaman."
        )
    daily.owe_legal_checks(now=at("2026-06-01 05:30"))
    assert reminded() == []


@pytest.mark.parametrize("name", ["kecamatan", "tetangga", "kustodian", "auditor", "peninjau", "koordinator"])
def test_d29_only_the_office_that_held_the_case_asks_after_it(world, name):
    complaint = to_law(world)
    with pytest.raises(Refused):
        actions.check_legal(
            complaint, by=getattr(world, name), now=MORNING, reason="Masih", next_check_on=date(2026, 5, 4)
        )


def test_d29_on_the_day_the_office_is_reminded_once_and_a_week_later_the_supervisor_too(world):
    complaint = to_law(world)
    assert daily.owe_legal_checks(now=at("2026-04-02 05:30")) == 0
    for _ in range(3):
        daily.owe_legal_checks(now=MORNING)
    assert reminded(complaint=complaint) == ["desa"]
    assert Notification.objects.get(template=notices.LEGAL_CHECK).next_attempt_at == at("2026-04-03 08:00")
    daily.owe_legal_checks(now=at("2026-04-09 05:30"))
    assert reminded() == ["desa"]
    daily.owe_legal_checks(now=at("2026-04-10 05:30"))
    daily.owe_legal_checks(now=at("2026-04-11 05:30"))
    assert reminded() == ["desa", "penyelia"]


def test_d29_a_new_day_is_reminded_of_anew(world):
    complaint = to_law(world)
    daily.owe_legal_checks(now=MORNING)
    actions.check_legal(
        complaint, by=world.desa, now=at("2026-04-03 10:00"), reason="Masih.", next_check_on=date(2026, 5, 4)
    )
    daily.owe_legal_checks(now=at("2026-05-04 05:30"))
    assert reminded() == ["desa", "desa"]


def test_d49_who_stepped_aside_is_not_reminded_but_the_tier_above(world):
    complaint = to_law(world)
    Recusal.objects.create(complaint=complaint, user=world.desa, at=LATER)
    daily.owe_legal_checks(now=MORNING)
    assert reminded() == ["kecamatan"]


def test_d29_the_mail_of_the_morning_repeats_it_to_the_office_and_later_to_the_supervisor(world):
    complaint = to_law(world)

    def told(user, now):
        return [each.numbers for each in daily.digest_of(user, now=now) if "hukum" in each.label]

    assert told(world.desa, at("2026-04-02 05:30")) == []
    assert told(world.desa, MORNING) == [[complaint.number]]
    assert (told(world.penyelia, MORNING), told(world.kecamatan, MORNING)) == ([], [])
    assert told(world.penyelia, at("2026-04-10 05:30")) == [[complaint.number]]
    daily.owe_digests(now=at("2026-04-10 05:30"))
    owed = Notification.objects.filter(template=notices.DAILY).values_list("user__username", flat=True)
    assert sorted(owed) == ["desa", "penyelia"]


def test_d29_the_reminder_names_the_case_and_no_deadline_that_is_over(world, mailoutbox):
    complaint = to_law(world)
    daily.owe_legal_checks(now=MORNING)
    delivery.deliver(now=at("2026-04-03 08:01"))
    mail = next(each for each in mailoutbox if each.to == ["desa@kantor.id"] and "hukum" in each.body)
    assert complaint.number in mail.body
    assert "Paling lambat" not in mail.body


def test_d29_the_case_stays_in_sight_in_a_list_of_its_own(world, client):
    complaint = to_law(world)
    for name, number in {"desa": 1, "kecamatan": 1, "penyelia": 1, "auditor": 1, "tetangga": 0}.items():
        found = inbox.complaints_in(View.LEGAL, getattr(world, name), now=MORNING)
        assert found.count() == number, name
    client.force_login(world.desa)
    assert complaint.number in client.get("/petugas/", {"tampilan": "proses-hukum"}).content.decode()
    page = " ".join(re.sub("<[^>]+>", " ", client.get(complaint.get_absolute_url()).content.decode()).split())
    assert "Aparat hukum Polres Brebes" in page
    assert "Ditanyakan lagi 3 April 2026" in page
    actions.end_legal(complaint, by=world.desa, now=MORNING, reason="Perkara dihentikan.")
    assert complaint.number not in client.get("/petugas/", {"tampilan": "proses-hukum"}).content.decode()


def test_d29_the_pages_take_the_steps_in_the_browser_too(world, client):
    complaint = to_stage(world, Stage.HANDLING)
    client.force_login(world.kecamatan)
    taken = client.post(
        reverse("officer_step", args=[complaint.number, "proses-hukum"]),
        {
            "version": complaint.version,
            "petugas": world.kecamatan.pk,
            "authority": "Polres Brebes",
            "reason": "Laporan polisi ada.",
            "reference": "LP/7",
            **_in_days(20),
        },
    )
    assert taken.status_code == 302
    assert LegalWatch.objects.get().reference == "LP/7"
    client.force_login(world.desa)
    case = world.read(complaint)
    assert {"pantau-hukum", "akhiri-proses-hukum"} <= {
        step.code for step in gate.open_steps(case, by=world.desa, now=MORNING)
    }
    asked = client.post(
        reverse("officer_step", args=[complaint.number, "pantau-hukum"]),
        {"version": case.version, "petugas": world.desa.pk, "reason": "Masih penyidikan.", **_in_days(200)},
    )
    assert "paling lama 90 hari dari sekarang" in asked.content.decode()
    ended = client.post(
        reverse("officer_step", args=[complaint.number, "akhiri-proses-hukum"]),
        {"version": case.version, "petugas": world.desa.pk, "reason": "Putusan sudah tetap."},
    )
    assert ended.status_code == 302
    assert LegalWatch.objects.get().ended_on is not None


def test_d29_where_the_programme_ends_the_community_and_the_local_government_are_named(world, client):
    complaint = to_stage(world, Stage.HANDLING)
    client.force_login(world.kecamatan)
    url = reverse("officer_step", args=[complaint.number, "serahkan-fase-akhir"])
    typed = {"version": complaint.version, "petugas": world.kecamatan.pk, "reason": "Pendampingan berakhir Desember."}
    half = client.post(url, typed | {"community": "KKM Tirta Lestari"})
    assert half.status_code == 422
    assert "Sebutkan pemerintah daerah yang bertanggung jawab." in half.content.decode()
    both = {"community": "KKM Tirta Lestari", "government": "Dinas PU Kabupaten Brebes"}
    assert client.post(url, typed | both).status_code == 302
    closed = world.read(complaint)
    assert closed.outcome == Outcome.PHASED_OUT
    letter = Letter.objects.filter(complaint=complaint, template="serahkan-fase-akhir").get()
    assert "KKM Tirta Lestari; Dinas PU Kabupaten Brebes" in letter.body


def _in_days(days):
    from django.utils import timezone

    day = timezone.localdate() + timedelta(days=days)
    return {"next_check_on_day": day.day, "next_check_on_month": day.month, "next_check_on_year": day.year}
