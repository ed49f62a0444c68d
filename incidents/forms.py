"""Forms: what people type, turned into what services take."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from incidents.domain import lifecycle, severity
from incidents.domain.grouping import LONGEST_LABEL
from incidents.models import Incident, IncidentRole, Integration, SeverityLevel
from incidents.queries import AlertFilter, AlertRow, IncidentFilter, ServiceRow
from oncall.models import User
from opsportal.kit.moments import say_length

_TABS = ("active", "review", "history")


class MomentField(forms.DateTimeField):
    """A minute on the viewer's clock."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            ),
            **options,
        )


def read_alert_filter(query: QueryDict) -> AlertFilter:
    """Return what the address asks for; what makes no sense is no limit."""
    tab = query.get("tab", "active")
    level = query.get("level", "")
    known = level.isascii() and level.isdigit() and int(level) in severity.LEVELS
    return AlertFilter(
        tab=tab if tab in _TABS else "active",  # type: ignore[arg-type]
        service=query.get("service", ""),
        level=int(level) if known else severity.MILDEST,
        text=query.get("q", "").strip(),
        by=query.get("by", "").strip()[:LONGEST_LABEL],
    )


def read_incident_filter(query: QueryDict) -> IncidentFilter:
    """Return what the address asks for; what makes no sense is no limit."""
    level, kind = query.get("level", ""), query.get("kind", "")
    known = level.isascii() and level.isdigit() and int(level) in severity.LEVELS
    return IncidentFilter(
        tab="past" if query.get("tab") == "past" else "open",
        service=query.get("service", ""),
        kind=kind if kind in Incident.Kind.values else "",
        level=int(level) if known else severity.MILDEST,
        text=query.get("q", "").strip()[:200],
    )


def say_severity(word: SeverityLevel) -> str:
    """Return a service's word with its response time, as choices show it."""
    if word.is_next_business_day:
        return f"{word.label} · respond by next business day"
    if word.response is None:
        return f"{word.label} · no target"
    return f"{word.label} · respond in {say_length(word.response)}"


def person_field(
    people: Iterable[User], *, empty: str, label: str | None = None
) -> forms.TypedChoiceField:
    """Return a choice among people that gives the User, or None for ``empty``."""
    by_pk = {str(person.pk): person for person in people}
    return forms.TypedChoiceField(
        label=label,
        required=False,
        coerce=by_pk.__getitem__,
        empty_value=None,
        choices=[
            ("", empty),
            *((pk, person.display_name) for pk, person in by_pk.items()),
        ],
    )


class DeclareForm(forms.Form):
    """What is broken, how badly, since when."""

    title = forms.CharField(
        label="What is broken?",
        max_length=250,
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    severity = forms.ChoiceField()
    others = forms.TypedMultipleChoiceField(
        label="Also affected",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    summary = forms.CharField(
        label="What do we know?", required=False, widget=forms.Textarea
    )
    impact = forms.CharField(
        label="Who feels it, and how?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    started_at = MomentField(
        label="Started at", required=False, help_text="Empty: now. On your clock."
    )
    detection = forms.TypedChoiceField(
        label="Who noticed?",
        choices=Incident.Detection.choices,
        initial=Incident.Detection.STAFF,
        required=False,
        empty_value=Incident.Detection.STAFF,
    )
    commander = forms.ChoiceField(required=False)
    status = forms.ChoiceField(
        choices=[(value, value.capitalize()) for value in lifecycle.FIRST_STATUSES],
        initial=Incident.Status.INVESTIGATING,
        help_text="Triage: not sure yet that it is one.",
    )
    kind = forms.ChoiceField(choices=Incident.Kind.choices)

    def __init__(
        self,
        *args: Any,
        others: Iterable[ServiceRow],
        words: Iterable[SeverityLevel],
        members: Iterable[User],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["severity"] = forms.ChoiceField(
            choices=[
                ("", "How bad is it?"),
                *((word.label, say_severity(word)) for word in words),
            ]
        )
        self.fields["commander"] = person_field(members, empty="Nobody yet")
        choices = [(row.pk, row.name) for row in others]
        if choices:
            self.fields["others"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["others"]

    def clean_started_at(self) -> datetime | None:
        """Keep the seconds of the alert's start, which the input does not show."""
        given: datetime | None = self.cleaned_data["started_at"]
        shown: datetime | None = self.initial.get("started_at")
        if shown and given == shown.replace(second=0, microsecond=0):
            return shown
        return given


class NoteForm(forms.Form):
    """Words for the timeline, and when it happened."""

    text = forms.CharField(
        label="What happened?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-key": "c"}),
    )
    occurred_at = MomentField(label="When, if not now", required=False)
    is_decision = forms.BooleanField(required=False)


class CorrectForm(NoteForm):
    """Better words for an entry."""

    text = forms.CharField(label="What really happened", widget=forms.Textarea)
    occurred_at = MomentField(label="When")

    def __init__(self, *args: Any, is_note: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["is_decision"]
        if not is_note:
            del self.fields["occurred_at"]


class RoleForm(forms.Form):
    """Who does what."""

    name = forms.ChoiceField(label="Role", choices=IncidentRole.Name.choices)
    user = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, members: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = person_field(members, empty="Nobody", label="Person")


class SeverityForm(forms.Form):
    """Another severity, in the service's words."""

    severity = forms.ChoiceField()

    def __init__(
        self, *args: Any, words: Iterable[SeverityLevel], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["severity"] = forms.ChoiceField(
            choices=[(word.label, say_severity(word)) for word in words]
        )


class LinkForm(forms.Form):
    """An open alert of the team."""

    alert = forms.TypedChoiceField(coerce=int)

    def __init__(self, *args: Any, alerts: Iterable[AlertRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["alert"] = forms.TypedChoiceField(
            coerce=int,
            choices=[
                (row.pk, f"{row.service_name}: {row.summary}"[:120]) for row in alerts
            ],
        )


class WindowForm(forms.Form):
    """Planned work."""

    service = forms.TypedChoiceField(coerce=int)
    starts_at = MomentField(label="Starts", help_text="On your clock.")
    ends_at = MomentField(label="Ends")
    reason = forms.CharField(label="What is done?", max_length=250)

    def __init__(
        self, *args: Any, services: Iterable[ServiceRow], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = forms.TypedChoiceField(
            coerce=int, choices=[(row.pk, row.name) for row in services]
        )


class PairsField(forms.CharField):
    """Lines such as "critical = P0", read as a dictionary."""

    def __init__(self, **options: Any) -> None:
        rows = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
        super().__init__(widget=rows, required=False, max_length=4_000, **options)

    def clean(self, value: Any) -> Any:
        """Return the pairs; a line without "=" is an error."""
        lines = [line for line in super().clean(value).splitlines() if line.strip()]
        wrong = [line for line in lines if "=" not in line]
        if wrong:
            raise forms.ValidationError(f"“{wrong[0].strip()}” has no = sign.")
        pairs = (line.partition("=") for line in lines)
        return {name.strip(): text.strip() for name, _, text in pairs}

    def prepare_value(self, value: Any) -> Any:
        """Write a dictionary as lines."""
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{name} = {text}" for name, text in value.items())


_FIELDS_OF_KINDS = {
    "severity_mapping": set(Integration.Kind.values) - {"heartbeat"},
    "field_mapping": {"webhook", "email"},
    "secret": {"grafana", "sentry"},
    "silence_minutes": {"heartbeat"},
}


class IntegrationForm(forms.Form):
    """What a manager says about a sender of alerts."""

    name = forms.CharField(max_length=80)
    severity_mapping = PairsField(
        label="Words for severity",
        help_text="One line each: the sender's word = the service's word.",
    )
    field_mapping = PairsField(
        label="Where fields are",
        help_text="For any JSON webhook and for mail: our field = its place, such as "
        "summary = data.title or severity = headers.x-severity.",
    )
    secret = forms.CharField(
        label="Signing secret",
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="For Grafana and Sentry, which sign with it. Leave it empty to "
        "keep what is stored.",
    )
    silence_minutes = forms.IntegerField(
        label="Alert after so many minutes without a heartbeat",
        help_text="For a heartbeat.",
        required=False,
        min_value=1,
        max_value=44_640,
    )

    def keep_only_for(self, kind: str) -> None:
        """Ask only for what a sender of this kind has."""
        for name, kinds in _FIELDS_OF_KINDS.items():
            if kind not in kinds:
                del self.fields[name]

    def read(self) -> dict[str, Any]:
        """Return what the service takes."""
        said = dict(self.cleaned_data)
        minutes = said.pop("silence_minutes", None)
        said["silence_after"] = timedelta(minutes=minutes) if minutes else None
        said["secret"] = said.get("secret") or None
        return said


class NewIntegrationForm(IntegrationForm):
    """A new sender of a service."""

    service = forms.TypedChoiceField(coerce=int)
    kind = forms.ChoiceField(label="What sends the alerts")
    field_order = ("service", "kind", "name")

    def __init__(
        self,
        *args: Any,
        services: Iterable[ServiceRow],
        kinds: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = forms.TypedChoiceField(
            coerce=int, choices=[(row.pk, row.name) for row in services]
        )
        self.fields["kind"] = forms.ChoiceField(
            label="What sends the alerts", choices=list(kinds)
        )
        self.order_fields(self.field_order)
