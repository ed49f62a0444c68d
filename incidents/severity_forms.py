"""The form of a word for severity."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms

from incidents.domain import severity
from incidents.models import SeverityLevel
from incidents.services.severities import WordForm

_LENGTHS = ("response", "update_every")
_MINUTE = timedelta(minutes=1)
_PLAIN: dict[Any, str] = {True: "yes", False: "no", None: "nothing", "": "nothing"}


def _minutes(label: str, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=527_040,
        help_text=f"Minutes. {help_text}",
    )


class SeverityForm(forms.Form):
    """What a service calls a severity, and what follows from it."""

    label = forms.CharField(
        label="Word", max_length=32, help_text="As your runbook has it, such as P1."
    )
    level = forms.TypedChoiceField(
        label="As bad as",
        coerce=int,
        choices=list(severity.LEVELS.items()),
        help_text="The common scale, on which services compare.",
    )
    response = _minutes("Respond within", "Empty: no time is named.")
    is_next_business_day = forms.BooleanField(
        label="Respond by the next business day", required=False
    )
    update_every = _minutes(
        "Tell people every", "Empty: only when there is something new."
    )
    description = forms.CharField(
        label="When it is that bad",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    pages = forms.BooleanField(
        label="Somebody is paged for it",
        required=False,
        help_text="The mildest of these is how bad a check without a ladder fails.",
    )
    postmortem_required = forms.BooleanField(
        label="Its incidents need a postmortem", required=False
    )

    def read(self) -> WordForm:
        """Return what the service takes."""
        said = dict(self.cleaned_data)
        for name in _LENGTHS:
            said[name] = said[name] and said[name] * _MINUTE
        return WordForm(**said)


def initial_of(word: SeverityLevel) -> dict[str, Any]:
    """Return what the form begins with for a word that is there."""
    begin = {name: getattr(word, name) for name in SeverityForm.base_fields}
    for name in _LENGTHS:
        begin[name] = begin[name] // _MINUTE if begin[name] else None
    return begin


def say_differences(word: SeverityLevel, typed: Mapping[str, Any]) -> str:
    """Return what a word says where something else was typed, "" for nowhere."""
    said = initial_of(word)
    said["level"], typed = word.level_name, {**typed}
    typed["level"] = severity.name_level(typed["level"])
    fields = SeverityForm.base_fields
    return "; ".join(
        f"{fields[name].label}: {_say(name, value)}"
        for name, value in said.items()
        if value != typed[name]
    )


def _say(name: str, value: Any) -> str:
    is_length = name in _LENGTHS and value is not None
    return f"{value} min" if is_length else str(_PLAIN.get(value, value))
