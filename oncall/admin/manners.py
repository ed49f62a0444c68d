"""Manners of the admin pages: what is shown only, what is written and not shown."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponseRedirect

from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError

if TYPE_CHECKING:
    Rows = admin.ModelAdmin[Any]
    Inline = admin.TabularInline[Any, Any]
    RowForm = forms.ModelForm[Any]
else:
    Rows = admin.ModelAdmin
    Inline = admin.TabularInline
    RowForm = forms.ModelForm


class NotAdded:
    """Nobody adds or changes here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class ShownOnly(NotAdded, Rows):
    """Rows to look at; ``hidden`` names fields that are never rendered."""

    hidden: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Name what is shown."""
        names = [field.name for field in self.model._meta.fields[1:]]
        return [name for name in names if name not in self.hidden]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class ShownInline(NotAdded, Inline):
    """Rows of another row, to look at."""

    extra = 0
    can_delete = False
    show_change_link = True


class Kept:
    """What has a past that must stay readable: nobody removes it."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class Audited(Rows):
    """Rows that configure something; every change is in the audit log.

    A refusal of a service becomes a message, and nothing is saved.
    """

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the form; tell why a service refused."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except PortalError as error:
            self.message_user(request, error.message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Ask, and tell why a service refused."""
        try:
            return super().delete_view(request, *args, **kwargs)
        except PortalError as error:
            self.message_user(request, error.message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def get_actions(self, request: HttpRequest) -> Any:
        """Leave out removal in bulk: each removal has its own rules."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(
        self,
        request: Any,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001 -- Django calls it so
    ) -> None:
        """Save, and write it into the audit log."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            after = {
                name: str(form.cleaned_data[name])
                for name in form.changed_data
                if name not in self.secret_fields
            }
            self._record(request, obj, "edit" if change else "add", after=after)

    def delete_model(self, request: Any, obj: models.Model) -> None:
        """Remove, and write it into the audit log."""
        with transaction.atomic():
            self._record(request, obj, "delete")
            super().delete_model(request, obj)

    secret_fields: tuple[str, ...] = ()

    def team_of(self, row: Any) -> int | None:
        """Return the team whose pages change with the row."""
        team_id: int | None = getattr(row, "team_id", None)
        return team_id

    def _record(self, request: Any, row: Any, what: str, **change: Any) -> None:
        team_id = self.team_of(row)
        if team_id is not None:
            touch_team(team_id)
        record_change(
            f"{row._meta.model_name}.{what}",
            row,
            by=request.user,
            now=request.now,
            team_id=team_id,
            **change,
        )


def write_only(label: str) -> forms.CharField:
    """Return a field that never shows what is stored; empty keeps it."""
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        widget=forms.PasswordInput(
            render_value=False, attrs={"autocomplete": "new-password"}
        ),
        help_text="Never shown. Empty keeps what is stored.",
    )
