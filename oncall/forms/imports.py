"""Schedules of other systems, as they are handed in."""

from collections.abc import Sequence
from typing import Any

from django import forms

from oncall.domain.importing import ImportedSchedule
from oncall.forms.fields import DASH, choose_person
from oncall.models import User
from oncall.services.importing import MOST_BYTES, ImportForm


class FileForm(forms.Form):
    """A file, or its text."""

    kind = forms.ChoiceField(
        label="Where it comes from",
        choices=[
            ("grafana", "Grafana OnCall (JSON)"),
            ("pagerduty", "PagerDuty (JSON)"),
            ("opsgenie", "Opsgenie (JSON)"),
            ("ical", "A calendar (iCal)"),
        ],
    )
    upload = forms.FileField(label="File", required=False, help_text="2 MB at most.")
    content = forms.CharField(
        label="Or its text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        clean = super().clean() or {}
        upload = clean.get("upload")
        if upload is not None and upload.size > MOST_BYTES:
            self.add_error("upload", "The file is larger than 2 MB.")
        elif upload is None and not clean.get("content"):
            self.add_error("content", "Choose a file, or paste its text.")
        return clean

    def read(self) -> bytes:
        """Return what the file says."""
        upload = self.cleaned_data["upload"]
        if upload is not None:
            content: bytes = upload.read()
            return content
        text: str = self.cleaned_data["content"]
        return text.encode()


class MappingForm(forms.Form):
    """What becomes of one schedule of the file, and who its people are here."""

    name = forms.CharField(max_length=120)
    slug = forms.SlugField(label="Short name", help_text="For its address.")

    def __init__(
        self,
        data: Any = None,
        *,
        plan: ImportedSchedule,
        members: Sequence[User],
        initial: dict[str, Any],
        guessed: dict[str, int | None],
    ) -> None:
        super().__init__(data, initial=initial)
        self._keys = [person.key for person in plan.people]
        for number, person in enumerate(plan.people):
            label = person.name
            if person.email and person.email != label:
                label = f"{label} ({person.email})"
            found = guessed.get(person.key)
            self.fields[f"person_{number}"] = forms.ChoiceField(
                label=label,
                required=False,
                choices=choose_person(members, ("", f"{DASH} nobody {DASH}")),
                initial="" if found is None else str(found),
            )

    def read(self) -> ImportForm:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        chosen = {
            key: int(clean[f"person_{number}"]) if clean[f"person_{number}"] else None
            for number, key in enumerate(self._keys)
        }
        return ImportForm(clean["name"], clean["slug"], chosen)
