"""The beat's timetable names tasks that exist, at the times that people were told."""

from datetime import UTC, datetime

import pytest
from celery.schedules import crontab

from config.celery import BEAT, app


@pytest.fixture(scope="module", autouse=True)
def tasks_loaded():
    app.loader.import_default_modules()


@pytest.mark.parametrize("entry", BEAT.values(), ids=BEAT)
def test_the_task_exists(entry):
    assert entry["task"] in app.tasks


def next_run(name, after):
    """Return when a crontab entry runs next, as the beat reckons it."""
    schedule = BEAT[name]["schedule"]
    clock = crontab(
        minute=schedule._orig_minute,
        hour=schedule._orig_hour,
        day_of_month=schedule._orig_day_of_month,
        nowfun=lambda: after.astimezone(app.timezone),
        app=app,
    )
    return (after + clock.remaining_estimate(after)).astimezone(UTC)


def test_the_monthly_reports_leave_on_the_first_at_six_in_western_indonesia():
    midmonth = datetime(2026, 10, 17, 3, tzinfo=UTC)
    assert next_run("send-monthly-reports", midmonth) == datetime(2026, 10, 31, 23, tzinfo=UTC)


def test_the_clocks_are_checked_before_the_offices_open():
    assert next_run("check-clocks", datetime(2026, 10, 17, 3, tzinfo=UTC)) == datetime(2026, 10, 17, 22, 30, tzinfo=UTC)


def test_reports_wait_in_a_queue_of_their_own():
    assert app.amqp.router.route({}, "reports.tasks.send_monthly_reports")["queue"].name == "pdf"
    assert app.amqp.router.route({}, "workflow.tasks.escalate_overdue")["queue"].name == "celery"
