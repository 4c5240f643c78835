"""Look for what must not be there: in bytes however they are written, and inside the files that hide text in parts."""

import base64
import gzip
import io
import re
import urllib.parse
import zipfile
from collections.abc import Iterable, Iterator

import pikepdf
from PIL import Image
from pypdf import PdfReader


def traces(content: bytes | str, marks: Iterable[str]) -> list[str]:
    """Return which marks stand in a content: plainly, as UTF-16, hex, base64, in an address or a mail; case aside."""
    content = content.encode() if isinstance(content, str) else content
    found = set()
    for part in _parts(content):
        plain = part.lower()
        folded = re.sub(rb"\s+", b" ", re.sub(rb"=\r?\n", b"", plain))
        for mark in marks:
            if any(form in plain or form in folded for form in _forms(mark)):
                found.add(mark)
            if any(form in part for form in _base64_of(mark)):
                found.add(mark)
    return sorted(found)


def _forms(mark: str) -> Iterator[bytes]:
    for each in {mark, urllib.parse.quote(mark), urllib.parse.quote_plus(mark)}:
        yield each.lower().encode()
    yield mark.lower().encode("utf-16-le")
    yield mark.lower().encode("utf-16-be")


def _base64_of(mark: str) -> Iterator[bytes]:
    """Yield how a mark shows inside base64 and hex, wherever it begins, in the cases in which it may be written."""
    for written in {mark, mark.lower(), mark.upper(), mark.title(), mark.capitalize()}:
        text = written.encode()
        yield text.hex().encode()
        for shift in range(3):
            inside = base64.b64encode(b"\0" * shift + text)[4 if shift else 0 :]
            yield inside[: len(inside) // 4 * 4 - 4] if len(inside) > 8 else inside


def _parts(content: bytes) -> Iterator[bytes]:
    """Yield a content and what is packed in it."""
    yield content
    if content[:2] == b"\x1f\x8b":
        yield from _parts(gzip.decompress(content))
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from _parts(packed.read(name))
    elif content[:5] == b"%PDF-":
        yield from _of_pdf(content)
    elif content[:3] == b"\xff\xd8\xff":
        with Image.open(io.BytesIO(content)) as picture:
            yield repr([dict(picture.getexif()), picture.info]).encode()


def _of_pdf(content: bytes) -> Iterator[bytes]:
    reader = PdfReader(io.BytesIO(content))
    yield " ".join(page.extract_text() for page in reader.pages).encode()
    yield repr(reader.metadata).encode()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for each in pdf.objects:
            if isinstance(each, pikepdf.Stream):
                yield _unpacked(each)
            elif isinstance(each, pikepdf.Dictionary | pikepdf.Array | pikepdf.String):
                yield repr(each).encode()


def _unpacked(stream: pikepdf.Stream) -> bytes:
    try:
        return stream.read_bytes()
    except pikepdf.PdfError:  # a picture in its own packing
        return stream.read_raw_bytes()
