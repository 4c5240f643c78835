"""Pages leave compressed: Brotli for citizens, padded gzip for officers, files as they are (D41)."""

import gzip

import brotli
import pytest

BROWSER = {"headers": {"Accept-Encoding": "gzip, deflate, br, zstd"}}


def test_a_citizens_page_leaves_as_brotli_and_says_the_same(client, world):
    plain, packed = client.get("/prosedur/"), client.get("/prosedur/", **BROWSER)
    said = brotli.decompress(packed.content)
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "br")
    assert packed.headers["Content-Length"] == str(len(packed.content))
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert said.startswith(b"<!doctype html>") and said.count(b"<h2") == plain.content.count(b"<h2")
    assert len(packed.content) < len(gzip.compress(plain.content))


def test_an_officers_page_leaves_as_gzip_of_a_length_that_tells_nothing(client, world):
    client.force_login(world.desa)
    answers = [client.get("/petugas/", **BROWSER) for _time in range(8)]
    assert {answer.headers["Content-Encoding"] for answer in answers} == {"gzip"}
    assert len({len(answer.content) for answer in answers}) > 1


@pytest.mark.parametrize("accepted", ["", "identity", "gzip"])
def test_who_takes_no_brotli_gets_none(client, world, accepted):
    answer = client.get("/prosedur/", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == ("gzip" if accepted == "gzip" else None)


def test_a_pdf_goes_out_as_it_is(client, world):
    answer = client.get("/formulir/pkh.pdf", **BROWSER)
    assert (answer.status_code, answer.headers.get("Content-Encoding"), answer.content[:5]) == (200, None, b"%PDF-")
