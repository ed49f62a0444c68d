"""The outbox and the pulse of the engine, to look at."""

from typing import Any

from django.contrib import admin

from oncall.admin.manners import ShownInline, ShownOnly
from oncall.models import Endpoint, Notification, NotificationAttempt, SweepRecord
from oncall.services import notifications
from opsportal.kit.errors import PortalError


class AttemptInline(ShownInline):
    """The tries of a message."""

    model = NotificationAttempt
    show_change_link = False


@admin.register(Notification)
class NotificationAdmin(ShownOnly):
    """Messages; a code that proves an address is not for others to read."""

    list_display = ["created_at", "subject", "recipient", "channel", "state", "urgency"]
    list_filter = ["state", "urgency", "team"]
    list_select_related = ["recipient", "channel"]
    search_fields = ["subject", "topic", "dedupe_key", "recipient__name"]
    date_hierarchy = "created_at"
    hidden = ("text", "blocks", "lease_token", "address", "unsubscribe_url")
    inlines = [AttemptInline]
    actions = ["send_again"]

    @admin.action(description="Send the failed ones again", permissions=["view"])
    def send_again(self, request: Any, queryset: Any) -> None:
        """Send failed messages again; others stay as they are."""
        done = 0
        for row in queryset:
            try:
                notifications.retry_notification(row, by=request.user, now=request.now)
                done += 1
            except PortalError:
                continue
        self.message_user(request, f"{done} on their way again.")


@admin.register(NotificationAttempt)
class NotificationAttemptAdmin(ShownOnly):
    """Tries to send."""

    list_display = ["notification", "number", "started_at", "ended_at", "outcome"]
    list_filter = ["outcome"]
    list_select_related = ["notification"]
    search_fields = ["notification__subject", "notification__topic", "detail"]
    date_hierarchy = "started_at"


@admin.register(SweepRecord)
class SweepRecordAdmin(ShownOnly):
    """When each sweep last ran."""

    list_display = ["name", "finished_at", "driver", "duration", "handled", "failures"]
    list_filter = ["driver"]
    search_fields = ["name", "last_error"]


@admin.register(Endpoint)
class EndpointAdmin(ShownOnly):
    """Where messages arrive, and who has stopped to answer."""

    list_display = ["label", "kind", "failures", "retry_at", "used_at"]
    list_filter = ["kind"]
    search_fields = ["label"]
    hidden = ("digest", "revision")
