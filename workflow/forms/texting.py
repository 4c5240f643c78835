"""The choice to be told by SMS, in the forms that ask for a telephone (D42)."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberType, number_type

from pengaduan.models import Secrecy

LANDLINE = _("SMS tidak sampai ke telepon rumah. Tulis nomor HP, atau hapus centang pada SMS.")
NO_PHONE = _("Tulis nomor HP supaya dapat dikabari lewat SMS, atau hapus centangnya.")


def offer_sms(form: forms.Form) -> None:
    """Leave the choice `sms` out of a form where no gateway carries text messages."""
    if not settings.SMS_URL:
        del form.fields["sms"]


def check_sms(form: forms.Form) -> None:
    """Refuse the choice without a mobile number; anonymous leaves no telephone, so there is nothing to choose (D37)."""
    facts = form.cleaned_data
    if facts.get("secrecy") == Secrecy.ANONYMOUS:
        facts["sms"] = False
    if not facts.get("sms") or "phone" in form.errors:
        return
    if not facts.get("phone"):
        form.add_error("phone", NO_PHONE)
    elif number_type(facts["phone"]) == PhoneNumberType.FIXED_LINE:
        form.add_error("phone", LANDLINE)
