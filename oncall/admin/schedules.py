"""Schedules: a weekly rotation is edited here as on the portal's page."""

from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.http import HttpRequest

from oncall.admin.manners import Audited, Kept, RowForm, ShownInline, ShownOnly
from oncall.forms.fields import MOST_PLACES, NOBODY, WEEKDAYS
from oncall.models import (
    ActiveWindow,
    Override,
    Rotation,
    RotationMember,
    RotationVersion,
    Schedule,
    ShiftRecord,
)
from oncall.queries.people import active_people
from oncall.queries.rosters import find_rotation
from oncall.services import overrides, schedules
from oncall.services.drafts import RotationDraft, draft_of
from oncall.services.edits import AddRotation, EditRotation
from opsportal.kit.errors import PortalError

PLACES = [f"place_{number}" for number in range(MOST_PLACES)]


class RotationForm(RowForm):
    """A rotation and, below its name, the week as it is from a moment on."""

    # The moment of the request; RotationAdmin.get_form sets it.
    now: datetime
    role_names = forms.CharField(
        label="Roles", initial="primary, secondary", help_text="In order, with commas."
    )
    weekday = forms.TypedChoiceField(
        label="Handoff on", choices=list(enumerate(WEEKDAYS)), coerce=int
    )
    at = forms.TimeField(label="Handoff at", initial="09:00")
    effective_from = forms.SplitDateTimeField(
        required=False, widget=AdminSplitDateTime, help_text="Empty means now."
    )
    keeps_current = forms.BooleanField(
        label="Whoever is on call stays until the next handoff",
        required=False,
        initial=True,
    )

    class Meta:
        model = Rotation
        fields = ["schedule", "name", "priority"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "---"), (NOBODY, "Nobody (an empty slot)")]
        choices += [(str(each.pk), each.display_name) for each in active_people()]
        for name in PLACES:
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        if self.instance.pk:
            self._show(draft_of(self.instance, self.now))

    def _show(self, draft: RotationDraft) -> None:
        self.fields["role_names"].initial = ", ".join(draft.roles)
        self.fields["weekday"].initial = draft.weekday
        self.fields["at"].initial = draft.at
        for name, member in zip(PLACES, draft.people, strict=False):
            first = member[0] if isinstance(member, tuple) else member
            self.fields[name].initial = NOBODY if first is None else str(first)

    def clean(self) -> dict[str, Any]:
        """Let the service judge before anything is saved."""
        clean = super().clean() or {}
        if self.errors:
            return clean
        try:
            self.edit(clean).think(self.now)
        except PortalError as error:
            field = "role_names" if error.field == "roles" else error.field
            self.add_error(field if field in self.fields else None, error.message)
        return clean

    def edit(self, clean: dict[str, Any]) -> EditRotation | AddRotation:
        """Return what was entered as an edit; what is not asked stays as it is."""
        chosen = [clean[name] for name in PLACES if clean[name]]
        people = tuple(None if each == NOBODY else int(each) for each in chosen)
        roles = tuple(each.strip().lower() for each in clean["role_names"].split(","))
        entered = {
            "people": people,
            "roles": tuple(role for role in roles if role),
            "weekday": clean["weekday"],
            "at": clean["at"],
            "name": clean["name"],
            "priority": clean["priority"],
            "effective_from": clean["effective_from"],
            "keeps_current": clean["keeps_current"],
            "based_on": None,
        }
        if not self.instance.pk:
            return AddRotation(clean["schedule"], RotationDraft(**entered))
        # The form's own instance carries the new name already.
        rotation = find_rotation(self.instance.pk)
        present = draft_of(rotation, self.now)
        if any(isinstance(each, tuple) for each in present.people):
            raise PortalError(
                "People share a place in this rotation. Edit it on its schedule's page."
            )
        return EditRotation(rotation, replace(present, **entered))


for _number, _name in enumerate(PLACES, start=1):
    RotationForm.base_fields[_name] = RotationForm.declared_fields[_name] = (
        forms.ChoiceField(label=f"{_number}.", required=False)
    )


class RotationInline(ShownInline):
    """The rotations of a schedule."""

    model = Rotation
    fields = ["name", "roles", "priority"]


class VersionInline(ShownInline):
    """The versions of a rotation, newest first; none is ever changed."""

    model = RotationVersion
    fields = ["effective_from", "anchor", "order", "created_by", "created_at"]
    readonly_fields = ["order"]
    ordering = ["-effective_from", "-pk"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the members along."""
        rows = super().get_queryset(request)
        return rows.select_related("created_by").prefetch_related("members__user")

    @admin.display(description="people")
    def order(self, row: RotationVersion) -> str:
        """Name the people in order."""
        return ", ".join(str(each.user or "nobody") for each in row.members.all())


@admin.register(Schedule)
class ScheduleAdmin(Kept, Audited):
    """Schedules; zone, holidays and roles are edited on the portal, with a preview."""

    list_display = ["name", "team", "time_zone", "required_roles", "is_active"]
    list_filter = ["is_active", "team", "time_zone"]
    list_select_related = ["team"]
    search_fields = ["name", "slug", "team__name"]
    autocomplete_fields = ["team", "calendar"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RotationInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What moves people's hours is shown only."""
        moving = ["time_zone", "calendar", "required_roles", "is_active"]
        return moving if obj else []


@admin.register(Rotation)
class RotationAdmin(Kept, Audited):
    """Rotations; saving appends a version through the service.

    One that is over is retired on its schedule's page.
    """

    form = RotationForm
    list_display = ["name", "schedule", "roles", "priority"]
    list_filter = ["schedule__team", "schedule"]
    list_select_related = ["schedule"]
    search_fields = ["name", "schedule__name"]
    autocomplete_fields = ["schedule"]
    inlines = [VersionInline]
    fieldsets = [
        (None, {"fields": ["schedule", "name", "priority"]}),
        (
            "Week",
            {"fields": ["role_names", "weekday", "at", *PLACES]},
        ),
        ("From when", {"fields": ["effective_from", "keeps_current"]}),
    ]

    def get_form(
        self,
        request: Any,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 -- Django calls it so
        **kwargs: Any,
    ) -> Any:
        """Give the form the moment of the request."""
        form = super().get_form(request, obj, change, **kwargs)
        form.now = request.now  # type: ignore[attr-defined]
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A rotation stays in its schedule."""
        return ["schedule"] if obj else []

    def save_model(
        self,
        request: Any,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001 -- Django calls it so
    ) -> None:
        """Save the name, and append a version when the week changed."""
        plain = {"name", "schedule"}
        if change and not set(form.changed_data) - plain:
            super().save_model(request, obj, form, change)
            return
        edit = form.edit(form.cleaned_data)
        made = schedules.make_edit(edit, by=request.user, now=request.now)
        obj.pk = cast("RotationVersion", made.version).rotation_id
        obj.refresh_from_db()

    def team_of(self, row: Any) -> int | None:
        """Return the schedule's team."""
        team_id: int | None = row.schedule.team_id
        return team_id


class MemberInline(ShownInline):
    """The people of a version, in order."""

    model = RotationMember
    show_change_link = False


class WindowInline(ShownInline):
    """The hours in which a version serves."""

    model = ActiveWindow
    show_change_link = False


@admin.register(RotationVersion)
class RotationVersionAdmin(ShownOnly):
    """What rotations were, are and will be."""

    list_display = ["rotation", "effective_from", "anchor", "created_by", "created_at"]
    list_filter = ["rotation__schedule"]
    list_select_related = ["rotation", "created_by"]
    search_fields = ["rotation__name", "rotation__schedule__name"]
    date_hierarchy = "effective_from"
    inlines = [MemberInline, WindowInline]


@admin.register(RotationMember)
class RotationMemberAdmin(ShownOnly):
    """Places in versions."""

    list_display = ["version", "position", "user"]
    list_filter = ["version__rotation__schedule"]
    list_select_related = ["version__rotation", "user"]
    search_fields = ["user__name", "user__username"]


@admin.register(ActiveWindow)
class ActiveWindowAdmin(ShownOnly):
    """Hours in which versions serve."""

    list_display = ["version", "weekday", "start_minute", "end_minute"]
    list_filter = ["weekday"]
    list_select_related = ["version__rotation"]
    search_fields = ["version__rotation__name"]


@admin.register(Override)
class OverrideAdmin(ShownOnly):
    """Exceptions; they are added on the schedule's page and never removed."""

    list_display = [
        "schedule",
        "role",
        "add_user",
        "remove_user",
        "starts_at",
        "ends_at",
        "cancelled_at",
    ]
    list_filter = ["schedule__team", "schedule", "source"]
    list_select_related = ["schedule", "add_user", "remove_user"]
    search_fields = ["schedule__name", "add_user__name", "remove_user__name", "reason"]
    date_hierarchy = "starts_at"
    actions = ["cancel"]

    @admin.action(description="Cancel the chosen overrides", permissions=["view"])
    def cancel(self, request: Any, queryset: Any) -> None:
        """End exceptions; those that are over stay as they are."""
        done = 0
        for row in queryset.select_related("schedule"):
            try:
                overrides.cancel_override(row, by=request.user, now=request.now)
                done += 1
            except PortalError:
                continue
        self.message_user(request, f"{done} cancelled.")


@admin.register(ShiftRecord)
class ShiftRecordAdmin(ShownOnly):
    """Who really was on call."""

    list_display = ["schedule", "role", "user", "starts_at", "ends_at", "cause"]
    list_filter = ["schedule", "role"]
    list_select_related = ["schedule", "user"]
    search_fields = ["user__name", "user__username", "schedule__name"]
    date_hierarchy = "starts_at"
