"""What managers type about a service."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from oncall.models import EscalationPolicy, Schedule, Service
from oncall.services.service_catalog import ServiceForm as ServiceValues


class WebField(forms.URLField):
    """The address of a page, or nothing; https unless it says otherwise."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            assume_scheme="https", max_length=200, required=False, **options
        )


class ServiceForm(forms.Form):
    """A service; its short name is asked for once, because addresses hold it."""

    name = forms.CharField(max_length=120, help_text="As people say it: Billing API.")
    slug = forms.CharField(
        label="Short name",
        max_length=50,
        required=False,
        validators=[
            RegexValidator(
                "^[-a-zA-Z0-9_]+$", "Use letters, digits, hyphens and underscores."
            )
        ],
        help_text="In addresses and the API, for good. Made of the name when empty.",
    )
    description = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What it does, and for whom.",
    )
    schedule_id = forms.TypedChoiceField(
        label="On call",
        required=False,
        coerce=int,
        empty_value=None,
        help_text="Whose people answer for it.",
    )
    policy_id = forms.TypedChoiceField(
        label="Escalation policy",
        required=False,
        coerce=int,
        empty_value=None,
        help_text="What is climbed when nobody answers.",
    )
    chat_channel = forms.CharField(
        max_length=80, required=False, help_text="Where it is talked about: #billing."
    )
    dashboard_url = WebField(label="Dashboard")
    war_room_url = WebField(label="War room")
    status_page_url = WebField(
        label="Status page",
        help_text="One that is kept elsewhere; the portal's own needs none.",
    )

    def __init__(
        self,
        *args: Any,
        schedules: Sequence[Schedule],
        policies: Sequence[EscalationPolicy],
        service: Service | None = None,
        **options: Any,
    ) -> None:
        if service is not None:
            options["initial"] = {
                name: getattr(service, name) for name in ServiceValues.__slots__
            }
        super().__init__(*args, **options)
        for name, rows in (("schedule_id", schedules), ("policy_id", policies)):
            self.fields[name].choices = [  # type: ignore[attr-defined]
                ("", "none yet"),
                *((str(each.pk), each.name) for each in rows),
            ]
        if service is not None:
            del self.fields["slug"]

    def read(self) -> ServiceValues:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        return ServiceValues(**{name: clean[name] for name in ServiceValues.__slots__})
