"""Services, whom to call about them, and who is told next."""

from typing import Any

from django.contrib import admin
from django.db.models import URLField
from django.http import HttpRequest

from oncall.admin.manners import Audited, Inline, ShownInline
from oncall.models import (
    EscalationContact,
    EscalationPolicy,
    EscalationPolicyVersion,
    EscalationStep,
    EscalationTarget,
    Service,
)


class ContactInline(Inline):
    """The contact table of a service."""

    model = EscalationContact
    extra = 0
    autocomplete_fields = ["user", "schedule"]


@admin.register(Service)
class ServiceAdmin(Audited):
    """Services."""

    list_display = ["name", "team", "schedule", "policy", "position"]
    list_filter = ["team"]
    list_select_related = ["team", "schedule", "policy"]
    search_fields = ["name", "slug", "team__name"]
    autocomplete_fields = ["team", "schedule", "policy"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [ContactInline]

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Take an address without a scheme for https."""
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(EscalationContact)
class EscalationContactAdmin(Audited):
    """Lines of contact tables."""

    list_display = [
        "service",
        "team",
        "position",
        "title",
        "kind",
        "value",
        "is_placeholder",
    ]
    list_filter = ["service", "team", "kind", "is_placeholder"]
    list_select_related = ["service", "team"]
    search_fields = ["title", "value", "service__name"]
    autocomplete_fields = ["service", "team", "user", "schedule"]

    def team_of(self, row: Any) -> int | None:
        """Return the team of the table."""
        team_id: int | None = row.service.team_id if row.service else row.team_id
        return team_id


class VersionInline(ShownInline):
    """The versions of a policy."""

    model = EscalationPolicyVersion


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(Audited):
    """Policies."""

    list_display = ["name", "team", "slug"]
    list_filter = ["team"]
    list_select_related = ["team"]
    search_fields = ["name", "slug", "team__name"]
    autocomplete_fields = ["team"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [VersionInline]


class StepInline(Inline):
    """The rungs of a version, written with it."""

    model = EscalationStep
    extra = 3
    show_change_link = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A version that is saved stays."""
        return obj is None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A version that is saved stays."""
        return obj is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A version that is saved stays."""
        return False


@admin.register(EscalationPolicyVersion)
class EscalationPolicyVersionAdmin(Audited):
    """Versions of policies: added with their rungs, then never changed."""

    list_display = ["policy", "number", "created_at", "created_by"]
    list_filter = ["policy"]
    list_select_related = ["policy", "created_by"]
    search_fields = ["policy__name"]
    autocomplete_fields = ["policy"]
    fields = [
        "policy",
        "number",
        "repeats",
        "repeat_after",
        "repeat_from",
        "ack_expires_after",
        "note",
    ]
    inlines = [StepInline]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A version that is saved stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A version that is saved stays."""
        return False

    def save_model(
        self,
        request: Any,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001 -- Django calls it so
    ) -> None:
        """Note when and by whom."""
        obj.created_at, obj.created_by = request.now, request.user
        super().save_model(request, obj, form, change)

    def team_of(self, row: Any) -> int | None:
        """Return the policy's team."""
        team_id: int | None = row.policy.team_id
        return team_id


class TargetInline(Inline):
    """Who is told at a rung."""

    model = EscalationTarget
    extra = 1
    autocomplete_fields = ["user", "schedule", "team", "channel"]


@admin.register(EscalationStep)
class EscalationStepAdmin(Audited):
    """Rungs, with who is told."""

    list_display = ["name", "version", "position", "delay", "condition"]
    list_filter = ["version__policy"]
    list_select_related = ["version__policy"]
    search_fields = ["name", "version__policy__name"]
    autocomplete_fields = ["version"]
    inlines = [TargetInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A rung stays in its version and place."""
        return ["version", "position"] if obj else []

    def team_of(self, row: Any) -> int | None:
        """Return the policy's team."""
        team_id: int | None = row.version.policy.team_id
        return team_id
