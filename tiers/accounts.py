"""Signing in: nobody signs up, officers get their account from a reviewer."""

from collections.abc import Iterable

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.mail import EmailMessage, get_connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
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


def invite_by_mail(users: Iterable[User]) -> None:
    """Mail each person the address where they set a password, over one connection; raises OSError of the server."""
    letters = []
    for user in users:
        words = {"name": user.name, "username": user.username, "link": password_link(user)}
        body = render_to_string("account/email/undangan.txt", words)
        letters.append(EmailMessage(gettext("Akun Anda di sistem Pengaduan"), body, to=[user.email]))
    get_connection().send_messages(letters)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("Nama pengguna atau kata sandi salah. Periksa keduanya, lalu coba lagi."),
        "too_many_login_attempts": _("Terlalu banyak percobaan. Tunggu 15 menit, lalu coba lagi."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: User, password: str) -> None:
        """Keep on record that the password is another one, and never which."""
        super().set_password(user, password)
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, gettext("Kata sandi diganti"), single_object=True)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Leave the counting of wrong passwords to axes: this library counts by name alone, and so would let anyone
        shut an officer out. Its limit stays for the codes of the second step, which come after the password."""
