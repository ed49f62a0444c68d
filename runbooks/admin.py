"""Every row of runbooks in the administration: shown, and changed by the services."""

from django.contrib import admin

from opsportal.kit.admin import ReadOnlyAdmin, RowAdmin
from runbooks import models


@admin.register(models.Runbook)
class RunbookAdmin(RowAdmin):
    """Runbooks; their texts are in their versions."""

    list_display = ("title", "team", "service", "reviewed_on", "archived_at")
    list_filter = ("team",)
    search_fields = ("title", "slug")
    autocomplete_fields = ("team", "service", "reviewed_by")


@admin.register(models.RunbookVersion)
class RunbookVersionAdmin(ReadOnlyAdmin):
    """Texts as they came."""

    list_display = ("runbook", "number", "created_at", "created_by", "undone_at")
    search_fields = ("runbook__title", "digest")
    exclude = ("raw",)


@admin.register(models.Procedure)
class ProcedureAdmin(ReadOnlyAdmin):
    """What to do when something is wrong."""

    list_display = ("title", "version", "line")
    search_fields = ("title",)


@admin.register(models.AppliedKey)
class AppliedKeyAdmin(ReadOnlyAdmin):
    """What each finding became."""

    list_display = ("key", "kind", "runbook", "state", "target_model", "target_pk")
    list_filter = ("kind", "state")
    search_fields = ("key", "runbook__title")


@admin.register(models.RunbookSource)
class RunbookSourceAdmin(ReadOnlyAdmin):
    """Addresses that runbooks are read from; they and their credentials are secrets."""

    list_display = ("runbook", "interval", "last_read_at", "next_read_at", "last_error")
    list_filter = ("interval",)
    search_fields = ("runbook__title", "runbook__slug")
    exclude = ("url", "credentials")


@admin.register(models.Draft)
class DraftAdmin(ReadOnlyAdmin):
    """Texts under review."""

    list_display = ("service", "user", "runbook", "path", "created_at")
    exclude = ("raw",)
