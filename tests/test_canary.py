"""An identity that exists once is led through everything the product does, and then looked for everywhere (D37, D38).

Real processes: web, worker, broker, mail server, SMS gateway. It may stand in the sealed columns, in the address of
what goes to its owner, and on the page that the holder opened on record; nowhere else.
"""

import copy
import io
import json
import subprocess
import sys
import urllib.parse
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from config import servers
from config.celery import app as celery_app
from pengaduan.models import Attachment, Complainant, Complaint, Stage
from reports.models import Edition
from tests.cast import VILLAGE, World
from tests.journey import lead_on
from tests.outside import Browser, Gateway, overheard, process
from tests.postbox import Postbox, free_port, of_this_test
from tests.processes import wait_until
from tests.test_every_url import NUMBER, ROUTES, address
from tests.traces import traces
from tiers.admin_site import site as admin_site
from workflow import actions, printing, tasks
from workflow.models import IdentityRequest, Letter, Notification

pytestmark = pytest.mark.slow

NAME, PHONE, EMAIL = "Kenari Zamrudiawati", "+6281399998877", "zamrudiawati@rahasia.example"
ADDRESS = "Gang Kutilang 77, Dukuh Pijarsari"
IDENTITY = {"name": NAME, "phone": PHONE, "email": EMAIL, "address": ADDRESS}
OF_COMPLAINANT = ("zamrudiawati", "81399998877", "0813 9999 8877", "kutilang 77", "pijarsari")
REPORTED = "Bendahara Wiratmojosastro"
OF_REPORTED = ("wiratmojosastro",)
PASSWORD = "sandi-yang-cukup-panjang"
MONTH = "2026-10"

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
    told: dict[str, str] = field(default_factory=dict)  # what somebody was shown or told, by what it is
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
    for name in ("desa", "kustodian"):
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
        _reports(life, environment)
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

    october = [
        world.complaint(received=f"{MONTH}-05 10:00", identity=IDENTITY, reported_words=REPORTED, text=text)
        for text in ("Kartu diganti tanpa izin pemiliknya.", "Potongan diminta waktu pencairan.")
    ]
    life.codes += [complaint.receipt.code for complaint in october]
    _send_task(tasks.escalate_overdue, queue)
    wait_until(lambda: all(world.read(complaint).tier > 1 for complaint in october), seconds=60)
    late = world.read(october[0])
    actions.ask_completion(late, by=world.kecamatan, now=timezone.now(), questions="Tahap berapa?")
    aside = world.read(october[1])
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
    holder, custodian = Browser(site), Browser(site)
    for browser, login in ((holder, "desa"), (custodian, "kustodian")):
        browser.post("/masuk/", {"login": login, "password": PASSWORD})
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


def _reports(life: Life, environment: dict[str, str]) -> None:
    """Make every kind of the monthly report, and send it."""
    for kind in ("pdf", "xlsx", "json"):
        target = life.folder / f"laporan.{kind}"
        command = [sys.executable, "manage.py", "monthly_report", "--programme", "pkh", "--month", MONTH]
        subprocess.run([*command, "--output", str(target), "--send"], env=environment, check=True, capture_output=True)


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
            found[str(path.relative_to(life.folder))] = traces(path.read_bytes() + str(path).encode(), life.marks)
    found |= {f"mail {number}": traces(_without_owner(mail), life.marks) for number, mail in enumerate(life.mails)}
    found |= {f"SMS {number}": traces(text, life.marks) for number, (_to, text) in enumerate(life.texts)}
    assert {what: marks for what, marks in found.items() if marks} == {}

    assert {"web.log", "worker.log", "laporan.pdf", "laporan.xlsx", "laporan.json"} <= set(found)
    assert len([what for what in found if what.startswith("media")]) >= 3
    assert {to for to, _text in life.texts} == {PHONE}
    told = [mail for mail in life.mails if EMAIL in mail["To"]]
    assert (len(told) > 5, "koordinator@kantor.id" in {mail["To"] for mail in life.mails}) == (True, True)
    assert any("request_failed" in line for line in life.told["web.log"].splitlines())
    assert any("deliver_notices" in command for command in life.heard)


def _without_owner(mail) -> bytes:
    """Return a mail with what is attached, without the address when it goes to the owner alone."""
    attached = b"".join(part.get_payload(decode=True) or b"" for part in mail.walk() if not part.is_multipart())
    bare = copy.deepcopy(mail)
    if mail["To"] == EMAIL:
        del bare["To"]
    return bytes(bare) + b"\n" + attached


def _check_reported(life: Life) -> None:
    """No complainant, report, mail or text tells who is reported; the officers' pages do (D38)."""
    outside = {name: life.told[name] for name in ("what the complainant is shown", "web.log", "worker.log")}
    outside |= {f"mail {number}": bytes(mail) for number, mail in enumerate(life.mails)}
    outside |= {f"SMS {number}": text for number, (_to, text) in enumerate(life.texts)}
    outside |= {path.name: path.read_bytes() for path in life.folder.glob("laporan.*")}
    outside["broker"] = "\n".join(life.heard)
    assert {what: found for what, text in outside.items() if (found := traces(text, OF_REPORTED))} == {}
    assert traces(life.told["what officers are shown"] + life.told["the case afterwards"], OF_REPORTED)


# every role, every page


@pytest.fixture
def full_world(world) -> World:
    """Return a world in which everything that has a page exists, about one person."""
    now = timezone.now()
    for text in ("Kartu diganti tanpa izin pemiliknya.", "Potongan diminta waktu pencairan."):
        complaint = world.complaint(received=f"{MONTH}-05 10:00", identity=IDENTITY, reported_words=REPORTED, text=text)
        request = actions.ask_identity(complaint, complaint.complainants.get(), by=world.desa, now=now, motive="Perlu")
    actions.grant_identity(request, by=world.kustodian, now=now, reason="Wajar", hours=24)
    actions.open_identity(request, by=world.desa, now=now)
    lead_on(world.read(complaint), world, Stage.FEEDBACK, now=now)
    world.code = complaint.receipt.code
    return world


def pages_of_product() -> list[str]:
    """Return every address there is, with each number, key and kind that leads somewhere."""
    numbers = list(Complaint.objects.values_list("number", flat=True))
    keys = [
        str(key)
        for model in (Letter, Attachment, IdentityRequest)
        for key in model.objects.values_list("pk", flat=True)
    ]
    found = set()
    for route in ROUTES:
        base = address(route, object_id="1")
        for number in numbers if NUMBER in base else [NUMBER]:
            for key in keys if str(uuid.UUID(int=1)) in base else [""]:
                found.add(base.replace(NUMBER, number).replace(str(uuid.UUID(int=1)), key))
    for edition in Edition.objects.values_list("pk", flat=True):
        found |= {f"/petugas/laporan/{edition}.{kind}" for kind in ("pdf", "xlsx", "json")}
    for model in admin_site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for pk in model._default_manager.values_list("pk", flat=True)[:3]:
            found |= {reverse(f"{name}_{page}", args=[pk]) for page in ("change", "history")}
    return sorted(found)


def content_of(response) -> bytes:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(response.headers).encode() + body


WHO = ("desa", "kecamatan", "penyelia", "pusat", "kustodian", "auditor", "koordinator", "peninjau", "tetangga")


@pytest.mark.parametrize("who", [*WHO, "anonymous", "complainant"])
def test_d37_no_role_reads_the_identity_from_any_address(full_world, who, monkeypatch):
    """Every address, read by everyone: pages, files, reports, admin. The reported stays with officers (D38).

    What is printed is read before it becomes a PDF: all of its words, and in a tenth of the time.
    """
    monkeypatch.setattr(printing, "to_pdf", lambda html, **options: html.encode())
    browser = Client(raise_request_exception=False)
    if who == "complainant":
        browser.post("/lacak/", {"code": full_world.code})
    elif who != "anonymous":
        browser.force_login(full_world.users[who])
    marks = OF_COMPLAINANT if who in WHO else OF_COMPLAINANT + OF_REPORTED
    found, answered = {}, 0
    for url in pages_of_product():
        response = browser.get(url)
        answered += response.status_code == 200
        if marks_there := traces(content_of(response), marks):
            found[url] = marks_there
    assert found == {}
    assert answered >= 8


@pytest.mark.parametrize("who", WHO)
def test_d37_no_search_counts_by_a_name(full_world, who):
    """What is found, and how much, is the same as for a word that stands nowhere (domain §11)."""
    browser = Client()
    browser.force_login(full_world.users[who])

    def answers(asked: str) -> list:
        typed = urllib.parse.quote(asked)
        pages = [f"/petugas/?q={typed}"]
        pages += [
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + f"?q={typed}"
            for model, admin in admin_site._registry.items()
            if admin.search_fields
        ]
        shown = [browser.get(page) for page in pages]
        return [
            (page.status_code, page.context and _found(page.context)) if page.status_code == 200 else page.status_code
            for page in shown
        ]

    nothing = answers("qqqqzzzz")
    words = (NAME, PHONE, EMAIL, "Zamrudiawati", "0813 9999 8877", REPORTED)
    assert {asked: answers(asked) for asked in words} == dict.fromkeys(words, nothing)


def _found(context) -> object:
    if "cl" in context:
        return context["cl"].result_count
    return len(context["page"].rows) if "page" in context else None
