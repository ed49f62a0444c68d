"""Bases of the administration pages of all apps."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import Field, Model
from django.http import HttpRequest

from opsportal.kit.vault import EncryptedTextField

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _TabularInline = admin.TabularInline[Any, Any]
    _StackedInline = admin.StackedInline[Any, Any]
else:  # not subscriptable when it runs
    _ModelAdmin = admin.ModelAdmin
    _TabularInline = admin.TabularInline
    _StackedInline = admin.StackedInline


class WriteOnlyField(forms.CharField):
    """A secret: never shown again, and kept when left empty."""

    widget = forms.PasswordInput

    def __init__(self, **options: Any) -> None:
        """Say how to keep what is there."""
        options.setdefault("help_text", "Never shown again. Leave empty to keep it.")
        options["required"] = False
        super().__init__(**options)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Empty is "as it is"."""
        return bool(data)


class RowAdmin(_ModelAdmin):
    """A model that admins may change; secrets are write-only."""

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Give encrypted columns a field that shows nothing."""
        if isinstance(db_field, EncryptedTextField):
            return WriteOnlyField(label=db_field.verbose_name)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(
        self,
        request: HttpRequest,
        obj: Model,
        form: Any,
        change: bool,  # noqa: FBT001 -- Django's signature
    ) -> None:
        """Keep a secret whose field was left empty."""
        for field in obj._meta.fields:
            is_empty = field.name in form.fields and not form.cleaned_data[field.name]
            if change and is_empty and isinstance(field, EncryptedTextField):
                setattr(obj, field.name, form.initial[field.name])
        super().save_model(request, obj, form, change)


class ReadOnlyAdmin(_ModelAdmin):
    """Shown, searched, never changed: the services or the database own it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from the services."""
        return False

    def has_change_permission(
        self,
        request: HttpRequest,
        obj: Model | None = None,
    ) -> bool:
        """Rows are changed by the services."""
        return False

    def has_delete_permission(
        self,
        request: HttpRequest,
        obj: Model | None = None,
    ) -> bool:
        """Rows stay."""
        return False


class RowsInline(_TabularInline):
    """Rows below another one, shown and not changed."""

    extra = 0
    max_num = 0
    can_delete = False


class StackedRowsInline(_StackedInline):
    """Rows below another one that may be changed, none invented."""

    extra = 0
    can_delete = False
