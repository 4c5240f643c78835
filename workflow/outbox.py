"""What an officer wrote without a signal: sealed on the telephone, opened only here (D21, D37, D62).

The telephone holds a public key and cannot read back what it sealed. The private key is derived from the identity
keyring, so it is kept, changed and lost together with it. A sealed entry is

    version (1 byte) | key id (1 byte) | the entry's own public point (65) | nonce (12) | AES-GCM ciphertext and tag

where the AES key comes from ECDH on P-256 by HKDF-SHA-256, both points as its salt; the entry's id and its writer are
authenticated with it. Inside: the length of a JSON object (4 bytes), the object, and perhaps a photo.
"""

import base64
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from pengaduan.models import Category, Channel, Source
from pengaduan.sealing import keyed_hash
from tiers import scope
from tiers.models import Office, Programme, Region, Tier, User
from tiers.permissions import Permission
from workflow.models import Draft

PURPOSE = "luring"  # of the drafts in which an entry waits to be mended
MENDED_WITHIN, KEPT_AT_ALL = timedelta(days=1), timedelta(days=7)
VERSION = 1
POINT_BYTES, NONCE_BYTES, LENGTH_BYTES = 65, 12, 4
INFO = b"pengaduan/luring/1"
CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MOST_PLACES = 600  # a select that a telephone still scrolls; larger areas are offered by their larger parts


class Unreadable(Exception):
    """The entry was sealed for a key that is gone, for another writer or number, or was altered."""


@dataclass(frozen=True)
class Entry:
    """What was typed, by the names of the form's inputs, and the photo as it left the telephone."""

    fields: dict[str, str]
    photo: bytes


def writer(user: User) -> str:
    """Return the name under which a telephone knows who writes: it tells nobody else who that is."""
    return keyed_hash("luring", str(user.pk)).hex()[:32]


def public_key() -> dict[str, Any]:
    """Return the key that telephones seal with from now on: the first of the keyring."""
    key_id = next(iter(settings.IDENTITY_KEYS))
    return {"id": key_id, "titik": base64.b64encode(_point(_private_key(key_id).public_key())).decode()}


def open_entry(sealed: bytes, *, entry: uuid.UUID, by: User) -> Entry:
    """Return what this officer sealed under this number; raises Unreadable."""
    head, rest = sealed[:2], sealed[2:]
    point, nonce, ciphertext = rest[:POINT_BYTES], rest[POINT_BYTES:][:NONCE_BYTES], rest[POINT_BYTES + NONCE_BYTES :]
    try:
        if head[0] != VERSION:
            raise Unreadable
        private = _private_key(head[1])
        shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point))
        key = HKDF(hashes.SHA256(), 32, salt=point + _point(private.public_key()), info=INFO).derive(shared)
        content = AESGCM(key).decrypt(nonce, ciphertext, f"{entry}|{writer(by)}".encode())
        length = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES])
        fields = json.loads(content[LENGTH_BYTES:length])
        return Entry({str(name): str(text) for name, text in fields.items()}, content[length:])
    except (IndexError, KeyError, ValueError, AttributeError, InvalidTag) as wrong:
        raise Unreadable from wrong


def _private_key(key_id: int) -> ec.EllipticCurvePrivateKey:
    """Derive the private key that belongs to a key of the ring; 16 bytes more than needed, so that none is likelier."""
    stretched = HKDF(hashes.SHA256(), 48, salt=None, info=INFO).derive(settings.IDENTITY_KEYS[key_id])
    return ec.derive_private_key(int.from_bytes(stretched) % (ORDER - 1) + 1, CURVE)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def forget_old(*, now: datetime) -> None:
    """Delete entries that nobody mended within a day, and every draft after a week: no code waits longer."""
    Draft.objects.filter(purpose=PURPOSE, updated_at__lt=now - MENDED_WITHIN).delete()
    Draft.objects.filter(updated_at__lt=now - KEPT_AT_ALL).delete()


def stock(user: User) -> list[dict[str, Any]]:
    """Return what the form needs without a signal: the lists of each programme the officer records for. No people."""
    areas: dict[Programme, list[Office]] = {}
    for office in scope.offices_of(user, Permission.RECORD):
        if office.programme.active:
            areas.setdefault(office.programme, []).append(office)
    return [
        {
            "kode": programme.code,
            "nama": programme.name,
            "media": _named(Channel.objects.filter(online=False), programme),
            "sumber": _named(Source.objects.all(), programme),
            "kategori": _named(Category.objects.all(), programme),
            "tempat": _places(areas[programme]),
        }
        for programme in sorted(areas, key=lambda each: each.name)
    ]


def _named(rows: Any, programme: Programme) -> list[tuple[int, str]]:
    return list(rows.filter(programme=programme, active=True).order_by("position", "name").values_list("pk", "name"))


def _places(offices: list[Office]) -> list[tuple[str, str]]:
    """Return the villages of the officer's own area, or its larger parts where those are too many."""
    codes = [office.region_id or "" for office in offices]
    smallest = [code for code in codes if not any(code != other and code.startswith(other) for other in codes)]
    within = Region.objects.filter(valid_to=None, tier__lte=Tier.KABUPATEN).select_related("parent")
    for tier in (Tier.DESA, Tier.KECAMATAN, Tier.KABUPATEN):
        rows = [
            region
            for code in dict.fromkeys(smallest)
            for region in within.filter(code__startswith=code, tier__gte=tier).order_by("code")[: MOST_PLACES + 1]
        ]
        if len(rows) <= MOST_PLACES:
            break
    return [(region.code, _with_parent(region)) for region in rows[:MOST_PLACES]]


def _with_parent(region: Region) -> str:
    return f"{region.name}, {region.parent.name}" if region.parent else region.name
