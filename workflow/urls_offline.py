"""The addresses of what works without a signal: the worker, its pages, and the officers' outbox."""

from django.urls import path

from workflow.views import offline, outbox

urlpatterns = [
    path("sw.js", offline.worker, name="offline-worker"),
    path("app.webmanifest", offline.manifest, name="offline-manifest"),
    path("luring/", offline.page, {"address": "/luring/"}, name="offline"),
    path("luring/tulis/", offline.page, {"address": "/luring/tulis/"}, name="offline-write"),
    path("luring/catat/", offline.page, {"address": "/luring/catat/"}, name="offline-record"),
    path("petugas/luring/", outbox.prepare, name="outbox"),
    path("petugas/luring/bekal/", outbox.state, name="outbox-state"),
    path("petugas/luring/kirim/", outbox.send, name="outbox-send"),
    path("petugas/luring/<uuid:entry>/perbaiki/", outbox.mend, name="outbox-mend"),
]
