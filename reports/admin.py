"""Who gets a report besides the officers, and what arrived; editions themselves are only read (D47, D48)."""

from django.contrib import admin

from reports.models import Edition, ReportDelivery, ReportRecipient
from tiers.admin_site import ProgrammeRules, ReadOnly, site


@admin.register(Edition, site=site)
class EditionAdmin(ReadOnly, ProgrammeRules):
    list_display = ("begins_on", "kind", "programme", "region", "number", "as_of", "sha256")
    list_filter = (("programme", admin.RelatedOnlyFieldListFilter), "kind", "begins_on")
    list_select_related = ("programme", "region")
    ordering = ("-begins_on", "kind", "programme", "region", "number")
    fields = ("kind", "programme", "region", "begins_on", "number", "as_of", "made_at", "query_version", "sha256")


@admin.register(ReportDelivery, site=site)
class ReportDeliveryAdmin(ReadOnly, ProgrammeRules):
    """What is owed to whom, and what fails; the address nowhere."""

    programme_path = "edition__programme"
    list_display = ("edition", "to", "sent_at", "attempts", "last_error", "next_attempt_at", "given_up_at")
    list_filter = ("edition__kind", "edition__begins_on")
    list_select_related = ("edition__programme", "edition__region", "user", "recipient")
    ordering = ("-created_at",)
    fields = ("edition", "to", "created_at", "sent_at", "attempts", "last_error", "next_attempt_at", "given_up_at")


@admin.register(ReportRecipient, site=site)
class ReportRecipientAdmin(ProgrammeRules):
    """Addresses without an account; what was sent keeps naming them, so that they are switched off, not deleted."""

    list_display = (
        "name",
        "email",
        "programme",
        "region",
        "needs_to_know",
        "monthly",
        "biweekly",
        "quarterly",
        "active",
    )
    list_filter = (("programme", admin.RelatedOnlyFieldListFilter), "active")
    list_select_related = ("programme", "region")
    ordering = ("programme", "name")
    fields = (
        "programme",
        "region",
        "name",
        "email",
        "needs_to_know",
        "monthly",
        "biweekly",
        "quarterly",
        "active",
    )
    raw_id_fields = ("region",)
    fixed = ("programme", "region")
