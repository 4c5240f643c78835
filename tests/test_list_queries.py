"""Every page that lists something asks the database as often for a full list as for one row (design.md §4).

The pages are those of the URL resolver that need no value in their address, for each kind of person, admin included.
"""

import uuid
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pengaduan.models import Category, Channel, ClosureStandard, Complaint, Field, ServiceLevel, Source
from reports.models import CorrectionRequest, Edition, Export, ReportDelivery, ReportDue, ReportRecipient
from tests.cast import OTHER_VILLAGE, SINCE, VILLAGE, WIB, World
from tests.test_every_url import ROUTES, address
from tiers.models import Absence, Assignment, Office, Region, Tier, User
from workflow import actions, inbound
from workflow.inbound import Incoming
from workflow.models import Holiday, QualityReview, QualitySample, ReplyTemplate

FULL = 25  # rows of the longest page
PEOPLE = ("", "desa", "pusat", "penyelia", "kustodian", "koordinator", "peninjau")
PLAIN = [address(route) for route in ROUTES if "<" not in route]
REPORTS = [  # pages of the reports that say in their address what they are of
    f"/petugas/laporan/{page}"
    for page in (
        "?program=pkh", "?program=pkh&kategori=pembayaran&wilayah=33.29", "daftar/?program=pkh&ukuran=received",
        "daftar/?program=pkh&ukuran=late&tempat=33.29", "arsip/?wilayah=kabupaten&jenis=bulanan",
    )
]  # fmt: skip
ASIDE = ("/keluar/", "/admin/logout/", "/hidup/", "/siap/", "/metrics", "/admin/jsi18n/", "/admin/autocomplete/")
RECKONED = "/admin/workflow/holiday/daftar-resmi/"  # tries the change on every open deadline and takes it back
INBOX = 8


@pytest.fixture(autouse=True)
def with_sms(settings):
    settings.SMS_URL, settings.SMS_TOKEN, settings.SMS_PROGRAMME = "http://127.0.0.1:9/", "x" * 40, {"": "pkh"}


def add_cases(world: World, rows: int) -> None:
    """Add so many of everything that a case brings: requests, proposals, texts, delays, excluded persons."""
    now = timezone.now()
    for row in range(rows):
        received = (now - timedelta(days=2, minutes=row)).astimezone(WIB)
        when = {"received": f"{received:%Y-%m-%d %H:%M}", "now": f"{received:%Y-%m-%d %H:%M}"}
        case = world.complaint(region=VILLAGE if row % 2 else OTHER_VILLAGE, **when)
        world.complaint("bukan-peserta", **when)
        mine = world.complaint(**when)
        by = {"by": world.desa, "now": now}
        actions.ask_identity(mine, mine.complainants.get(), motive="Perlu KTP", purpose="hukum", **by)
        actions.propose(world.read(mine), "naikkan", facts={"reason": "Desa lain juga."}, **by)
        Complaint.objects.filter(pk=case.pk).update(tier_due_at=now - timedelta(days=row + 1))
        told = Incoming(str(uuid.uuid4()), f"+6281234{row:06}", "3456", f"pancimas mati nomor {row}", now)
        inbound.take_in(told, now=now)


def add_settings(world: World, rows: int, mark: str) -> None:
    """Add so many of everything that a reviewer keeps: words, places, people, days, samples, editions."""
    pkh, now = world.programmes["pkh"], timezone.now()
    level = ServiceLevel.objects.filter(programme=pkh).first()
    sample = QualitySample.objects.create(
        programme=pkh, closed_from=SINCE, closed_until=SINCE, drawn_by=world.peninjau, drawn_at=now
    )
    closed = list(Complaint.objects.order_by("pk"))
    for row in range(rows):
        name = {"programme": pkh, "code": f"{mark}-{row}", "name": f"{mark} {row}"}
        for model in (Field, Source, Channel, ClosureStandard):
            model.objects.create(**name)
        Category.objects.create(**name, nature="masalah", service_level=level)
        ReplyTemplate.objects.create(**name, subject="Perihal", body="Isi")
        Holiday.objects.create(on=date(2030, 1, 1) + timedelta(days=row + len(mark) * 100), name=name["name"])
        village = {"code": f"33.29.01.{3000 + row + 500 * len(mark)}", "parent_id": "33.29.01", "tier": Tier.DESA}
        place = Region.objects.create(**village, name=f"Desa {mark} {row}", zone="Asia/Jakarta")
        office = Office.objects.create(programme=pkh, tier=Tier.DESA, region=place, name=f"Kantor {mark} {row}")
        user = User.objects.create_user(f"{mark}{row}", "", None, name=f"Orang {row}")
        Assignment.objects.create(user=user, office=office, role="petugas", starts_on=SINCE)
        Absence.objects.create(user=user, starts_on=now.date(), ends_on=now.date(), stand_in=world.desa)
        QualityReview.objects.create(sample=sample, complaint=closed[row])
        ReportRecipient.objects.create(programme=pkh, name=f"Penerima {row}", email=f"{mark}{row}@kantor.id")
        regency = {"code": f"33.{30 + row + 10 * len(mark)}", "parent_id": "33", "tier": Tier.KABUPATEN}
        area = Region.objects.create(**regency, name=f"Kabupaten {mark} {row}", zone="Asia/Jakarta")
        edition = Edition.objects.create(
            programme=pkh, region=area, begins_on=date(2026, 1, 1), number=1, as_of=now, made_at=now, query_version=1,
            figures="{}", sha256="0" * 64,
        )  # fmt: skip
        ReportDelivery.objects.create(edition=edition, user=world.koordinator, created_at=now, next_attempt_at=now)
        CorrectionRequest.objects.create(edition=edition, asked_by=world.koordinator, asked_at=now, why="Surat baru")
        due = {"programme": pkh, "region": area, "created_at": now, "next_attempt_at": now, "attempts": 1}
        ReportDue.objects.create(kind="bulanan", begins_on=date(2026, 1, 1), **due)
        for asker in (world.desa, world.koordinator):
            span = {"first_on": now.date(), "last_on": now.date(), "programme": pkh, "region": place}
            Export.objects.create(asked_by=asker, asked_at=now, what="matriks", format="csv", state="dihapus", **span)


def asked(client: Client, url: str) -> list[str] | None:
    """Return what a page asked the database, when everything that is learnt once is known; None where it is no page."""
    if client.get(url).status_code != 200:
        return None
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return [query["sql"] for query in queries.captured_queries]


def all_asked(world: World) -> dict[tuple[str, str], list[str]]:
    found = {}
    for name in PEOPLE:
        client = Client()
        if name:
            client.force_login(world.users[name])
        for url in PLAIN + REPORTS:
            theirs = url.startswith("/admin/") == (name == "peninjau")
            if theirs and url != RECKONED and not url.startswith(ASIDE) and not url.endswith((".pdf", ".js")):
                found[name, url] = asked(client, url)
    return {each: queries for each, queries in found.items() if queries is not None}


def test_no_list_asks_more_for_a_full_page_than_for_one_row(world):
    cache.clear()
    add_cases(world, 1)
    add_settings(world, 1, "a")
    few = all_asked(world)
    add_cases(world, FULL)
    add_settings(world, FULL, "bb")
    many = all_asked(world)
    assert few.keys() == many.keys()
    assert {("desa", "/petugas/"), ("penyelia", "/petugas/papan/"), ("peninjau", "/admin/tiers/office/")} <= few.keys()
    assert {("koordinator", page) for page in REPORTS} <= few.keys()
    more = {each: (len(few[each]), len(many[each])) for each in few if len(few[each]) < len(many[each])}
    assert more == {}, "\n\n".join(extra(few[each], many[each]) for each in more)
    assert max(len(queries) for (_name, url), queries in many.items() if url == "/petugas/") <= INBOX


def extra(few: list[str], many: list[str]) -> str:
    """Return the statement that is asked most often only where there is more to show."""
    shapes = [sql[:160] for sql in many]
    return max(shapes, key=shapes.count) + f" × {len(many) - len(few)}"
