"""The product seen from outside: a browser, an SMS gateway, a listener at the broker, programs with their log."""

import http.cookiejar
import re
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from redis import Redis
from redis.exceptions import RedisError

from config.celery import app as celery_app


class Browser:
    """A person's browser: cookies, tokens and the pages it was shown."""

    def __init__(self, site: str) -> None:
        self.site, self.pages = site, []
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), urllib.request.ProxyHandler({})
        )

    def get(self, path: str) -> str:
        return self._open(urllib.request.Request(self.site + path))

    def post(self, path: str, fields: dict, *, page: str | None = None) -> str:
        """Send a form with the token of its page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page or path))[1]
        body = encode_multipart(BOUNDARY, {**fields, "csrfmiddlewaretoken": token})
        return self._open(
            urllib.request.Request(self.site + path, data=body, headers={"Content-Type": MULTIPART_CONTENT})
        )

    def file(self, path: str) -> bytes:
        """Return what stands behind an address as it was sent, with its headers."""
        with self.opener.open(urllib.request.Request(self.site + path), timeout=60) as answer:
            self.status = answer.status
            return str(answer.headers).encode() + answer.read()

    def hidden(self, path: str, name: str) -> str:
        """Return the value of a hidden input of a page."""
        return re.search(rf'name="{name}" value="([^"]+)"', self.get(path))[1]

    @staticmethod
    def digits_in(page: str, mark: str) -> str:
        """Return the digits of the paragraph that a mark opens."""
        return re.sub(r"\D", "", re.sub("<[^>]+>", "", page.partition(mark)[2].partition(">")[2].partition("</p>")[0]))

    def answers(self, path: str) -> bool:
        """Say whether somebody is there already."""
        try:
            self.get(path)
        except urllib.error.URLError:
            return False
        return self.status == 200

    def _open(self, request: urllib.request.Request) -> str:
        request.add_header("Referer", self.site)
        try:
            answer = self.opener.open(request, timeout=60)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            self.status = answer.status
            page = answer.read().decode(errors="replace")
            self.pages.append(f"{answer.geturl()}\n{answer.headers}\n{page}")
        return page


class Gateway(ThreadingHTTPServer):
    """An SMS gateway that takes every message."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []  # to whom, and all the rest of the request
        super().__init__(("127.0.0.1", 0), _Sending)

    def __enter__(self) -> "Gateway":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/kirim"


class _Sending(BaseHTTPRequestHandler):
    def do_POST(self):
        to = self.headers["X-Kannel-To"]
        del self.headers["X-Kannel-To"]
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.sent.append((to, f"{self.path}\n{self.headers}\n{text}"))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_words):
        pass


@contextmanager
def process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    """Run a program with all that it says in a file."""
    with log.open("ab") as said:
        program = subprocess.Popen(
            command, env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"}, stdout=said, stderr=said
        )
        try:
            yield program
        finally:
            program.terminate()
            program.wait(timeout=60)


@contextmanager
def overheard() -> Iterator[list[str]]:
    """Listen to everything that anybody tells the broker."""
    url = celery_app.conf.broker_url.replace("redis+socket://", "unix://").partition("?virtual_host=")[0]
    broker = Redis.from_url(url, encoding_errors="replace", decode_responses=True, socket_timeout=None)
    heard: list[str] = []
    with broker.monitor() as monitor:
        threading.Thread(target=_listen, args=(monitor, heard), daemon=True).start()
        yield heard


def _listen(monitor, heard: list[str]) -> None:
    with suppress(OSError, ValueError, AttributeError, RedisError):  # the test is over
        for each in monitor.listen():
            heard.append(each["command"])
