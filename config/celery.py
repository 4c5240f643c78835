"""The Celery app: the worker's manners and the timetable of the beat.

Redis only carries tasks, and every task may run twice or late: what is owed stands in PostgreSQL, so a lost broker
delays work and loses none.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("pengaduan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

MINUTE = 60

# `expires`: a beat without a worker must not pile up sweeps, of which one is as good as a hundred.
BEAT = {
    "escalate-overdue": {
        "task": "workflow.tasks.escalate_overdue",
        "schedule": 5 * MINUTE,
        "options": {"expires": 5 * MINUTE},
    },
    "follow-calendar": {
        "task": "workflow.tasks.follow_calendar",
        "schedule": 5 * MINUTE,
        "options": {"expires": 5 * MINUTE},
    },
    # a mark is passed at midnight of the place, or when a deadline moves
    "warn-of-deadlines": {
        "task": "workflow.tasks.warn_of_deadlines",
        "schedule": crontab(minute=20),
        "options": {"expires": 60 * MINUTE},
    },
    "deliver-notices": {
        "task": "workflow.tasks.deliver_notices",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "scan-files": {
        "task": "workflow.tasks.scan_files",
        "schedule": MINUTE,
        "options": {"expires": MINUTE},
    },
    "close-lapsed": {
        "task": "workflow.tasks.close_lapsed",
        "schedule": crontab(minute=10),
        "options": {"expires": 60 * MINUTE},
    },
    "forget-drafts": {
        "task": "workflow.tasks.forget_drafts",
        "schedule": crontab(minute=40),
        "options": {"expires": 60 * MINUTE},
    },
    "check-clocks": {
        "task": "workflow.tasks.check_clocks",
        "schedule": crontab(hour=5, minute=30),
        "options": {"expires": 12 * 60 * MINUTE},
    },
    "send-monthly-reports": {
        "task": "reports.tasks.send_monthly_reports",
        "schedule": crontab(day_of_month=1, hour=6, minute=0),
    },
    "send-biweekly-reports": {
        "task": "reports.tasks.send_biweekly_reports",
        "schedule": crontab(day_of_month="1,16", hour=6, minute=0),
    },
    "send-quarterly-reports": {
        "task": "reports.tasks.send_quarterly_reports",
        "schedule": crontab(month_of_year="1,4,7,10", day_of_month=1, hour=6, minute=0),
    },
    # what was recorded late or put right makes new editions, before the offices open
    "correct-reports": {
        "task": "reports.tasks.correct_reports",
        "schedule": crontab(day_of_week="mon", hour=5, minute=0),
        "options": {"expires": 24 * 60 * MINUTE},
    },
    # of the month that has ended and of the running one; what was cut short is taken up an hour later
    "prepare-figures": {
        "task": "reports.tasks.prepare_figures",
        "schedule": crontab(hour="0-5", minute=20),
        "options": {"expires": 60 * MINUTE},
    },
    # what has ended since: once a month there is something to do
    "publish-statistics": {
        "task": "reports.tasks.publish_statistics",
        "schedule": crontab(minute=50),
        "options": {"expires": 60 * MINUTE},
    },
    "deliver-reports": {
        "task": "reports.tasks.deliver_reports",
        "schedule": 5 * MINUTE,
        "options": {"expires": 5 * MINUTE},
    },
    # somebody waits for these: the page says how far they are
    "write-lists": {
        "task": "reports.tasks.write_lists",
        "schedule": MINUTE / 4,
        "options": {"expires": MINUTE / 4},
    },
    "print-lists": {
        "task": "reports.tasks.print_lists",
        "schedule": MINUTE / 4,
        "options": {"expires": MINUTE / 4},
    },
    "forget-lists": {
        "task": "reports.tasks.forget_lists",
        "schedule": crontab(minute=45),
        "options": {"expires": 60 * MINUTE},
    },
}

app.conf.update(
    beat_schedule=BEAT,
    timezone="Asia/Jakarta",  # of the timetable only: the tasks read an aware clock
    task_routes={
        **dict.fromkeys(("reports.tasks.write_lists", "reports.tasks.forget_lists"), {"queue": "celery"}),
        "reports.tasks.*": {"queue": "pdf"},
    },
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 6 * 60 * MINUTE},  # longer than the longest month of reports
)
