"""Postmortems and action items in the admin, to look at."""

from django.contrib import admin

from incidents.models import (
    ActionItem,
    Postmortem,
    PostmortemReviewer,
    PostmortemRevision,
    PostmortemSection,
)
from opsportal.kit.admin import ReadOnlyAdmin


@admin.register(ActionItem)
class ActionItemAdmin(ReadOnlyAdmin):
    """What has to change after incidents."""

    list_display = ["title", "incident", "owner", "due_on", "state"]
    list_filter = ["state", "priority", "kind"]
    list_select_related = ["incident", "owner"]
    search_fields = ["title", "incident__ref"]


@admin.register(Postmortem)
class PostmortemAdmin(ReadOnlyAdmin):
    """Postmortems and how far they are."""

    list_display = ["incident", "owner", "state", "due_at", "waived_at"]
    list_filter = ["state"]
    list_select_related = ["incident", "owner"]
    search_fields = ["incident__ref", "incident__title"]


@admin.register(PostmortemSection)
class PostmortemSectionAdmin(ReadOnlyAdmin):
    """The texts of postmortems."""

    list_display = ["postmortem", "key", "version", "edited_by", "edited_at"]
    list_select_related = ["postmortem__incident", "edited_by"]
    search_fields = ["text", "postmortem__incident__ref"]


@admin.register(PostmortemRevision)
class PostmortemRevisionAdmin(ReadOnlyAdmin):
    """What sections said before."""

    list_display = ["section", "version", "written_by", "written_at"]
    list_select_related = ["section", "written_by"]
    search_fields = ["text"]


@admin.register(PostmortemReviewer)
class PostmortemReviewerAdmin(ReadOnlyAdmin):
    """Who was asked to review."""

    list_display = ["postmortem", "user", "asked_at"]
    list_select_related = ["postmortem__incident", "user"]
    search_fields = ["user__username", "postmortem__incident__ref"]
