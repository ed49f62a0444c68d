"""What people send: a text, and what they chose of it."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from checklists.domain.cadence_rule import CadenceKind, DayPick, used_fields
from oncall.models import Service
from runbooks.models import RunbookSource
from runbooks.services.choosing import Choices
from runbooks.services.drafts import MOST_BYTES
from runbooks.services.sources import Address

_FIX = "fix:"
_CADENCE = re.compile(r"cadence:(.+)-kind")
_NUMBER = re.compile(r"-?[0-9]{1,6}")


class AddressForm(forms.Form):
    """An address to read a runbook from."""

    url = forms.CharField(
        label="Address",
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
        help_text="Of the Markdown itself, at most 2 MB. It is kept encrypted.",
    )
    header = forms.CharField(
        label="Credentials header",
        required=False,
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Such as “Authorization: Bearer …”. Kept encrypted, never shown.",
    )
    interval = forms.ChoiceField(
        label="Read it again",
        choices=RunbookSource.Interval.choices,
        initial=RunbookSource.Interval.DAILY,
    )

    def address(self) -> Address:
        """Return what was typed, for the services; the form must be valid."""
        data = self.cleaned_data
        return Address(
            url=data["url"],
            interval=data["interval"] or RunbookSource.Interval.DAILY,
            header=data["header"],
        )


class PasteForm(AddressForm):
    """A runbook as text, as a file or at an address, and the service it is about."""

    field_order = ("service", "text", "file", "url", "header", "interval")
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
        self.fields["url"].label = "Or an address"
        self.fields["interval"].label = "Read the address again"
        self.fields["url"].required = self.fields["interval"].required = False
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
    fixes: dict[str, dict[str, Any]] = {}
    for name in data:
        if name.startswith(_FIX):
            key, _, part = name.removeprefix(_FIX).rpartition(":")
            fixes.setdefault(key, {})[part] = str(data[name]).replace("\0", "")
        elif found := _CADENCE.fullmatch(name):
            fixes.setdefault(found[1], {})["rule"] = _read_rule(data, found[0])
    based_on = data.get("based_on", "")
    return Choices(
        accepted=frozenset(data.getlist("accept")),
        checks=frozenset(data.getlist("check")),
        fixes=fixes,
        based_on=int(based_on) if based_on.isdecimal() and len(based_on) < 9 else 0,
    )


def _read_rule(data: QueryDict, kind_name: str) -> dict[str, Any]:
    """Return a cadence as JSON, of its kind's own fields only; it may be no good one."""
    prefix = kind_name.removesuffix("kind")
    kind, on = data[kind_name], data.get(f"{prefix}on", "")
    rule: dict[str, Any] = {"kind": kind}
    if kind not in set(CadenceKind):
        return rule
    pick = DayPick(on) if on in set(DayPick) else None
    for name in used_fields(CadenceKind(kind), pick):
        values = [text.strip() for text in data.getlist(f"{prefix}{name}")]
        if any(values):
            rule[name] = values if name == "days" else _read_number(values[0])
    if rule.get("every") == 1:
        rule.pop("starts_on", None)
    return rule


def _read_number(text: str) -> int | str:
    return int(text) if _NUMBER.fullmatch(text) else text
