"""Forms of postmortems and action items."""

from collections.abc import Iterable
from typing import Any

from django import forms

from incidents.domain.postmortem_formats import FORMATS
from incidents.forms import person_field
from incidents.models import ActionItem
from oncall.models import Channel, User


class ActionForm(forms.Form):
    """What has to be done, by whom, by when."""

    title = forms.CharField(label="What has to be done?", max_length=250)
    kind = forms.ChoiceField(
        label="What it is good for", choices=ActionItem.Kind.choices
    )
    priority = forms.TypedChoiceField(
        coerce=int,
        choices=ActionItem.Priority.choices,
        initial=ActionItem.Priority.MEDIUM,
    )
    owner = forms.ChoiceField(required=False)
    due_on = forms.DateField(
        label="Due",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The owner is reminded three days before, on the day, and each "
        "day from there.",
    )

    def __init__(self, *args: Any, members: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = person_field(members, empty="Nobody yet")


class EditActionForm(ActionForm):
    """The same, with the version that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ExportForm(forms.Form):
    """Which tracker hears of it."""

    channel = forms.TypedChoiceField()

    def __init__(self, *args: Any, trackers: Iterable[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_pk = {str(each.pk): each for each in trackers}
        self.fields["channel"] = forms.TypedChoiceField(
            label="Tracker",
            coerce=by_pk.__getitem__,
            choices=[(pk, each.name) for pk, each in by_pk.items()],
        )


class StartForm(forms.Form):
    """In which format a postmortem is written."""

    format = forms.ChoiceField(
        choices=[(slug, form.name) for slug, form in FORMATS.items()]
    )


class PersonForm(forms.Form):
    """One person of the team."""

    user = forms.ChoiceField(required=False)

    def __init__(
        self, *args: Any, members: Iterable[User], label: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = person_field(members, empty="Nobody", label=label)


class SectionForm(forms.Form):
    """The text of one section, with the version that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        required=False,
        strip=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 14}),
    )


class WaiverForm(forms.Form):
    """Why an incident needs no postmortem."""

    reason = forms.CharField(max_length=500)
