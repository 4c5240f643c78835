"""Everything sealed moves to a new key, whatever stops the run, and what does not open is named (D37)."""

import io
import os
import subprocess
import sys
import threading
import time
import uuid
from base64 import b64encode
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models

from pengaduan import rotation
from pengaduan.models import Complainant, Secrecy
from pengaduan.rotation import rotate
from pengaduan.sealing import seal, unseal
from tests.cast import at
from tests.postbox import Postbox, of_this_test
from workflow.models import Draft

OLD, NEW = os.urandom(32), os.urandom(32)
IDENTITY = {"name": "Siti Rahasia", "phone": "+6281234567890", "email": "siti@contoh.id", "address": "RT 3"}
NOT_SEALED = {"digest", "previous", "event_head"}  # hashes of what is known anyway


@pytest.fixture(autouse=True)
def old_key(settings):
    settings.IDENTITY_KEYS = {1: OLD}


def turn(settings) -> None:
    """Put a new key before the old one."""
    settings.IDENTITY_KEYS = {2: NEW, 1: OLD}


def identity_of(complainant: Complainant) -> dict[str, str]:
    fresh = Complainant.objects.get(pk=complainant.pk)
    return {name: fresh.unseal_identity(name) for name in IDENTITY}


def keys_in_use() -> set[int]:
    used = set()
    for model in rotation.sealed_models():
        for row in model.objects.values_list(*model.SEALED_AS[1]):
            used |= {bytes(value)[0] for value in row if value}
    return used


def draft_of(text: str) -> Draft:
    key = uuid.uuid4()
    content = seal(text, table="draft", column="content", row=key)
    return Draft.objects.create(pk=key, purpose="lapor", content=content, updated_at=at("2026-03-02 10:00"))


def said() -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("rotate_keys", stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def test_d37_every_column_that_keeps_bytes_is_rotated_or_a_hash():
    """A new sealed column that `rotate_keys` does not know would be lost with its key."""
    own = [
        model for model in apps.get_models() if model._meta.app_label in {"tiers", "pengaduan", "workflow", "reports"}
    ]
    kept = {
        (model.__name__, field.name)
        for model in own
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField)
        and not field.name.endswith("_hash")
        and field.name not in NOT_SEALED
        and not hasattr(model, "pgh_tracked_model")
    }
    assert kept == {(model.__name__, name) for model in rotation.sealed_models() for name in model.SEALED_AS[1]}


def test_d37_after_the_rotation_the_new_key_alone_opens_everything(world, settings):
    person = world.complaint(identity=IDENTITY).complainants.get()
    anonymous = world.complaint(secrecy=Secrecy.ANONYMOUS, identity={"email": "x@contoh.id"}).complainants.get()
    draft = draft_of("yang belum dikirim")
    turn(settings)
    words, status = said()
    assert status == 0
    assert "complainant: 5 disandi ulang, 0 sudah memakai kunci 2." in words
    assert "draft: 1 disandi ulang, 0 sudah memakai kunci 2." in words
    settings.IDENTITY_KEYS = {2: NEW}
    assert identity_of(person) == IDENTITY
    assert identity_of(anonymous) == {**dict.fromkeys(IDENTITY, ""), "email": "x@contoh.id"}
    content = Draft.objects.get(pk=draft.pk).content
    assert unseal(content, table="draft", column="content", row=draft.pk) == "yang belum dikirim"


def test_d37_a_second_run_changes_nothing_and_opens_all(world, settings):
    person = world.complaint(identity=IDENTITY).complainants.get()
    turn(settings)
    rotate()
    before = bytes(Complainant.objects.get(pk=person.pk).name_sealed)
    words, status = said()
    assert (status, "complainant: 0 disandi ulang, 4 sudah memakai kunci 2." in words) == (0, True)
    assert bytes(Complainant.objects.get(pk=person.pk).name_sealed) == before


def test_d37_what_no_key_opens_is_named_and_the_rest_goes_on(world, settings):
    broken = world.complaint(identity={"name": "Budi"}).complainants.get()
    whole = world.complaint(identity=IDENTITY).complainants.get()
    lost = world.complaint(identity={"name": "Tono"}).complainants.get()
    Complainant.objects.filter(pk=broken.pk).update(name_sealed=bytes(whole.name_sealed))
    Complainant.objects.filter(pk=lost.pk).update(name_sealed=b"\x09" + bytes(lost.name_sealed)[1:])
    turn(settings)
    words, status = said()
    assert status == 1
    named = {line.removeprefix("Tidak terbuka: ") for line in words.splitlines() if line.startswith("Tidak terbuka")}
    assert named == {f"complainant/name {broken.pk}", f"complainant/name {lost.pk}"}
    assert "Siti" not in words
    settings.IDENTITY_KEYS = {2: NEW}
    assert identity_of(whole) == IDENTITY


def test_d37_what_was_changed_meanwhile_is_not_overwritten(world, settings, monkeypatch):
    person = world.complaint(identity=IDENTITY).complainants.get()
    turn(settings)
    row = Complainant.objects.values("pk", *Complainant.SEALED_AS[1]).get(pk=person.pk)
    person.seal_identity(name="Siti Baru")
    person.save()
    rotation._row(Complainant, row, rotation.Rotated("complainant"))
    assert identity_of(person) == {**IDENTITY, "name": "Siti Baru"}


def test_d37_batches_find_every_row(world, settings, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    people = [world.complaint(identity={"name": f"Orang {number}"}).complainants.get() for number in range(5)]
    turn(settings)
    rotate()
    settings.IDENTITY_KEYS = {2: NEW}
    assert [identity_of(person)["name"] for person in people] == [f"Orang {number}" for number in range(5)]


def test_d37_two_runs_at_once_leave_everything_whole(real_world, settings, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 3)
    people = [real_world.complaint(identity=IDENTITY).complainants.get() for _ in range(12)]
    turn(settings)
    failures = []

    def run() -> None:
        try:
            rotate()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert keys_in_use() == {2}
    settings.IDENTITY_KEYS = {2: NEW}
    assert [identity_of(person) for person in people] == [IDENTITY] * 12


SLOWLY = """
import base64, sys, time, django
django.setup()
from pengaduan import rotation
real = rotation._row
def slowly(*given):
    real(*given)
    time.sleep(0.05)
rotation._row, rotation.BATCH = slowly, 4
print("mulai", flush=True)
rotation.rotate()
"""


@contextmanager
def rotating_slowly(environment: dict[str, str]):
    """Run a rotation in a process of its own, which is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY], env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_d37_a_killed_run_is_taken_up_where_it_stopped(real_world, settings):
    people = [real_world.complaint(identity=IDENTITY).complainants.get() for _ in range(40)]
    turn(settings)
    keys = ",".join(f"{number}:{b64encode(key).decode()}" for number, key in settings.IDENTITY_KEYS.items())
    with Postbox() as box, rotating_slowly(of_this_test(box, IDENTITY_KEYS=keys)):
        limit = time.monotonic() + 60
        while keys_in_use() != {1, 2}:
            assert time.monotonic() < limit
            time.sleep(0.02)
    assert keys_in_use() == {1, 2}
    assert [identity_of(person) for person in people] == [IDENTITY] * 40
    words, status = said()
    assert status == 0
    assert keys_in_use() == {2}
    settings.IDENTITY_KEYS = {2: NEW}
    assert [identity_of(person) for person in people] == [IDENTITY] * 40
