"""Every row of checklists in the administration.

What the services guard (runs, results, versions) is shown and not edited here;
checks, checklists and cadences can be changed.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin

from checklists import models
from checklists.services.check_rules import refuse_parents
from opsportal.kit.admin import (
    ReadOnlyAdmin,
    RowAdmin,
    RowsInline,
    StackedRowsInline,
)
from opsportal.kit.errors import PortalError


class ItemInline(RowsInline):
    """The items of a version, as they were published."""

    model = models.ChecklistItem
    fields = ("position", "reference", "section", "text", "kind", "mode")
    readonly_fields = fields


class RunItemInline(RowsInline):
    """The items of a run, as they stand."""

    model = models.RunItem
    fk_name = "run"
    fields = ("item", "state", "source", "attention", "value", "done_by", "done_at")
    readonly_fields = fields


class CadenceInline(StackedRowsInline):
    """When a checklist is due."""

    model = models.Cadence
    autocomplete_fields = ("assignee_user", "assignee_schedule", "calendar")
    readonly_fields = ("created_at", "generated_through", "next_open_at")
    show_change_link = True


@admin.register(models.Checklist)
class ChecklistAdmin(RowAdmin):
    """Checklists and their cadences."""

    list_display = ("name", "team", "service", "is_archived")
    list_filter = ("team", "is_archived")
    search_fields = ("name", "slug", "description")
    autocomplete_fields = ("team", "service")
    inlines = (CadenceInline,)


@admin.register(models.ChecklistVersion)
class ChecklistVersionAdmin(ReadOnlyAdmin):
    """Published versions are immutable."""

    list_display = ("checklist", "number", "status", "published_at", "published_by")
    list_filter = ("status",)
    search_fields = ("checklist__name",)
    inlines = (ItemInline,)


@admin.register(models.ChecklistDraft)
class ChecklistDraftAdmin(ReadOnlyAdmin):
    """What managers write before they publish it."""

    list_display = ("checklist", "changes", "based_on", "changed_at", "changed_by")
    search_fields = ("checklist__name",)
    list_select_related = ("checklist", "changed_by")


@admin.register(models.ChecklistItem)
class ChecklistItemAdmin(ReadOnlyAdmin):
    """Items, searchable by text and reference."""

    list_display = ("text", "reference", "version", "kind", "mode")
    list_filter = ("kind", "mode")
    search_fields = ("text", "reference", "version__checklist__name")
    list_select_related = ("version__checklist",)


@admin.register(models.Cadence)
class CadenceAdmin(RowAdmin):
    """Cadences: to pause one, or to see when it opens next."""

    list_display = ("checklist", "time_zone", "assignee", "is_enabled", "next_open_at")
    list_filter = ("is_enabled", "assignee", "sign_off")
    search_fields = ("checklist__name",)
    autocomplete_fields = (
        "checklist",
        "assignee_user",
        "assignee_schedule",
        "calendar",
    )
    readonly_fields = ("created_at", "generated_through", "next_open_at")
    list_select_related = ("checklist",)


@admin.register(models.Run)
class RunAdmin(ReadOnlyAdmin):
    """Runs, with their items."""

    list_display = ("checklist", "period_key", "state", "outcome", "due_at")
    list_filter = ("state", "outcome", "team")
    search_fields = ("checklist__name", "period_key")
    date_hierarchy = "due_at"
    list_select_related = ("checklist",)
    inlines = (RunItemInline,)


@admin.register(models.RunItem)
class RunItemAdmin(ReadOnlyAdmin):
    """Items of runs."""

    list_display = ("item", "run", "state", "source", "attention", "done_by")
    list_filter = ("state", "source", "attention")
    search_fields = ("item__text", "run__checklist__name")
    list_select_related = ("item", "run__checklist", "done_by")


@admin.register(models.RunEvent)
class RunEventAdmin(ReadOnlyAdmin):
    """The append-only story of runs."""

    list_display = ("at", "run", "number", "verb", "actor")
    list_filter = ("verb",)
    search_fields = ("run__checklist__name", "reason")
    date_hierarchy = "at"
    list_select_related = ("run__checklist", "actor")


@admin.register(models.Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    """Files of run items."""

    list_display = ("name", "content_type", "size", "uploaded_by", "uploaded_at")
    search_fields = ("name", "digest")


@admin.register(models.RunWebhook)
class RunWebhookAdmin(RowAdmin):
    """Webhooks that hear of runs."""

    list_display = (
        "channel",
        "takes_opened",
        "takes_late",
        "takes_completed",
        "takes_missed",
    )
    list_select_related = ("channel",)


@admin.register(models.DataSource)
class DataSourceAdmin(RowAdmin):
    """Databases that checks may read; the address is never shown again."""

    list_display = ("name", "team")
    list_filter = ("team",)
    search_fields = ("name",)


if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[models.Check]
else:
    _ModelForm = forms.ModelForm


class CheckForm(_ModelForm):
    """A check whose parents are of its team and do not depend on it."""

    class Meta:
        model = models.Check
        fields = "__all__"

    def clean(self) -> dict[str, Any] | None:
        """Refuse parents as the pages do."""
        cleaned = super().clean()
        service = (cleaned or {}).get("service")
        if cleaned and service is not None:
            try:
                refuse_parents(
                    self.instance.pk,
                    cleaned.get("depends_on", ()),
                    team_id=service.team_id,
                )
            except PortalError as refused:
                self.add_error("depends_on", refused.message)
        return cleaned


@admin.register(models.Check)
class CheckAdmin(RowAdmin):
    """Checks and how they stand."""

    form = CheckForm
    list_display = ("name", "service", "kind", "status", "is_enabled", "next_due_at")
    list_filter = ("kind", "status", "is_enabled", "service")
    search_fields = ("name", "slug", "condition", "description")
    autocomplete_fields = ("service", "data_source", "depends_on")
    readonly_fields = (
        "status",
        "status_since",
        "last_value",
        "last_summary",
        "last_observed_at",
        "last_ok_at",
        "is_flapping",
        "next_due_at",
    )
    list_select_related = ("service",)


@admin.register(models.ServiceMapping)
class ServiceMappingAdmin(RowAdmin):
    """Where the metrics of services live."""

    list_display = ("service",)
    search_fields = ("service__name",)
    autocomplete_fields = ("service",)
    list_select_related = ("service",)


@admin.register(models.LibraryCheck)
class LibraryCheckAdmin(ReadOnlyAdmin):
    """Which checks came of the library."""

    list_display = ("template", "check_ref", "service")
    search_fields = ("template", "check_ref__name")
    list_select_related = ("check_ref", "service")


@admin.register(models.CheckResult)
class CheckResultAdmin(ReadOnlyAdmin):
    """What checks saw."""

    list_display = ("observed_at", "check_ref", "outcome", "value", "summary")
    list_filter = ("outcome",)
    search_fields = ("check_ref__name", "error_code")
    list_select_related = ("check_ref",)
    show_full_result_count = False


@admin.register(models.CheckDay)
class CheckDayAdmin(ReadOnlyAdmin):
    """Which days of checks are summed up."""

    list_display = ("on", "check_ref")
    search_fields = ("check_ref__name",)
    date_hierarchy = "on"
    list_select_related = ("check_ref",)
    fields = ("check_ref", "on")
    show_full_result_count = False


@admin.register(models.CheckFlip)
class CheckFlipAdmin(ReadOnlyAdmin):
    """Confirmed changes of status."""

    list_display = ("at", "check_ref", "old_status", "new_status", "in_maintenance")
    list_filter = ("new_status", "in_maintenance")
    search_fields = ("check_ref__name",)
    list_select_related = ("check_ref",)


@admin.register(models.Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """Inboxes of jobs that report."""

    list_display = ("prefix", "check_ref", "created_at")
    search_fields = ("prefix", "check_ref__name")


@admin.register(models.HeartbeatPing)
class HeartbeatPingAdmin(ReadOnlyAdmin):
    """What jobs reported."""

    list_display = ("at", "heartbeat", "kind", "exit_code")
    list_filter = ("kind",)
    search_fields = ("heartbeat__prefix",)
    show_full_result_count = False


@admin.register(models.WeeklyReview)
class WeeklyReviewAdmin(ReadOnlyAdmin):
    """When weekly reviews are sent; managers set it on the page."""

    list_display = ("team", "weekday", "send_time", "channel", "next_send_at")
    list_select_related = ("team", "channel")
    search_fields = ("team__name",)
