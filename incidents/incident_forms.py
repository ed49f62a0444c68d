"""Forms of an incident: its details, and what ends or joins it."""

from collections.abc import Iterable
from typing import Any

from django import forms

from incidents.forms import MomentField
from incidents.models import Incident
from incidents.services.details import REACHED

_MOMENTS = ("started_at", *REACHED)


def _points(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line.",
    )


class DetailsForm(forms.Form):
    """The details of an incident, with the version that the person saw.

    Only the times that the incident has reached are asked for.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(max_length=250)
    summary = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    impact = forms.CharField(
        label="Impact: who feels it, and how",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    affected = _points("Affected: endpoints, regions, customers")
    impact_users = forms.IntegerField(
        label="Users affected", required=False, min_value=0, max_value=2**31 - 1
    )
    impact_requests = forms.IntegerField(
        label="Requests failed", required=False, min_value=0, max_value=2**63 - 1
    )
    customers_percent = forms.DecimalField(
        label="Share of customers, %",
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
    )
    is_customer_impacting = forms.BooleanField(
        label="Customers feel it", required=False
    )
    is_external_impact = forms.BooleanField(
        label="Felt outside: the public has to be told", required=False
    )
    is_complete_outage = forms.BooleanField(label="Complete outage", required=False)
    is_data_at_risk = forms.BooleanField(label="Data may be lost", required=False)
    is_executive = forms.BooleanField(
        label="Executives lead: an update every 5 minutes", required=False
    )
    symptoms = _points("Symptoms")
    root_cause = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    resolution = _points("Resolution, step by step")
    prevention = _points("Prevention")
    started_at = MomentField()
    detected_at = MomentField()
    acknowledged_at = MomentField()
    identified_at = MomentField()
    mitigated_at = MomentField()
    resolved_at = MomentField()
    eta_at = MomentField(
        label="Expected to be over at",
        required=False,
        help_text="For us; the public reads it only in an update that says so.",
    )
    detection = forms.ChoiceField(
        label="Who noticed", choices=Incident.Detection.choices
    )
    kind = forms.ChoiceField(choices=Incident.Kind.choices)
    chat_channel = forms.CharField(required=False, max_length=80)
    war_room_url = forms.URLField(
        label="War room", required=False, assume_scheme="https"
    )

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        self._shown = {name: getattr(incident, name) for name in self.base_fields}
        kwargs["initial"] = self._shown
        super().__init__(*args, **kwargs)
        for name in REACHED:
            if self._shown[name] is None:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Keep the seconds that the inputs do not show."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in (*_MOMENTS, "eta_at"):
            before, given = self._shown[name], cleaned.get(name)
            if before and given == before.replace(second=0, microsecond=0):
                cleaned[name] = before
        return cleaned

    @property
    def reached(self) -> list[forms.BoundField]:
        """The times that can be put right."""
        return [self[name] for name in _MOMENTS if name in self.fields]

    @property
    def flags(self) -> list[forms.BoundField]:
        """The questions of yes and no."""
        return [self[name] for name in self.fields if name.startswith("is_")]


class MergeForm(forms.Form):
    """The open incident that goes on."""

    into = forms.TypedChoiceField(label="Merge into", coerce=int)
    reason = forms.CharField(label="Why", required=False, max_length=500)

    def __init__(self, *args: Any, others: Iterable[Incident], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"] = forms.TypedChoiceField(
            label="Merge into",
            coerce=int,
            choices=[(each.pk, f"{each.ref} {each.title}"[:120]) for each in others],
        )
