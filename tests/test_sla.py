"""The clocks of a complaint in the database: its three deadlines, their explanation, the look-up of working days."""

from datetime import UTC, date, datetime, time, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection

from pengaduan.models import Category, Channel, Complaint, Nature, ServiceLevel, Stage
from pengaduan.models.catalogue import Unit as StoredUnit
from tests.decrees import DAYS_OFF
from tiers.models import Office, Programme, Region, Tier
from workflow import sla
from workflow.calendar import CalendarEnds, LeftOut, Unit, reckon
from workflow.models import Holiday, Pause, WorkingDay

pytestmark = pytest.mark.django_db

WIB, WIT = "Asia/Jakarta", "Asia/Jayapura"
NOW = datetime(2026, 12, 31, tzinfo=UTC)
PKH_STAGES = [
    {"name": "Dokumentasi", "days": 5, "while": ["registrasi", "klarifikasi"]},
    {"name": "Penentuan penindak lanjut", "days": 3, "while": ["analisis"]},
    {"name": "Tindak lanjut", "days": 15, "while": ["penanganan", "pemantauan"]},
    {"name": "Pemberitahuan", "days": 3, "while": ["selesai"]},
]


def at(text, zone=WIB):
    """Read '2026-03-02' (nine in the morning) or '2026-03-02 23:30' in a zone."""
    moment = datetime.fromisoformat(text)
    if len(text) == 10:
        moment = datetime.combine(moment, time(9))
    return moment.replace(tzinfo=ZoneInfo(zone))


def end_of(text, zone=WIB):
    return at(f"{text} 23:59:59", zone)


@pytest.fixture
def programme():
    return Programme.objects.create(code="pkh", name="Program Keluarga Harapan", number_prefix="PKH")


@pytest.fixture
def holidays():
    Holiday.objects.bulk_create(Holiday(on=on, name=name) for on, name in DAYS_OFF.items())


@pytest.fixture
def pkh(programme, holidays):
    return ServiceLevel.objects.create(
        programme=programme, code="pkh-26", name="PKH", unit="working_days", length=26, stages=PKH_STAGES
    )


@pytest.fixture
def ninety(programme):
    return ServiceLevel.objects.create(
        programme=programme, code="masalah", name="Masalah", unit="calendar_days", length=90
    )


@pytest.fixture
def sixty_from_complete(programme):
    return ServiceLevel.objects.create(
        programme=programme, code="layanan", name="Layanan", unit="calendar_days", length=60, starts="complete"
    )


@pytest.fixture
def register(programme):
    """Return a function that puts a complaint, received on a day in a zone, into the register."""

    def register(level, received, zone=WIB, **fields):
        province, regency = ("33", "33.29") if zone == WIB else ("91", "91.71")
        region, _ = Region.objects.get_or_create(code=regency, name="Brebes", tier=Tier.KABUPATEN, zone=zone)
        category, _ = Category.objects.get_or_create(
            programme=programme, code=level.code, name="Kategori", nature=Nature.MASALAH, service_level=level
        )
        received_at = at(received, zone)
        complaint = Complaint(
            number=f"PKH-{regency}-2026-000001",
            programme=programme,
            category=category,
            service_level=level,
            region=region,
            zone=zone,
            subject="Bantuan tidak diterima",
            channel=Channel.objects.get_or_create(programme=programme, code="surat", name="Surat")[0],
            office=Office.objects.get_or_create(
                programme=programme, tier=Tier.KABUPATEN, region=region, name="UPPKH Brebes"
            )[0],
            tier=Tier.KABUPATEN,
            received_at=received_at,
            created_at=received_at,
            **{"tier_since": received_at} | fields,
        )
        store(complaint, sla.deadlines(complaint, service_level=level, now=received_at))
        complaint.save()
        return complaint

    return register


def store(complaint, deadlines):
    complaint.due_at = deadlines.due_at
    complaint.tier_due_at = deadlines.tier_due_at
    complaint.stage_due_at = deadlines.stage_due_at


def wait(complaint, start, end=None):
    Pause.objects.create(
        complaint=complaint,
        started_at=at(start, complaint.zone),
        ended_at=end and at(end, complaint.zone),
        asked="Tahun kejadian",
    )


def reckoned(complaint, level=None, now=NOW):
    return sla.deadlines(complaint, service_level=level or complaint.service_level, now=now)


# --- the deadlines that a complaint stores ---------------------------------------------------------------------------


def test_a_complaint_has_its_deadlines_before_it_is_in_the_register(register, pkh):
    complaint = register(pkh, "2026-03-02")
    assert complaint.due_at == complaint.tier_due_at == end_of("2026-04-15")
    assert complaint.stage_due_at == end_of("2026-03-09")


def test_the_deadline_ends_with_the_day_where_the_matter_arose(register, ninety):
    late_evening_wib = "2026-03-03 01:30"  # 23:30 on 2 March in WIB
    assert register(ninety, late_evening_wib, WIT).due_at == end_of("2026-06-01", WIT)
    assert register(ninety, "2026-03-02 23:30", WIB).due_at == end_of("2026-05-31", WIB)


@pytest.mark.parametrize(
    ("stage", "due"),
    [
        (Stage.REGISTRATION, "2026-03-09"),
        (Stage.CLARIFICATION, "2026-03-09"),
        (Stage.ANALYSIS, "2026-03-12"),
        (Stage.MONITORING, "2026-04-10"),
        (Stage.SETTLED, "2026-04-15"),
        (Stage.FEEDBACK, "2026-04-15"),  # listed nowhere: the last one runs on
    ],
)
def test_d50_the_stage_deadline_follows_the_stage_of_the_case(register, pkh, stage, due):
    complaint = register(pkh, "2026-03-02")
    complaint.stage = stage
    assert reckoned(complaint).stage_due_at == end_of(due)


def test_a_level_without_stages_has_no_stage_deadline(register, ninety):
    assert register(ninety, "2026-03-02").stage_due_at is None


def test_d09_public_service_runs_from_the_day_the_file_is_complete(register, sixty_from_complete):
    complaint = register(sixty_from_complete, "2026-06-01", complete_at=at("2026-06-15"))
    assert complaint.due_at == complaint.tier_due_at == end_of("2026-08-14")


def test_until_a_file_is_declared_complete_its_clock_runs_from_receipt(register, sixty_from_complete):
    complaint = register(sixty_from_complete, "2026-06-01")
    assert complaint.due_at == end_of("2026-07-31")
    assert sla.clock_of(complaint).counted_from == ServiceLevel.Starts.RECEIVED


def test_d50_waiting_for_the_complainant_is_credited_in_all_three(register, pkh):
    complaint = register(pkh, "2026-03-02")
    wait(complaint, "2026-03-06", "2026-03-09")
    result = reckoned(complaint)
    assert (result.stage_due_at, result.due_at) == (end_of("2026-03-10"), end_of("2026-04-16"))
    assert result.tier_due_at == result.due_at


def test_waiting_is_told_in_days_of_the_place_not_of_utc(register, ninety):
    complaint = register(ninety, "2026-03-02", WIT)
    wait(complaint, "2026-03-10 07:00", "2026-03-12 08:00")  # the evenings before, in UTC
    assert [one.on for one in sla.clock_of(complaint).original.left_out] == [date(2026, 3, 11), date(2026, 3, 12)]


def test_waiting_that_lasts_gives_the_earliest_deadline_there_can_be(register, ninety):
    complaint = register(ninety, "2026-03-02")
    wait(complaint, "2026-03-10")
    waiting = reckoned(complaint, now=at("2026-03-15"))
    complaint.pauses.update(ended_at=at("2026-03-15"))
    assert waiting == reckoned(complaint, now=NOW)
    assert waiting.due_at == end_of("2026-06-05")


def test_a_clock_set_back_during_waiting_credits_nothing(register, ninety):
    complaint = register(ninety, "2026-03-02")
    wait(complaint, "2026-03-10")
    assert reckoned(complaint, now=at("2026-03-01")).due_at == end_of("2026-05-31")


def test_d12_a_change_of_category_reckons_from_receipt_and_buys_no_time(register, pkh, ninety):
    complaint = register(ninety, "2026-03-02")
    result = reckoned(complaint, pkh, now=at("2026-05-20"))
    assert result.due_at == result.tier_due_at == end_of("2026-04-15")


def test_d11_a_note_on_day_nine_leaves_the_deadline_where_it_was(register, pkh):
    complaint = register(pkh, "2026-03-02")
    before = (complaint.due_at, complaint.tier_due_at, complaint.stage_due_at)
    result = reckoned(complaint, now=at("2026-03-13"))
    assert (result.due_at, result.tier_due_at, result.stage_due_at) == before


# --- a tier gets a period of its own (D32) ---------------------------------------------------------------------------


def test_d32_the_tier_above_gets_a_full_period_and_the_original_deadline_stays(register, pkh):
    complaint = register(pkh, "2026-03-02", stage=Stage.HANDLING)
    result = sla.tier_deadline(complaint, since=at("2026-05-04"))
    assert result == sla.Deadlines(
        due_at=end_of("2026-04-15"), tier_due_at=end_of("2026-06-17"), stage_due_at=end_of("2026-06-11")
    )


def test_after_an_escalation_everything_reckoned_anew_comes_out_the_same(register, pkh):
    complaint = register(pkh, "2026-03-02", stage=Stage.HANDLING)
    wait(complaint, "2026-03-10", "2026-03-15")
    store(complaint, reckoned(complaint))
    moved = sla.tier_deadline(complaint, since=at("2026-05-04"))
    complaint.tier_since = at("2026-05-04")
    assert reckoned(complaint) == moved
    assert moved.due_at == end_of("2026-04-20")


def test_waiting_at_the_tier_above_is_credited_there_too(register, ninety):
    complaint = register(ninety, "2026-03-02", tier_since=at("2026-06-01"))
    wait(complaint, "2026-06-10", "2026-06-13")
    result = reckoned(complaint)
    assert (result.due_at, result.tier_due_at) == (end_of("2026-05-31"), end_of("2026-09-02"))


def test_a_tier_that_got_the_file_before_it_was_complete_counts_from_then(register, sixty_from_complete):
    complaint = register(sixty_from_complete, "2026-06-01", tier_since=at("2026-06-10"), complete_at=at("2026-06-15"))
    assert complaint.tier_due_at == end_of("2026-08-14")


# --- the explanation (D11, D50) --------------------------------------------------------------------------------------


def test_d11_the_explanation_names_the_start_the_length_and_every_day_left_out(register, pkh):
    clock = sla.clock_of(register(pkh, "2026-04-29"))
    assert (clock.level, clock.counted_from, clock.zone) == (pkh, ServiceLevel.Starts.RECEIVED, WIB)
    assert (clock.original.start, clock.original.unit, clock.original.length) == (
        date(2026, 4, 29),
        Unit.WORKING_DAYS,
        26,
    )
    assert clock.original.left_out[0] == LeftOut(date(2026, 5, 1), "Hari Buruh")
    assert clock.original == clock.tier
    assert (clock.step.name, clock.step.due_on) == ("Dokumentasi", date(2026, 5, 7))
    assert clock.holds


def test_the_explanation_agrees_with_what_is_stored_after_an_escalation(register, pkh):
    complaint = register(pkh, "2026-03-02", stage=Stage.ANALYSIS, tier_since=at("2026-05-04"))
    clock = sla.clock_of(complaint)
    assert end_of(str(clock.original.due_on)) == complaint.due_at
    assert end_of(str(clock.tier.due_on)) == complaint.tier_due_at
    assert end_of(str(clock.step.due_on)) == complaint.stage_due_at


def test_while_the_complainant_is_waited_for_the_explanation_says_the_clock_stands(register, pkh):
    complaint = register(pkh, "2026-03-02")
    wait(complaint, "2026-03-11")
    clock = sla.clock_of(complaint)
    assert (clock.original.due_on, clock.original.stands_since, clock.original.days_used) == (
        None,
        date(2026, 3, 11),
        7,
    )
    assert clock.holds


def test_a_year_whose_holidays_are_not_decreed_makes_working_days_provisional(register, pkh, ninety):
    Holiday.objects.filter(on__year=2027).update(provisional=True)
    within, across = register(pkh, "2026-03-02"), register(pkh, "2026-12-01", WIT)
    assert [sla.clock_of(one).provisional for one in (within, across)] == [False, True]
    across.tier_since = at("2027-07-01")  # no holiday in sight, but one may be decreed
    across.received_at = at("2026-07-01")
    assert sla.clock_of(across).provisional
    across.service_level = ninety  # calendar days depend on no decree
    assert not sla.clock_of(across).provisional


def test_a_correction_of_the_calendar_after_the_end_shows_in_the_explanation(register, pkh):
    complaint = register(pkh, "2026-03-02")
    Holiday.objects.create(on="2026-03-16", name="Libur susulan")
    clock = sla.clock_of(complaint)
    assert not clock.holds
    assert clock.original.due_on == date(2026, 4, 16)


# --- the holidays as read --------------------------------------------------------------------------------------------


def test_the_holidays_are_read_in_one_query_for_any_number_of_complaints(register, pkh, django_assert_num_queries):
    complaint = register(pkh, "2026-03-02")
    with django_assert_num_queries(1):
        calendar = sla.holiday_calendar()
    wait(complaint, "2026-03-10", "2026-03-15")
    with django_assert_num_queries(1):  # the pauses
        sla.deadlines(complaint, service_level=pkh, now=NOW, calendar=calendar)
    assert (calendar.known_from, calendar.known_until) == (date(2024, 1, 1), date(2027, 12, 31))


def test_a_lonely_year_far_ahead_does_not_make_the_years_before_it_known(holidays):
    Holiday.objects.create(on="2031-01-01", name="Tahun Baru")
    assert sla.holiday_calendar().known_until == date(2027, 12, 31)


def test_without_holidays_working_days_are_refused_and_calendar_days_are_not(pkh, ninety):
    Holiday.objects.all().delete()
    calendar = sla.holiday_calendar()
    with pytest.raises(CalendarEnds):
        sla.reckon_level(pkh, date(2026, 3, 2), calendar=calendar)
    assert sla.reckon_level(ninety, date(2026, 3, 2), calendar=calendar).due_on == date(2026, 5, 31)


def test_an_alarm_on_the_eve_of_idulfitri_waits_until_the_office_opens(holidays):
    assert sla.next_office_hour(at("2026-03-17 17:00"), WIB) == at("2026-03-25 08:00")
    assert sla.next_office_hour(at("2026-03-17 17:00"), WIB, opens=time(7), closes=time(18)) == at("2026-03-17 17:00")


def test_the_units_stored_are_the_units_reckoned():
    assert set(StoredUnit.values) == set(Unit)


# --- the look-up of working days (for deadlines in sets) -------------------------------------------------------------


def test_the_look_up_equals_the_count_for_every_day_of_three_years_and_up_to_26_days(holidays):
    sla.rebuild_working_days()
    rows = WorkingDay.objects.filter(on__gte="2025-01-01", on__lte="2028-03-31").values_list("on", "is_working", "seq")
    seq = {on: number for on, _, number in rows}
    working = {number: on for on, is_working, number in rows if is_working}
    start, wrong = date(2025, 1, 1), []
    while start <= date(2027, 12, 31):
        wrong += [
            (start, length)
            for length in range(1, 27)
            if working[seq[start] + length] != reckon(start, Unit.WORKING_DAYS, length, holidays=DAYS_OFF).due_on
        ]
        start += timedelta(days=1)
    assert wrong == []


def test_the_look_up_covers_its_years_without_a_gap():
    sla.rebuild_working_days()
    first, last = WorkingDay.objects.earliest("on").on, WorkingDay.objects.latest("on").on
    assert (first, last) == (date(2020, 1, 1), date(2036, 12, 31))
    assert WorkingDay.objects.count() == (last - first).days + 1


def test_a_holiday_added_or_taken_away_shows_after_the_next_rebuild(holidays):
    sla.rebuild_working_days()
    before = list(WorkingDay.objects.order_by("on").values_list("on", "is_working", "seq"))
    extra = Holiday.objects.create(on="2026-03-02", name="Pemilihan")
    sla.rebuild_working_days()
    assert not WorkingDay.objects.get(on="2026-03-02").is_working
    extra.delete()
    sla.rebuild_working_days()
    assert list(WorkingDay.objects.order_by("on").values_list("on", "is_working", "seq")) == before


@pytest.mark.django_db(transaction=True)
def test_rebuilds_at_the_same_time_leave_one_whole_look_up(holidays):
    failures = []

    def rebuild():
        try:
            sla.rebuild_working_days()
        except DatabaseError as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [Thread(target=rebuild) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert WorkingDay.objects.count() == 6210
