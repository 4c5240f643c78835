"""A telephone without a signal, as the server sees it: it seals entries as static/js/catat.js does, and sends them."""

import base64
import json
import os
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

STATE, SEND = "/petugas/luring/bekal/", "/petugas/luring/kirim/"


def sealed(fields: dict, *, entry: str, state: dict, photo: bytes = b"") -> bytes:
    """Seal what was typed with the key that the server gave."""
    theirs = base64.b64decode(state["kunci"]["titik"])
    mine = ec.generate_private_key(ec.SECP256R1())
    point = mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = mine.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    key = HKDF(hashes.SHA256(), 32, salt=point + theirs, info=b"pengaduan/luring/1").derive(shared)
    typed, nonce = json.dumps(fields).encode(), os.urandom(12)
    content = len(typed).to_bytes(4) + typed + photo
    closed = AESGCM(key).encrypt(nonce, content, f"{entry}|{state['pemilik']}".encode())
    return bytes([1, state["kunci"]["id"]]) + point + nonce + closed


class Device:
    """One telephone with one officer's session, and the queue as a dictionary of sealed entries."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.state = client.get(STATE, {"bekal": ""}).json()

    def seal(self, fields: dict, *, photo: bytes = b"") -> tuple[str, bytes]:
        entry = str(uuid.uuid4())
        return entry, sealed(fields, entry=entry, state=self.state, photo=photo)

    def send(self, entry: str, closed: bytes, **more):
        file = SimpleUploadedFile("isi", closed)
        fields = {"catatan": entry, "pemilik": self.state["pemilik"], "isi": file}
        return self.client.post(SEND, {**fields, **more})
