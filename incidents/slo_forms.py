"""The form of an objective."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms

from incidents.domain import severity
from incidents.models import Slo
from incidents.queries import ServiceRow
from incidents.services.budgets import SloForm

_PLAIN = (
    "name",
    "kind",
    "target",
    "window_days",
    "includes_4xx",
    "counts_incidents",
    "incident_level",
    "excludes_maintenance",
    "is_enabled",
)
_LENGTHS = ("recovery_time", "recovery_point", "backup_every")


def _minutes(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=527_040,
        help_text="Minutes; empty where the runbook says nothing.",
    )


def _many(label: str, words: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=words,
    )


class ChooseServiceForm(forms.Form):
    """Which service the objective is for."""

    service = forms.TypedChoiceField(coerce=int)

    def __init__(
        self, *args: Any, services: Sequence[ServiceRow], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = forms.TypedChoiceField(
            coerce=int, choices=[(row.pk, row.name) for row in services]
        )


class ObjectiveForm(forms.Form):
    """What is promised, how it is measured, and what else the runbook says."""

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=Slo.Kind.choices)
    target = forms.DecimalField(
        label="Target in %",
        min_value=0,
        max_value=100,
        max_digits=7,
        decimal_places=4,
        help_text="Such as 99.95.",
    )
    window_days = forms.IntegerField(
        label="Rolling window in days",
        min_value=1,
        max_value=366,
        initial=30,
        help_text="99.95 % allow 21.6 min in 30 days and 4.38 h in 365.",
    )
    checks = _many(
        "Bad while these checks fail", "None: those that measure the uptime."
    )
    includes_4xx = forms.BooleanField(
        label="Errors of clients (4xx) count",
        required=False,
        initial=True,
        help_text="For an error rate.",
    )
    server_checks = _many(
        "Checks that count server errors alone", "Asked where 4xx do not count."
    )
    counts_incidents = forms.BooleanField(label="Incidents count too", required=False)
    incident_level = forms.TypedChoiceField(
        label="Mildest incident that counts",
        coerce=int,
        choices=list(severity.LEVELS.items()),
    )
    excludes_maintenance = forms.BooleanField(
        label="Planned work does not count", required=False
    )
    recovery_time = _minutes("Recovery time promised (RTO)")
    recovery_point = _minutes("Data that may be lost (RPO)")
    backup_every = _minutes("A backup every")
    is_enabled = forms.BooleanField(label="Watched", required=False, initial=True)

    def __init__(
        self, *args: Any, checks: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in ("checks", "server_checks"):
            if checks:
                self.fields[name].choices = checks  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def read(self) -> SloForm:
        """Return what the service takes."""
        said = dict(self.cleaned_data)
        for name in _LENGTHS:
            minutes = said[name]
            said[name] = timedelta(minutes=minutes) if minutes else None
        return SloForm(**{"checks": (), "server_checks": (), **said})


def initial_of(slo: Slo) -> dict[str, Any]:
    """Return what the form begins with for an objective that is there."""
    begin = {name: getattr(slo, name) for name in _PLAIN}
    begin |= {"checks": slo.checks, "server_checks": slo.server_checks}
    for name in _LENGTHS:
        length = getattr(slo, name)
        begin[name] = length // timedelta(minutes=1) if length else None
    return begin
