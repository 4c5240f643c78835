"""Seal what only the handler may read: AES-GCM, bound to the table, the column and the row (D37).

A sealed value is `key id (1 byte) | nonce (12 bytes) | ciphertext and tag`. The first key of IDENTITY_KEYS
seals, every key opens, so that keys can be rotated. A value copied to another row or column does not open.
"""

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12


def _place(table: str, column: str, row: object) -> bytes:
    return f"{table}\x1f{column}\x1f{row}".encode()


def seal(text: str, *, table: str, column: str, row: object) -> bytes:
    """Encrypt a text for one place in the database; an empty text stays empty."""
    if not text:
        return b""
    key_id, key = next(iter(settings.IDENTITY_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    return bytes([key_id]) + nonce + AESGCM(key).encrypt(nonce, text.encode(), _place(table, column, row))


def unseal(sealed: bytes, *, table: str, column: str, row: object) -> str:
    """Decrypt a text; raises InvalidTag when it was moved or altered, KeyError when its key is gone."""
    sealed = bytes(sealed)
    if not sealed:
        return ""
    key, nonce, rest = settings.IDENTITY_KEYS[sealed[0]], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    return AESGCM(key).decrypt(nonce, rest, _place(table, column, row)).decode()


def keyed_hash(purpose: str, text: str) -> bytes:
    """Return a hash that only this installation can make, to find a row by a secret without keeping the secret."""
    return hmac.new(settings.LOOKUP_KEY, f"{purpose}\x1f{text}".encode(), hashlib.sha256).digest()
