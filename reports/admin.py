"""Who gets a report besides the officers, what was made and what arrived; editions are only read (D47, D48)."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from reports.models import CorrectionRequest, Edition, Export, ReportDelivery, ReportDue, ReportRecipient
from tiers.admin_site import ProgrammeRules, ReadOnly, site

OF_PROGRAMME = ("programme", admin.RelatedOnlyFieldListFilter)


@admin.register(Edition, site=site)
class EditionAdmin(ReadOnly, ProgrammeRules):
    """What was sent, and whether it is still what was sent."""

    list_display = ("begins_on", "kind", "programme", "region", "number", "as_of", "is_intact", "sha256")
    list_filter = (OF_PROGRAMME, "kind", "begins_on")
    list_select_related = ("programme", "region")
    ordering = ("-begins_on", "kind", "programme", "region", "number")
    fields = (
        *("kind", "programme", "region", "begins_on", "number", "as_of", "made_at", "query_version"),
        *("is_intact", "sha256"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edition]:
        return super().get_queryset(request).with_integrity()

    @admin.display(description=_("data cocok dengan sidiknya"), boolean=True)
    def is_intact(self, edition: Edition) -> bool:
        return edition.intact


@admin.register(ReportDue, site=site)
class ReportDueAdmin(ReadOnly, ProgrammeRules):
    """What a period called for, and what could not be made."""

    list_display = ("begins_on", "kind", "programme", "region", "made_at", "attempts", "last_error", "next_attempt_at")
    list_filter = (OF_PROGRAMME, "kind", ("made_at", admin.EmptyFieldListFilter), "begins_on")
    list_select_related = ("programme", "region")
    ordering = ("-begins_on", "kind", "programme", "region")
    fields = (
        *("kind", "programme", "region", "begins_on", "edition", "created_at", "made_at"),
        *("attempts", "last_error", "next_attempt_at", "given_up_at"),
    )


class OfEdition:
    """The report that a row is about, in a line, without a query a row for what its area lies in."""

    @admin.display(description=_("laporan"))
    def report(self, row: ReportDelivery | CorrectionRequest) -> str:
        edition = row.edition
        area = edition.region.name if edition.region else _("Nasional")
        named = f"{edition.get_kind_display()} {edition.programme.number_prefix}"
        return f"{named}, {area}, {edition.subject.period.label}, {_('edisi')} {edition.number}"


@admin.register(ReportDelivery, site=site)
class ReportDeliveryAdmin(OfEdition, ReadOnly, ProgrammeRules):
    """What is owed to whom, and what fails; the address nowhere."""

    programme_path = "edition__programme"
    list_display = ("report", "to", "sent_at", "attempts", "last_error", "next_attempt_at", "given_up_at")
    list_filter = ("edition__kind", ("sent_at", admin.EmptyFieldListFilter), "edition__begins_on")
    list_select_related = ("edition__programme", "edition__region", "user", "recipient")
    ordering = ("-created_at",)
    fields = (
        *("edition", "to", "created_at", "sent_at", "linked", "fetched_at"),
        *("attempts", "last_error", "next_attempt_at", "given_up_at"),
    )


@admin.register(CorrectionRequest, site=site)
class CorrectionRequestAdmin(OfEdition, ReadOnly, ProgrammeRules):
    """Who asked to have a report reckoned again, why, and what came of it."""

    programme_path = "edition__programme"
    list_display = ("asked_at", "report", "asked_by", "why", "answered_at", "result")
    list_select_related = ("edition__programme", "edition__region", "asked_by", "found")
    ordering = ("-asked_at",)
    fields = ("edition", "asked_by", "asked_at", "why", "answered_at", "found")

    @admin.display(description=_("hasil"))
    def result(self, request: CorrectionRequest) -> str | None:
        return f"{_('edisi')} {request.found.number}" if request.found else None


@admin.register(ReportRecipient, site=site)
class ReportRecipientAdmin(ProgrammeRules):
    """Addresses without an account; what was sent keeps naming them, so that they are switched off, not deleted."""

    list_display = (
        *("name", "email", "programme", "region", "needs_to_know"),
        *("monthly", "biweekly", "quarterly", "active"),
    )
    list_filter = (OF_PROGRAMME, "active", "needs_to_know", "monthly", "biweekly", "quarterly")
    list_select_related = ("programme", "region")
    search_fields = ("name", "email")
    ordering = ("programme", "name")
    fieldsets = (
        (None, {"fields": ("programme", "region", "name", "email", "active")}),
        (_("Laporan yang dikirim"), {"fields": ("monthly", "biweekly", "quarterly")}),
        (_("Angka lengkap"), {"fields": ("needs_to_know", "need")}),
    )
    raw_id_fields = ("region",)
    fixed = ("programme", "region")


@admin.register(Export, site=site)
class ExportAdmin(ReadOnly, ProgrammeRules):
    """Who took which list along, when, and of how many cases; what is in it is nowhere here."""

    list_display = (
        *("asked_at", "asked_by", "what", "format", "programme", "region", "first_on", "last_on"),
        *("state", "rows", "fetches"),
    )
    list_filter = (OF_PROGRAMME, "what", "format", "state")
    list_select_related = ("asked_by", "programme", "region")
    date_hierarchy = "asked_at"
    ordering = ("-asked_at",)
    fields = (
        *("asked_by", "asked_at", "what", "format", "programme", "region", "first_on", "last_on", "choice"),
        *("state", "rows", "total", "ended_at", "fetched_at", "fetches", "failure"),
    )
