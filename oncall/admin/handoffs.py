"""Handoffs, to look at: what was written and accepted stays as it was."""

from django.contrib import admin

from oncall.admin.manners import ShownOnly
from oncall.models import Handoff


@admin.register(Handoff)
class HandoffAdmin(ShownOnly):
    """Who passed the pager to whom."""

    list_display = ["at", "schedule", "outgoing", "incoming", "accepted_at"]
    list_filter = ["schedule"]
    list_select_related = ["schedule", "rotation", "outgoing", "incoming"]
    search_fields = ["notes", "schedule__name", "outgoing__name", "incoming__name"]
    date_hierarchy = "at"
