"""An empty database with every migration applied, made once and copied for each test run.

Applying the migrations takes half a minute of work, copying their result a fraction of a second. The name holds a
digest of the migrations, so that a changed one makes a new one.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from config.servers import VAR

ROOT = Path(__file__).parent.parent
MARK = "template_pengaduan_"
KEPT = 3  # a run of other migrations may just be about to copy its own


def template() -> str:
    """Return the name of the database to copy; made now where there is none, by one process at a time."""
    name = f"{MARK}{_digest()}"
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / "template.lock").open("w") as lock, _server() as server:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists(server, name):
            _make(server, name)
    return name


def _digest() -> str:
    """Return what the migrated database depends on, in a few letters."""
    parts = [ROOT / "requirements.txt", *sorted(ROOT.glob("*/migrations/*.py"))]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(str(part.relative_to(ROOT)).encode() + b"\0" + part.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _server() -> psycopg.Connection:
    return psycopg.connect(_conninfo(connection.settings_dict["NAME"]), autocommit=True)


def _conninfo(database: str) -> str:
    given = connection.settings_dict
    wanted = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
    return make_conninfo("", dbname=database, **{key: value for key, value in wanted.items() if value})


def _exists(server: psycopg.Connection, name: str) -> bool:
    return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _make(server: psycopg.Connection, name: str) -> None:
    """Migrate a database of another name and rename it when it is whole; drop the oldest templates."""
    half = f"half_{name}"
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(half)))
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(half)))
    environment = {**os.environ, "DATABASE_URL": _conninfo(half)}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True)
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(half), sql.Identifier(name)))
    templates = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC OFFSET %s"
    for (old,) in server.execute(templates, [MARK, KEPT]).fetchall():
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(old)))
