"""What the beat has done about reports: at six on the day after a period, and every few minutes for what is left.

Each task may run twice, late or not at all: what is to be made and sent stands in the database. The frequent task takes
up what the beat missed.
"""

from celery import shared_task
from django.utils import timezone

from reports.export_models import Format
from reports.figures import tallies
from reports.lists import exports
from reports.pages import publishing
from reports.periods import Kind, Month
from reports.sending import corrections, making
from tiers.models import Programme


class NotAllMade(Exception):
    """Some reports could not be made; the task fails where everyone can see it, after all the others went out."""


@shared_task
def send_monthly_reports() -> None:
    """Make, owe and mail the reports of the month that has ended."""
    _send(Kind.MONTHLY)


@shared_task
def send_biweekly_reports() -> None:
    """Make, owe and mail the reports of the half month that has ended."""
    _send(Kind.BIWEEKLY)


@shared_task
def send_quarterly_reports() -> None:
    """Make, owe and mail the reports of the quarter that has ended."""
    _send(Kind.QUARTERLY)


def _send(kind: Kind) -> None:
    now = timezone.now()
    making.take_up(making.last_due(kind, now=now), now=now)
    _say(making.make_and_send(now=now))


@shared_task
def deliver_reports() -> None:
    """Do what is left: take up what the beat missed, try again what failed, answer who asked, mail what is owed."""
    now = timezone.now()
    making.catch_up(now=now)
    failed = corrections.answer(now=now)
    _say([*failed, *making.make_and_send(now=now)])


@shared_task
def correct_reports() -> None:
    """Make new editions of recent reports whose data have changed, and mail them."""
    now = timezone.now()
    failed = corrections.look_back(now=now)
    _say([*failed, *making.make_and_send(now=now)])


@shared_task
def prepare_figures() -> None:
    """Reckon at night what the figures of the last months are made of; in the morning they are only added up."""
    tallies.prepare(list(Programme.objects.filter(active=True)), now=timezone.now())


@shared_task
def publish_statistics() -> None:
    """Publish the public statistics of the month that has ended, if nobody has yet."""
    now = timezone.now()
    publishing.publish(Month.of(now).previous, now=now)


@shared_task
def write_lists() -> None:
    """Write the long lists that wait as a sheet; beside the printing, which may take the whole night of a first."""
    exports.make_waiting([Format.XLSX, Format.CSV], clock=timezone.now)


@shared_task
def print_lists() -> None:
    """Print the long lists that wait."""
    exports.make_waiting([Format.PDF], clock=timezone.now)


@shared_task
def forget_lists() -> None:
    """Delete the files of lists that were kept for a week."""
    exports.forget_old(now=timezone.now())


def _say(failed: list[str]) -> None:
    if failed:
        raise NotAllMade("; ".join(failed))
