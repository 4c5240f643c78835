"""What the beat has done about reports: on the first of the month, and every few minutes for what did not arrive."""

from celery import shared_task
from django.utils import timezone

from reports import dispatch, publishing
from reports.periods import Month


class NotAllMade(Exception):
    """Some reports could not be made; the task fails where everyone can see it, after all the others went out."""


@shared_task
def send_monthly_reports() -> None:
    """Make, owe and mail the reports of the month that has ended."""
    now = timezone.now()
    failed = dispatch.send_month(Month.of(now).previous, now=now)
    dispatch.deliver(now=now)
    if failed:
        raise NotAllMade("; ".join(failed))


@shared_task
def deliver_reports() -> None:
    """Mail what is still owed."""
    dispatch.deliver(now=timezone.now())


@shared_task
def publish_statistics() -> None:
    """Publish the public statistics of the month that has ended, if nobody has yet."""
    now = timezone.now()
    publishing.publish(Month.of(now).previous, now=now)
