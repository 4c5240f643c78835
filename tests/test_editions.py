"""Editions: the figures of a report as they were sent, for ever (D47, D49)."""

import hashlib
import json

import pytest
from django.db import ProgrammingError, transaction

from pengaduan.models import Complaint
from reports import editions, queries
from reports.models import Edition
from reports.papers.words import Reading, in_words
from reports.periods import Month
from reports.subject import Subject
from tests.cast import EASTERN_VILLAGE, at
from tiers.models import Region

OCTOBER = Month.parse("2026-10")
NOVEMBER_FIRST = at("2026-11-01 06:00")


def october(world, region=None, programme="pkh"):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, OCTOBER)


def test_an_edition_is_made_once_and_never_changes(world):
    subject = october(world)
    world.complaint(received="2026-10-05 09:00")
    first = editions.first_edition(subject, now=NOVEMBER_FIRST)
    world.complaint(received="2026-10-30 09:00", now="2026-11-02 09:00")
    again = editions.first_edition(subject, now=at("2026-12-01 06:00"))
    assert (again.pk, again.figures, again.as_of) == (first.pk, first.figures, NOVEMBER_FIRST)
    for change in (lambda: Edition.objects.update(figures="{}"), lambda: Edition.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change()


def test_a_new_edition_is_made_only_when_the_data_differ_and_says_what_differs(world):
    """D47."""
    subject = october(world)
    world.complaint(region=EASTERN_VILLAGE, received="2026-10-05 09:00")
    first = editions.first_edition(subject, now=NOVEMBER_FIRST)
    assert editions.new_edition(subject, now=at("2026-11-02 08:00")) == (first, False)
    late = world.complaint(received="2026-10-30 09:00", now="2026-11-02 09:00")
    second, is_new = editions.new_edition(subject, now=at("2026-11-02 10:00"))
    assert (second.number, is_new) == (2, True)
    changed = {path: (then, now) for path, then, now in editions.differences(second)}
    assert changed["totals/received"] == (1, 2)
    assert changed["places/33/measures/received"] == (None, 1)
    assert changed[f"not_followed_up/cases/{late.number}/age_days"] == (None, 1)
    assert changed["equity/silent_places/33"] == ("33", None)  # 91 stays, though it stands elsewhere in the list
    assert editions.differences(first) == []


def test_what_changed_between_editions_is_said_in_words(world):
    """Every path of a number has a name; none shows a code of ours."""
    subject = october(world)
    edition = editions.first_edition(subject, now=NOVEMBER_FIRST)
    reading = Reading(edition)
    told = {path: in_words(path, reading) for path in ("speed//median_days", "owed/1/past_due", "totals/merged")}
    assert told == {
        "speed//median_days": "Lama sampai selesai, separuh dalam, hari",
        "owed/1/past_due": "Yang ditunggu dari jenjang, Desa/Kelurahan, lewat tenggat jenjang",
        "totals/merged": "Jumlah, digabungkan dengan kasus lain",
    }


def test_a_month_that_has_not_ended_is_refused_with_a_sentence(world):
    with pytest.raises(editions.CannotReport) as refusal:
        editions.first_edition(october(world), now=at("2026-10-31 23:59"))
    assert str(refusal.value) == "Oktober 2026 belum berakhir; laporannya dapat dibuat mulai 1 November 2026."


def test_whoever_is_reported_does_not_find_their_case_in_the_lists_they_are_handed(world):
    """D49."""
    mine = world.complaint(received="2026-10-05 09:00", reported_users=[world.koordinator])
    Complaint.objects.update(prominent=True)
    edition = editions.first_edition(october(world), now=NOVEMBER_FIRST)
    numbers = {
        name: [case["number"] for case in editions.read(edition, getattr(world, name))["attention"]["cases"]]
        for name in ("koordinator", "pusat")
    }
    assert numbers == {"koordinator": [], "pusat": [mine.number]}
    assert editions.read(edition)["attention"]["total"] == 1
    assert json.loads(edition.figures) == editions.read(edition)


def test_an_edition_of_the_first_version_is_read_without_what_it_does_not_hold(world):
    """D47: made before fields, speeds, what is owed and who reports were counted, it says what it said then."""
    world.complaint(received="2026-10-05 09:00")
    figures = json.loads(editions.canonical(queries.figures(october(world), as_of=NOVEMBER_FIRST)))
    for name in ("fields", "sources", "weights", "speed", "stage_speeds", "tier_speeds", "owed", "equity"):
        del figures[name]
    for name in ("totals", "before", "apart"):
        del figures[name]["merged"], figures[name]["complainants"]
    text = json.dumps(figures, sort_keys=True, separators=(",", ":"))
    edition = Edition.objects.create(
        programme=world.programmes["pkh"], begins_on=OCTOBER.first, number=1, as_of=NOVEMBER_FIRST,
        made_at=NOVEMBER_FIRST, query_version=1, figures=text, sha256=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    reading = Reading(edition)
    assert (reading.fields, reading.sources, reading.weights, reading.owed, reading.secrecy) == ([], [], [], [], [])
    assert (reading.speed, reading.stage_speeds, reading.tier_speeds) == (None, [], [])
    assert (reading.villages, reading.silent_places, reading.complainants_a_case) == (None, [], "–")
    assert reading.totals["received"] == 1
