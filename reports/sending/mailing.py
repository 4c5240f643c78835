"""The mail that brings a report: a few plain sentences, and its files or a link where these are large (D44, D48)."""

from collections.abc import Iterable

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from reports.models import ReportDelivery
from reports.papers import documents, files
from reports.papers.numbers import amount
from reports.papers.words import Reading, in_words
from reports.sending import links, outside

ENDINGS = ("pdf", "xlsx")
CHANGES_TOLD = 8

Files = dict[str, bytes]


def letter(delivery: ReportDelivery, connection: BaseEmailBackend) -> tuple[mail.EmailMessage, bool]:
    """Return the mail of a delivery, and whether it brings links instead of the files."""
    with translation.override("id"):
        if links.version(delivery) == links.SUMMARY:
            told = outside.summary(delivery.edition)
            made = {ending: outside.content(told, ending) for ending in ENDINGS}
            body, slug = [*told.brief, *_about_summary()], told.slug
        else:
            reading = documents.read(delivery.edition, delivery.user)
            made = {ending: files.content(delivery.edition, ending, reader=delivery.user) for ending in ENDINGS}
            body, slug = [*_corrected(reading), *reading.brief, *_about_full(delivery)], delivery.edition.slug
        linked = sum(map(len, made.values())) > settings.REPORT_MAIL_MAX_BYTES
        brought = _linked(delivery, made) if linked else [_("Laporan (PDF) dan lembar kerja (XLSX) terlampir.")]
        message = mail.EmailMessage(
            subject=_subject(delivery),
            body="\n\n".join([*_head(delivery), *body[:-1], *brought, body[-1]]) + "\n",
            to=[delivery.to.email],
            headers={
                "Message-ID": f"<laporan-{delivery.pk}@{settings.MAIL_DOMAIN}>",
                "Auto-Submitted": "auto-generated",
            },
            connection=connection,
        )
    for ending, content in made.items() if not linked else ():
        message.attach(f"{slug}.{ending}", content, files.MEDIA_TYPES[ending])
    return message, linked


def title(delivery: ReportDelivery) -> str:
    """Return what a report is called in a line: Laporan bulanan PKH: Nasional, Oktober 2026."""
    subject = delivery.edition.subject
    return f"{name(delivery)} {subject.programme.number_prefix}: {subject.area}, {subject.period.label}"


def name(delivery: ReportDelivery) -> str:
    """Return what the recipient of a delivery knows this kind of report as."""
    is_summary = links.version(delivery) == links.SUMMARY
    return _("Ringkasan bulanan") if is_summary else delivery.edition.get_kind_display()


def _subject(delivery: ReportDelivery) -> str:
    edition = delivery.edition
    if edition.number == 1:
        return title(delivery)
    return _("Perbaikan, edisi %(number)s. %(title)s") % {"number": edition.number, "title": title(delivery)}


def _head(delivery: ReportDelivery) -> Iterable[str]:
    subject = delivery.edition.subject
    yield f"{name(delivery)}\n{subject.programme.name}\n{subject.area}, {subject.period.label}"


def _corrected(reading: Reading) -> Iterable[str]:
    """Say of a later edition what it has otherwise than the one before, the first few in words."""
    number = reading.edition.number
    if number == 1:
        return
    sentence = _("Ini perbaikan, edisi %(number)s: ada yang dicatat terlambat atau diperbaiki.") % {"number": number}
    yield sentence + " " + _("Edisi sebelumnya tidak berlaku lagi.")
    changes = [
        f"- {in_words(path, reading)}: {value(before)} → {value(now)}" for path, before, now in reading.differences
    ]
    more = len(changes) - CHANGES_TOLD
    if more > 0:
        changes[CHANGES_TOLD:] = [_("- dan %s lagi, semuanya di dalam laporan") % amount(more)]
    yield "\n".join([_("Yang berubah:"), *changes])


def value(value: object) -> str:
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    return "–" if value in (None, "") else amount(value) if isinstance(value, int) else str(value)


def _about_full(delivery: ReportDelivery) -> Iterable[str]:
    warning = _("Laporan ini untuk Anda yang perlu tahu: angka kecil tidak ditutup. Jangan disebarluaskan.")
    if delivery.user:
        archive = settings.SITE_URL + reverse("report_archive")
        warning += "\n" + _("Semua edisi ada di %s") % archive
    yield warning


def _about_summary() -> Iterable[str]:
    yield _("Angka kecil ditutup (<5) dan angka lain dibulatkan. Ini sama dengan statistik untuk umum di %s") % (
        settings.SITE_URL + reverse("statistics")
    )


def _linked(delivery: ReportDelivery, made: Files) -> Iterable[str]:
    yield _("Berkasnya terlalu besar untuk surel. Ambil di sini:")
    for ending, content in made.items():
        if delivery.user:
            where = settings.SITE_URL + reverse("report_file", args=[delivery.edition_id, ending])
        else:
            where = links.address(delivery, ending)
        yield f"{ending.upper()}, {size(len(content))}:\n{where}"
    yield (
        _("Anda perlu masuk dengan akun Anda.")
        if delivery.user
        else _("Tautan ini hanya untuk Anda dan berlaku %s hari.") % links.VALID_FOR.days
    )


def size(number: int) -> str:
    """Return a number of bytes as people read it: 9,2 MB."""
    return _("%s MB") % f"{number / 1_000_000:.1f}".replace(".", ",")
