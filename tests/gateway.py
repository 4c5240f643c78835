"""An SMS gateway for the tests: it takes what Kannel's sendsms page takes, and answers as it is told to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Sms:
    """One message as it was handed over."""

    to: str
    sender: str
    text: str


class Gateway:
    """Keep every message that was accepted; `status` other than 202 refuses. The password is `sandi-gerbang`."""

    def __init__(self) -> None:
        self.messages: list[Sms] = []
        self.addresses: list[str] = []  # of every request, as a log along the way would see them
        self.status = 202
        self.when_accepted: Callable[[], None] = lambda: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> "Gateway":
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/cgi-bin/sendsms"

    def _take(self, headers, body: bytes) -> int:
        if (headers["X-Kannel-Username"], headers["X-Kannel-Password"]) != ("pengaduan", "sandi-gerbang"):
            return 403
        if self.status == 202:
            self.messages.append(Sms(headers["X-Kannel-To"], headers["X-Kannel-From"], body.decode()))
            self.when_accepted()
        return self.status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                gateway.addresses.append(self.path)
                status = gateway._take(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
                words = f"{self.headers['X-Kannel-To']} 0: Accepted for delivery".encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(words)))
                self.end_headers()
                self.wfile.write(words)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        return Handler
