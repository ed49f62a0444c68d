"""Alerts, incidents and maintenance in the admin.

What has a timeline or a state is only shown: it changes on the portal's own pages,
where every move is checked and written down.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from incidents import noise_admin, postmortem_admin, slo_admin, subscriber_admin  # noqa: F401 -- the admin looks here alone
from incidents.models import (
    Alert,
    AlertEvent,
    AlertMute,
    AlertSeries,
    Component,
    ComponentMark,
    Escalation,
    EscalationEvent,
    Incident,
    IncidentDay,
    IncidentRole,
    IncidentUpdate,
    IncidentWord,
    IngestEvent,
    Integration,
    MaintenanceWindow,
    PolicyTurn,
    PostmortemFormat,
    SeverityLevel,
    Silence,
    StatusPage,
    TimelineEntry,
    UpdateImpact,
)
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team

if TYPE_CHECKING:
    Rows = admin.ModelAdmin[Any]
    Inline = admin.TabularInline[Any, Any]
else:
    Rows = admin.ModelAdmin
    Inline = admin.TabularInline


class ShownOnly(Rows):
    """Rows to look at."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Name what is shown, so that no form has to be made to find out."""
        meta = self.model._meta
        return [field.name for field in (*meta.fields[1:], *meta.many_to_many)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody removes here."""
        return False


class ShownInline(Inline):
    """Rows of another row, to look at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes here."""
        return False


class OfService(Rows):
    """Rows that configure a service; changes are in the audit log."""

    list_filter = ["service__team", "service"]
    list_select_related = ["service"]

    def save_model(
        self,
        request: Any,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001 -- Django calls it so
    ) -> None:
        """Save, and say so."""
        super().save_model(request, obj, form, change)
        after = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        self._record(request, obj, "change" if change else "create", after=after)

    def delete_model(self, request: Any, obj: models.Model) -> None:
        """Remove, and say so."""
        self._record(request, obj, "delete")
        super().delete_model(request, obj)

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        """Remove one by one, so that each is said."""
        for row in queryset:
            self.delete_model(request, row)

    def _record(self, request: Any, row: Any, what: str, **change: Any) -> None:
        team_id = row.service.team_id
        touch_team(team_id)
        record_change(
            f"{row._meta.model_name}.{what}",
            row,
            by=request.user,
            now=request.now,
            team_id=team_id,
            **change,
        )


@admin.register(SeverityLevel)
class SeverityLevelAdmin(OfService):
    """The words of a service for severity."""

    list_display = ["label", "service", "level", "response", "is_next_business_day"]
    search_fields = ["label", "service__name", "description"]


@admin.register(PostmortemFormat)
class PostmortemFormatAdmin(OfService):
    """Which headings a service's postmortems have."""

    list_display = ["service", "slug"]
    search_fields = ["service__name", "slug"]


@admin.register(Integration)
class IntegrationAdmin(OfService):
    """Senders of alerts."""

    list_display = ["name", "service", "kind", "is_enabled"]
    search_fields = ["name", "service__name"]
    # Keys are made on the portal's own pages, where they are shown once.
    fields = ["service", "kind", "name", "is_enabled"]


@admin.register(IngestEvent)
class IngestEventAdmin(ShownOnly):
    """What senders sent."""

    list_display = ["received_at", "kind", "integration", "status", "reason"]
    list_filter = ["status", "kind"]
    list_select_related = ["integration"]
    search_fields = ["external_id", "reason", "integration__name"]
    date_hierarchy = "received_at"


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(OfService):
    """Planned work."""

    list_display = ["reason", "service", "starts_at", "ends_at", "created_by"]
    list_select_related = ["service", "created_by"]
    search_fields = ["reason", "service__name"]
    date_hierarchy = "starts_at"


class AlertEventInline(ShownInline):
    """What became of an alert."""

    model = AlertEvent


@admin.register(Alert)
class AlertAdmin(ShownOnly):
    """Alerts."""

    list_display = ["summary", "service", "status", "level", "starts_at", "event_count"]
    list_filter = ["status", "level", "service__team", "service"]
    list_select_related = ["service"]
    search_fields = ["summary", "metric", "series__dedup_key", "service__name"]
    date_hierarchy = "starts_at"
    inlines = [AlertEventInline]


@admin.register(AlertSeries)
class AlertSeriesAdmin(ShownOnly):
    """The problems behind alerts."""

    list_display = ["dedup_key", "integration"]
    list_select_related = ["integration"]
    search_fields = ["dedup_key", "integration__service__name"]


@admin.register(AlertEvent)
class AlertEventAdmin(ShownOnly):
    """What became of alerts."""

    list_display = ["at", "kind", "alert", "actor"]
    list_filter = ["kind"]
    list_select_related = ["alert", "actor"]
    search_fields = ["text", "alert__summary"]
    date_hierarchy = "at"


@admin.register(AlertMute)
class AlertMuteAdmin(ShownOnly):
    """Why alerts told nobody."""

    list_display = ["alert", "kind", "text", "began_at", "ended_at"]
    list_filter = ["kind"]
    list_select_related = ["alert"]
    search_fields = ["text", "alert__summary"]
    date_hierarchy = "began_at"


@admin.register(Silence)
class SilenceAdmin(ShownOnly):
    """What people asked not to hear of."""

    list_display = ["comment", "team", "service", "author", "starts_at", "ends_at"]
    list_filter = ["team"]
    list_select_related = ["team", "service"]
    search_fields = ["comment", "author", "service__name"]
    date_hierarchy = "starts_at"


class IncidentRoleInline(ShownInline):
    """Who does what."""

    model = IncidentRole


class TimelineInline(ShownInline):
    """What happened."""

    model = TimelineEntry
    fields = ["occurred_at", "kind", "actor", "text", "recorded_at"]


@admin.register(Incident)
class IncidentAdmin(ShownOnly):
    """Incidents."""

    list_display = ["ref", "title", "team", "severity", "status", "declared_at"]
    list_filter = ["status", "kind", "team"]
    list_select_related = ["team", "severity"]
    search_fields = ["ref", "title", "summary"]
    date_hierarchy = "declared_at"
    inlines = [IncidentRoleInline, TimelineInline]


@admin.register(IncidentRole)
class IncidentRoleAdmin(ShownOnly):
    """Who does what in which incident."""

    list_display = ["incident", "name", "user"]
    list_filter = ["name"]
    list_select_related = ["incident", "user"]
    search_fields = ["incident__ref", "user__name", "user__username"]


@admin.register(IncidentWord)
class IncidentWordAdmin(ShownOnly):
    """The words by which similar incidents are found."""

    list_display = ["word", "incident"]
    list_select_related = ["incident"]
    search_fields = ["word", "incident__ref"]


@admin.register(TimelineEntry)
class TimelineEntryAdmin(ShownOnly):
    """What happened: nobody changes it, the database neither."""

    list_display = ["occurred_at", "incident", "kind", "actor", "text"]
    list_filter = ["kind"]
    list_select_related = ["incident", "actor"]
    search_fields = ["text", "incident__ref", "incident__title"]
    date_hierarchy = "occurred_at"


@admin.register(IncidentDay)
class IncidentDayAdmin(ShownOnly):
    """The counters behind the numbers."""

    list_display = ["on", "last_number"]
    search_fields = ["on"]


@admin.register(Escalation)
class EscalationAdmin(ShownOnly):
    """Alerts on their ladders."""

    list_display = ["alert", "policy_name", "state", "loop", "step", "next_step_at"]
    list_filter = ["state"]
    list_select_related = ["alert"]
    search_fields = ["policy_name", "alert__summary"]


@admin.register(EscalationEvent)
class EscalationEventAdmin(ShownOnly):
    """Who was told by which step."""

    list_display = ["alert", "at", "kind", "step_name", "name", "actor"]
    list_filter = ["kind"]
    list_select_related = ["alert", "actor"]
    search_fields = ["name", "alert__summary"]


@admin.register(PolicyTurn)
class PolicyTurnAdmin(ShownOnly):
    """Whose turn it is in each round robin."""

    list_display = ["policy", "count"]
    list_select_related = ["policy"]
    search_fields = ["policy__name"]


class UpdateImpactInline(ShownInline):
    """What it said of each component."""

    model = UpdateImpact


@admin.register(IncidentUpdate)
class IncidentUpdateAdmin(ShownOnly):
    """What people were told of incidents."""

    list_display = ["posted_at", "incident", "audience", "status", "title"]
    list_filter = ["audience", "status"]
    list_select_related = ["incident"]
    search_fields = ["title", "text", "incident__ref"]
    date_hierarchy = "posted_at"
    inlines = [UpdateImpactInline]


@admin.register(UpdateImpact)
class UpdateImpactAdmin(ShownOnly):
    """What updates said of components."""

    list_display = ["update", "component", "state"]
    list_filter = ["state"]
    list_select_related = ["update", "component"]
    search_fields = ["component__name", "update__title"]


@admin.register(StatusPage)
class StatusPageAdmin(ShownOnly):
    """Public pages."""

    list_display = ["title", "team", "slug", "is_published", "written_at"]
    list_filter = ["is_published"]
    list_select_related = ["team"]
    search_fields = ["title", "slug"]


@admin.register(Component)
class ComponentAdmin(ShownOnly):
    """What public pages show."""

    list_display = ["name", "page", "service", "is_shown"]
    list_filter = ["page"]
    list_select_related = ["page", "service"]
    search_fields = ["name", "service__name"]


@admin.register(ComponentMark)
class ComponentMarkAdmin(ShownOnly):
    """What people said of components by hand."""

    list_display = ["set_at", "component", "state", "note", "set_by"]
    list_filter = ["state"]
    list_select_related = ["component", "set_by"]
    search_fields = ["note", "component__name"]
    date_hierarchy = "set_at"
