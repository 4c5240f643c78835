"""A mail server for the tests, which refuses on demand, and the environment in which another process uses it."""

import os
import socket
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from django.db import connection
from psycopg.conninfo import make_conninfo


class Postbox:
    """Keep every mail that was accepted; `refuse_recipients` and `refuse_mails` answer with that line instead."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.refuse_recipients = ""
        self.refuse_mails = ""
        self.when_accepted: Callable[[], None] = lambda: None
        self.port = free_port()
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> "Postbox":
        self._server.start()
        self.connections = 0  # the server greets itself to see whether it is up
        return self

    def __exit__(self, *_failure: object) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuse_recipients:
            return self.refuse_recipients
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.refuse_mails:
            return self.refuse_mails
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.when_accepted()
        return "250 OK"


def free_port() -> int:
    """Return a port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def of_this_test(postbox: Postbox, **more: str) -> dict[str, str]:
    """Return the environment of a process that works on the database of the running test and mails into the box."""
    settings = connection.settings_dict
    parts = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "host": settings["HOST"],
        "port": settings["PORT"],
        **settings["OPTIONS"],
    }
    url = make_conninfo(**{name: value for name, value in parts.items() if value})
    return {**os.environ, "DATABASE_URL": url, "EMAIL_URL": postbox.url, **more}
