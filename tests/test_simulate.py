"""Invented volume obeys the rules of real complaints: deadlines, numbers, constraints and the chained record."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F, Max

from pengaduan.models import Complainant, Complaint, ComplaintText, Event, Stage
from pengaduan.verification import broken_links
from tests.cast import at
from tiers.models import Office
from workflow import escalation, sla
from workflow.models import Holiday, NumberCounter, Pause

NOW = at("2026-11-20 09:00")
MANY = 1_500


@pytest.fixture
def calendar(world):
    """Let the world know the holidays of the years in which invented complaints came in."""
    Holiday.objects.bulk_create(Holiday(on=f"{year}-01-01", name="Tahun Baru") for year in range(2022, 2026))
    sla.rebuild_working_days()
    return world


def simulate(number=MANY, *, seed=7, now="2026-11-20T09:00", **options) -> str:
    said = io.StringIO()
    call_command("simulate", f"--complaints={number}", f"--seed={seed}", f"--now={now}", stdout=said, **options)
    return said.getvalue()


def told() -> list[tuple]:
    """Return what a seed decides, without keys that the database gives."""
    return list(
        Complaint.objects.order_by("number").values_list(
            "number", "region", "category__code", "tier", "stage", "outcome", "received_at", "tier_due_at", "closed_at"
        )
    )


def test_every_chain_of_invented_complaints_holds(calendar):
    simulate()
    assert broken_links() == []
    assert Event.objects.values("complaint").distinct().count() == Complaint.objects.count() == MANY
    assert Complainant.objects.count() == ComplaintText.objects.count() == MANY


def test_the_same_seed_tells_the_same_and_another_seed_something_else(calendar):
    stories = []
    for seed in (7, 7, 8):
        simulate(200, seed=seed)
        stories.append(told())
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for model in (Pause, Event, Complainant, ComplaintText, Complaint, NumberCounter):
                cursor.execute(f"DELETE FROM {model._meta.db_table}")
            cursor.execute("SET LOCAL session_replication_role = origin")
    assert stories[0] == stories[1]
    assert stories[0] != stories[2]


def test_every_key_that_invented_rows_name_exists(calendar):
    """The foreign keys are not asked while the rows are made, so this asks each of them."""
    simulate()
    dangling = {}
    for model in (Complaint, Event, Complainant, ComplaintText, Pause, Office):
        for field in model._meta.fields:
            if field.many_to_one or field.one_to_one:
                there = field.related_model.objects.values(field.target_field.name)
                rows = model.objects.exclude(**{f"{field.name}__isnull": True})
                dangling[f"{model.__name__}.{field.name}"] = rows.exclude(**{f"{field.attname}__in": there}).count()
    assert {name: number for name, number in dangling.items() if number} == {}


def test_invented_deadlines_are_those_of_the_rules(calendar):
    """D9-D11, D32: looked up in sets, reckoned here one by one."""
    simulate()
    calendar_of_all = sla.holiday_calendar()
    complaints = Complaint.objects.filter(waiting_since=None).select_related("service_level").order_by("pk")
    for complaint in complaints[:400]:
        clock = sla.deadlines(complaint, service_level=complaint.service_level, now=NOW, calendar=calendar_of_all)
        assert (complaint.due_at, complaint.tier_due_at) == (clock.due_at, clock.tier_due_at), complaint.number


def test_register_numbers_have_no_gaps(calendar):
    simulate()
    simulate(300, seed=9)
    registers = Complaint.objects.values("programme", "regency_code", "programme_year").annotate(
        cases=Count("pk"), last=Max("number")
    )
    assert all(int(register["last"][-6:]) == register["cases"] for register in registers)
    assert {(r["programme"], r["regency_code"], r["programme_year"]): r["cases"] for r in registers} == {
        (counter.programme_id, counter.regency_code, counter.year): counter.last
        for counter in NumberCounter.objects.all()
    }


def test_one_in_eight_is_open_and_every_case_is_held_where_it_may_be(calendar):
    simulate()
    open_cases = Complaint.objects.open()
    assert 0.09 < open_cases.count() / MANY < 0.16
    assert not Complaint.objects.filter(tier__lte=F("concealed_tier")).exists()
    assert not Complaint.objects.exclude(tier=F("office__tier")).exists()
    assert not Complaint.objects.filter(received_at__gt=NOW).exists()
    assert set(open_cases.values_list("stage", flat=True)) <= set(Stage.values) - {Stage.CLOSED}


def test_the_sweep_takes_invented_cases_up_like_any_other(calendar):
    simulate()
    later = at("2027-06-01 09:00")
    running = Complaint.objects.clock_running().filter(top_overdue_at=None, tier_due_at__lt=later).count()
    run = escalation.sweep(now=later, by_hand=True)
    assert run.moved + run.flagged == running > 0
    assert broken_links() == []


def test_real_complaints_are_left_alone_unless_forced(calendar):
    calendar.complaint()
    with pytest.raises(CommandError, match="bukan rekaan"):
        simulate(10)
    assert Complaint.objects.count() == 1
    simulate(10, force=True)
    assert Complaint.objects.count() == 11
