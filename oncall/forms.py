"""Forms: what people type, turned into what services take."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from oncall.models import Notification, Role, Scope, Team, TransportKind, User
from oncall.services.channels import ChannelForm as ChannelValues
from oncall.services.overrides import OverrideForm as OverrideValues
from oncall.services.weekly import WeeklyForm as WeeklyValues

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


def _choose(people: Sequence[User], *first: tuple[str, str]) -> list[tuple[str, str]]:
    return [*first, *((str(each.pk), each.display_name) for each in people)]


class WeeklyForm(forms.Form):
    """People in order, the handoff, and the moment from which it holds."""

    roles = forms.CharField(
        max_length=120,
        help_text="In order, with commas. The first person of the week takes the "
        "first role, the next one the second.",
    )
    weekday = forms.TypedChoiceField(
        label="Handoff on", choices=list(enumerate(WEEKDAYS)), coerce=int
    )
    at = clock_field(label="Handoff at")
    time_zone = zone_field(label="Time zone")
    effective_from = MomentField(
        label="Effective from",
        required=False,
        help_text="On your clock. Empty means now.",
    )
    keeps_current = forms.BooleanField(
        label="Whoever is on call stays until the next handoff",
        required=False,
        initial=True,
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        people: Sequence[User],
        places: int = 4,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        count = min(max(places + 2, 4), MOST_PLACES)
        choices = _choose(people, ("", DASH), (NOBODY, "Nobody (an empty week)"))
        self._place_names = [f"place_{number}" for number in range(count)]
        for number, name in enumerate(self._place_names, start=1):
            self.fields[name] = forms.ChoiceField(
                label=f"{number}.", choices=choices, required=False
            )

    @property
    def places(self) -> list[forms.BoundField]:
        """The fields of the order."""
        return [self[name] for name in self._place_names]

    def read(self, now: datetime) -> WeeklyValues:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        chosen = [clean[name] for name in self._place_names if clean[name]]
        roles = [role.strip().lower() for role in clean["roles"].split(",")]
        return WeeklyValues(
            people=tuple(None if each == NOBODY else int(each) for each in chosen),
            roles=tuple(role for role in roles if role),
            weekday=clean["weekday"],
            at=clean["at"],
            time_zone=clean["time_zone"].strip(),
            effective_from=clean["effective_from"] or now,
            keeps_current=clean["keeps_current"],
            based_on=clean["based_on"],
        )

    def fingerprint(self) -> str:
        """Return a mark of what was entered, to tell whether it was previewed."""
        entered = repr(sorted((name, self.data.get(name, "")) for name in self.fields))
        return hashlib.sha256(entered.encode()).hexdigest()


class ScheduleForm(WeeklyForm):
    """A new schedule with its first rotation."""

    name = forms.CharField(max_length=120)
    slug = forms.SlugField(
        label="Short name", help_text="For the address: letters, digits, hyphens."
    )
    field_order = ["name", "slug"]


class OverrideForm(forms.Form):
    """An exception: who comes in, who goes out, from when to when."""

    TAKE, ADD, REPLACE, REMOVE = "take", "add", "replace", "remove"

    kind = forms.ChoiceField(
        label="What happens",
        choices=[
            (TAKE, "Somebody takes the role, whoever has it"),
            (REPLACE, "Somebody stands in for one person"),
            (ADD, "Somebody is on call as well"),
            (REMOVE, "One person is off"),
        ],
    )
    role = forms.ChoiceField()
    add_user = forms.ChoiceField(label="Who comes in", required=False)
    remove_user = forms.ChoiceField(label="Who goes out", required=False)
    starts_at = MomentField(
        label="From", required=False, help_text="On your clock. Empty means now."
    )
    ends_at = MomentField(label="Until")
    reason = forms.CharField(max_length=250, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        people: Sequence[User],
        roles: Sequence[str],
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        choices = _choose(people, ("", DASH))
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            *((role, role.capitalize()) for role in roles),
            ("", "Every role that they have"),
        ]
        self.fields["role"].required = False
        for name in ("add_user", "remove_user"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the people whom the kind speaks of."""
        clean = super().clean() or {}
        kind = clean.get("kind", "")
        if kind != self.REMOVE and not clean.get("add_user"):
            self.add_error("add_user", "Choose who comes in.")
        if kind in {self.REPLACE, self.REMOVE} and not clean.get("remove_user"):
            self.add_error("remove_user", "Choose who goes out.")
        if kind in {self.TAKE, self.ADD} and not clean.get("role"):
            self.add_error("role", "Choose the one role to come into.")
        return clean

    def read(self, now: datetime) -> OverrideValues:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        kind = clean["kind"]
        comes = int(clean["add_user"] or 0) if kind != self.REMOVE else 0
        goes = int(clean["remove_user"] or 0) if kind in {"replace", "remove"} else 0
        return OverrideValues(
            starts_at=clean["starts_at"] or now,
            ends_at=clean["ends_at"],
            role=clean["role"],
            add_user_id=comes or None,
            remove_user_id=goes or None,
            takes_role=kind == self.TAKE,
            reason=clean["reason"],
        )


class MemberForm(forms.Form):
    """Who comes into the team, and as what."""

    login = forms.CharField(label="Email or user name", max_length=254)
    role = forms.ChoiceField(choices=Role.choices, initial=Role.RESPONDER)


class ChannelForm(forms.Form):
    """A channel of a team; the address is never shown again."""

    name = forms.CharField(max_length=80)
    kind = forms.ChoiceField(choices=TransportKind.choices)
    address = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="A mail address, or the URL of a webhook.",
    )
    takes_reminders = forms.BooleanField(required=False, initial=True)
    takes_alerts = forms.BooleanField(required=False, initial=True)
    is_enabled = forms.BooleanField(label="Switched on", required=False, initial=True)

    def read(self) -> ChannelValues:
        """Return what was entered, for the services."""
        return ChannelValues(**self.cleaned_data)


class SecretForm(forms.Form):
    """A secret and where it may go."""

    name = forms.SlugField(help_text="Checks use it as {{secret:name}}.")
    value = forms.CharField(
        label="Secret",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Never shown again. The same name replaces what was there.",
    )
    hosts = forms.CharField(
        max_length=500, help_text="The only hosts that may receive it, with commas."
    )


class ProfileForm(forms.Form):
    """Name and zone."""

    name = forms.CharField(label="Full name", max_length=120, required=False)
    time_zone = zone_field(label="Time zone")


class QuietForm(forms.Form):
    """When no reminder should come."""

    starts = clock_field(label="From", required=False)
    ends = clock_field(label="Until", required=False)


class MethodForm(forms.Form):
    """A new way to reach the person."""

    kind = forms.ChoiceField(choices=TransportKind.choices)
    address = forms.CharField(
        max_length=2000, help_text="A mail address, or the URL of a webhook."
    )
    label = forms.CharField(max_length=80, required=False)


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(max_length=80, help_text="What will use it.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ],
    )
    team = forms.ChoiceField(label="In", required=False)
    lifetime = forms.TypedChoiceField(
        label="For",
        coerce=lambda days: timedelta(days=int(days)),
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year")],
        initial=90,
    )

    def __init__(self, data: Any = None, *, teams: Sequence[Team]) -> None:
        super().__init__(data)
        self._teams = {str(team.pk): team for team in teams}
        self.fields["team"].choices = [  # type: ignore[attr-defined]
            ("", "all my teams"),
            *((pk, team.name) for pk, team in self._teams.items()),
        ]

    def read_team(self) -> Team | None:
        """Return the one team that the token is for."""
        return self._teams.get(self.cleaned_data["team"])


class LogForm(forms.Form):
    """What a reader of the delivery log wants to see."""

    q = forms.CharField(label="Search", required=False)
    state = forms.ChoiceField(
        choices=[("", "Any"), *Notification.State.choices], required=False
    )
    urgency = forms.ChoiceField(
        choices=[("", "Any"), *Notification.Urgency.choices], required=False
    )
