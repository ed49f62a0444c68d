"""People, teams, and what opens doors."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from oncall.admin.manners import (
    Audited,
    Inline,
    RowForm,
    ShownInline,
    ShownOnly,
    write_only,
)
from oncall.models import (
    ApiToken,
    AuditEntry,
    AuditHead,
    Channel,
    ContactMethod,
    Holiday,
    HolidayCalendar,
    Membership,
    NotificationRule,
    QuietHours,
    Role,
    Secret,
    Team,
    User,
)
from oncall.queries.people import mask_address
from oncall.services import channels, contacts, members, secrets, tokens
from opsportal.kit.errors import PortalError


class MembershipInline(ShownInline):
    """The teams of a person, or the people of a team."""

    model = Membership


class MethodInline(ShownInline):
    """How a person is reached; the person alone adds and proves it."""

    model = ContactMethod
    fields = ["kind", "place", "label", "verified_at"]
    readonly_fields = ["place"]

    @admin.display(description="to")
    def place(self, row: ContactMethod) -> str:
        """Show the address with enough hidden."""
        return mask_address(row.kind, row.address)


@admin.register(User)
class PersonAdmin(Audited, UserAdmin):  # type: ignore[type-arg]
    """People."""

    list_display = ["username", "name", "email", "is_active", "is_superuser"]
    search_fields = ["username", "name", "email"]
    list_filter = ["is_active", "is_superuser", "memberships__team"]
    inlines = [MembershipInline, MethodInline]
    secret_fields = ("password1", "password2", "password")
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["name", "email", "time_zone"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "username",
                    "email",
                    "name",
                    "time_zone",
                    "password1",
                    "password2",
                ]
            },
        )
    ]


class ChannelInline(ShownInline):
    """Where a team is told."""

    model = Channel
    fields = ["name", "kind", "is_enabled"]


@admin.register(Team)
class TeamAdmin(Audited):
    """Teams."""

    list_display = ["name", "slug", "time_zone", "calendar"]
    search_fields = ["name", "slug"]
    list_filter = ["time_zone"]
    autocomplete_fields = ["calendar"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MembershipInline, ChannelInline]

    def team_of(self, row: Any) -> int | None:
        """Return the team itself, while it is there."""
        team_id: int | None = row.pk
        return team_id


@admin.register(Membership)
class MembershipAdmin(Audited):
    """Who is in which team; the last manager stays."""

    list_display = ["user", "team", "role"]
    list_filter = ["role", "team"]
    list_select_related = ["user", "team"]
    search_fields = ["user__name", "user__username", "user__email", "team__name"]
    autocomplete_fields = ["user", "team"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only the role changes afterwards."""
        return ["user", "team"] if obj else []

    def save_model(
        self,
        request: Any,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001 -- Django calls it so
    ) -> None:
        """Change the role through the service."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        stored = Membership.objects.get(pk=obj.pk)
        members.change_role(stored, Role(obj.role), by=request.user, now=request.now)

    def delete_model(self, request: Any, obj: Any) -> None:
        """Take the person out through the service."""
        members.remove_member(obj, by=request.user, now=request.now)


class HolidayInline(Inline):
    """The dates of a calendar."""

    model = Holiday
    extra = 1


@admin.register(HolidayCalendar)
class HolidayCalendarAdmin(Audited):
    """Calendars of holidays."""

    list_display = ["name", "country", "subdivision"]
    search_fields = ["name", "country"]
    list_filter = ["country"]
    inlines = [HolidayInline]


@admin.register(ContactMethod)
class ContactMethodAdmin(ShownOnly):
    """How people are reached."""

    list_display = ["user", "kind", "place", "label", "verified_at"]
    list_filter = ["kind", ("verified_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__username", "label"]
    hidden = ("address", "code_digest", "code_tries")

    @admin.display(description="to")
    def place(self, row: ContactMethod) -> str:
        """Show the address with enough hidden."""
        return mask_address(row.kind, row.address)


@admin.register(QuietHours)
class QuietHoursAdmin(Audited):
    """When people want no reminders."""

    list_display = ["user", "starts", "ends"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__username"]
    autocomplete_fields = ["user"]


@admin.register(NotificationRule)
class NotificationRuleAdmin(ShownOnly):
    """When people are told by which method; they say so themselves."""

    list_display = ["user", "urgency", "delay", "contact_method"]
    list_filter = ["urgency"]
    list_select_related = ["user", "contact_method__user"]
    search_fields = ["user__name", "user__username"]


class ChannelForm(RowForm):
    """A channel whose address is written, not shown."""

    new_address = write_only("Address")

    class Meta:
        model = Channel
        fields = [
            "team",
            "name",
            "kind",
            "takes_reminders",
            "takes_alerts",
            "is_enabled",
        ]

    def clean(self) -> dict[str, Any]:
        """Look whether the address can work."""
        clean = super().clean() or {}
        is_new_kind = self.instance.pk and self.instance.kind != clean.get("kind")
        if clean.get("new_address") or not self.instance.pk or is_new_kind:
            try:
                contacts.clean_address(
                    clean.get("kind", ""), clean.get("new_address", ""), is_admin=True
                )
            except (PortalError, ValueError) as error:
                self.add_error("new_address", str(error))
        return clean


@admin.register(Channel)
class ChannelAdmin(Audited):
    """Where teams are told."""

    form = ChannelForm
    list_display = ["name", "team", "kind", "is_enabled"]
    list_filter = ["kind", "is_enabled", "team"]
    list_select_related = ["team"]
    search_fields = ["name", "team__name"]
    autocomplete_fields = ["team"]

    def save_model(
        self,
        request: Any,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001 -- Django calls it so
    ) -> None:
        """Save through the service."""
        stored = Channel.objects.get(pk=obj.pk) if change else None
        values = channels.ChannelForm(
            name=obj.name,
            kind=obj.kind,
            address=form.cleaned_data["new_address"],
            takes_reminders=obj.takes_reminders,
            takes_alerts=obj.takes_alerts,
            is_enabled=obj.is_enabled,
        )
        saved = channels.save_channel(
            obj.team, values, channel=stored, by=request.user, now=request.now
        )
        obj.pk = saved.pk

    def delete_model(self, request: Any, obj: Any) -> None:
        """Remove through the service."""
        channels.delete_channel(obj, by=request.user, now=request.now)


class SecretForm(RowForm):
    """A secret whose value is written, not shown."""

    new_value = write_only("Value")
    host_names = forms.CharField(label="Hosts", help_text="With commas.")

    class Meta:
        model = Secret
        fields = ["team", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host_names"].initial = ", ".join(self.instance.hosts)

    def clean(self) -> dict[str, Any]:
        """Ask for a value the first time."""
        clean = super().clean() or {}
        if not clean.get("new_value") and not self.instance.pk:
            self.add_error("new_value", "Enter the secret itself.")
        return clean


@admin.register(Secret)
class SecretAdmin(Audited):
    """Secrets of checks."""

    form = SecretForm
    list_display = ["name", "team", "hosts", "updated_at"]
    list_filter = ["team"]
    list_select_related = ["team"]
    search_fields = ["name", "team__name"]
    autocomplete_fields = ["team"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Name and team stay: checks refer to them."""
        return ["team", "name"] if obj else []

    def save_model(
        self,
        request: Any,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001 -- Django calls it so
    ) -> None:
        """Save through the service."""
        saved = secrets.save_secret(
            obj.team,
            name=obj.name,
            value=form.cleaned_data["new_value"] or obj.value,
            hosts=form.cleaned_data["host_names"].split(","),
            by=request.user,
            now=request.now,
        )
        obj.pk = saved.pk

    def delete_model(self, request: Any, obj: Any) -> None:
        """Remove through the service."""
        secrets.delete_secret(obj, by=request.user, now=request.now)


@admin.register(ApiToken)
class ApiTokenAdmin(ShownOnly):
    """Tokens; only their prefix is known."""

    list_display = ["name", "prefix", "user", "team", "expires_at", "revoked_at"]
    list_filter = ["team", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "team"]
    search_fields = ["name", "prefix", "user__name", "user__username"]
    hidden = ("digest",)
    actions = ["revoke"]

    @admin.action(description="Revoke the chosen tokens", permissions=["view"])
    def revoke(self, request: Any, queryset: QuerySet[ApiToken]) -> None:
        """End tokens at once."""
        done = sum(
            tokens.revoke_token(token, by=request.user, now=request.now)
            for token in queryset
        )
        self.message_user(request, f"{done} revoked.")


@admin.register(AuditEntry)
class AuditEntryAdmin(ShownOnly):
    """Every change."""

    list_display = ["at", "actor_label", "action", "target_label", "team"]
    list_filter = ["team", "action"]
    list_select_related = ["team"]
    search_fields = ["actor_label", "action", "target", "target_label"]
    date_hierarchy = "at"


@admin.register(AuditHead)
class AuditHeadAdmin(ShownOnly):
    """The end of the audit chain."""

    list_display = ["hash"]
    search_fields = ["hash"]
