"""The addresses for machines, below /api/v1/."""

from django.urls import path

from api import sms

urlpatterns = [
    path("sms/masuk/", sms.incoming, name="sms-incoming"),
]
