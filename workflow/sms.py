"""A notice as one text message: neutral words of at most 160 characters, and the gateway that carries it (D41, D42).

A text message is read on a shared telephone and passes through many hands: it names no category, place, office or
person and never the tracking code; only the number, what to do and where.
"""

import http.client
from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from pengaduan.models import Inbound
from workflow import letters, notices
from workflow.calendar import local_day
from workflow.models import Notification
from workflow.undelivered import TRIES_WHEN_REFUSED, ServerAway, Undeliverable

LONGEST = 160  # of one message in the alphabet of GSM 03.38
SECONDS = 20  # that the gateway may take
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # each takes the room of two

# What is said of each notice to a complainant; {tenggat} is the complainant's own last day, or the office's.
WORDS = {
    "tanda-terima": "Sudah kami terima. Simpan nomor ini dan kode Anda.",
    "terdaftar": "Sudah kami periksa dan daftarkan.",
    "jawaban": "Sudah kami jawab. Baca dan beri tanggapan sampai {tenggat}.",
    "minta-kelengkapan": "Kami perlu keterangan Anda sampai {tenggat}.",
    "belum-lengkap": "Kami perlu keterangan Anda sampai {tenggat}.",
    "ingat-kelengkapan": "Kami masih menunggu keterangan Anda sampai {tenggat}.",
    "perkembangan": "Ada perkembangan.",
    "hasil": "Hasilnya sudah ada. Beri tanggapan sampai {tenggat}.",
    "tidak-terbukti": "Pemeriksaan selesai. Baca hasilnya.",
    "ditutup": "Ditutup. Terima kasih atas tanggapan Anda.",
    "ditolak": "Tanggapan Anda kami terima dan kami tindak lanjuti.",
    "ditutup-diam": "Ditutup tanpa tanggapan. Dapat dibuka lagi sampai {tenggat}.",
    "dibuka-kembali": "Sudah dibuka kembali.",
    "tidak-dilengkapi": "Dianggap dicabut karena belum dilengkapi. Masih dapat dilanjutkan.",
    "dicabut": "Sudah dicabut sesuai permintaan Anda.",
    "bukan-kewenangan": "Kami tidak berwenang. Baca siapa yang dapat membantu.",
    "terima-kasih": "Terima kasih atas pesan Anda.",
    "disalurkan": "Diteruskan ke instansi yang berwenang. Baca keterangannya.",
    "pesan": "Ada pesan untuk Anda. Baca dengan kode Anda.",
    "naik-jenjang": "Kini ditangani jenjang di atasnya.",
    "pindah-jenjang": "Kini ditangani kantor lain.",
    "masih-dalam-proses": "Masih dalam proses sampai {tenggat}.",
    "puncak-terlambat": "Terlambat, kami mohon maaf. Anda juga dapat menghubungi Ombudsman 137.",
    "identitas-dibuka": "Identitas Anda dibuka petugas; alasannya dapat Anda baca.",
    "duplikat": "Digabung dengan pengaduan lain tentang hal yang sama.",
    "pisahkan": "Kami tangani tersendiri lagi.",
    "basis-data-induk": "Sudah diteruskan ke Pusat. Diproses sampai {tenggat}.",
    "keputusan-basis-data": "Pusat sudah memutuskan. Baca hasilnya.",
    "rekomendasi-bersama": "Sudah diteruskan ke Pusat.",
    "rekomendasi-penyalur": "Sudah diteruskan ke Pusat.",
    "teruskan-tim-koordinasi": "Diteruskan ke instansi yang berwenang. Baca keterangannya.",
    "proses-hukum": "Diteruskan ke instansi yang berwenang. Baca keterangannya.",
    "pantau-hukum": "Masih berjalan di instansi yang berwenang.",
    "proses-hukum-berakhir": "Selesai di instansi yang berwenang. Baca hasilnya.",
    "serahkan-fase-akhir": "Dilanjutkan instansi lain. Baca keterangannya.",
    "serahkan-pengawas": "Diteruskan kepada pengawas. Baca keterangannya.",
    "kode-baru": "Kode Anda diganti di kantor. Bila bukan Anda yang meminta, hubungi kami.",
}
ANY_NEWS = "Ada kabar baru. Baca dengan kode Anda."

# What the sender of a text without a code is told when an officer has seen that it is no complaint (D19).
REPLIES = {
    Inbound.Settled.THANKS: "Terima kasih atas pesan Anda. Bila ada pengaduan, silakan kirim ke nomor ini.",
    Inbound.Settled.NOT_OURS: (
        "Terima kasih atas pesan Anda. Hal ini di luar kewenangan kami. Anda dapat mengadu lewat SP4N-LAPOR: SMS 1708"
        " atau lapor.go.id"
    ),
}


def septets(text: str) -> int | None:
    """Return how much room a text takes in the alphabet of GSM 03.38, None when a character is not in it."""
    if not set(text) <= BASIC | EXTENDED:
        return None
    return sum(2 if character in EXTENDED else 1 for character in text)


def fits(text: str) -> bool:
    """Say whether a text is one message."""
    length = septets(text)
    return length is not None and length <= LONGEST


def text_of(template: str, *, number: str, due_on: date | None = None) -> str:
    """Return the words of a notice to a complainant; the address is left out where it would make two messages."""
    with override("id"):
        due = date_format(due_on, "j M Y") if due_on else ""
    words = WORDS.get(template, ANY_NEWS)
    if not due:
        words = words.replace(" sampai {tenggat}", "")
    return with_site(f"Pengaduan {number}: {words.replace('{tenggat}', due)}")


def with_site(text: str) -> str:
    """Return a text with the address of the page that asks for the code, if it still is one message."""
    site = settings.SITE_URL.partition("://")[2]
    longer = f"{text} {site}/lacak"
    return longer if fits(longer) else text


def _own_number(notification: Notification) -> str:
    """Return the number that this complainant knows: the case may bear another's (D55)."""
    own = notification.complainant.complaint if notification.complainant else notification.complaint
    return own.number if own else ""


def render(notification: Notification) -> str:
    """Return the text of a notice that goes out by SMS; raises NothingToTell when what it asks for has come."""
    complaint, event, complainant = notification.complaint, notification.event, notification.complainant
    if notification.inbound:
        return REPLIES[Inbound.Settled(notification.template)]
    if complaint is None or complainant is None:
        raise letters.NothingToTell(_("Tidak ada pengaduan untuk dikabarkan."))
    if notification.template == notices.REMINDER and complaint.waiting_since is None:
        raise letters.NothingToTell(_("Keterangannya sudah datang."))
    due_at = letters.deadline_of(complaint, event, notification.template)
    due_on = local_day(due_at, complaint.zone) if due_at else None
    return text_of(notification.template, number=complainant.complaint.number, due_on=due_on)  # their own number (D55)


def send(to: str, text: str) -> None:
    """Hand one message to Kannel's sendsms page; `to` is +62… The number and the password stand in no address.

    Raises ServerAway when the gateway does not answer or does not know us, Undeliverable when it refuses the message.
    """
    if not settings.SMS_URL:
        raise ServerAway(_("Gerbang SMS tidak diatur."))
    status = _ask_gateway(to, text)
    if status in (401, 403):
        raise ServerAway(_("Gerbang SMS menolak sandi kami."))
    if status >= 500:
        raise Undeliverable(_("Gerbang SMS tidak dapat mengirim (%d).") % status)
    if not 200 <= status < 300:
        raise Undeliverable(_("Gerbang SMS menolak pesan ini (%d).") % status, tries=TRIES_WHEN_REFUSED)


def _ask_gateway(to: str, text: str) -> int:
    """Return the gateway's status; what it says is not read, it may repeat the number."""
    address = urlsplit(settings.SMS_URL)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=SECONDS)
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "X-Kannel-Username": settings.SMS_USER,
        "X-Kannel-Password": settings.SMS_PASSWORD,
        "X-Kannel-From": settings.SMS_SENDER,
        "X-Kannel-To": to,
        "X-Kannel-Coding": "0",
    }
    try:
        connection.request("POST", address.path or "/", body=text.encode(), headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as failure:
        raise ServerAway(_("Gerbang SMS tidak menjawab.")) from failure
    finally:
        connection.close()
