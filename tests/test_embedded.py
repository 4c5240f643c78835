"""The embedded servers start when needed, are shared, and end with their last user, however that user ends."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from tests.processes import end_all, fallback, processes, wait_until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
AS_ROOT = os.geteuid() == 0
HOLD = """
import sys
from config.embedded import database_url, redis_url
print(database_url(), redis_url(), flush=True)
sys.stdin.readline()
"""
HOLD_AND_FORK = """
import os, sys
from config.embedded import database_url, redis_url
urls = database_url(), redis_url()
child = os.fork()
if child == 0:
    sys.stdin.readline()
    sys.exit(0)
print(*urls, flush=True)
if sys.argv[1] == "outlives":
    os.waitpid(child, 0)
    sys.stdin.readline()
"""


def environment(var, **more):
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return {**inherited, "PENGADUAN_VAR": str(var), **more}


class User:
    """A process that uses the servers until it is told to go on, which ends it."""

    def __init__(self, var, program=HOLD, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            cwd=ROOT,
            env=environment(var),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def urls(self):
        database, redis = self.process.stdout.readline().split()
        return database, redis

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self):
        self.go_on()
        assert self.process.wait(60) == 0

    def kill(self):
        self.process.kill()
        self.process.wait(60)

    def close(self):
        self.process.kill()
        self.process.wait(60)
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def users():
    """Start users, and leave none behind."""
    started = []

    def start(var, *program):
        started.append(User(var, *program))
        return started[-1]

    yield start
    for user in started:
        user.close()


def servers(var):
    """Return the process ids of the two embedded servers of this folder."""
    return {
        pid
        for pid, words in processes(var).items()
        if words[0].endswith("/postgres") or "redis-server" in " ".join(words)
    }


def leave_nothing(var):
    """Remove the folder, and end what a failed test may have left behind."""
    end_all(var)
    shutil.rmtree(var, ignore_errors=True)
    shutil.rmtree(fallback(var), ignore_errors=True)


def new_folder(mode=0o755):
    folder = Path(tempfile.mkdtemp(prefix="pengaduan-test-"))
    folder.chmod(mode)
    return folder


@pytest.fixture(scope="module")
def shared_var():
    """A var folder whose servers have been started before; each test begins and ends with none running."""
    var = new_folder() / "var"
    yield var
    leave_nothing(var)
    var.parent.rmdir()


@pytest.fixture
def var(shared_var):
    assert servers(shared_var) == set()
    return shared_var


@pytest.fixture
def private_var():
    """A var folder that only its owner can reach."""
    var = new_folder(0o700) / "var"
    yield var
    leave_nothing(var)
    var.parent.rmdir()


def started_at(url):
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT pg_postmaster_start_time()").fetchone()[0]


def test_users_who_come_at_once_share_one_pair_of_servers_and_the_last_stops_it(var, users):
    together = [users(var) for _ in range(4)]
    urls = {user.urls() for user in together}
    assert len(urls) == 1
    assert len(servers(var)) == 2
    (database, _), *_ = urls
    begun = started_at(database)
    for leaving in together[:-1]:
        leaving.end()
    assert started_at(database) == begun
    together[-1].end()
    assert servers(var) == set()


def test_users_who_leave_at_once_stop_the_servers(var, users):
    together = [users(var) for _ in range(4)]
    for user in together:
        user.urls()
    for user in together:
        user.go_on()
    assert [user.process.wait(60) for user in together] == [0, 0, 0, 0]
    assert servers(var) == set()


def test_the_data_outlives_the_server_and_the_killed_server(var, users):
    writer = users(var)
    database, _ = writer.urls()
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('tetap')")
    for pid in servers(var):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not servers(var))
    writer.kill()
    reader = users(var)
    database, _ = reader.urls()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("tetap",)]
        connection.execute("DROP TABLE kept")
    reader.end()
    assert servers(var) == set()


def test_a_killed_user_strands_no_lock_and_the_next_cleans_up(var, users):
    killed = users(var)
    database, _ = killed.urls()
    begun = started_at(database)
    killed.kill()
    assert len(servers(var)) == 2
    following = users(var)
    assert started_at(following.urls()[0]) == begun
    following.end()
    assert servers(var) == set()


def test_a_forked_child_stops_nothing_under_its_parent(var, users):
    parent = users(var, HOLD_AND_FORK, "outlives")
    database, _ = parent.urls()
    parent.go_on()  # ends the child
    wait_until(lambda: not children(parent.process.pid))
    assert len(servers(var)) == 2
    assert started_at(database)
    parent.end()
    assert servers(var) == set()


def test_a_parent_stops_nothing_under_its_forked_child(var, users):
    parent = users(var, HOLD_AND_FORK, "leaves")
    database, _ = parent.urls()
    assert parent.process.wait(60) == 0
    assert started_at(database)
    parent.go_on()  # ends the child, now the last user
    wait_until(lambda: not servers(var))


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_the_cluster_is_utf8_in_utc_durable_and_deaf_to_the_network(var, users):
    user = users(var)
    database, _ = user.urls()
    with psycopg.connect(database) as connection:
        names = "listen_addresses", "server_encoding", "TimeZone", "fsync", "jit", "shared_buffers"
        settings = [connection.execute(f"SHOW {name}").fetchone()[0] for name in names]
    assert settings == ["", "UTF8", "UTC", "on", "off", "256MB"]
    user.end()


def test_named_servers_are_taken_as_they_are_and_none_is_started(var):
    named = environment(var, DATABASE_URL="postgresql://elsewhere/x", REDIS_URL="redis://elsewhere/0")
    told = subprocess.run([sys.executable, "-c", HOLD], cwd=ROOT, env=named, input="\n", capture_output=True, text=True)
    assert told.stdout == "postgresql://elsewhere/x redis://elsewhere/0\n"
    assert servers(var) == set()


def test_a_command_run_with_the_servers_gets_both_addresses_and_leaves_nothing_behind(var):
    question = "psql -XtA $DATABASE_URL -c 'SELECT 40 + 2'; echo $REDIS_URL; exit 3"
    told = subprocess.run(
        [sys.executable, "-m", "config.embedded", "sh", "-c", question],
        cwd=ROOT,
        env=environment(var),
        capture_output=True,
        text=True,
    )
    assert told.stdout == f"42\nredis+socket://{var}/run/redis.sock?virtual_host=0\n"
    assert told.returncode == 3
    assert servers(var) == set()


@pytest.mark.skipif(not AS_ROOT, reason="only root hands the servers to another account")
def test_a_private_folder_is_not_opened_up_for_the_servers(private_var, users):
    user = users(private_var)
    database, _ = user.urls()
    with psycopg.connect(database) as connection:
        where = connection.execute("SHOW data_directory").fetchone()[0]
    assert where == str(fallback(private_var) / "postgres")
    assert private_var.parent.stat().st_mode & 0o777 == 0o700
    begun = started_at(database)
    neighbour = users(private_var)
    assert started_at(neighbour.urls()[0]) == begun
    neighbour.end()
    user.end()
    assert servers(private_var) == set()


def test_a_deep_folder_gets_its_sockets_in_a_short_one(shared_var, users):
    deep = shared_var.parent / ("d" * 60) / ("e" * 60)
    user = users(deep)
    database, redis = user.urls()
    assert started_at(database)
    assert redis.startswith("redis+socket:///tmp/pengaduan-")
    user.end()
    sockets = Path(redis.removeprefix("redis+socket://").split("?")[0]).parent
    assert sockets.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(sockets)
    leave_nothing(deep)
    deep.parent.rmdir()


def refusal(var):
    """Return what a process says that cannot have the servers."""
    told = subprocess.run([sys.executable, "-c", HOLD], cwd=ROOT, env=environment(var), capture_output=True, text=True)
    assert told.returncode == 1
    assert told.stdout == ""
    return told.stderr


def test_a_folder_that_cannot_be_made_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    var = tmp_path / "file" / "var"
    assert refusal(var) == (
        f"Server postgres tertanam tidak dapat berjalan di {var}: [Errno 20] Not a directory: '{var}'\n"
    )


def test_data_that_the_server_refuses_is_reported_with_the_words_of_its_log(shared_var):
    var = shared_var.parent / "broken"
    shutil.copytree(shared_var / "postgres", var / "postgres")
    owner = (shared_var / "postgres").stat()
    for path in [var / "postgres", *(var / "postgres").rglob("*")]:
        os.chown(path, owner.st_uid, owner.st_gid)
    (var / "postgres" / "PG_VERSION").write_text("9\n")
    said = refusal(var).splitlines()
    leave_nothing(var)
    assert said[0] == f"Server postgres tertanam gagal dijalankan. Catatannya, {var}/postgres/server.log:"
    assert any("incompatible with" in line for line in said[1:])
