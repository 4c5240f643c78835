"""The option `--now` of the commands that do a task by hand."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _


def add_now(parser: ArgumentParser) -> None:
    """Let a command be run as of another instant; without a zone it is meant in WIB."""
    parser.add_argument(
        "--now", type=read_instant, metavar="ISO", help=_("seakan-akan sekarang, misalnya 2026-03-02T10:00 (WIB)")
    )


def read_instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(_("“%s” bukan waktu. Tulis seperti 2026-03-02T10:00.") % text) from None
    return instant if timezone.is_aware(instant) else timezone.make_aware(instant)
