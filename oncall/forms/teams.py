"""What managers type about a team."""

from django import forms

from oncall.models import Role, TransportKind
from oncall.services.channels import ChannelForm as ChannelValues


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
