"""The form in which a service says where its metrics live."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from checklists.domain.check_library import PLACES, Place, PlaceKind

MOST = 500


class MappingForm(forms.Form):
    """A field a place; an empty one is the library's own."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        places: Mapping[str, str],
        sources: Iterable[str],
    ) -> None:
        """Build it with what stands in each place now."""
        super().__init__(data)
        known = list(sources)
        for _, group in PLACES:
            for place in group:
                self.fields[place.name] = _field(place, places[place.name], known)

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """The fields under their headings, and whether one of them has an error."""
        parts = []
        for heading, group in PLACES:
            fields = [self[place.name] for place in group]
            parts.append((heading, fields, any(field.errors for field in fields)))
        return parts


def _field(place: Place, text: str, sources: list[str]) -> forms.Field:
    shown = "" if text == place.default else text
    if place.kind is PlaceKind.SOURCE:
        names = dict.fromkeys([*sources, *filter(None, [shown])])
        return forms.ChoiceField(
            label=place.label,
            required=False,
            initial=shown,
            choices=[("", "—"), *((name, name) for name in names)],
        )
    return forms.CharField(
        label=place.label,
        required=False,
        max_length=MOST,
        initial=shown,
        help_text=place.about,
        widget=forms.TextInput(
            attrs={"placeholder": place.default, "spellcheck": "false", "class": "mono"}
        ),
    )
