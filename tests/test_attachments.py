"""Files: hostile until decoded and written anew, kept once, gone when the step fails (D17, D27, D37)."""

import io
import struct
import zlib
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from pengaduan import attachments
from pengaduan.attachments import UploadRefused, accept_upload
from pengaduan.models import Attachment
from tests.cast import at
from workflow import filing, taking
from workflow.machine import Refused

NOW = at("2026-03-02 11:00")
GPS = 0x8825


def upload(content: bytes, name: str = "IMG_Siti.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def photo(size=(3000, 2000), picture_format="JPEG", colour="navy", **options) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, colour).save(drawn, picture_format, **options)
    return drawn.getvalue()


def telephone_photo() -> bytes:
    """Return a photo held upright, with the place and the owner in its EXIF."""
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Siti Contoh"
    exif.get_ifd(GPS)[1] = "S"
    return photo(exif=exif, comment=b"Siti Contoh")


def paper(**root) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    for key, value in root.items():
        pdf.Root[f"/{key}"] = value
    return pdf


def as_bytes(pdf: pikepdf.Pdf, **options) -> bytes:
    written = io.BytesIO()
    pdf.save(written, **options)
    return written.getvalue()


def accept(world, content: bytes) -> Attachment:
    return accept_upload(world.complaint(), upload(content), purpose="bukti", now=NOW)


def kept(attachment: Attachment) -> bytes:
    with attachment.file.open() as reading:
        return reading.read()


def stored(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_photo_is_drawn_anew_upright_and_small_without_telling_who_and_where(world):
    """D37: no EXIF, no comment, no name of the file."""
    attachment = accept(world, telephone_photo())
    content = kept(attachment)
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (1067, 1600), {})
    assert b"Siti" not in content
    assert (attachment.media_type, attachment.size, attachment.state) == ("image/jpeg", len(content), "bersih")
    assert Path(attachment.file.name).name == f"{attachment.pk}.jpg"


@pytest.mark.parametrize("picture_format", ["PNG", "WEBP"])
def test_other_pictures_become_jpeg(world, picture_format):
    assert kept(accept(world, photo(picture_format=picture_format)))[:3] == b"\xff\xd8\xff"


def test_what_is_transparent_becomes_white(world):
    drawn = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(drawn, "PNG")
    with Image.open(io.BytesIO(kept(accept(world, drawn.getvalue())))) as picture:
        assert picture.getpixel((10, 10)) == (255, 255, 255)


def test_what_hides_behind_a_picture_does_not_stay(world):
    assert b"<script>" not in kept(accept(world, photo() + b"<script>alert(1)</script>PK\x03\x04"))


def _png_of(width: int, height: int) -> bytes:
    """Return a small PNG that says it is enormous."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Berkas ini kosong. Pilih berkas lain."),
        (b"\0" * (10 * 1024**2 + 1), "Berkas terlalu besar: paling banyak 10 MB."),
        (_png_of(8000, 6000), "Foto ini terlalu besar ukurannya. Perkecil dulu, lalu kirim lagi."),
        (_png_of(60000, 60000), "Foto ini terlalu besar ukurannya. Perkecil dulu, lalu kirim lagi."),
        (photo()[:400], "Foto ini rusak atau tidak dapat dibaca. Pilih foto lain."),
        (b"%PDF-1.7\nbukan PDF", "PDF ini rusak atau tidak dapat dibaca. Pilih berkas lain."),
    ],
)
def test_what_is_empty_too_large_or_broken_is_refused_with_a_sentence(world, settings, content, sentence):
    with pytest.raises(UploadRefused) as refusal:
        accept(world, content)
    assert str(refusal.value) == sentence
    assert (stored(settings), Attachment.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"MZ\x90\x00" + b"\0" * 300,
        b"GIF89a" + b"\0" * 40,
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04" + b"\0" * 60,
    ],
)
def test_other_types_are_refused_whatever_they_call_themselves(world, content):
    with pytest.raises(UploadRefused) as refusal:
        accept(world, content)
    assert str(refusal.value) == "Jenis berkas ini tidak dapat diterima. Kirim foto (JPEG, PNG, atau WEBP) atau PDF."


def test_a_pdf_is_written_anew_without_what_acts_or_tells(world):
    pdf = paper(
        OpenAction=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('rahasia')"),
        AA=pikepdf.Dictionary(WC=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="rahasia()")),
    )
    pdf.attachments["rahasia.exe"] = b"MZ rahasia"
    pdf.docinfo["/Author"] = "Siti Contoh"
    with pdf.open_metadata() as about:
        about["dc:creator"] = ["Siti Contoh"]
    pdf.pages[0].Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Subtype=pikepdf.Name.Link, A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://rahasia")
            ),
            pikepdf.Dictionary(Subtype=pikepdf.Name.FileAttachment, Contents="rahasia"),
        ]
    )
    attachment = accept(world, as_bytes(pdf))
    with pikepdf.open(io.BytesIO(kept(attachment))) as clean:
        plain = as_bytes(clean, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
        assert (len(clean.pages), len(clean.attachments)) == (1, 0)
        assert [str(note.Subtype) for note in clean.pages[0].Annots] == ["/Link"]
    left = [word for word in (b"rahasia", b"Siti", b"/JavaScript", b"/OpenAction", b"/AA") if word in plain]
    assert (left, attachment.media_type) == ([], "application/pdf")


def test_a_scan_in_a_pdf_loses_its_exif_and_stays_readable(world):
    pdf = paper()
    scan = pikepdf.Stream(pdf, telephone_photo())
    scan.Type, scan.Subtype, scan.Filter = pikepdf.Name.XObject, pikepdf.Name.Image, pikepdf.Name.DCTDecode
    scan.Width, scan.Height, scan.ColorSpace, scan.BitsPerComponent = 3000, 2000, pikepdf.Name.DeviceRGB, 8
    pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=pdf.make_indirect(scan)))
    with pikepdf.open(io.BytesIO(kept(accept(world, as_bytes(pdf))))) as clean:
        raw = clean.pages[0].Resources.XObject.Im0.read_raw_bytes()
    with Image.open(io.BytesIO(raw)) as picture:
        picture.load()
        assert (picture.size, dict(picture.getexif()), b"Siti" in raw) == ((3000, 2000), {}, False)


def test_a_locked_pdf_is_refused(world):
    with pytest.raises(UploadRefused) as refusal:
        accept(world, as_bytes(paper(), encryption=pikepdf.Encryption(owner="a", user="")))
    assert str(refusal.value) == "PDF ini terkunci. Simpan tanpa kata sandi, lalu kirim lagi."


def test_the_same_file_twice_is_one_file_and_one_event(world, settings):
    complaint = world.complaint()
    for _time in range(2):
        filing.attach(complaint, file=upload(photo()), now=NOW, complainant=complaint.receipt.complainant)
    kinds = list(complaint.events.order_by("seq").values_list("kind", flat=True))
    assert (kinds, len(stored(settings)), complaint.attachments.count()) == (["diterima", "lampirkan-pelapor"], 1, 1)


def test_an_eleventh_file_of_a_complainant_is_refused(world):
    complaint = world.complaint()
    for number in range(10):
        content = photo((10, 10), colour=(number * 20, 0, 0))
        filing.attach(complaint, file=upload(content), now=NOW, complainant=complaint.receipt.complainant)
    with pytest.raises(Refused) as refusal:
        filing.attach(complaint, file=upload(photo()), now=NOW, complainant=complaint.receipt.complainant)
    assert (str(refusal.value), refusal.value.field) == ("Paling banyak 10 berkas untuk satu pengaduan.", "file")


def test_a_file_goes_when_its_step_fails(world, settings):
    """Someone else was first: neither row nor file stays."""
    complaint = world.complaint()
    complaint.version += 1
    with pytest.raises(taking.ChangedMeanwhile):
        filing.attach(complaint, file=upload(photo()), now=NOW, complainant=complaint.receipt.complainant)
    assert (stored(settings), Attachment.objects.count()) == ([], 0)


def test_a_full_disk_leaves_neither_file_nor_row(world, settings, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(attachments.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        accept(world, photo())
    assert (stored(settings), Attachment.objects.count()) == ([], 0)


def test_with_a_scanner_a_file_waits_in_quarantine(world, settings):
    settings.CLAMAV_HOST = "clamav"
    assert accept(world, photo()).state == "karantina"


def test_an_officer_adds_a_document_to_a_case_of_their_office_and_the_neighbour_does_not(world):
    complaint = world.complaint()
    filing.attach(complaint, file=upload(as_bytes(paper())), purpose="berita-acara", now=NOW, by=world.desa)
    with pytest.raises(Refused):
        filing.attach(complaint, file=upload(photo()), now=NOW, by=world.tetangga)
    assert [(each.purpose, each.uploaded_by) for each in complaint.attachments.all()] == [("berita-acara", world.desa)]


def test_a_complainant_takes_a_file_back_until_the_case_is_registered(
    world, settings, django_capture_on_commit_callbacks
):
    complaint = world.complaint()
    me = complaint.receipt.complainant
    first = filing.attach(complaint, file=upload(photo()), now=NOW, complainant=me)
    second = filing.attach(complaint, file=upload(photo(colour="red")), now=NOW, complainant=me)
    with django_capture_on_commit_callbacks(execute=True):
        filing.take_back(complaint, attachment=first, now=NOW, complainant=me)
    assert [path.stem for path in stored(settings)] == [str(second.pk)]
    complaint.stage = "klarifikasi"
    with pytest.raises(Refused):
        filing.take_back(complaint, attachment=second, now=NOW, complainant=me)


def test_nobody_takes_back_a_file_of_another(world):
    complaint = world.complaint()
    officers = filing.attach(complaint, file=upload(photo()), now=NOW, by=world.desa)
    with pytest.raises(Refused):
        filing.take_back(complaint, attachment=officers, now=NOW, complainant=complaint.receipt.complainant)
