"""What people send: a text, and what they chose of it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from oncall.models import Service
from runbooks.services.choosing import Choices
from runbooks.services.drafts import MOST_BYTES

_FIX = "fix:"


class PasteForm(forms.Form):
    """A runbook as text or as a file, and the service it is about."""

    service = forms.ChoiceField(help_text="Everything in it belongs to this service.")
    text = forms.CharField(
        label="Runbook in Markdown",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
    )
    file = forms.FileField(
        label="Or a file", required=False, help_text="Markdown, at most 2 MB."
    )

    def __init__(self, *args: Any, services: Sequence[Service], **kwargs: Any) -> None:
        """Offer the services."""
        super().__init__(*args, **kwargs)
        self.services = {each.slug: each for each in services}
        choice: Any = self.fields["service"]
        choice.choices = [(each.slug, each.name) for each in services]

    def clean(self) -> dict[str, Any]:
        """Take the file's bytes as they are, or those of the text."""
        data: dict[str, Any] = super().clean() or {}
        upload = data.get("file")
        if upload is not None and upload.size > MOST_BYTES:
            self.add_error("file", "This is more than 2 MB. Split it by service.")
            return data
        text = data.get("text", "").encode()
        data["raw"] = upload.read() if upload is not None else text
        return data


def read_choices(data: QueryDict) -> Choices:
    """Read the review as it was sent; what is not there was not chosen."""
    fixes: dict[str, dict[str, str]] = {}
    for name in data:
        if name.startswith(_FIX):
            key, _, field = name.removeprefix(_FIX).rpartition(":")
            fixes.setdefault(key, {})[field] = str(data[name]).replace("\0", "")
    based_on = data.get("based_on", "")
    return Choices(
        accepted=frozenset(data.getlist("accept")),
        checks=frozenset(data.getlist("check")),
        fixes=fixes,
        based_on=int(based_on) if based_on.isdecimal() and len(based_on) < 9 else 0,
    )
