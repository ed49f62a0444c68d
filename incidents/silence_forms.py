"""The form of a silence: matchers as people write them, until when, and why."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms

from incidents.domain.matchers import Matcher, MatcherError, parse_matchers
from incidents.forms import MomentField
from incidents.queries import ServiceRow
from incidents.services.silences import SilenceDraft
from oncall.models import Team
from opsportal.kit.patterns import compile_pattern


class MatchersField(forms.CharField):
    """One matcher a line, such as severity=~"warning|info"."""

    def __init__(self, **options: Any) -> None:
        rows = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
        super().__init__(widget=rows, max_length=20_000, **options)

    def clean(self, value: Any) -> Any:
        """Return the matchers; what is none is an error."""
        lines = [line for line in super().clean(value).splitlines() if line.strip()]
        try:
            return parse_matchers(lines, compile_pattern)
        except MatcherError as error:
            raise forms.ValidationError(f"{error}.") from None


class SilenceForm(forms.Form):
    """A silence to be, or one to change (then its scope stays)."""

    scope = forms.ChoiceField(label="For", required=False)
    matchers = MatchersField(
        label="Alerts with",
        help_text="One condition a line, all of them hold: name=value, !=, "
        "=~ and !~ for regular expressions.",
    )
    starts_at = MomentField(
        label="Starts", required=False, help_text="Empty: now. On your clock."
    )
    ends_at = MomentField(label="Ends")
    comment = forms.CharField(label="Why?", max_length=500)

    def __init__(
        self,
        *args: Any,
        teams: Iterable[Team] = (),
        services: Iterable[ServiceRow] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            *((f"service:{row.pk}", row.name) for row in services),
            *((f"team:{team.pk}", f"All of {team.name}") for team in teams),
        ]
        if choices:
            self.fields["scope"] = forms.ChoiceField(label="For", choices=choices)
        else:
            del self.fields["scope"]

    def read(self, now: datetime) -> SilenceDraft:
        """Return what was asked for."""
        said = self.cleaned_data
        return SilenceDraft(
            matchers=said["matchers"],
            starts_at=said["starts_at"] or now,
            ends_at=said["ends_at"],
            comment=said["comment"],
        )


def write_matchers(matchers: Iterable[Matcher]) -> str:
    """Return matchers as the form shows them."""
    return "\n".join(str(each) for each in matchers)
