"""A real PostgreSQL and a real Redis for a checkout that was told of no others.

Where DATABASE_URL or REDIS_URL is not set, the server comes from a wheel, keeps its data in var/ (or PENGADUAN_VAR)
and listens on a Unix socket only. Every process that uses a server holds a shared lock; the one that finds itself alone
when it ends stops the server. The kernel drops the lock of a process that was killed: then the next user finds the
server running and stops it in turn.

`python -m config.embedded COMMAND …` runs a command with both variables set, psql where none is named.
"""

import atexit
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

from config.servers import VAR, CannotStart, Postgres, Redis, make_home, owner_of_servers, programs


class Held:
    """The servers that this process uses, with the descriptor of its shared lock on each."""

    def __init__(self) -> None:
        self.locks: dict[type[Postgres] | type[Redis], int] = {}
        self.spare: dict[type[Postgres] | type[Redis], int] = {}  # while a fork goes on

    def url(self, kind: type[Postgres] | type[Redis]) -> str:
        """Return the URL of a server, which from here on runs at least as long as this process."""
        server = kind()
        if kind not in self.locks:
            try:
                VAR.mkdir(parents=True, exist_ok=True)
                self.locks[kind] = _shared_lock(server.name)
                with _alone():
                    if server.state() != "ready":
                        owner = owner_of_servers()
                        make_home(owner)
                        server.start(owner)
            except OSError as refusal:
                raise CannotStart(
                    f"Server {server.name} tertanam tidak dapat berjalan di {VAR}: {refusal}"
                ) from refusal
        return server.url()

    def before_fork(self) -> None:
        """Take a second set of locks, for the child: one inherited from us would change with ours."""
        self.spare = {kind: _shared_lock(kind.name) for kind in self.locks}

    def after_fork_here(self) -> None:
        """Leave the second set to the child."""
        while self.spare:
            os.close(self.spare.popitem()[1])

    def after_fork_in_child(self) -> None:
        """Keep the second set and leave the first to the parent."""
        self.locks, self.spare = self.spare, self.locks
        self.after_fork_here()

    def let_go(self) -> None:
        """Stop each server that nobody else uses; newcomers wait at their lock until it is down."""
        while self.locks:
            kind, lock = self.locks.popitem()
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                kind().stop(owner_of_servers())
            os.close(lock)


def _shared_lock(name: str) -> int:
    """Return a descriptor that holds the users' lock; no child program inherits it."""
    lock = os.open(VAR / f"{name}.users", os.O_RDWR | os.O_CREAT, 0o666)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time look whether a server runs, and start it."""
    lock = os.open(VAR / "starting", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


_held = Held()
atexit.register(_held.let_go)
os.register_at_fork(
    before=_held.before_fork, after_in_parent=_held.after_fork_here, after_in_child=_held.after_fork_in_child
)


def database_url() -> str:
    """Return DATABASE_URL, or the URL of the embedded PostgreSQL; end the program with a sentence if it cannot run."""
    return os.environ.get("DATABASE_URL") or _held.url(Postgres)


def redis_url() -> str:
    """Return REDIS_URL, or the URL of the embedded Redis; end the program with a sentence if it cannot run."""
    return os.environ.get("REDIS_URL") or _held.url(Redis)


def main(command: list[str]) -> int:
    """Run a command with the servers, and with the programs of the embedded PostgreSQL first on its path."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    path = f"{programs().postgres}:{os.environ['PATH']}"
    environment = {**os.environ, "DATABASE_URL": database_url(), "REDIS_URL": redis_url(), "PATH": path}
    try:
        return subprocess.run(command, env=environment).returncode
    except FileNotFoundError:
        print(f"Perintah {command[0]} tidak ada.", file=sys.stderr)
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["psql", database_url()]))
