"""What an address without a need to know gets: published figures, and nothing to be taken from them (D57)."""

import io
import json
import re
import zipfile
from itertools import combinations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from reports import editions
from reports.figures.suppression import LEAST, STEP
from reports.models import Edition, PublicFigures, ReportDelivery, ReportRecipient
from reports.pages import publishing, statistics
from reports.papers.charts import scale
from reports.periods import HalfMonth, Month, Quarter
from reports.sending import dispatch, outside
from reports.subject import Subject
from tests.cast import EASTERN_VILLAGE, NEIGHBOUR_VILLAGE, VILLAGE, at
from tiers.models import Programme, Region

NOW = at("2026-11-01 06:00")
OCTOBER = Month.parse("2026-10")
PLACES = (None, "33", "91")


@pytest.fixture
def busy(world, settings, monkeypatch):
    """Return the world with enough of some things and too little of others, on the morning of 1 November."""
    settings.SECRET_KEY = "selalu sama"
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr("workflow.notices.owe_for", lambda *args, **kwargs: [])
    monkeypatch.setattr("workflow.correspondence.keep_for", lambda *args, **kwargs: [])
    for day in range(1, 29):
        world.complaint(region=(VILLAGE, NEIGHBOUR_VILLAGE)[day % 2], received=f"2026-10-{day:02d} 09:00")
        if day % 2:
            world.complaint("data-peserta", received=f"2026-09-{day:02d} 09:00")
    for day in range(1, 4):
        world.complaint(region=EASTERN_VILLAGE, received=f"2026-10-{day:02d} 09:00")
        world.complaint("kkn", received=f"2026-10-{day:02d} 09:00")
    return world


def of(world, region=None, period=OCTOBER):
    place = Region.objects.get(pk=region) if region else None
    return editions.first_edition(Subject(world.programmes["pkh"], place, period), now=NOW)


def recipient(world, **said):
    return ReportRecipient(
        **{"programme": world.programmes["pkh"], "name": "Kampus", "email": "kampus@contoh.id"} | said
    )


def pdf_text(told):
    return " ".join(
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(outside.content(told, "pdf"))).pages).split()
    )


def sheet_text(told):
    book = zipfile.ZipFile(io.BytesIO(outside.content(told, "xlsx")))
    return " ".join(book.read(name).decode() for name in book.namelist())


def sheet_numbers(told):
    book = zipfile.ZipFile(io.BytesIO(outside.content(told, "xlsx")))
    sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
    return {
        int(number) for text in sheets for number in re.findall(r'<c r="[A-Z]+\d+"(?: s="\d+")?><v>(\d+)</v>', text)
    }


def test_d57_an_outsiders_mail_says_and_brings_published_figures_only(busy, mailoutbox):
    """The four numbers are those of the public page; case numbers, rupiah and the digest of the figures are nowhere."""
    address = recipient(busy)
    address.full_clean()
    address.save()
    edition = of(busy)
    dispatch.owe(edition, now=NOW)
    assert dispatch.deliver(now=NOW).sent == 2
    (mail,) = [mail for mail in mailoutbox if mail.to == ["kampus@contoh.id"]]
    assert [name for name, _content, _kind in mail.attachments] == [
        "ringkasan-pkh-nasional-2026-10.pdf", "ringkasan-pkh-nasional-2026-10.xlsx",
    ]  # fmt: skip
    told = outside.summary(edition)
    public = statistics.latest("pkh", "")
    month, both = public.figures["trend"][-1]
    assert month == "2026-10"
    assert told.numbers == {**both, "open": public.figures["totals"]["open"], "late": public.figures["totals"]["late"]}
    assert "jangan disebarluaskan" not in mail.body.lower()
    assert "Angka kecil ditutup" in mail.body
    text, sheet = pdf_text(told), sheet_text(told)
    assert "Angka kecil ditutup" in text
    for secret in ("PKH-33.29-2026-", "Rp", edition.sha256[:16], "Brebes", "Salem", "Ketua Kelompok"):
        assert (secret in text, secret in sheet, secret in mail.body) == (False, False, False), secret


def test_d57_every_number_in_the_files_is_one_of_the_published(busy):
    """Read back from the workbook and from the text of the PDF: none is below five or not a multiple of five."""
    for region in PLACES:
        told = outside.summary(of(busy, region))
        published = {leaf for leaf in leaves(told.row.figures) if leaf is not None}
        assert sheet_numbers(told) <= published
        text = re.sub(
            r"\b\d{1,2} (Januari|November|Oktober) \d{4}|Halaman \d+ dari \d+|\b20\d\d\b|SHA-256", "", pdf_text(told)
        )
        numbers = re.findall(r"(?<![\w<.-])\d+(?![\w%.-])", text.partition("Cara menghitung")[0])
        axis = scale(max(number or 0 for point in told.statistics.trend for number in point[1:]))
        allowed = {str(number) for number in published} | {"12", str(int(axis)), str(int(axis / 2))}
        assert [number for number in numbers if number not in allowed] == []
    assert published == set()  # Papua: too little of everything
    assert sheet_numbers(outside.summary(of(busy))) != set()


def leaves(value):
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value] if not isinstance(value, str) else []


def test_d57_subtraction_gives_nothing_back(busy):
    """Totals minus rows, nation minus provinces, month minus month, PDF minus page: no difference is one to four."""
    told = {region: outside.summary(of(busy, region)) for region in PLACES}
    page = {region: statistics.latest("pkh", region or "").figures for region in PLACES}
    assert {region: each.row.figures for region, each in told.items()} == page
    numbers = {number for region in PLACES for number in leaves(page[region]) if number is not None}
    assert len(numbers) > 3
    assert {abs(one - other) % STEP for one, other in combinations(numbers, 2)} == {0}
    assert min(numbers) >= LEAST
    totals = page[None]["totals"]["received"]
    rows = [row["received"] for _code, row in page[None]["categories"]]
    assert None in rows  # there is something to attack: kkn is three
    assert (totals - sum(number or 0 for number in rows)) % STEP == 0


def test_d57_a_second_edition_changes_nothing_for_outsiders(busy):
    """What was recorded later is in the full report; between two summaries there is nothing to compare."""
    edition = of(busy)
    before = (outside.summary(edition).numbers, outside.content(outside.summary(edition), "xlsx"))
    for day in range(1, 20):
        busy.complaint(received=f"2026-10-{day:02d} 10:00", now="2026-11-02 09:00")
    later, is_new = editions.new_edition(edition.subject, now=at("2026-11-03 09:00"))
    assert is_new
    assert (outside.summary(later).numbers, outside.content(outside.summary(later), "xlsx")) == before
    ReportRecipient.objects.create(programme=busy.programmes["pkh"], name="Kampus", email="k@contoh.id")
    dispatch.owe(later, now=NOW)
    assert ReportDelivery.objects.filter(recipient__isnull=False).count() == 0


def test_a_summary_publishes_its_month_where_nobody_has_as_it_stood_then(busy):
    edition = of(busy, "33")
    assert PublicFigures.objects.count() == 0
    told = outside.summary(edition)
    assert {row.made_at for row in PublicFigures.objects.all()} == {edition.made_at}
    assert publishing.publish(OCTOBER, now=NOW) is False
    assert outside.summary(edition).row.pk == told.row.pk


@pytest.mark.parametrize(
    ("region", "period"), [("33.29", OCTOBER), (None, HalfMonth.parse("2026-10-16")), (None, Quarter.parse("2026-T3"))]
)
def test_d57_of_a_regency_and_of_other_kinds_there_is_none_for_outsiders(busy, region, period, mailoutbox):
    """Not even where the row of an address was written past the form."""
    edition = of(busy, region, period)
    with pytest.raises(editions.CannotReport, match="Laporan ini hanya untuk yang perlu tahu"):
        outside.summary(edition)
    everything = {"biweekly": True, "quarterly": True}
    recipient(busy, region=edition.region, **everything).save()
    dispatch.owe(edition, now=NOW)
    assert ReportDelivery.objects.filter(recipient__isnull=False).count() == 0
    delivery = ReportDelivery.objects.create(
        edition=edition, recipient=ReportRecipient.objects.get(), created_at=NOW, next_attempt_at=NOW
    )
    dispatch.deliver(now=NOW)
    delivery.refresh_from_db()
    assert (delivery.sent_at, delivery.last_error) == (None, "Laporan ini hanya untuk yang perlu tahu.")
    assert "kampus@contoh.id" not in {address for mail in mailoutbox for address in mail.to}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"region_id": "33.29"}, {"needs_to_know"}),
        ({"biweekly": True}, {"needs_to_know"}),
        ({"quarterly": True}, {"needs_to_know"}),
        ({"needs_to_know": True}, {"need"}),
        ({"needs_to_know": True, "need": "SK 12/2026", "region_id": "33.29", "quarterly": True}, {"quarterly"}),
        ({"region_id": "33.29.01", "needs_to_know": True, "need": "SK 12/2026"}, {"region"}),
        ({"monthly": False}, {"monthly"}),
        ({"email": "bukan alamat"}, {"email"}),
        ({}, set()),
        ({"region_id": "33"}, set()),
        ({"needs_to_know": True, "need": "SK 12/2026", "region_id": "33.29", "biweekly": True}, set()),
    ],
)
def test_what_an_address_may_get_is_checked(world, said, wrong):
    found = set()
    try:
        recipient(world, **said).full_clean()
    except ValidationError as refusal:
        found = set(refusal.message_dict)
    assert found == wrong


def test_only_who_configures_the_programme_adds_an_address_and_the_history_says_who(world, client):
    """A reviewer of another programme neither sees nor adds one; officers and coordinators do not come in at all."""
    add = reverse("admin:reports_reportrecipient_add")
    said = {
        "programme": world.programmes["pkh"].pk, "region": "33", "name": "Bappeda", "email": "Bappeda@Jateng.ID",
        "active": "on", "monthly": "on", "needs_to_know": "", "need": "",
    }  # fmt: skip
    for who in ("koordinator", "penyelia", "tetangga", "desa"):
        client.force_login(world.users[who])
        assert client.post(add, said).status_code == 403
    other = Programme.objects.create(code="lain", name="Program lain", number_prefix="LAIN")
    client.force_login(world.peninjau)
    refused = client.post(add, said | {"programme": other.pk})
    assert (refused.status_code, ReportRecipient.objects.count()) == (200, 0)
    assert client.post(add, said).status_code == 302
    added = ReportRecipient.objects.get()
    assert (added.email, added.needs_to_know) == ("bappeda@jateng.id", False)
    change = reverse("admin:reports_reportrecipient_change", args=[added.pk])
    page = client.get(change).content.decode()
    assert "angka kecil ditutup dan daftar kasus tidak ikut" in page
    assert client.post(change, said | {"needs_to_know": "on", "need": ""}).status_code == 200
    assert client.post(change, said | {"needs_to_know": "on", "need": "SK Gubernur 12/2026"}).status_code == 302
    history = client.get(reverse("admin:reports_reportrecipient_history", args=[added.pk])).content.decode()
    assert "SK Gubernur 12/2026" in history
    assert str(world.peninjau) in history
    of_other = ReportRecipient.objects.create(programme=other, name="Rahasia", email="r@contoh.id")
    assert "Rahasia" not in client.get(reverse("admin:reports_reportrecipient_changelist")).content.decode()
    assert client.get(reverse("admin:reports_reportrecipient_change", args=[of_other.pk])).status_code == 302


def test_the_stored_figures_of_an_edition_do_not_follow_from_the_summary(busy):
    """The digest in a summary is that of published figures: no guess at the others can be checked against it."""
    edition = of(busy)
    told = outside.summary(edition)
    assert told.sha256 != edition.sha256
    assert json.loads(json.dumps(told.row.figures)) == told.row.figures
    assert Edition.objects.get().sha256 not in pdf_text(told)
