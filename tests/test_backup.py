"""A night's backup restores to the same database, and only into an empty one."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.processes import end_all, fallback

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def folder():
    """A folder with a migrated embedded database, attachments, and room for backups."""
    folder = Path(tempfile.mkdtemp(prefix="pengaduan-test-"))
    folder.chmod(0o755)
    (folder / "media").mkdir()
    (folder / "media" / "foto.jpg").write_bytes(b"\xff\xd8 a photo")
    migrated = in_servers(folder, f"{sys.executable} manage.py migrate --verbosity 0")
    assert migrated.returncode == 0, migrated.stderr
    yield folder
    end_all(folder / "var")
    shutil.rmtree(folder)
    shutil.rmtree(fallback(folder / "var"), ignore_errors=True)


def in_servers(folder, script, **more):
    """Run a shell script with the servers of the folder; return what it said and how it ended."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    places = {"PENGADUAN_VAR": f"{folder}/var", "BACKUP_DIR": f"{folder}/backups", "MEDIA_ROOT": f"{folder}/media"}
    return subprocess.run(
        [sys.executable, "-m", "config.embedded", "bash", "-euc", script],
        cwd=ROOT,
        env={**inherited, **places, **more},
        capture_output=True,
        text=True,
    )


DATA = "pg_dump --data-only --restrict-key=same 2>/dev/null --dbname"
OBJECTS = """psql -XtA -c "
    SELECT relkind, relname, relhastriggers FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'x', conname, convalidated FROM pg_constraint
    UNION ALL SELECT 'y', tgname, tgenabled = 'O' FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2, 3" --dbname"""
ELSEWHERE = "OTHER=${DATABASE_URL/\\/pengaduan?/\\/restored?}"


def test_what_is_restored_is_what_was_backed_up(folder):
    made = in_servers(folder, "deploy/backup.sh")
    assert (made.returncode, made.stderr) == (0, "")
    (backup,) = (folder / "backups").iterdir()
    assert made.stdout == f"Cadangan lengkap: {backup}\n"
    assert backup.stat().st_mode & 0o077 == 0
    script = f"""
        {ELSEWHERE}
        psql -qX $DATABASE_URL -c 'CREATE DATABASE restored'
        DATABASE_URL=$OTHER deploy/restore.sh {backup}
        diff <({DATA} $DATABASE_URL) <({DATA} $OTHER)
        diff <({OBJECTS} $DATABASE_URL) <({OBJECTS} $OTHER)
        psql -XtA $OTHER -c 'SELECT count(*) > 50 FROM django_migrations'
    """
    restored = in_servers(folder, script, MEDIA_ROOT=f"{folder}/restored")
    assert (restored.stdout, restored.stderr) == (f"Pulih dari {backup}.\nt\n", "")
    assert (folder / "restored" / "foto.jpg").read_bytes() == b"\xff\xd8 a photo"


def test_a_database_in_use_is_never_restored_over(folder):
    in_servers(folder, "deploy/backup.sh")
    backup = max((folder / "backups").iterdir())
    refused = in_servers(folder, f"deploy/restore.sh {backup}")
    assert refused.returncode == 1
    assert "Pulihkan hanya ke basis data kosong." in refused.stderr


def test_a_damaged_backup_is_not_restored(folder):
    in_servers(folder, "deploy/backup.sh", BACKUP_DIR=f"{folder}/damaged")
    (backup,) = (folder / "damaged").iterdir()
    with (backup / "database.dump").open("r+b") as dump:
        dump.seek(1000)
        dump.write(b"x" * 100)
    refused = in_servers(folder, f"deploy/restore.sh {backup}")
    assert refused.returncode == 1
    assert "database.dump: FAILED" in refused.stdout


def test_a_backup_that_fails_leaves_no_backup_and_deletes_none(folder):
    backups = folder / "failing"
    old = backups / "pengaduan-20200101-020000"
    old.mkdir(parents=True)
    os.utime(old, (0, 0))
    failed = in_servers(folder, "DATABASE_URL=${DATABASE_URL/pengaduan?/missing?} deploy/backup.sh", BACKUP_DIR=backups)
    assert failed.returncode != 0
    assert [entry.name for entry in backups.iterdir() if not entry.name.endswith(".part")] == [old.name]
    in_servers(folder, "deploy/backup.sh", BACKUP_DIR=str(backups))
    assert not old.exists()
