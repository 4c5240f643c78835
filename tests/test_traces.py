"""The search that the canary rests on finds what is there, however it is written."""

import base64
import gzip
import io
import zipfile

import pytest

from tests.traces import traces

MARKS = ("zamrudiawati", "81399998877", "kutilang 77")
TEXT = "Kenari ZAMRUDIAWATI, +6281399998877, Gang Kutilang 77"


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", f"<v>{TEXT}</v>")
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        TEXT.encode("utf-16-le"),
        TEXT.encode().hex(),
        *(base64.b64encode(b"x" * shift + TEXT.encode()) for shift in range(3)),
        "q=Zamrudiawati&p=%2B6281399998877&a=Kutilang+77",
        "Zamrud=\r\niawati 81399998877 Kutilang\r\n 77",
        gzip.compress(TEXT.encode(), mtime=0),
        zipped(),
    ],
)
def test_what_is_there_is_found(content):
    assert traces(content, MARKS) == sorted(MARKS)


def test_what_is_not_there_is_not_found():
    assert traces("Kenari, 08139999, Gang Kutilang 7" + base64.b64encode(b"Zamrud").decode(), MARKS) == []
