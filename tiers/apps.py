from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

LIBRARIES = {"admin": _("Catatan admin"), "axes": _("Percobaan masuk"), "pghistory": _("Riwayat perubahan")}


class TiersConfig(AppConfig):
    name = "tiers"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Wilayah, program, dan petugas")

    def ready(self) -> None:
        """Name the libraries' parts of the admin by what they are for its reader, in every title and trail."""
        for label, words in LIBRARIES.items():
            apps.get_app_config(label).verbose_name = words
