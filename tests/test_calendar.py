"""The pure clock (D9-D13, D50), held against a day-by-day count of its own and against dates reckoned by hand."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decrees import DAYS_OFF
from workflow.calendar import (
    WAITING,
    CalendarEnds,
    LeftOut,
    Pause,
    StageLength,
    Unit,
    end_of_day,
    local_day,
    next_office_hour,
    reckon,
)

settings.register_profile("busy machine", deadline=None)  # a slow moment of the machine is no fault of the rule
settings.load_profile("busy machine")

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
ZONES = st.sampled_from([WIB, WITA, WIT])
PKH = tuple(StageLength(name, days) for name, days in zip("abcd", (5, 3, 15, 3), strict=True))
WORKING, DAYS, MONTHS = Unit.WORKING_DAYS, Unit.CALENDAR_DAYS, Unit.CALENDAR_MONTHS


def day(text):
    return date.fromisoformat(text)


def waits(*texts):
    """Read pauses as they stand in the tables below: '2026-03-10:2026-03-15', open with nothing after the colon."""
    pairs = (text.split(":") for text in texts)
    return tuple(Pause(day(start), day(end) if end else None) for start, end in pairs)


# --- an independent count: make every day that counts, take the n-th ------------------------------------------------


def days_that_count(start, unit, *, holidays, pauses, upto):
    """List the days after `start` that count, by taking sets of days away from each other."""
    everything = {start + timedelta(days=n) for n in range(1, upto)}
    waiting = {
        one.start + timedelta(days=n)
        for one in pauses
        for n in range(1, (one.end - one.start).days + 1 if one.end else (start - one.start).days + upto)
    }
    off = set(holidays) | {one for one in everything if one.isoweekday() >= 6}
    return sorted(everything - waiting - (off if unit is WORKING else set()))


def a_month_later(start, months):
    """Step from month to month on paper: same day of the month, or the last day that exists."""
    first = start.replace(day=1)
    for _ in range(months):
        first = (first + timedelta(days=31)).replace(day=1)
    last = ((first + timedelta(days=31)).replace(day=1) - timedelta(days=1)).day
    return first.replace(day=min(start.day, last))


def naive(start, unit, length, *, holidays, pauses):
    """Return the days of a period in order: as many as there are before an open pause stops the count."""
    if unit is MONTHS:
        length = (a_month_later(start, length) - start).days
    closed = sum((one.end - one.start).days for one in pauses if one.end)
    horizon = 2 * length + closed + len(holidays) + 10
    return days_that_count(start, unit, holidays=holidays, pauses=pauses, upto=horizon)[:length], length


STARTS = st.dates(day("2024-01-01"), day("2027-06-30"))


@st.composite
def minutes(draw):
    """Draw an instant on a full minute, in UTC."""
    on, minute = draw(STARTS), draw(st.integers(0, 24 * 60 - 1))
    return datetime.combine(on, time(), UTC) + timedelta(minutes=minute)


@st.composite
def holidays_near(draw, start):
    offsets = draw(st.sets(st.integers(-5, 150), max_size=40))
    return {start + timedelta(days=n): f"libur {n}" for n in offsets}


@st.composite
def closed_pauses(draw, start, most=5):
    pairs = draw(st.lists(st.tuples(st.integers(-25, 130), st.integers(0, 40)), max_size=most))
    return tuple(Pause(start + timedelta(days=a), start + timedelta(days=a + n)) for a, n in pairs)


@st.composite
def cases(draw):
    """Draw a period of any unit with a random calendar and random pauses, some of them perhaps still open."""
    start = draw(STARTS)
    unit = draw(st.sampled_from(Unit))
    length = draw(st.integers(1, 6) if unit is MONTHS else st.integers(1, 95))
    pauses = draw(closed_pauses(start))
    opened = draw(st.just(()) | st.lists(st.integers(-5, 120), max_size=2))
    pauses += tuple(Pause(start + timedelta(days=n), None) for n in opened)
    return start, unit, length, draw(holidays_near(start)), pauses


@given(cases())
def test_d50_every_deadline_equals_an_independent_day_by_day_count(case):
    start, unit, length, holidays, pauses = case
    expected, days = naive(start, unit, length, holidays=holidays, pauses=pauses)
    result = reckon(start, unit, length, holidays=holidays, pauses=pauses)
    assert result.due_on == (expected[-1] if len(expected) == days else None)
    assert result.days_used == len(expected)


@given(cases(), st.data())
def test_d50_every_stage_end_equals_the_independent_count(case, data):
    start, unit, length, holidays, pauses = case
    expected, days = naive(start, unit, length, holidays=holidays, pauses=pauses)
    cuts = sorted(data.draw(st.sets(st.integers(1, days), max_size=4)))
    stages = [StageLength(f"tahap {end}", end - begin) for begin, end in pairwise([0, *cuts])]
    result = reckon(start, unit, length, holidays=holidays, pauses=pauses, stages=stages)
    assert [stage.due_on for stage in result.stages] == [
        expected[end - 1] if end <= len(expected) else None for end in cuts
    ]


@given(cases())
def test_d50_the_explanation_accounts_for_every_day_up_to_the_deadline(case):
    start, unit, length, holidays, pauses = case
    result = reckon(start, unit, length, holidays=holidays, pauses=pauses)
    last = result.due_on or max(start, result.stands_since)
    left_out = [one.on for one in result.left_out]
    assert left_out == sorted(set(left_out))
    assert result.days_used + len(left_out) == (last - start).days
    assert all(start < on <= last for on in left_out)


# --- what must hold for any calendar ---------------------------------------------------------------------------------


@given(st.data())
def test_d10_more_off_days_never_make_a_deadline_or_a_stage_earlier(data):
    start = data.draw(STARTS)
    pauses = data.draw(closed_pauses(start))
    few, more = data.draw(holidays_near(start)), data.draw(holidays_near(start))
    before = reckon(start, WORKING, 26, holidays=few, pauses=pauses, stages=PKH)
    after = reckon(start, WORKING, 26, holidays=few | more, pauses=pauses, stages=PKH)
    assert after.due_on >= before.due_on
    assert all(a.due_on >= b.due_on for a, b in zip(after.stages, before.stages, strict=True))


@given(st.data())
def test_d12_a_pause_never_buys_more_counting_days_than_it_lasted(data):
    start, unit = data.draw(STARTS), data.draw(st.sampled_from(Unit))
    length = 3 if unit is MONTHS else data.draw(st.integers(1, 95))
    holidays = data.draw(holidays_near(start))
    pauses = data.draw(closed_pauses(start))
    one_more = data.draw(closed_pauses(start, most=1))
    before = reckon(start, unit, length, holidays=holidays, pauses=pauses)
    after = reckon(start, unit, length, holidays=holidays, pauses=pauses + one_more)
    lasted = sum((pause.end - pause.start).days for pause in one_more)
    known = {"holidays": holidays, "pauses": pauses, "upto": (after.due_on - start).days + 1}
    bought = [one for one in days_that_count(start, unit, **known) if one > before.due_on]
    assert 0 <= len(bought) <= lasted


@given(st.data())
def test_a_pause_buys_a_calendar_clock_no_more_days_than_its_length(data):
    start = data.draw(STARTS)
    pauses = data.draw(closed_pauses(start))
    result = reckon(start, DAYS, 90, holidays={}, pauses=pauses)
    bought = (result.due_on - start).days - 90
    assert 0 <= bought <= sum((pause.end - pause.start).days for pause in pauses)


@given(st.data())
def test_stages_end_in_order_and_the_last_one_with_the_period(data):
    start = data.draw(STARTS)
    result = reckon(
        start,
        WORKING,
        26,
        holidays=data.draw(holidays_near(start)),
        pauses=data.draw(closed_pauses(start)),
        stages=PKH,
    )
    ends = [stage.due_on for stage in result.stages]
    assert ends == sorted(set(ends))
    assert ends[-1] == result.due_on
    assert [stage.total for stage in result.stages] == [5, 8, 23, 26]


@given(st.data())
def test_d12_touching_overlapping_and_repeated_pauses_count_once(data):
    start, unit = data.draw(STARTS), data.draw(st.sampled_from([WORKING, DAYS]))
    holidays = data.draw(holidays_near(start))
    begin, first, second = sorted(data.draw(st.tuples(*[st.integers(-10, 60)] * 3)))
    a, b, c = (start + timedelta(days=n) for n in (begin, first, second))
    due = {
        reckon(start, unit, 26, holidays=holidays, pauses=pauses).due_on
        for pauses in (
            (Pause(a, c),),
            (Pause(a, b), Pause(b, c)),
            (Pause(b, c), Pause(a, b)),
            (Pause(a, c), Pause(a, b), Pause(a, c)),
        )
    }
    assert len(due) == 1


@given(st.data())
def test_a_later_receipt_never_has_an_earlier_deadline(data):
    start, unit = data.draw(STARTS), data.draw(st.sampled_from(Unit))
    length = 3 if unit is MONTHS else 26
    known = {"holidays": data.draw(holidays_near(start)), "pauses": data.draw(closed_pauses(start))}
    if unit is MONTHS:
        known["pauses"] = ()  # a month begun a day later may be three days shorter; a pause then falls outside it
    next_day = start + timedelta(days=1)
    assert reckon(next_day, unit, length, **known).due_on >= reckon(start, unit, length, **known).due_on


# --- reckoned by hand, 2024-2027 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "ends"),
    [
        ("2024-03-04", ["2024-03-13", "2024-03-18", "2024-04-17", "2024-04-22"]),  # Nyepi, Jumat Agung, Idulfitri
        ("2024-12-02", ["2024-12-09", "2024-12-12", "2025-01-07", "2025-01-10"]),  # over Natal and the new year
        ("2025-03-14", ["2025-03-21", "2025-03-26", "2025-04-28", "2025-05-02"]),  # a Friday; seven days off in a row
        ("2025-05-05", ["2025-05-14", "2025-05-19", "2025-06-13", "2025-06-18"]),  # Waisak, Kenaikan, Iduladha
        ("2025-08-17", ["2025-08-25", "2025-08-28", "2025-09-19", "2025-09-24"]),  # received on a Sunday, a holiday
        ("2026-03-02", ["2026-03-09", "2026-03-12", "2026-04-10", "2026-04-15"]),
        ("2026-05-04", ["2026-05-11", "2026-05-18", "2026-06-11", "2026-06-17"]),
        ("2026-12-01", ["2026-12-08", "2026-12-11", "2027-01-07", "2027-01-12"]),
        ("2027-03-01", ["2027-03-16", "2027-03-19", "2027-04-13", "2027-04-16"]),
        ("2027-04-30", ["2027-05-10", "2027-05-13", "2027-06-10", "2027-06-15"]),
        ("2027-11-22", ["2027-11-29", "2027-12-02", "2027-12-23", "2027-12-29"]),
    ],
)
def test_d09_pkh_stages_by_hand(received, ends):
    result = reckon(day(received), WORKING, 26, holidays=DAYS_OFF, stages=PKH)
    assert [str(stage.due_on) for stage in result.stages] == ends
    assert str(result.due_on) == ends[-1]


@pytest.mark.parametrize(
    ("length", "received", "due"),
    [
        (10, "2024-02-20", "2024-03-01"),  # informatif; a leap year
        (10, "2025-02-20", "2025-03-02"),
        (10, "2025-12-25", "2026-01-04"),
        (10, "2026-03-12", "2026-03-22"),  # a Sunday and Idulfitri: it stays
        (10, "2027-12-21", "2027-12-31"),
        (90, "2024-01-01", "2024-03-31"),  # masalah
        (90, "2025-01-01", "2025-04-01"),  # 90 days, not three months
        (90, "2025-10-03", "2026-01-01"),
        (90, "2026-03-02", "2026-05-31"),  # a Sunday and Waisak: it stays
        (90, "2027-07-15", "2027-10-13"),
        (60, "2024-01-31", "2024-03-31"),  # public service, from the complete file
        (60, "2025-01-31", "2025-04-01"),
        (60, "2026-06-15", "2026-08-14"),
        (60, "2027-11-01", "2027-12-31"),
    ],
)
def test_d11_calendar_days_by_hand(length, received, due):
    assert str(reckon(day(received), DAYS, length, holidays=DAYS_OFF).due_on) == due


@pytest.mark.parametrize(
    ("months", "received", "due"),
    [
        (3, "2023-11-30", "2024-02-29"),  # availability of services (PKH)
        (3, "2024-11-30", "2025-02-28"),
        (3, "2026-03-02", "2026-06-02"),
        (3, "2025-12-31", "2026-03-31"),
        (3, "2027-08-31", "2027-11-30"),
        (1, "2024-01-31", "2024-02-29"),  # master-database corrections (PKH)
        (1, "2025-01-31", "2025-02-28"),
        (1, "2026-12-15", "2027-01-15"),
        (1, "2027-05-31", "2027-06-30"),
    ],
)
def test_d11_calendar_months_by_hand(months, received, due):
    assert str(reckon(day(received), MONTHS, months, holidays=DAYS_OFF).due_on) == due


@pytest.mark.parametrize(
    ("pauses", "ends"),
    [
        (("2026-03-10:2026-03-15",), ["2026-03-09", "2026-03-17", "2026-04-15", "2026-04-20"]),
        (("2026-03-09:2026-03-12",), ["2026-03-09", "2026-03-17", "2026-04-15", "2026-04-20"]),  # on a stage's end
        (("2026-03-17:2026-03-25",), ["2026-03-09", "2026-03-12", "2026-04-13", "2026-04-16"]),  # Idulfitri within
        (("2026-03-13:2026-03-15",), ["2026-03-09", "2026-03-12", "2026-04-10", "2026-04-15"]),  # a weekend only
        (("2026-03-02:2026-03-05",), ["2026-03-12", "2026-03-17", "2026-04-15", "2026-04-20"]),  # from the first day
        (("2026-02-20:2026-03-03",), ["2026-03-10", "2026-03-13", "2026-04-13", "2026-04-16"]),  # from before receipt
        (("2026-02-20:2026-03-02",), ["2026-03-09", "2026-03-12", "2026-04-10", "2026-04-15"]),  # all before
        (("2026-04-15:2026-05-30",), ["2026-03-09", "2026-03-12", "2026-04-10", "2026-04-15"]),  # all after
        (("2026-03-10:2026-03-10",), ["2026-03-09", "2026-03-12", "2026-04-10", "2026-04-15"]),  # asked and answered
    ],
)
def test_d12_pkh_pauses_by_hand_across_weekends_holidays_and_stage_ends(pauses, ends):
    result = reckon(day("2026-03-02"), WORKING, 26, holidays=DAYS_OFF, pauses=waits(*pauses), stages=PKH)
    assert [str(stage.due_on) for stage in result.stages] == ends


@pytest.mark.parametrize(
    ("unit", "length", "due"), [(DAYS, 10, "2026-03-17"), (DAYS, 90, "2026-06-05"), (MONTHS, 3, "2026-06-07")]
)
def test_d12_a_pause_of_five_days_gives_calendar_clocks_five_days(unit, length, due):
    pauses = waits("2026-03-10:2026-03-15")
    assert str(reckon(day("2026-03-02"), unit, length, holidays=DAYS_OFF, pauses=pauses).due_on) == due


# --- the explanation (D11) -------------------------------------------------------------------------------------------


def test_d10_each_day_left_out_says_why():
    result = reckon(
        day("2026-04-29"), WORKING, 5, holidays=DAYS_OFF, pauses=waits("2026-05-04:2026-05-05", "2026-05-08:2026-05-09")
    )
    assert result.left_out == (
        LeftOut(day("2026-05-01"), "Hari Buruh"),
        LeftOut(day("2026-05-02"), "Sabtu"),
        LeftOut(day("2026-05-03"), "Minggu"),
        LeftOut(day("2026-05-05"), WAITING),
    )
    assert str(result.due_on) == "2026-05-08"
    assert WAITING == "menunggu kelengkapan dari pelapor"


def test_d11_a_calendar_clock_leaves_out_nothing_but_the_waiting():
    result = reckon(day("2026-05-20"), DAYS, 10, holidays=DAYS_OFF, pauses=waits("2026-05-22:2026-05-24"))
    assert result.left_out == (LeftOut(day("2026-05-23"), WAITING), LeftOut(day("2026-05-24"), WAITING))
    assert str(result.due_on) == "2026-06-01"


def test_while_the_waiting_lasts_there_is_no_deadline_but_the_days_used_are_known():
    result = reckon(day("2026-03-02"), WORKING, 26, holidays=DAYS_OFF, pauses=waits("2026-03-11:"), stages=PKH)
    assert result.due_on is None
    assert result.days_used == 7
    assert str(result.stands_since) == "2026-03-11"
    assert [stage.due_on and str(stage.due_on) for stage in result.stages] == ["2026-03-09", None, None, None]


def test_waiting_that_begins_on_the_last_day_or_later_leaves_the_deadline_alone():
    for start in ("2026-04-15", "2026-04-20"):
        result = reckon(day("2026-03-02"), WORKING, 26, holidays=DAYS_OFF, pauses=waits(f"{start}:"))
        assert str(result.due_on) == "2026-04-15"
        assert result.stands_since is None


def test_a_file_incomplete_from_the_first_day_has_used_nothing():
    result = reckon(day("2026-03-02"), DAYS, 90, holidays=DAYS_OFF, pauses=waits("2026-03-02:"))
    assert (result.due_on, result.days_used, result.left_out) == (None, 0, ())


# --- what it refuses -------------------------------------------------------------------------------------------------


def test_working_days_beyond_the_known_holidays_are_refused_with_the_day_known_until():
    with pytest.raises(CalendarEnds, match="2027-12-31") as refusal:
        reckon(day("2027-12-01"), WORKING, 26, holidays=DAYS_OFF, known_until=day("2027-12-31"))
    assert refusal.value.known_until == day("2027-12-31")


def test_the_last_known_day_may_itself_be_the_deadline():
    result = reckon(day("2027-12-30"), WORKING, 1, holidays=DAYS_OFF, known_until=day("2027-12-31"))
    assert str(result.due_on) == "2027-12-31"


def test_calendar_days_and_months_need_no_holidays_to_be_known():
    for unit in (DAYS, MONTHS):
        assert reckon(day("2027-12-31"), unit, 1, holidays={}, known_until=day("2027-12-31")).due_on is not None


@pytest.mark.parametrize("unit", list(Unit))
def test_a_deadline_after_the_last_year_there_is_is_refused(unit):
    with pytest.raises(CalendarEnds):
        reckon(day("9999-12-30"), unit, 26, holidays={})


def test_a_pause_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="before it starts"):
        Pause(day("2026-03-15"), day("2026-03-10"))


@pytest.mark.parametrize(
    ("length", "stages"), [(0, ()), (-1, ()), (26, (StageLength("a", 0),)), (4, (StageLength("a", 5),))]
)
def test_a_period_without_days_or_with_stages_longer_than_itself_is_refused(length, stages):
    with pytest.raises(ValueError, match="is no period"):
        reckon(day("2026-03-02"), WORKING, length, holidays={}, stages=stages)


# --- instants and zones (D11) ----------------------------------------------------------------------------------------


def test_d11_half_past_eleven_at_night_in_wib_is_already_tomorrow_further_east():
    instant = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo(WIB))
    assert [str(local_day(instant, zone)) for zone in (WIB, WITA, WIT)] == ["2026-03-02", "2026-03-03", "2026-03-03"]


def test_half_past_ten_at_night_in_wib_is_still_today_in_wita_only():
    instant = datetime(2026, 3, 2, 22, 30, tzinfo=ZoneInfo(WIB))
    assert [str(local_day(instant, zone)) for zone in (WIB, WITA, WIT)] == ["2026-03-02", "2026-03-02", "2026-03-03"]


def test_d11_a_deadline_is_the_last_second_of_its_day_where_the_matter_arose():
    utc = [end_of_day(day("2026-05-31"), zone).astimezone(UTC) for zone in (WIB, WITA, WIT)]
    assert utc == [datetime(2026, 5, 31, hour, 59, 59, tzinfo=UTC) for hour in (16, 15, 14)]


@given(STARTS, ZONES)
def test_the_end_of_a_day_is_on_that_day_and_a_second_later_is_the_next(on, zone):
    end = end_of_day(on, zone)
    assert local_day(end.astimezone(UTC), zone) == on
    assert local_day(end.astimezone(UTC) + timedelta(seconds=1), zone) == on + timedelta(days=1)


@given(minutes(), ZONES)
def test_a_day_further_east_is_never_earlier(instant, zone):
    assert local_day(instant, WIB) <= local_day(instant, zone) <= local_day(instant, WIT)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime.fromisoformat("2026-03-02 23:30"), WIB)


# --- office hours (alarms wait for them) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "heard"),
    [
        ("2026-03-02 10:15", "2026-03-02 10:15"),  # a Monday morning
        ("2026-03-02 08:00", "2026-03-02 08:00"),
        ("2026-03-02 07:59", "2026-03-02 08:00"),
        ("2026-03-02 15:59", "2026-03-02 15:59"),
        ("2026-03-02 16:00", "2026-03-03 08:00"),
        ("2026-03-06 16:30", "2026-03-09 08:00"),  # Friday evening
        ("2026-03-07 11:00", "2026-03-09 08:00"),  # Saturday
        ("2026-03-17 23:30", "2026-03-25 08:00"),  # the eve of Nyepi and Idulfitri
    ],
)
def test_an_alarm_waits_for_office_hours(instant, heard):
    at = datetime.fromisoformat(instant).replace(tzinfo=ZoneInfo(WITA))
    result = next_office_hour(at.astimezone(UTC), WITA, holidays=DAYS_OFF)
    assert result == datetime.fromisoformat(heard).replace(tzinfo=ZoneInfo(WITA))


def test_an_office_with_hours_of_its_own_is_told_in_those():
    at = datetime(2026, 3, 2, 15, 0, tzinfo=ZoneInfo(WIB))
    result = next_office_hour(at, WIB, holidays=DAYS_OFF, opens=time(9), closes=time(14, 30))
    assert result == datetime(2026, 3, 3, 9, 0, tzinfo=ZoneInfo(WIB))


@given(minutes(), ZONES)
def test_the_next_office_hour_is_the_first_open_minute_from_now(instant, zone):
    heard = instant.astimezone(ZoneInfo(zone))
    while not (8 <= heard.hour < 16 and heard.isoweekday() <= 5 and heard.date() not in DAYS_OFF):
        heard += timedelta(minutes=1)
    assert next_office_hour(instant, zone, holidays=DAYS_OFF) == heard
