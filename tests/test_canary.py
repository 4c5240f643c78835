"""An identity that exists once is led through everything the product does, and then looked for everywhere (D37, D38).

Real processes: web, worker, broker, mail server, SMS gateway. It may stand in the sealed columns, in the address of
what goes to its owner, and on the page that the holder opened on record; nowhere else.
"""

import copy
import functools
import io
import itertools
import json
import subprocess
import sys
import urllib.parse
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from PIL import Image

from config import servers
from config.celery import app as celery_app
from pengaduan.models import Attachment, Complainant, Complaint, Stage, Weight
from reports.export_models import Export, Format, State
from reports.models import Edition, PublicFigures, ReportDelivery, ReportRecipient
from reports.sending import links
from reports.tally_models import Tally, TallyMark
from tests.cast import VILLAGE, World, at
from tests.journey import lead_on
from tests.outside import Browser, Gateway, overheard, process
from tests.postbox import Postbox, free_port, of_this_test
from tests.processes import wait_until
from tests.traces import traces
from workflow import actions, tasks
from workflow.models import IdentityRequest, Notification

pytestmark = pytest.mark.slow

NAME, PHONE, EMAIL = "Kenari Zamrudiawati", "+6281399998877", "zamrudiawati@rahasia.example"
ADDRESS = "Gang Kutilang 77, Dukuh Pijarsari"
IDENTITY = {"name": NAME, "phone": PHONE, "email": EMAIL, "address": ADDRESS}
traces_once = functools.cache(traces)  # the same paper is attached, kept and fetched
OF_COMPLAINANT = ("zamrudiawati", "81399998877", "0813 9999 8877", "kutilang 77", "pijarsari")
REPORTED = "Bendahara Wiratmojosastro"
OF_REPORTED = ("wiratmojosastro",)
PASSWORD = "sandi-yang-cukup-panjang"
MONTH = "2026-10"
KINDS = ("laporan", "dua-mingguan", "triwulanan")  # the files that the commands write
REPORTS, LISTS = "/petugas/laporan/", "/petugas/laporan/ekspor/"

SITE = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
from django.conf import settings
plain = {{"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
settings.STORAGES = {{**settings.STORAGES, "staticfiles": plain}}  # as in conftest: nothing was collected
from config.wsgi import application
from workflow import intake
taken_in = intake._complainant
def failing(complaint, person, *given, **named):
    if os.path.exists({flag!r}):
        raise RuntimeError("penyimpanan penuh")
    return taken_in(complaint, person, *given, **named)
intake._complainant = failing
"""

MAKE_REPORTS = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from pathlib import Path
from django.conf import settings
from django.core.management import call_command
folder, month = Path(sys.argv[1]), sys.argv[2]
for ending in ("pdf", "xlsx", "json"):
    said = {"programme": "pkh", "send": True}
    call_command("monthly_report", month=month, output=folder / f"laporan.{ending}", **said)
settings.REPORT_MAIL_MAX_BYTES = 1
for kind, period in (("dua-mingguan", f"{month}-01"), ("triwulanan", "2026-T3")):
    for ending in ("pdf", "xlsx", "json"):
        call_command("periodic_report", kind=kind, period=period, output=folder / f"{kind}.{ending}", **said)
"""


def telling_photo() -> io.BytesIO:
    """Return a photo as a telephone makes it, with its owner and the place in it, under the owner's name."""
    exif = Image.Exif()
    exif[0x013B] = exif[0x8298] = NAME
    exif.get_ifd(0x8825)[1] = "S"
    drawn = io.BytesIO()
    Image.new("RGB", (80, 60), "navy").save(drawn, "JPEG", exif=exif, comment=NAME.encode())
    drawn.seek(0)
    drawn.name = f"{NAME} {PHONE}.jpg"
    return drawn


@dataclass
class Life:
    """What was left behind when the canary had been led through everything."""

    world: World
    folder: Path
    told: dict[str, str | bytes] = field(default_factory=dict)  # what somebody was shown or told, by what it is
    mails: list = field(default_factory=list)
    texts: list = field(default_factory=list)
    heard: list = field(default_factory=list)
    codes: list = field(default_factory=list)

    @property
    def marks(self) -> tuple[str, ...]:
        """What must be found nowhere: the identity, and the codes."""
        return (
            *OF_COMPLAINANT,
            *self.codes,
            *(" ".join(code[at : at + 4] for at in (0, 4, 8, 12)) for code in self.codes),
        )


@pytest.fixture
def life(real_world, settings, tmp_path) -> Life:
    """Lead the canary from the citizen's form to the archive, by real programs."""
    life = Life(real_world, tmp_path)
    for name in ("desa", "kustodian", "koordinator"):
        user = real_world.users[name]
        user.set_password(PASSWORD)
        user.save()
    flag = tmp_path / "gagal"
    (tmp_path / "canary_site.py").write_text(SITE.format(flag=str(flag)))
    gateway, queue, port = Gateway(), f"uji-{uuid.uuid4().hex}", free_port()
    settings.SMS_URL = gateway.url
    with ExitStack() as running:
        box = running.enter_context(Postbox())
        life.heard = running.enter_context(overheard())
        running.enter_context(gateway)
        environment = of_this_test(
            box,
            SMS_URL=gateway.url,
            LOG_LEVEL="DEBUG",
            MEDIA_ROOT=str(settings.MEDIA_ROOT),
            PYTHONPATH=f"{tmp_path}:{Path(__file__).parent.parent}",
        )
        web = [sys.executable, "-m", "gunicorn", "canary_site", "--bind", f"127.0.0.1:{port}", "--access-logfile", "-"]
        worker = [sys.executable, "-m", "celery", "--app", "config", "worker", "--pool", "solo", "--queues", queue]
        running.enter_context(process(web, environment, tmp_path / "web.log"))
        running.enter_context(process([*worker, "--loglevel", "debug"], environment, tmp_path / "worker.log"))
        site = f"http://127.0.0.1:{port}"
        wait_until(lambda: Browser(site).answers("/hidup/"), seconds=60)
        _live(life, site, flag, queue)
        _reports(life, environment, site)
        _taken_along(life, site)
        _wait_for_mails(queue)
        life.mails, life.texts = list(box.mails), list(gateway.sent)
    for log in ("web.log", "worker.log"):
        life.told[log] = (tmp_path / log).read_text()
    return life


def _live(life: Life, site: str, flag: Path, queue: str) -> None:
    """Report, be registered, asked after, opened, handled, answered; late and raised; turned over to an authority."""
    world, citizen = life.world, Browser(site)
    online = _reported(life, citizen, flag)
    _opened(life, site, online)
    seen = len(citizen.pages)
    lead_on(world.read(online), world, Stage.FEEDBACK, now=timezone.now())
    citizen.post("/lacak/pengaduan/", {"langkah": "pesan-pelapor", "pesan-pelapor-words": "Terima kasih"})
    citizen.post("/lacak/pengaduan/", {"langkah": "terima-hasil", "terima-hasil-words": ""})
    assert world.read(online).stage == Stage.CLOSED
    life.told["what the complainant is shown"] = "\n".join(citizen.pages[seen:])

    autumn = [
        world.complaint(received=received, identity=IDENTITY, reported_words=REPORTED, text=text)
        for received, text in (
            (f"{MONTH}-05 10:00", "Kartu diganti tanpa izin pemiliknya."),
            ("2026-09-28 10:00", "Potongan diminta waktu pencairan."),
        )
    ]
    life.codes += [complaint.receipt.code for complaint in autumn]
    grave = {"weight": Weight.HEAVY, "prominent": True, "reason": "Banyak yang terkena"}
    actions.weigh(autumn[0], by=world.kecamatan, now=at(f"{MONTH}-06 09:00"), **grave)
    _send_task(tasks.escalate_overdue, queue)
    wait_until(lambda: all(world.read(complaint).tier > 1 for complaint in autumn), seconds=60)
    late = world.read(autumn[0])
    actions.ask_completion(late, by=world.kecamatan, now=timezone.now(), questions="Tahap berapa?")
    aside = world.read(autumn[1])
    actions.close_aside(
        aside, "salurkan", by=world.kecamatan, now=timezone.now(), authority="Dinas Sosial", reason="Wewenangnya"
    )
    _send_task(tasks.close_lapsed, queue)


def _reported(life: Life, citizen: Browser, flag: Path) -> Complaint:
    """Report by the citizen's form, the first time into a failure, and send a photo that tells on its maker."""
    citizen.post("/lapor/", {"program": "pkh"})
    citizen.post("/lapor/lokasi/", {"di": "33.29.01", "region": VILLAGE})
    matter = {"category": "pembayaran", "text": "Bantuan tahap dua belum cair.", "reported": REPORTED}
    citizen.post("/lapor/kejadian/", matter)
    who = {"secrecy": "rahasia", "name": NAME, "phone": PHONE, "email": EMAIL, "sms": "on"}
    citizen.post("/lapor/identitas/", who)
    draft = citizen.hidden("/lapor/periksa/", "draf")
    flag.touch()
    life.told["the page of a failure"] = citizen.post("/lapor/periksa/", {"draf": draft})
    assert citizen.status == 500
    flag.unlink()
    receipt = citizen.post("/lapor/periksa/", {"draf": draft})
    assert citizen.status == 200
    life.codes.append("".join(citizen.digits_in(receipt, 'class="app-code"')))
    citizen.post("/lacak/pengaduan/berkas/", {"file": telling_photo()}, page="/lacak/pengaduan/")
    assert Attachment.objects.filter(complainant__isnull=False).count() == 1
    return Complaint.objects.get()


def _opened(life: Life, site: str, complaint: Complaint) -> None:
    """Ask for the identity, have it granted, and open it, by the pages."""
    holder, custodian = _signed_in(site, "desa"), _signed_in(site, "kustodian")
    page = f"{complaint.get_absolute_url()}pelapor/"
    person = complaint.complainants.get()
    asked = {"complainant": str(person.pk), "purpose": "menghubungi", "motive": "Perlu menelepon"}
    holder.post(page, asked)
    request = IdentityRequest.objects.get()
    custodian.post(f"/petugas/identitas/{request.pk}/", {"verdict": "24", "reason": "Wajar"})
    life.told["what officers are shown"] = "\n".join(holder.pages + custodian.pages)
    identity = holder.post(f"{page}{request.pk}/buka/", {}, page=page)
    assert traces(identity, ["zamrudiawati", "81399998877"]) == ["81399998877", "zamrudiawati"]
    life.told["the case afterwards"] = holder.get(complaint.get_absolute_url()) + holder.get(page)
    assert "Identitas pelapor dibuka" in life.told["the case afterwards"]


def _reports(life: Life, environment: dict[str, str], site: str) -> None:
    """Make every kind of report, and send it: attached, as a link, and as the summary for an address outside."""
    pkh = life.world.programmes["pkh"]
    all_kinds = {"biweekly": True, "quarterly": True, "needs_to_know": True, "need": "SK 12/2026"}
    ReportRecipient.objects.create(programme=pkh, name="Kementerian", email="tahu@pusat.id", **all_kinds)
    ReportRecipient.objects.create(programme=pkh, name="Media", email="umum@pusat.id")
    command = [sys.executable, "-c", MAKE_REPORTS, str(life.folder), MONTH]
    made = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    life.told["what the commands say"] = made.stdout + made.stderr
    reader = Browser(site)
    for delivery in ReportDelivery.objects.filter(recipient__needs_to_know=True, linked=True):
        for ending in links.KINDS:
            path = urllib.parse.urlsplit(links.address(delivery, ending)).path
            life.told[f"link of {delivery} {ending}"] = reader.get(path).encode() + reader.file(f"{path}berkas")


def _taken_along(life: Life, site: str) -> None:
    """Look at the figures, the cases behind them and the archive, and take along every list there is."""
    officer, coordinator = _signed_in(site, "desa"), _signed_in(site, "koordinator")
    days = {"dari_day": "1", "dari_month": "9", "dari_year": MONTH[:4]}
    today = timezone.localdate()
    days |= {"sampai_day": str(today.day), "sampai_month": str(today.month), "sampai_year": str(today.year)}
    for what, ending in itertools.product(("matriks", "rekapitulasi"), Format.values):
        officer.post(LISTS, {"apa": what, "program": "pkh", "wilayah": VILLAGE, "bentuk": ending} | days)
    behind = f"program=pkh&bulan={MONTH}&ukuran=open"
    for ending in ("csv", "xlsx"):
        coordinator.post(f"{REPORTS}daftar/unduh/?{behind}", {"bentuk": ending}, page=f"{REPORTS}daftar/?{behind}")
        life.told[f"angka.{ending}"] = coordinator.file(f"{REPORTS}angka.{ending}?program=pkh&bulan={MONTH}")
    for edition in Edition.objects.all():
        coordinator.get(f"{REPORTS}arsip/{edition.pk}/")
    for page in ("arsip/", "?program=pkh", f"?program=pkh&bulan={MONTH}&kategori=pembayaran", f"?bulan={MONTH}"):
        coordinator.get(REPORTS + page)
    life.told["what readers of reports are shown"] = "\n".join(officer.pages + coordinator.pages)
    assert [(each.what, each.failure) for each in Export.objects.all() if not each.rows] == []
    assert Export.objects.filter(state=State.READY).count() == 8


def _signed_in(site: str, login: str) -> Browser:
    browser = Browser(site)
    browser.post("/masuk/", {"login": login, "password": PASSWORD})
    return browser


def _send_task(task, queue: str) -> None:
    with celery_app.connection_for_write() as broker:
        task.apply_async(queue=queue, connection=broker)


def _wait_for_mails(queue: str) -> None:
    """Let everything go out that is owed, whatever the hour of its office."""
    Notification.objects.filter(sent_at=None).update(next_attempt_at=timezone.now() - timedelta(minutes=1))
    _send_task(tasks.deliver_notices, queue)
    wait_until(lambda: not Notification.objects.owed(now=timezone.now()).exists(), seconds=120)
    with celery_app.connection_for_write() as broker:
        left = celery_app.amqp.queues[queue].bind(broker.default_channel)
        left.declare()
        left.delete()


def dump() -> str:
    """Return the whole database as one text."""
    given = connection.settings_dict
    own = servers.programs().postgres / "pg_dump"
    command = [str(own) if own.exists() else "pg_dump", "--dbname", given["NAME"]]
    command += [
        f"--{name}={given[key]}"
        for name, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER"))
        if given[key]
    ]
    return subprocess.run(
        command, env={"PGPASSWORD": given["PASSWORD"]}, check=True, capture_output=True, text=True
    ).stdout


def test_d37_d38_the_canary_and_the_reported_are_found_nowhere_outside(life):
    """Database, cache, sessions, logs, broker, mail, SMS, files and their names, reports, error page, pages."""
    _check_complainant(life)
    _check_reported(life)


def _check_complainant(life: Life) -> None:
    assert [person.unseal_identity("name") for person in Complainant.objects.all()] == [NAME] * 3
    found = {what: traces(text, life.marks) for what, text in life.told.items()}
    found["database"] = traces(dump(), life.marks)
    found["sessions"] = traces(json.dumps([each.get_decoded() for each in Session.objects.all()]), life.marks)
    found["broker"] = traces("\n".join(life.heard), life.marks)
    for path in life.folder.rglob("*"):
        if path.is_file() and path.name not in {"canary_site.py"}:
            found[str(path.relative_to(life.folder))] = _traces_in_all([path.read_bytes(), bytes(path)], life.marks)
    found |= {f"mail {number}": _traces_in_all(_parts_of(mail), life.marks) for number, mail in enumerate(life.mails)}
    found |= {f"SMS {number}": traces(text, life.marks) for number, (_to, text) in enumerate(life.texts)}
    assert {what: marks for what, marks in found.items() if marks} == {}

    papers = {f"{name}.{ending}" for name in KINDS for ending in ("pdf", "xlsx", "json")}
    assert {"web.log", "worker.log", *papers} <= set(found)
    assert [len(model.objects.all()[:1]) for model in (Export, Tally, TallyMark, PublicFigures)] == [1] * 4
    assert sum(what.startswith("media/ekspor/") and not what.endswith(".bin") for what in found) == 8
    assert sum(what.startswith("link of") for what in found) == 4
    assert {"tahu@pusat.id", "umum@pusat.id"} <= {mail["To"] for mail in life.mails}
    assert len([what for what in found if what.startswith("media")]) >= 3
    assert {to for to, _text in life.texts} == {PHONE}
    told = [mail for mail in life.mails if EMAIL in mail["To"]]
    assert (len(told) > 5, "koordinator@kantor.id" in {mail["To"] for mail in life.mails}) == (True, True)
    assert any("request_failed" in line for line in life.told["web.log"].splitlines())
    assert any("deliver_notices" in command for command in life.heard)


def _parts_of(mail) -> Iterator[bytes]:
    """Yield a mail, without the address when it goes to the owner alone, and each of its attachments."""
    bare = copy.deepcopy(mail)
    if mail["To"] == EMAIL:
        del bare["To"]
    yield bytes(bare)
    yield from (part.get_payload(decode=True) or b"" for part in mail.walk() if not part.is_multipart())


def _traces_in_all(parts: Iterable[bytes], marks: tuple[str, ...]) -> list[str]:
    return sorted({mark for part in parts for mark in traces_once(part, marks)})


def _check_reported(life: Life) -> None:
    """No complainant, report, mail or text tells who is reported; the officers' pages do (D38)."""
    outside = {name: life.told[name] for name in ("what the complainant is shown", "web.log", "worker.log")}
    outside |= {f"SMS {number}": text for number, (_to, text) in enumerate(life.texts)}
    outside |= {name: told for name, told in life.told.items() if name.startswith(("link of", "angka", "what readers"))}
    papers = [path for name in KINDS for path in life.folder.glob(f"{name}.*")]
    for kept in ("laporan", "ekspor"):
        papers += [path for path in (life.folder / "media" / kept).rglob("*") if path.is_file()]
    outside |= {str(path.relative_to(life.folder)): path.read_bytes() for path in papers}
    outside["broker"] = "\n".join(life.heard)
    assert {what: found for what, text in outside.items() if (found := traces_once(text, OF_REPORTED))} == {}
    assert [number for number, mail in enumerate(life.mails) if _traces_in_all(_parts_of(mail), OF_REPORTED)] == []
    assert traces(life.told["what officers are shown"] + life.told["the case afterwards"], OF_REPORTED)
