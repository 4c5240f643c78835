"""The list of offices, signing in, one's password and the second step; what is not listed here is not offered."""

from allauth.account import views as account
from allauth.mfa.base import views as second_step
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import path, re_path
from django.views.decorators.cache import never_cache as fresh

from tiers.views import sign_out
from tiers.views_offices import directory

urlpatterns = [
    path("kantor/", directory, name="offices"),
    path("masuk/", account.login, name="account_login"),
    path("masuk/langkah-kedua/", second_step.authenticate, name="mfa_authenticate"),
    path("keluar/", sign_out, name="account_logout"),
    path("akun/", fresh(second_step.index), name="mfa_index"),
    path("akun/daftar/", account.signup, name="account_signup"),  # says that it is closed
    path("akun/ditutup/", account.account_inactive, name="account_inactive"),
    path("akun/pastikan/", account.reauthenticate, name="account_reauthenticate"),
    path("akun/pastikan/langkah-kedua/", second_step.reauthenticate, name="mfa_reauthenticate"),
    path("akun/kata-sandi/", account.password_change, name="account_change_password"),
    path("akun/kata-sandi/buat/", fresh(account.password_set), name="account_set_password"),
    path("akun/kata-sandi/lupa/", account.password_reset, name="account_reset_password"),
    path("akun/kata-sandi/lupa/terkirim/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "akun/kata-sandi/baru/selesai/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^akun/kata-sandi/baru/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("akun/langkah-kedua/aktifkan/", fresh(totp.activate_totp), name="mfa_activate_totp"),
    path("akun/langkah-kedua/matikan/", fresh(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("akun/kode-pemulihan/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("akun/kode-pemulihan/baru/", fresh(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("akun/kode-pemulihan/unduh/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
]
