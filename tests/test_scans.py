"""Files in quarantine: cleared or refused by a real scanner, and never let through without its word (D17, D37)."""

import os
import shutil
import socket
import subprocess
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone

from config import environment
from pengaduan import scanning
from pengaduan.models import Actor, Attachment, Complaint, Outcome, Stage
from tests.cast import at
from tests.postbox import free_port
from tests.processes import wait_until
from tests.test_attachments import photo, upload
from tests.test_lacak import follow
from workflow import actions, filing, needs, scans, tasks
from workflow.machine import Need
from workflow.models import SweepRun
from workflow.scans import Scanned, scan_quarantined

NOW = at("2026-03-02 11:00")
VIRUS = b"virus yang hanya dikenal pemindai uji ini"
CLAMD = shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin")
TAKES = 2 * 1024**2  # bytes that the scanner of the tests accepts


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def clamd(tmp_path_factory):
    """Run Debian's scanner with one signature of our own, and return its address."""
    if CLAMD is None:
        pytest.fail("clamd is missing. Type: sudo apt-get install -y clamav-daemon")
    folder, port = tmp_path_factory.mktemp("clamd"), free_port()
    (folder / "uji.ndb").write_text(f"Uji.Virus:0:*:{VIRUS.hex()}\n")
    (folder / "clamd.conf").write_text(
        f"DatabaseDirectory {folder}\nTemporaryDirectory {folder}\nTCPAddr 127.0.0.1\nTCPSocket {port}\n"
        f"StreamMaxLength {TAKES}\nForeground yes\nLogFile {folder}/log\n"
    )
    process = subprocess.Popen([CLAMD, "--config-file", folder / "clamd.conf"], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port) or process.poll() is not None)
        assert process.poll() is None, (folder / "log").read_text()
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def scanner(clamd, settings):
    settings.CLAMAV_HOST = clamd


@pytest.fixture
def no_scanner(settings):
    """Name a scanner at which nobody answers."""
    settings.CLAMAV_HOST = f"127.0.0.1:{free_port()}"


def handed_in(complaint: Complaint, content: bytes | None = None, *, colour: str = "navy", now=NOW) -> Attachment:
    """Hand a photo in; `content` then lies in the storage instead: nothing infected passes our own drawing."""
    mine = {"now": now, "complainant": complaint.receipt.complainant}
    attachment = filing.attach(complaint, file=upload(photo((40, 40), colour=colour)), **mine)
    assert attachment.state == "karantina"
    if content is not None:
        default_storage.delete(attachment.file.name)
        assert default_storage.save(attachment.file.name, ContentFile(content)) == attachment.file.name
    return attachment


def state_of(attachment: Attachment) -> str:
    return Attachment.objects.get(pk=attachment.pk).state


def errors(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.slow
def test_a_clean_file_is_handed_out_after_the_scan_and_not_before(world, scanner, client):
    complaint = world.complaint()
    attachment = handed_in(complaint)
    client.force_login(world.desa)
    address = f"/petugas/berkas/{attachment.pk}"
    assert client.get(address).status_code == 404
    before = complaint.events.count()
    assert scan_quarantined(now=NOW) == Scanned(clean=1)
    assert b"".join(client.get(address).streaming_content)[:3] == b"\xff\xd8\xff"
    assert complaint.events.count() == before
    assert scan_quarantined(now=NOW) == Scanned()


@pytest.mark.slow
def test_an_infected_file_is_refused_removed_and_put_on_record(world, scanner, client):
    complaint = world.complaint()
    name = handed_in(complaint, photo() + VIRUS).file.name
    clean = handed_in(complaint, colour="red", now=at("2026-03-02 11:01"))
    assert scan_quarantined(now=NOW) == Scanned(clean=1, refused=1)
    assert (default_storage.exists(name), default_storage.exists(clean.file.name)) == (False, True)
    infected = Attachment.objects.get(state="ditolak")
    assert infected.file.name == ""
    event = complaint.events.latest("seq")
    assert (event.kind, event.actor, event.by) == ("berkas-ditolak", Actor.SYSTEM, None)
    assert event.data == f'{{"attachment":"{infected.pk}","found":"Uji.Virus.UNOFFICIAL","purpose":"bukti"}}'
    assert complaint.events.filter(kind="berkas-ditolak").count() == 1
    client.force_login(world.desa)
    page = client.get(complaint.get_absolute_url()).content.decode()
    assert page.count("Bukti 1: Ditolak pemeriksaan virus") == 1
    assert page.count("Berkas ditolak pemeriksaan virus dan dihapus") == 1
    assert client.get(f"/petugas/berkas/{infected.pk}").status_code == 404
    client.force_login(world.tetangga)
    assert client.get(complaint.get_absolute_url()).status_code == 404
    own_page = follow(Client(), complaint).content.decode()
    assert own_page.count("ditolak pemeriksaan virus") == 1


@pytest.mark.slow
@pytest.mark.parametrize("closed", [False, True])
def test_it_is_put_on_record_while_the_file_waits_and_after_the_case_is_closed(world, scanner, closed):
    complaint = world.complaint()
    attachment = handed_in(complaint, VIRUS)
    if closed:
        actions.withdraw(complaint, now=NOW, reason="Sudah cair.", complainant=complaint.receipt.complainant)
    else:
        actions.ask_completion(complaint, by=world.desa, now=NOW, questions="Tahap berapa?")
    scan_quarantined(now=NOW)
    fresh = world.read(complaint)
    assert (state_of(attachment), fresh.events.latest("seq").kind) == ("ditolak", "berkas-ditolak")
    assert (fresh.stage, fresh.outcome, bool(fresh.waiting_since)) == (
        (Stage.CLOSED, Outcome.WITHDRAWN, False) if closed else (Stage.REGISTRATION, "", True)
    )
    assert (fresh.due_at, fresh.tier_due_at) == (complaint.due_at, complaint.tier_due_at)


@pytest.mark.slow
def test_a_refused_file_is_no_evidence_and_one_that_waits_is(world, scanner):
    """D18."""
    complaint = world.complaint()
    complaint.category.evidence = "required"
    handed_in(complaint, VIRUS)
    asked = {"code": "daftarkan", "now": NOW, "facts": {}}
    assert needs.missing(Need.EVIDENCE, complaint, **asked) is None
    scan_quarantined(now=NOW)
    assert needs.missing(Need.EVIDENCE, complaint, **asked) == "information_complete"


@pytest.mark.slow
def test_a_complainant_takes_a_refused_file_back_and_the_same_file_again_stays_refused(
    world, scanner, django_capture_on_commit_callbacks
):
    complaint = world.complaint()
    attachment = handed_in(complaint, VIRUS)
    scan_quarantined(now=NOW)
    complaint, me = world.read(complaint), complaint.receipt.complainant
    again = filing.attach(complaint, file=upload(photo((40, 40))), now=NOW, complainant=me)
    assert (again.pk, again.state) == (attachment.pk, "ditolak")
    with django_capture_on_commit_callbacks(execute=True):
        filing.take_back(complaint, attachment=again, now=NOW, complainant=me)
    assert not complaint.attachments.exists()


@pytest.mark.slow
def test_what_a_crash_left_of_a_refused_file_goes_with_the_next_run(world, scanner, monkeypatch):
    name = handed_in(world.complaint(), VIRUS).file.name

    def crash():
        raise KeyboardInterrupt

    with monkeypatch.context() as crashing, pytest.raises(KeyboardInterrupt):
        crashing.setattr(scans, "_remove_refused", crash)
        scan_quarantined(now=NOW)
    assert default_storage.exists(name)
    assert scan_quarantined(now=NOW) == Scanned()
    assert not default_storage.exists(name)


@pytest.mark.slow
def test_what_the_scanner_does_not_take_waits_is_told_and_stops_nobody(world, scanner, caplog):
    """Nothing that was not looked at is called clean: too large for the scanner, or lost from the storage."""
    complaint = world.complaint()
    large = handed_in(complaint, b"\0" * (TAKES + 1), now=at("2026-03-02 10:01"))
    lost = handed_in(complaint, colour="red", now=at("2026-03-02 10:02"))
    default_storage.delete(lost.file.name)
    good = handed_in(complaint, colour="green", now=at("2026-03-02 10:03"))
    run = scan_quarantined(now=NOW, limit=1)
    assert [pk for pk, _reason in run.failed] == [str(large.pk), str(lost.pk)]
    assert run.failed[1][1] == "not readable in the storage (FileNotFoundError)"
    assert [state_of(each) for each in (large, lost, good)] == ["karantina", "karantina", "bersih"]
    assert errors(caplog) == [f"2 files could not be scanned, first {large.pk}: {run.failed[0][1]}"]


@pytest.mark.slow
def test_a_run_settles_no_more_than_its_limit_and_the_oldest_first(world, scanner):
    complaint = world.complaint()
    later = handed_in(complaint, now=at("2026-03-02 10:02"))
    first = handed_in(complaint, colour="red", now=at("2026-03-02 10:01"))
    assert scan_quarantined(now=NOW, limit=1) == Scanned(clean=1)
    assert (state_of(first), state_of(later)) == ("bersih", "karantina")


def test_a_scanner_that_is_down_leaves_every_file_waiting_and_is_told_once_a_run(world, no_scanner, settings, caplog):
    complaint = world.complaint()
    files = [handed_in(complaint, colour=colour) for colour in ("red", "green", "blue")]
    run = scan_quarantined(now=NOW)
    assert (run.clean, run.refused, run.failed) == (0, 0, [])
    assert errors(caplog) == [f"the virus scanner is down, files wait: {run.down}"]
    assert run.down.startswith(f"{settings.CLAMAV_HOST} does not answer (")
    assert {state_of(each) for each in files} == {"karantina"}


@pytest.mark.parametrize("answer", [b"", b"stream: Can't allocate memory ERROR\n", b"\xff\xfe\n", b"nonsense\n"])
def test_an_answer_that_is_no_answer_is_not_taken_for_a_clean_file(world, settings, answer):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMAV_HOST = "127.0.0.1:{1}".format(*server.getsockname())
        attachment = handed_in(world.complaint())

        def replying():
            for reply in (answer, b"stream: OK\n"):
                line, _peer = server.accept()
                with line:
                    while not (read := line.recv(65536)).endswith(b"\0\0\0\0") and read:
                        pass
                    line.sendall(reply)

        replier = threading.Thread(target=replying, daemon=True)
        replier.start()
        run = scan_quarantined(now=NOW)
    assert ([pk for pk, _reason in run.failed], run.clean, run.down) == ([str(attachment.pk)], 0, "")
    assert state_of(attachment) == "karantina"


def test_files_that_wait_too_long_for_the_scanner_make_the_service_not_ready(world, no_scanner, client, settings):
    now = timezone.now()
    SweepRun.objects.create(as_of=now, started_at=now)
    attachment = handed_in(world.complaint())
    told = []
    for waited in (timedelta(minutes=14), timedelta(minutes=16)):
        Attachment.objects.update(created_at=now - waited)
        told.append(client.get("/siap/").json()["gagal"])
    Attachment.objects.filter(pk=attachment.pk).update(state="bersih")
    told.append(client.get("/siap/").json()["gagal"])
    assert told == [[], ["pemindai"], []]
    Attachment.objects.filter(pk=attachment.pk).update(state="karantina")
    settings.CLAMAV_HOST = ""
    assert client.get("/siap/").json()["gagal"] == []


def test_without_a_scanner_the_task_asks_nobody(world, no_scanner, settings, caplog):
    handed_in(world.complaint())
    settings.CLAMAV_HOST = ""
    tasks.scan_files()
    assert errors(caplog) == []
    settings.CLAMAV_HOST = f"127.0.0.1:{free_port()}"
    tasks.scan_files()
    assert len(errors(caplog)) == 1


def test_two_runs_at_once_scan_a_file_once_and_leave_one_event(real_world, no_scanner, monkeypatch):
    complaint = real_world.complaint()
    handed_in(complaint)
    asked, held, done = [], threading.Event(), threading.Event()

    def scan(attachment):
        asked.append(attachment.pk)
        held.set()
        assert done.wait(20)
        return "Uji.Virus"

    monkeypatch.setattr(scanning, "scan", scan)
    first = []

    def running():
        first.append(scan_quarantined(now=NOW))
        connections.close_all()

    runner = threading.Thread(target=running)
    runner.start()
    assert held.wait(20)
    assert scan_quarantined(now=NOW) == Scanned()
    done.set()
    runner.join(20)
    assert (first, len(asked)) == ([Scanned(refused=1)], 1)
    assert complaint.events.filter(kind="berkas-ditolak").count() == 1


def test_a_complaint_that_someone_has_in_hand_keeps_its_infected_file_waiting(real_world, no_scanner, monkeypatch):
    complaint = real_world.complaint()
    attachment = handed_in(complaint)
    monkeypatch.setattr(scanning, "scan", lambda attachment: "Uji.Virus")
    came_to = []

    def running():
        came_to.append(scan_quarantined(now=NOW))
        connections.close_all()

    with transaction.atomic():
        Complaint.objects.select_for_update().get(pk=complaint.pk)
        runner = threading.Thread(target=running)
        runner.start()
        runner.join(20)
    assert (came_to, state_of(attachment)) == ([Scanned()], "karantina")
    assert scan_quarantined(now=NOW) == Scanned(refused=1)


def test_an_error_of_the_database_is_told_by_its_kind_only(world, no_scanner, monkeypatch, caplog):
    """D37: its words may repeat the row."""
    attachment = handed_in(world.complaint())

    def failing(_attachment):
        raise RuntimeError("Siti Contoh")

    monkeypatch.setattr(scanning, "scan", failing)
    assert scan_quarantined(now=NOW).failed == [(str(attachment.pk), "RuntimeError")]
    assert "Siti" not in caplog.text


@pytest.mark.parametrize("text", ["", "clamav", "clamav:3310", "10.0.0.7:3311"])
def test_the_address_of_the_scanner_is_a_host_with_or_without_a_port(text):
    assert environment.host(text) == text


@pytest.mark.parametrize("text", ["/run/clamav/clamd.ctl", "tcp://clamav", "clamav:pintu", "clamav:99999", ":3310"])
def test_another_address_of_the_scanner_stops_the_start_with_the_name_of_the_setting(monkeypatch, text):
    monkeypatch.setenv("CLAMAV_HOST", text)
    with pytest.raises(ImproperlyConfigured, match="^CLAMAV_HOST tidak dapat dibaca: "):
        environment.read("CLAMAV_HOST", "", environment.host)


def test_the_list_of_the_scanner_needs_no_reading_of_every_file(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Attachment.objects.filter(state="karantina").order_by("created_at", "pk").explain()
    assert "file_not_cleared" in plan
