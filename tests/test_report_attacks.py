"""What an inspector tries against the reports: what they give away, to whom, and what becomes of a late morning."""

import csv
import io

import pytest
from django.core.files.storage import default_storage

from pengaduan.models import Complaint
from reports import documents, editions, exports
from reports.export_models import Export
from reports.periods import HalfMonth, Month
from reports.subject import Subject
from tests.cast import at
from tiers.models import Region

OCTOBER = Month.parse("2026-10")
NOW = at("2026-11-01 06:00")
MONDAY = at("2026-11-09 05:00")


def of(world, region=None, period=OCTOBER, programme="pkh"):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, period)


@pytest.fixture
def quick(monkeypatch):
    """Spare the printing."""
    monkeypatch.setattr("reports.documents.render", lambda reading, ending: b"%PDF-")


# A village is a name (D57)


def taken_along(user, region, measure="received"):
    """Return the rows of the cases behind a number of October, as one takes them along."""
    export = exports.ask(
        Export(
            asked_by=user, asked_at=NOW, what="di-balik-angka", format="csv",
            programme=user.assignments.first().office.programme, region=region and Region.objects.get(pk=region),
            first_on=OCTOBER.first, last_on=OCTOBER.last, choice={"ukuran": measure},
        )
    )  # fmt: skip
    exports.make(export.pk, clock=lambda: NOW)
    (file,) = Export.objects.get(pk=export.pk).files
    with default_storage.open(file["path"]) as kept:
        return list(csv.DictReader(io.StringIO(kept.read().decode("utf-8-sig")), delimiter=";"))


def test_d57_far_away_no_list_names_the_office_of_a_village(world, quick):
    """What is carried away from the nation or a province ends with the kecamatan, in the office's name too."""
    case = world.complaint(received="2026-10-05 09:00")
    Complaint.objects.filter(pk=case.pk).update(prominent=True)
    assert case.office.name == "Ketua Kelompok Indrajaya"
    told = {
        name: [row["Kantor yang memegang"] for row in taken_along(world.users[name], region)]
        for name, region in (("koordinator", None), ("penyelia", "33.29"))
    }
    assert told == {"koordinator": ["Ketua Kelompok {wilayah}"], "penyelia": ["Ketua Kelompok Indrajaya"]}
    for period, table in (
        (OCTOBER, "attention"),
        (OCTOBER, "not_followed_up"),
        (HalfMonth.parse("2026-10-01"), "told"),
    ):
        offices = {}
        for region in (None, "33", "33.29"):
            reading = documents.read(editions.first_edition(of(world, region, period), now=NOW))
            offices[region] = [each.office for each in getattr(reading, table)]
        far = ["Ketua Kelompok {wilayah}"]
        assert offices == {None: far, "33": far, "33.29": ["Ketua Kelompok Indrajaya"]}
