"""Make, keep and compare the editions of a report: what was sent stays as it was sent (D47)."""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from reports.figures.hidden import kept_from
from reports.figures.reckoning import RECKONINGS
from reports.models import Edition
from reports.subject import Subject
from tiers.models import Tier, User


class CannotReport(Exception):
    """A report that cannot be made; its text is a sentence for whoever asked."""


class Tampered(CannotReport):
    """An edition whose figures no longer have the digest under which they were kept: it is neither shown nor sent."""

    def __init__(self) -> None:
        super().__init__(_("Data edisi ini tidak lagi cocok dengan sidiknya. Jangan dipakai; beri tahu admin sistem."))


def canonical(figures: Any) -> str:
    """Return figures as the one JSON text that is stored, compared and hashed; amounts are texts in rupiah."""
    return json.dumps(asdict(figures), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain_amount)


def _plain_amount(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(value)
    return f"{value:.2f}"


def first_edition(subject: Subject, *, now: datetime) -> Edition:
    """Return the first edition, made now where there is none; two at once make one."""
    return Edition.objects.about(subject).first() or _make(subject, 1, _reckon(subject, now=now), now=now)


def first_edition_with_cases(subject: Subject, *, now: datetime) -> Edition | None:
    """Return the first edition, made now where there is none; None where its lists would hold no case."""
    if made := Edition.objects.about(subject).first():
        return made
    text = _reckon(subject, now=now)
    figures = json.loads(text)
    if not any(figures[name]["total"] for name in RECKONINGS[subject.kind].lists):
        return None
    return _make(subject, 1, text, now=now)


def latest_edition(subject: Subject, *, now: datetime) -> Edition:
    """Return the edition in force, made now where there is none."""
    return Edition.objects.about(subject).last() or first_edition(subject, now=now)


def new_edition(subject: Subject, *, now: datetime) -> tuple[Edition, bool]:
    """Reckon anew, and return the edition in force with whether it is a new one: only data that differ make one."""
    latest = Edition.objects.about(subject).last()
    if latest is None:
        return first_edition(subject, now=now), True
    text = _reckon(subject, now=now)
    if text == verified(latest):
        return latest, False
    return _make(subject, latest.number + 1, text, now=now), True


def _reckon(subject: Subject, *, now: datetime) -> str:
    if now < subject.period.ends_at:
        raise CannotReport(
            _("%(period)s belum berakhir; laporannya dapat dibuat mulai %(next)s.")
            % {"period": subject.period.label, "next": date_format(subject.period.following.first, "j F Y")}
        )
    if subject.region and subject.region.tier not in RECKONINGS[subject.kind].tiers:
        if subject.region.tier == Tier.KABUPATEN:
            raise CannotReport(_("Laporan ini dibuat untuk provinsi, atau nasional tanpa wilayah."))
        raise CannotReport(_("Laporan dibuat untuk provinsi atau kabupaten/kota, atau nasional tanpa wilayah."))
    return canonical(RECKONINGS[subject.kind].figures(subject, as_of=now))


def unsent(subject: Subject, *, now: datetime) -> Edition:
    """Return the figures as they stand now in the form of an edition that is not kept, also of a running month."""
    text = canonical(RECKONINGS[subject.kind].figures(subject, as_of=now))
    return Edition(
        programme=subject.programme,
        region=subject.region,
        begins_on=subject.period.first,
        kind=subject.kind,
        as_of=now,
        figures=text,
    )


def _make(subject: Subject, number: int, text: str, *, now: datetime) -> Edition:
    try:
        with transaction.atomic():
            return Edition.objects.create(
                programme=subject.programme,
                region=subject.region,
                kind=subject.kind,
                begins_on=subject.period.first,
                number=number,
                as_of=now,
                made_at=now,
                query_version=RECKONINGS[subject.kind].version,
                figures=text,
                sha256=hashlib.sha256(text.encode()).hexdigest(),
            )
    except IntegrityError:  # the other of two at once was faster
        return Edition.objects.about(subject).get(number=number)


def verified(edition: Edition) -> str:
    """Return the text of an edition's figures; raise Tampered where it is not the text that was kept (D47)."""
    if edition.pk and not is_intact(edition):
        raise Tampered
    return edition.figures


def is_intact(edition: Edition) -> bool:
    return hashlib.sha256(edition.figures.encode()).hexdigest() == edition.sha256


def read(edition: Edition, reader: User | None = None) -> dict[str, Any]:
    """Return an edition's figures, for a reader without the cases that are kept from them (D35, D49).

    These are in no list and in no count, as if they had never been: one less than elsewhere would tell of them. So
    such a reader's figures are reckoned anew, as of the instant of the edition.
    """
    return _read(edition, _kept_from(reader, edition))


def _read(edition: Edition, without: tuple[int, ...]) -> dict[str, Any]:
    text = verified(edition)
    if without:
        subject = replace(edition.subject, without=without)
        text = canonical(RECKONINGS[edition.kind].figures(subject, as_of=edition.as_of))
    return json.loads(text)


def _kept_from(reader: User | None, edition: Edition) -> tuple[int, ...]:
    return kept_from(reader, [edition.programme_id]).get(edition.programme_id, ()) if reader else ()


def differences(edition: Edition, reader: User | None = None) -> list[tuple[str, Any, Any]]:
    """Return what a later edition has otherwise than the one before: path, then, now; none for the first.

    Cases that are hidden from the reader are in neither. What an older version of the definitions did not count yet
    is no difference.
    """
    return changed(edition, _kept_from(reader, edition))


def changed(edition: Edition, without: tuple[int, ...]) -> list[tuple[str, Any, Any]]:
    """Return the differences of an edition for whom these cases are kept from."""
    before = Edition.objects.about(edition.subject).filter(number=edition.number - 1).first()
    if before is None:
        return []
    old, new = _leaves(_read(before, without)), _leaves(_read(edition, without))
    if before.query_version != edition.query_version:
        counted = {_what(path) for path in old}
        new = {path: value for path, value in new.items() if _what(path) in counted}
    return [(path, old.get(path), new.get(path)) for path in sorted(old | new) if old.get(path) != new.get(path)]


def _what(path: str) -> tuple[str, str]:
    """Return the table and the measure of a path, whatever row it is of."""
    return path.partition("/")[0], path.rpartition("/")[2]


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Return each number of nested figures under its path; rows are named by their code, not by their place."""
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = ((_name(each, place), each) for place, each in enumerate(value))
    else:
        return {path: value}
    return {
        leaf: found for key, each in inner for leaf, found in _leaves(each, f"{path}/{key}" if path else key).items()
    }


def _name(row: Any, place: int) -> str:
    if isinstance(row, str):  # a code in a list of codes: what comes before it moves, it stays itself
        return row
    if isinstance(row, dict):
        return next((row[key] for key in ("code", "number", "month") if key in row), str(place))
    return str(place)
