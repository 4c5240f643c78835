"""Signing in: nobody signs up, officers get their account from a reviewer."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tiers.models import User


def client_address(request: HttpRequest) -> str:
    """Return the client's address; in production nginx alone says it, and overwrites what the client says."""
    if settings.PRODUCTION:
        return request.META.get("HTTP_X_FORWARDED_FOR", "")
    return request.META.get("REMOTE_ADDR", "")


def password_link(user: User) -> str:
    """Return the address where a person sets a password: works once, for three days, until then only with it."""
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return settings.SITE_URL + path


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("Nama pengguna atau kata sandi salah."),
        "too_many_login_attempts": _("Terlalu banyak percobaan. Tunggu 15 menit, lalu coba lagi."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Leave the counting of wrong passwords to axes: this library counts by name alone, and so would let anyone
        shut an officer out. Its limit stays for the codes of the second step, which come after the password."""
