"""Write docs/lifecycle.md from the table of steps, or check that it is the same."""

import difflib
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from workflow import diagram

FILE = settings.BASE_DIR / "docs" / "lifecycle.md"


class Command(BaseCommand):
    help = _("Tulis docs/lifecycle.md dari tabel langkah; dengan --check hanya bandingkan.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        wanted = diagram.markdown()
        if not check:
            FILE.write_text(wanted)
            return
        found = FILE.read_text() if FILE.exists() else ""
        if found != wanted:
            lines = difflib.unified_diff(
                found.splitlines(), wanted.splitlines(), "docs/lifecycle.md", "tabel", lineterm=""
            )
            raise CommandError("\n".join([_("docs/lifecycle.md berbeda dari tabel langkah:"), *lines]))
