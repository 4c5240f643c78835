"""Who gets a report besides the officers, and what arrived; editions themselves are only read (D47)."""

from django.contrib import admin
from django.http import HttpRequest

from reports.models import Edition, ReportDelivery, ReportRecipient


class ReadOnly(admin.ModelAdmin):
    """A table that is looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Edition)
class EditionAdmin(ReadOnly):
    list_display = ["programme", "region", "month", "number", "as_of", "sha256"]
    list_filter = ["programme", "month"]
    list_select_related = ["programme", "region"]
    fields = ["programme", "region", "month", "number", "as_of", "made_at", "query_version", "sha256"]


@admin.register(ReportDelivery)
class ReportDeliveryAdmin(ReadOnly):
    list_display = ["edition", "to", "sent_at", "attempts", "last_error", "next_attempt_at", "given_up_at"]
    list_filter = ["edition__programme", "edition__month"]
    list_select_related = ["edition__programme", "edition__region", "user", "recipient"]


@admin.register(ReportRecipient)
class ReportRecipientAdmin(admin.ModelAdmin):
    list_display = ["name", "email", "programme", "region", "active"]
    list_filter = ["programme", "active"]
    list_select_related = ["programme", "region"]
    raw_id_fields = ["region"]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False  # what was sent keeps naming to whom
