"""Who finds the text messages in the menu."""

from django import template
from django.conf import settings

from pengaduan.models.inbound import programmes_read_by
from tiers.models import User

register = template.Library()


@register.filter
def reads_sms(user: User) -> bool:
    """Say whether text messages come in here and this user reads them."""
    return bool(settings.SMS_TOKEN) and bool(programmes_read_by(user))
