"""What the commands that make a report by hand have in common: which report, where to, sent or not (D44, D47)."""

from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import editions
from reports.models import Edition
from reports.papers import documents, files
from reports.papers.words import in_words
from reports.periods import Period
from reports.sending import dispatch, mailing
from reports.subject import Subject
from tiers.models import Programme, Region

WRONG_INPUT = 2


class ReportCommand(BaseCommand):
    """Make a report or fetch it again as it was sent; a command of its own says which period."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--programme", required=True, help=_("kode program, misalnya pkh"))
        parser.add_argument("--region", help=_("kode provinsi atau kabupaten/kota; tanpa ini: nasional"))
        parser.add_argument("--output", type=Path, help=_("berkas tujuan: .pdf, .xlsx, atau .json"))
        parser.add_argument("--send", action="store_true", help=_("kirim kepada penerimanya, masing-masing sekali"))
        parser.add_argument(
            "--new-edition", action="store_true", help=_("hitung lagi; edisi baru dibuat hanya bila datanya berbeda")
        )

    def make(
        self,
        period: Period,
        *,
        programme: str,
        region: str | None,
        output: Path | None,
        send: bool,
        new_edition: bool,
    ) -> None:
        """Write the report of a period to a file, send it, or both; what was typed wrong ends the command."""
        if not output and not send:
            raise wrong(_("Sebutkan --output BERKAS, --send, atau keduanya."))
        kind = _kind(output) if output else None
        now = timezone.now()
        subject = Subject(_programme(programme), _region(region), period)
        try:
            edition = self._new(subject, now) if new_edition else editions.latest_edition(subject, now=now)
        except editions.CannotReport as refusal:
            raise wrong(str(refusal)) from None
        if output and kind:
            output.write_bytes(files.content(edition, kind))
            self.stdout.write(_("%(edition)s ditulis ke %(output)s.") % {"edition": edition, "output": output})
        if send:
            self._send(edition, now)

    def _new(self, subject: Subject, now: datetime) -> Edition:
        edition, is_new = editions.new_edition(subject, now=now)
        if not is_new:
            self.stdout.write(_("Data tidak berubah; edisi %s tetap berlaku.") % edition.number)
        reading = documents.read(edition)
        for path, before, after in reading.differences if is_new else ():
            self.stdout.write(f"{in_words(path, reading)}: {mailing.value(before)} → {mailing.value(after)}")
        return edition

    def _send(self, edition: Edition, now: datetime) -> None:
        new = dispatch.owe(edition, now=now)
        dispatch.deliver(now=now)
        waiting = edition.deliveries.filter(sent_at__isnull=True).count()
        self.stdout.write(
            _("%(new)s penerima baru, %(sent)s terkirim, %(waiting)s belum.")
            % {"new": new, "sent": edition.deliveries.count() - waiting, "waiting": waiting}
        )
        for delivery in edition.deliveries.filter(sent_at__isnull=True).select_related("user", "recipient"):
            self.stderr.write(f"{delivery.to}: {delivery.last_error}")


def wrong(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=WRONG_INPUT)


def _kind(output: Path) -> str:
    kind = output.suffix.removeprefix(".").lower()
    if kind not in files.MEDIA_TYPES:
        raise wrong(_("“%s” harus berakhir dengan .pdf, .xlsx, atau .json.") % output)
    if not output.resolve().parent.is_dir():
        raise wrong(_("Folder “%s” tidak ada.") % output.resolve().parent)
    return kind


def _programme(code: str) -> Programme:
    if found := Programme.objects.filter(code=code).first():
        return found
    known = sorted(Programme.objects.values_list("code", flat=True))
    close = get_close_matches(code.lower(), known, n=1)
    hint = _("Mungkin maksud Anda “%s”?") % close[0] if close else _("Yang ada: %s.") % ", ".join(known)
    raise wrong(_("Program “%s” tidak ada.") % code + " " + hint)


def _region(code: str | None) -> Region | None:
    if not code:
        return None
    if found := Region.objects.filter(pk=code).first():
        return found
    raise wrong(_("Wilayah “%s” tidak ada. Tulis kode Kemendagri, misalnya 33 atau 33.29.") % code)
