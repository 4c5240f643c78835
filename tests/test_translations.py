"""The English of the pages: the catalogue is whole and sound, and whoever switches to it reads no Indonesian label."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from config import translations

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z]|\{\w*\}|<[^>]+>")
PAGES = (
    *("/", "/lapor/", "/lacak/", "/prosedur/", "/kantor/", "/masuk/"),
    *("/petugas/", "/petugas/catat/", "/petugas/laporan/"),
)
OFFICERS = "/petugas/"
SAID_ALOUD = {"aria-label", "alt", "title", "content", "value"}
SAMPLE = ("Kotak masuk", "Sampaikan pengaduan", "Lacak", "Masuk", "Keluar", "Lanjut", "Prosedur", "Menu utama")


class Labels(HTMLParser):
    """Gather what a page says: its texts, and the attributes that a reader hears or sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.language = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if ("type", "hidden") not in attrs:
            self.found |= {(value or "").strip() for name, value in attrs if name in SAID_ALOUD}
        if tag == "html":
            self.language = dict(attrs)["lang"]

    def handle_data(self, data):
        self.found.add(data.strip())


def entries() -> list[dict[str, str]]:
    """Return the entries of the catalogue: msgid, msgstr and, where there are two forms, msgstr[0] and msgstr[1]."""
    words = (translations.ROOT / translations.CATALOGUE).read_text()
    line = re.compile(r'^(msg\w+(?:\[\d\])?) "(.*)"$', re.MULTILINE)
    return [dict(line.findall(entry)) for entry in words.split("\n\n")[1:]]  # the first is the header


def english() -> dict[str, str]:
    """Return the English of each label without form or context, where it differs from the Indonesian."""
    plain = [entry for entry in entries() if "msgstr" in entry and "msgctxt" not in entry]
    pairs = {entry["msgid"].strip(): entry["msgstr"].strip() for entry in plain}
    return {label: said for label, said in pairs.items() if label != said}


def placeholders(words: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(words.replace(r"\"", '"')))


def labels(client, address: str) -> Labels:
    response = client.get(address)
    assert response.status_code == 200
    return Labels(response.content.decode())


def test_every_text_has_its_english_and_the_compiled_catalogue_is_the_written_one(capsys):
    assert (translations.main(), capsys.readouterr().err) == (0, "")


def test_no_entry_of_the_catalogue_is_empty_or_doubtful():
    assert [entry for entry in entries() if not all(entry.values())] == []
    assert "fuzzy" not in (translations.ROOT / translations.CATALOGUE).read_text()


def test_the_english_keeps_every_placeholder_and_tag():
    different = [
        (entry["msgid"], words)
        for entry in entries()
        for form, words in entry.items()
        if placeholders(words) != placeholders(entry["msgid"]) and form != "msgctxt"
    ]
    assert different == []


def test_one_is_not_spoken_of_as_many():
    counted = [entry for entry in entries() if "msgid_plural" in entry]
    assert counted != []
    assert [entry for entry in counted if entry["msgstr[0]"] == entry["msgstr[1]"]] == []


@pytest.mark.parametrize("address", PAGES)
def test_whoever_switches_to_english_reads_no_indonesian_label(client, world, address):
    if address.startswith(OFFICERS):
        client.force_login(world.desa)
    catalogue = english()
    indonesian = labels(client, address)
    said = indonesian.found & catalogue.keys()
    assert indonesian.language == "id"
    assert said & set(SAMPLE) != set()
    client.post("/bahasa/", {"language": "en", "next": address})
    switched = labels(client, address)
    assert switched.language == "en"
    assert switched.found & (said - set(catalogue.values())) == set()
    assert {catalogue[label] for label in said} - switched.found == set()


def test_a_case_and_its_clock_are_told_in_english_and_its_own_words_stay(client, world):
    complaint = world.complaint()
    client.force_login(world.desa)
    address = complaint.get_absolute_url()
    said = labels(client, address).found & english().keys()
    client.post("/bahasa/", {"language": "en", "next": address})
    switched = labels(client, address).found
    assert {"Kotak masuk", "Langkah berikutnya", "Mengapa tanggal ini?", "Registrasi"} <= said
    assert {english()[label] for label in said} - switched == set()
    assert ": Saturday, Sunday" in switched
    assert complaint.subject in switched
