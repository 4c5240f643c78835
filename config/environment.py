"""Read the environment: a missing or bad value stops the start with its name."""

import base64
import json
import os
import secrets
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

TRUE, FALSE = {"1", "true", "ya", "yes"}, {"", "0", "false", "tidak", "no"}


def read(name: str, default: str | None = None, parse: Callable[[str], Any] = str) -> Any:
    """Return the variable as `parse` makes it, else the default; raise ImproperlyConfigured with the name."""
    text = os.environ.get(name, default)
    if text is None:
        raise ImproperlyConfigured(f"{name} harus diisi.")
    try:
        return parse(text)
    except (ValueError, KeyError) as wrong:
        raise ImproperlyConfigured(f"{name} tidak dapat dibaca: {wrong}") from wrong


def yes_or_no(text: str) -> bool:
    if text.lower() in TRUE | FALSE:
        return text.lower() in TRUE
    raise ValueError("isi dengan ya atau tidak")


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL URL; a socket folder may stand in `?host=`."""
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "pengaduan"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,  # a restarted server costs no error
    }


def mail(url: str) -> dict[str, Any]:
    """Return Django's mail settings for `smtp://user:password@host:587?tls=1` or `file:///folder`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": parts.path}
    if parts.scheme != "smtp":
        raise ValueError("mulai dengan smtp:// atau file://")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or 25,
        "EMAIL_HOST_USER": parts.username or "",
        "EMAIL_HOST_PASSWORD": parts.password or "",
        "EMAIL_USE_TLS": "tls" in parse_qs(parts.query),
        "EMAIL_TIMEOUT": 20,
    }


def host(text: str) -> str:
    """Return `host` or `host:port` as it stands, or nothing."""
    parts = urlsplit(f"//{text}")
    if text and (parts.netloc != text or not parts.hostname or parts.port == 0):
        raise ValueError("isi dengan host atau host:port")
    return text


def gateway(text: str) -> str:
    """Return the address of an SMS gateway's sending page, or nothing."""
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0 or parts.query):
        raise ValueError("isi dengan http://host:port/jalur atau https://…")
    return text


def networks(text: str) -> list[IPv4Network | IPv6Network]:
    """Return the addresses and networks of `127.0.0.1,10.1.0.0/16`."""
    return [ip_network(word) for word in words(text)]


def programmes_of_numbers(text: str) -> dict[str, str]:
    """Return which programme a short number serves: of `3456:pkh,7890:pamsimas`, or under "" of `pkh` for every one."""
    return {number: code for number, _, code in (word.rpartition(":") for word in words(text))}


def keyring(text: str) -> dict[int, bytes]:
    """Return the keys of `2:base64,1:base64`: the first seals, all open. Each has 32 bytes, its id is 1 to 255."""
    keys = {}
    for part in words(text):
        key_id, _, encoded = part.partition(":")
        key = base64.b64decode(encoded, validate=True)
        if len(key) != 32 or not 0 < int(key_id) < 256:
            raise ValueError("tiap kunci berbentuk nomor:base64 dari 32 byte")
        keys[int(key_id)] = key
    if not keys:
        raise ValueError("tidak ada kunci")
    return keys


def secret_bytes(text: str) -> bytes:
    if len(text) < 32:
        raise ValueError("paling sedikit 32 karakter")
    return text.encode()


def long_or_empty(text: str) -> str:
    if text and len(text) < 32:
        raise ValueError("paling sedikit 32 karakter")
    return text


def own_secrets(file: Path) -> dict[str, str]:
    """Return the secrets of a trial installation, made on the first start and kept where only its owner reads."""
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        fresh = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "IDENTITY_KEYS": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
            "LOOKUP_KEY": secrets.token_urlsafe(48),
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        unseen = file.with_name(f"{file.name}.{os.getpid()}")
        unseen.touch(mode=0o600)
        unseen.write_text(json.dumps(fresh))
        try:
            os.link(unseen, file)  # of several that start at once, the first wins and all read its secrets
        except FileExistsError:
            pass
        finally:
            unseen.unlink()
        return json.loads(file.read_text())
