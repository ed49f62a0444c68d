"""Forms of updates, public pages and objectives."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms

from incidents.forms import MomentField
from incidents.models import Component, IncidentUpdate
from incidents.queries import ServiceRow
from incidents.services.status_pages import ComponentForm, PageForm
from incidents.services.subscribers import Wish
from incidents.services.updates import Draft
from oncall.models import Channel

_PROMISES = (
    ("", "No promise"),
    ("5", "In 5 minutes"),
    ("15", "In 15 minutes"),
    ("30", "In 30 minutes"),
    ("60", "In an hour"),
    ("120", "In 2 hours"),
    ("240", "In 4 hours"),
)


class UpdateForm(forms.Form):
    """The fields of an update that a person writes; the rest is the incident's."""

    # Chosen by the tabs above the form, which begin it anew for other readers.
    audience = forms.ChoiceField(
        choices=IncidentUpdate.Audience.choices, widget=forms.HiddenInput
    )
    status = forms.ChoiceField(choices=IncidentUpdate.Status.choices)
    title = forms.CharField(
        max_length=250, help_text="As its readers would say it; outside, no internals."
    )
    text = forms.CharField(
        label="Latest update",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One or two sentences.",
    )
    affected = forms.CharField(
        required=False, max_length=500, help_text="Which endpoints or features."
    )
    customers_percent = forms.DecimalField(
        label="Customers, estimated %",
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text="The public does not read it.",
    )
    eta_at = MomentField(
        label="ETA resolution",
        required=False,
        help_text="On your clock. Outside nobody reads it unless you say so here.",
    )
    shows_eta = forms.BooleanField(
        label="Tell the estimate to these readers", required=False
    )
    follow_url = forms.CharField(label="Follow updates", required=False, max_length=500)
    questions = forms.CharField(
        label="Questions",
        required=False,
        max_length=120,
        help_text="A channel; the public does not read it.",
    )
    next_update = forms.TypedChoiceField(
        label="Next update",
        required=False,
        choices=_PROMISES,
        coerce=lambda minutes: timedelta(minutes=int(minutes)),
        empty_value=None,
        help_text="You and the commander are reminded when it is due.",
    )
    channels = forms.TypedMultipleChoiceField(
        label="Send to",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        *args: Any,
        channels: Iterable[Channel],
        components: Iterable[Component],
        fixed_audience: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (row.pk, f"{row.name} ({row.get_kind_display()})") for row in channels
        ]
        if choices:
            self.fields["channels"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["channels"]
        if fixed_audience:
            word = IncidentUpdate.Audience(fixed_audience).label
            self.fields["audience"] = forms.ChoiceField(
                choices=[(fixed_audience, word)]
            )
        self._components = list(components)
        for row in self._components:
            self.fields[f"state_{row.pk}"] = forms.ChoiceField(
                label=row.name, choices=Component.State.choices, required=False
            )

    def component_fields(self) -> list[Any]:
        """Return the fields that say how components are."""
        return [self[f"state_{row.pk}"] for row in self._components]

    def own_fields(self) -> list[Any]:
        """Return all other fields."""
        return [field for field in self if not field.name.startswith("state_")]

    def read(self) -> Draft:
        """Return what the service takes."""
        said = dict(self.cleaned_data)
        states = {
            row.pk: said.pop(f"state_{row.pk}") or Component.State.OPERATIONAL
            for row in self._components
        }
        return Draft(**{"channels": (), **said}, states=states)


class StatusPageForm(forms.Form):
    """What a public page is called."""

    title = forms.CharField(max_length=120)
    about = forms.CharField(required=False, max_length=500)
    is_published = forms.BooleanField(
        label="Anybody may read it", required=False, initial=True
    )

    def read(self) -> PageForm:
        """Return what the service takes."""
        names = ("title", "about", "is_published")
        return PageForm(**{name: self.cleaned_data[name] for name in names})


class NewStatusPageForm(StatusPageForm):
    """A new page, with its team and its address."""

    team = forms.TypedChoiceField(coerce=int)
    slug = forms.SlugField(
        label="Address",
        max_length=50,
        help_text="The last part of its address, for good. It need not name the team.",
    )
    field_order = ("team", "slug", "title")

    def __init__(
        self, *args: Any, teams: Iterable[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"] = forms.TypedChoiceField(coerce=int, choices=list(teams))
        self.order_fields(self.field_order)


class ComponentEditForm(forms.Form):
    """One component of a public page."""

    service = forms.TypedChoiceField(coerce=int)
    name = forms.CharField(max_length=120, help_text="As customers know it.")
    description = forms.CharField(required=False, max_length=250)
    position = forms.IntegerField(min_value=0, max_value=9_999, initial=0)
    is_shown = forms.BooleanField(label="Shown", required=False, initial=True)

    def __init__(
        self, *args: Any, services: Iterable[ServiceRow], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = forms.TypedChoiceField(
            coerce=int, choices=[(row.pk, row.name) for row in services]
        )

    def read(self) -> ComponentForm:
        """Return what the service takes, besides the service."""
        names = ("name", "description", "position", "is_shown")
        return ComponentForm(**{name: self.cleaned_data[name] for name in names})


class MarkForm(forms.Form):
    """How a component is, said by hand."""

    state = forms.ChoiceField(choices=Component.State.choices)
    note = forms.CharField(required=False, max_length=250)


class SubscribeForm(forms.Form):
    """What somebody outside asks to hear."""

    address = forms.CharField(
        label="Email",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    hears_incidents = forms.BooleanField(
        label="Incidents", required=False, initial=True
    )
    hears_maintenance = forms.BooleanField(
        label="Planned maintenance", required=False, initial=True
    )
    components = forms.TypedMultipleChoiceField(
        label="Only these components",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose none to hear of all of them, new ones too.",
    )

    def __init__(
        self, *args: Any, components: Iterable[Component], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(row.pk, row.name) for row in components]
        self.fields["components"].choices = choices  # type: ignore[attr-defined]
        if len(choices) < 2:
            del self.fields["components"]

    def read(self) -> Wish:
        """Return what the service takes."""
        said = self.cleaned_data
        return Wish(
            address=said["address"],
            components=said.get("components", ()),
            hears_incidents=said["hears_incidents"],
            hears_maintenance=said["hears_maintenance"],
        )
