"""Reports that were sent: each kind, with a correction, a broken seal, mails in each state, links for addresses."""

from datetime import timedelta
from unittest import mock

from django.conf import settings

from reports import editions
from reports.models import Edition, ReportDelivery, ReportDue, ReportRecipient
from reports.periods import HalfMonth, Kind, Month, Quarter
from reports.sending import corrections, links
from reports.subject import Subject
from tests.face.story import Story


def send(story: Story) -> None:
    """Make reports of each kind, two editions of last month's of the nation, and links to it."""
    programme, now = story.world.programmes["pkh"], story.now
    for period in (HalfMonth.of(now).previous, Quarter.of(now).previous):
        editions.first_edition(Subject(programme, None, period), now=now)
    subject = Subject(programme, None, Month.of(now).previous)
    first = editions.first_edition(subject, now=subject.period.ends_at + timedelta(hours=6))
    story.world.complaint(received=f"{subject.period.last} 09:00", now=f"{now:%Y-%m-%d %H:%M}")
    edition, _is_new = editions.new_edition(subject, now=now)
    corrections.ask(edition, by=story.world.koordinator, now=now, why="Surat baru dicatat")
    states = {
        "diunduh": {"sent_at": now, "linked": True, "fetched_at": now},
        "dicoba lagi": {"attempts": 2, "last_error": "ConnectionRefusedError"},
        "dihentikan": {"attempts": 16, "last_error": "SMTPDataError 550", "given_up_at": now},
        "menunggu": {},
    }
    owed = [_owed(edition, name, state, story) for name, state in states.items()]
    outside = _owed(first, "ringkasan", {"sent_at": now, "linked": True}, story, needs_to_know=False, need="")
    _link(story, owed[0], outside)
    _in_trouble(story)


def _link(story: Story, whole: ReportDelivery, outside: ReportDelivery) -> None:
    with mock.patch("time.time", (story.now - links.VALID_FOR - timedelta(hours=1)).timestamp):
        old = links.address(whole, "pdf")
    for state, address in {
        "laporan": links.address(whole, "pdf"),
        "ringkasan": links.address(outside, "xlsx"),
        "terlalu lama": old,
        "tidak berlaku": "/laporan/unduh/salah/",
    }.items():
        story.links[state] = address.removeprefix(settings.SITE_URL)


def _in_trouble(story: Story) -> None:
    """An edition whose figures are not what was kept, and reports that could not be made."""
    programme, now = story.world.programmes["pkh"], story.now
    month = Month.of(now).back(2).first
    Edition.objects.create(
        programme=programme, begins_on=month, number=1, as_of=now, made_at=now, query_version=1, figures="{}",
        sha256="0" * 64,
    )  # fmt: skip
    for kind, given_up_at in ((Kind.MONTHLY, None), (Kind.QUARTERLY, now)):
        ReportDue.objects.create(
            kind=kind, programme=programme, begins_on=month, created_at=now, next_attempt_at=now, attempts=3,
            last_error="OperationalError", given_up_at=given_up_at,
        )  # fmt: skip


def _owed(
    edition: Edition, name: str, state: dict, story: Story, *, needs_to_know: bool = True, need: str = "SK 12/2026"
) -> ReportDelivery:
    whom = ReportRecipient.objects.create(
        programme=edition.programme, name=f"Penerima {name}", email=f"{name.replace(' ', '')}@contoh.id",
        needs_to_know=needs_to_know, need=need,
    )  # fmt: skip
    return ReportDelivery.objects.create(
        edition=edition, recipient=whom, created_at=story.now, next_attempt_at=story.now, **state
    )
