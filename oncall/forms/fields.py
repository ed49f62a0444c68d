"""What several forms are made of."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from oncall.models import TransportKind, User

WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)


NOBODY = "nobody"


DASH = "\N{EN DASH}"


MOST_PLACES = 12


_ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Warsaw",
    "Europe/Kyiv",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
)


class ZoneInput(forms.TextInput):
    """A text field that proposes common IANA zones and takes them all."""

    def render(
        self, name: str, value: Any, attrs: Any = None, renderer: Any = None
    ) -> SafeString:
        """Draw the field and its proposals."""
        box = super().render(
            name, value, {**(attrs or {}), "list": f"{name}_zones"}, renderer
        )
        options = format_html_join("", '<option value="{}">', ((z,) for z in _ZONES))
        return format_html(
            '{}<datalist id="{}_zones">{}</datalist>', box, name, options
        )


class MomentField(forms.DateTimeField):
    """A minute on the viewer's clock."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            ),
            **options,
        )


def zone_field(**options: Any) -> forms.CharField:
    """Return a field for an IANA zone."""
    return forms.CharField(
        max_length=64,
        widget=ZoneInput,
        help_text="An IANA name, such as Europe/Berlin.",
        **options,
    )


def clock_field(**options: Any) -> forms.TimeField:
    """Return a field for a time on the wall clock."""
    return forms.TimeField(
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **options
    )


def choose_person(
    people: Sequence[User], *first: tuple[str, str]
) -> list[tuple[str, str]]:
    """Return choices of people by key, after the fixed ones."""
    return [*first, *((str(each.pk), each.display_name) for each in people)]


def kind_choices(*, is_admin: bool, is_channel: bool = False) -> list[tuple[str, str]]:
    """Return the transports for a choice; one that cannot be used says why."""
    choices = []
    for value, label in TransportKind.choices:
        if value == TransportKind.SMS and not settings.SMS_URL:
            choices.append((value, f"{label} (no gateway configured)"))
        elif value == TransportKind.SLACK_APP:
            if is_channel:
                choices.append((value, label))
        elif value != TransportKind.APPRISE or (is_admin and settings.APPRISE_SCHEMES):
            choices.append((value, label))
    return choices
