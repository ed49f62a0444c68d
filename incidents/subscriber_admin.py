"""Subscribers in the admin: who they are is for the team's managers alone."""

from django.contrib import admin

from incidents.models import Subscriber
from oncall.admin.manners import ShownOnly


@admin.register(Subscriber)
class SubscriberAdmin(ShownOnly):
    """Who outside hears of a page."""

    list_display = [
        "pk",
        "page",
        "hears_all",
        "asked_at",
        "confirmed_at",
        "refusals",
        "paused_at",
    ]
    list_filter = ["page"]
    list_select_related = ["page"]
    search_fields = ["page__title"]
    date_hierarchy = "asked_at"
    hidden = ("address", "address_digest", "token_digest")
