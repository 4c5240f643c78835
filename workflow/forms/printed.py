"""Which forms of a case can be printed, to be filled in and signed where people meet (D27, D28)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PrintedForm(TextChoices):
    SETTLED = "berita-acara-penyelesaian", _("Berita acara penyelesaian")
    REVIEW = "berita-acara-peninjauan", _("Berita acara peninjauan kembali")
    ATTENDANCE = "daftar-hadir", _("Daftar hadir")
