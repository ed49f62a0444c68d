"""The form of a checklist that is written as a text."""

from collections.abc import Callable
from typing import Any, Final

from django import forms

from checklists.domain.checklist_text import (
    ChecklistText,
    read_json,
    read_markdown,
    write_json,
    write_markdown,
)
from checklists.domain.checklist_yaml import read_yaml, write_yaml
from checklists.domain.field_error import FieldError
from oncall.models import Service, Team
from opsportal.kit.errors import PortalError

MOST: Final = 200_000
READERS: Final[dict[str, Callable[[str], ChecklistText]]] = {
    "markdown": read_markdown,
    "json": read_json,
    "yaml": read_yaml,
}
WRITERS: Final[dict[str, Callable[[ChecklistText], str]]] = {
    "markdown": write_markdown,
    "json": write_json,
    "yaml": write_yaml,
}
ENDINGS: Final = {"markdown": "md", "json": "json", "yaml": "yaml"}


def read_text(form: str, text: str) -> ChecklistText:
    """Read a text of a form in READERS; raises PortalError that names the place."""
    try:
        return READERS[form](text)
    except FieldError as error:
        raise PortalError(str(error), field="text") from error


class TextForm(forms.Form):
    """A whole checklist in one field."""

    text = forms.CharField(
        label="Checklist",
        max_length=MOST,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 24, "class": "mono", "spellcheck": "false"}
        ),
    )
    written = forms.ChoiceField(
        label="Written as",
        choices=[("markdown", "Markdown"), ("json", "JSON"), ("yaml", "YAML")],
    )
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput())

    def read(self) -> ChecklistText:
        """Return what is written; raises PortalError."""
        return read_text(self.cleaned_data["written"], self.cleaned_data["text"])


class NewTextForm(TextForm):
    """A checklist that is new: whose, and about what."""

    team = forms.ModelChoiceField(queryset=Team.objects.none(), empty_label=None)
    service = forms.ModelChoiceField(
        queryset=Service.objects.none(), required=False, empty_label="no service"
    )
    field_order = ("team", "service", "written", "text", "seen")

    def __init__(self, *args: Any, teams: set[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["team"]
        choices.queryset = Team.objects.filter(pk__in=teams).order_by("name")
        choices = self.fields["service"]
        choices.queryset = Service.objects.filter(team__in=teams).order_by("name")
