"""Swaps, absences and calendars: shown; the services make and change them."""

from django.contrib import admin

from oncall.admin.manners import ShownInline, ShownOnly
from oncall.models import Absence, AbsenceFeed, CalendarFeed, SwapLeg, SwapRequest


class LegInline(ShownInline):
    """The stretches of a swap."""

    model = SwapLeg


@admin.register(SwapRequest)
class SwapAdmin(ShownOnly):
    """Swaps."""

    list_display = ["requester", "schedule", "asked", "taker", "state", "created_at"]
    list_filter = ["state", "schedule"]
    search_fields = ["requester__name", "taker__name", "schedule__name"]
    date_hierarchy = "created_at"
    inlines = [LegInline]


@admin.register(Absence)
class AbsenceAdmin(ShownOnly):
    """Absences."""

    list_display = ["user", "kind", "starts_at", "ends_at", "feed", "cancelled_at"]
    list_filter = ["kind"]
    search_fields = ["user__name", "user__username"]
    date_hierarchy = "starts_at"


@admin.register(AbsenceFeed)
class AbsenceFeedAdmin(ShownOnly):
    """Calendars of absences; their addresses are secrets."""

    hidden = ("url",)
    list_display = ["user", "name", "is_enabled", "last_read_at", "last_error"]
    search_fields = ["user__name", "user__username", "name"]


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ShownOnly):
    """Calendars that people subscribed to; only a hash of each token is kept."""

    hidden = ("digest",)
    list_display = ["user", "name", "schedule", "last_read_at", "revoked_at"]
    search_fields = ["user__name", "user__username", "name"]
