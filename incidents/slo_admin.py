"""Objectives in the admin, to look at."""

from django.contrib import admin

from incidents.models import Slo, SloEvent
from opsportal.kit.admin import ReadOnlyAdmin


@admin.register(Slo)
class SloAdmin(ReadOnlyAdmin):
    """What is promised of services."""

    list_display = ["name", "service", "kind", "target", "window_days", "burning"]
    list_filter = ["kind", "burning", "is_enabled"]
    list_select_related = ["service"]
    search_fields = ["name", "service__name"]


@admin.register(SloEvent)
class SloEventAdmin(ReadOnlyAdmin):
    """What became of budgets."""

    list_display = ["at", "slo", "kind", "text"]
    list_filter = ["kind"]
    list_select_related = ["slo"]
    search_fields = ["text", "slo__name"]
    date_hierarchy = "at"
