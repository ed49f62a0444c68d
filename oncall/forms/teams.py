"""What managers type about a team."""

from collections.abc import Sequence
from typing import Any

from django import forms

from oncall.forms.fields import choose_person, kind_choices
from oncall.forms.profile import ADDRESS_HELP
from oncall.models import EscalationContact, Role, Schedule, User
from oncall.services.channels import ChannelForm as ChannelValues
from oncall.services.contact_lists import ContactLine


class MemberForm(forms.Form):
    """Who comes into the team, and as what."""

    login = forms.CharField(label="Email or user name", max_length=254)
    role = forms.ChoiceField(choices=Role.choices, initial=Role.RESPONDER)


class ChannelForm(forms.Form):
    """A channel of a team; the address is never shown again."""

    name = forms.CharField(max_length=80)
    kind = forms.ChoiceField()
    address = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=f"{ADDRESS_HELP} For a Slack app its bot token, a space and the "
        "channel's id.",
    )
    takes_reminders = forms.BooleanField(required=False, initial=True)
    takes_alerts = forms.BooleanField(required=False, initial=True)
    is_enabled = forms.BooleanField(label="Switched on", required=False, initial=True)

    def __init__(self, *args: Any, is_admin: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = kind_choices(  # type: ignore[attr-defined]
            is_admin=is_admin, is_channel=True
        )

    def read(self) -> ChannelValues:
        """Return what was entered, for the services."""
        return ChannelValues(**self.cleaned_data)


class ContactForm(forms.Form):
    """A line of a contact table."""

    title = forms.CharField(label="Who", max_length=120, help_text="Team lead, DBA.")
    kind = forms.ChoiceField(choices=EscalationContact.Kind.choices)
    value = forms.CharField(
        max_length=250, help_text="Address, number, channel or link."
    )
    note = forms.CharField(max_length=250, required=False)
    user_id = forms.TypedChoiceField(
        label="Person", required=False, coerce=int, empty_value=None
    )
    schedule_id = forms.TypedChoiceField(
        label="Schedule", required=False, coerce=int, empty_value=None
    )
    is_placeholder = forms.BooleanField(
        label="No real value yet", required=False, help_text="It stands out until then."
    )

    def __init__(
        self,
        *args: Any,
        people: Sequence[User],
        schedules: Sequence[Schedule],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        nobody = ("", "nobody in particular")
        self.fields["user_id"].choices = choose_person(people, nobody)  # type: ignore[attr-defined]
        self.fields["schedule_id"].choices = [  # type: ignore[attr-defined]
            ("", "none"),
            *((str(each.pk), each.name) for each in schedules),
        ]

    def read(self) -> ContactLine:
        """Return what was entered, for the services."""
        return ContactLine(**self.cleaned_data)


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

    def __init__(self, data: Any = None) -> None:
        # Another form of the page has a name too.
        super().__init__(data, auto_id="id_secret_%s")
