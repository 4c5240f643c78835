"""Reports that were sent: with a correction, mails in each state, and the link of an address without an account."""

from datetime import timedelta

from django.conf import settings

from reports import corrections, editions, links
from reports.models import Edition, ReportDelivery, ReportRecipient
from reports.periods import Month
from reports.subject import Subject
from tests.face.story import Story


def send(story: Story) -> str:
    """Make two editions of last month's report of the nation, and return the path of a link to it."""
    programme, now = story.world.programmes["pkh"], story.now
    subject = Subject(programme, None, Month.of(now).previous)
    editions.first_edition(subject, now=subject.period.ends_at + timedelta(hours=6))
    story.world.complaint(received=f"{subject.period.last} 09:00", now=f"{now:%Y-%m-%d %H:%M}")
    edition, _is_new = editions.new_edition(subject, now=now)
    corrections.ask(edition, by=story.world.koordinator, now=now, why="Surat baru dicatat")
    states = (
        {"sent_at": now, "linked": True, "fetched_at": now},
        {"attempts": 2, "last_error": "ConnectionRefusedError"},
        {"attempts": 16, "last_error": "SMTPDataError 550", "given_up_at": now},
        {},
    )
    made = [_owed(edition, number, state, story) for number, state in enumerate(states)]
    return links.address(made[0], "pdf").removeprefix(settings.SITE_URL)


def _owed(edition: Edition, number: int, state: dict, story: Story) -> ReportDelivery:
    whom = ReportRecipient.objects.create(
        programme=edition.programme, name=f"Penerima {number}", email=f"p{number}@contoh.id", needs_to_know=True,
        need="SK 12/2026",
    )  # fmt: skip
    return ReportDelivery.objects.create(
        edition=edition, recipient=whom, created_at=story.now, next_attempt_at=story.now, **state
    )
