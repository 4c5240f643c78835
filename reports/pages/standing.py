"""Hold the figures that a page shows: of a sent report as it was sent, else as of some minutes ago (D44, D47, D49).

What is reckoned is kept for ten minutes, for the nation takes seconds. In that time every part of an area, and every
list behind its numbers, is of the same instant, so that they agree.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.cache import cache

from reports import editions
from reports.figures import unchanged
from reports.figures.reckoning import RECKONINGS
from reports.models import Edition
from reports.subject import Subject

KEPT_SECONDS = 600


@dataclass(frozen=True)
class Standing:
    """Figures to show, and the report that was sent of the whole, if there is one: they are of its instant."""

    figures: Edition
    sent: Edition | None

    @property
    def as_of(self) -> datetime:
        return self.figures.as_of


def standing(subject: Subject, *, now: datetime) -> Standing:
    """Return the figures of one subject."""
    (found,) = standing_of([subject], now=now)
    return found


def standing_of(subjects: Sequence[Subject], *, now: datetime) -> list[Standing]:
    """Return the figures of several programmes in one area and period; two queries where all is kept."""
    sent = _sent(subjects, now=now)
    kept = cache.get_many([name(subject) for subject in subjects for name in (_instant_key, _key)])
    return [_one(subject, sent.get(subject.programme.pk), kept, now=now) for subject in subjects]


def instant_of(subject: Subject, *, now: datetime) -> tuple[datetime, Edition | None]:
    """Return of which instant the figures of a subject are, and the report that was sent of it."""
    sent = sent_of(subject, now=now)
    return (sent.as_of, sent) if sent else (_instant(subject, cache.get(_instant_key(subject)), now=now), None)


def sent_of(subject: Subject, *, now: datetime) -> Edition | None:
    """Return the latest report that was sent of a subject whose period has ended."""
    return _sent([subject], now=now).get(subject.programme.pk)


def _sent(subjects: Sequence[Subject], *, now: datetime) -> dict[int, Edition]:
    """Return the latest report that was sent of each programme, of a period that has ended."""
    first = subjects[0]
    if now < first.period.ends_at:
        return {}
    found = Edition.objects.filter(
        kind=first.kind,
        region=first.region,
        begins_on=first.period.first,
        programme__in=[subject.programme for subject in subjects],
    )
    kept = {subject.programme.pk: subject.without for subject in subjects}
    unseen = {key for programme, cases in kept.items() for key in unchanged.of_programme(programme, cases, found)}
    seen = found.exclude(pk__in=unseen).order_by("number").select_related("programme", "region")
    return {edition.programme_id: edition for edition in seen}


def _one(subject: Subject, sent: Edition | None, kept: dict[str, object], *, now: datetime) -> Standing:
    if sent and subject == replace(subject, without=(), only=()):
        return Standing(sent, sent)
    as_of = sent.as_of if sent else _instant(subject, kept.get(_instant_key(subject)), now=now)
    text = kept.get(_key(subject), {}).get(as_of)
    if text is None:
        text = editions.unsent(subject, now=as_of).figures
        cache.set(_key(subject), {as_of: text}, KEPT_SECONDS)
    held = Edition(
        kind=subject.kind, begins_on=subject.period.first, as_of=as_of, made_at=as_of, number=0, figures=text
    )
    held.programme, held.region = subject.programme, subject.region
    return Standing(held, sent)


def _instant(subject: Subject, kept: object, *, now: datetime) -> datetime:
    if not isinstance(kept, datetime):
        cache.set(_instant_key(subject), now, KEPT_SECONDS)
        return now
    return kept


def _instant_key(subject: Subject) -> str:
    return f"standing:{RECKONINGS[subject.kind].version}:{subject.slug}"


def _key(subject: Subject) -> str:
    less = hashlib.sha256(repr((subject.without, subject.only)).encode()).hexdigest()[:16]
    return f"{_instant_key(subject)}:{less}"
