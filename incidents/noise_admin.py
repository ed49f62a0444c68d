"""What keeps alerts quiet, in the admin: it changes on the portal's own pages."""

from django.contrib import admin

from incidents.models import AlertGroup, AlertGrouping, RecurringWindow, Storm
from opsportal.kit.admin import ReadOnlyAdmin


@admin.register(Storm)
class StormAdmin(ReadOnlyAdmin):
    """Storms of alerts."""

    list_display = ["service", "began_at", "ended_at", "alert_count", "incident"]
    list_select_related = ["service", "incident"]
    search_fields = ["service__name"]
    date_hierarchy = "began_at"


@admin.register(RecurringWindow)
class RecurringWindowAdmin(ReadOnlyAdmin):
    """Planned work that comes back."""

    list_display = ["reason", "service", "frequency", "starts", "time_zone"]
    list_filter = ["service__team", "service"]
    list_select_related = ["service"]
    search_fields = ["reason", "service__name"]


@admin.register(AlertGroup)
class AlertGroupAdmin(ReadOnlyAdmin):
    """Alerts that are told together."""

    list_display = ["service", "__str__", "opened_at", "closed_at", "alert_count"]
    list_select_related = ["service"]
    search_fields = ["service__name"]
    date_hierarchy = "opened_at"


@admin.register(AlertGrouping)
class AlertGroupingAdmin(ReadOnlyAdmin):
    """How the alerts of services are grouped."""

    list_display = ["service", "__str__", "wait", "interval", "repeat"]
    list_select_related = ["service"]
    search_fields = ["service__name"]
