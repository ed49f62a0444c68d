"""The form of one item of a checklist that is being written."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms

from checklists.domain.checklist_text import KINDS, LIMITS, TextItem, read_item
from checklists.domain.field_error import FieldError
from checklists.domain.show_if import CHECK_STATES, ITEM_STATES
from checklists.forms.fields import LinesField
from checklists.models import ChecklistItem
from opsportal.kit.errors import PortalError

_FLAGS: Final = ("is_required", "is_critical", "allows_na", "needs_note")
_SAME: Final = ("text", "section", "instructions", "kind", "mode", *_FLAGS, "reference")
_STATES: Final = [
    ("done", "is done"),
    ("na", "is not applicable"),
    ("pass", "passes (a check)"),
    ("fail", "fails (a check)"),
    ("unknown", "is unknown (a check)"),
]
# Where an error of the parser belongs in the form.
_PLACES: Final = {"show_if": "waits_for", "unit": "unit", **{n: n for n in LIMITS}}


class AboutForm(forms.Form):
    """What the whole checklist is called, and what it is for."""

    name = forms.CharField(max_length=160)
    description = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Markdown.",
    )


class DraftItemForm(forms.Form):
    """Everything that an item says."""

    text = forms.CharField(label="What is to be done", max_length=250)
    section = forms.CharField(
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"list": "sections", "autocomplete": "off"}),
        help_text="Items of one section stand below its heading.",
    )
    instructions = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="How to do it, in Markdown.",
    )
    kind = forms.ChoiceField(
        label="Answered with", choices=ChecklistItem.Kind.choices, initial=KINDS[0]
    )
    options = LinesField(
        label="Options",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Two or more, one a line.",
    )
    hard_min = forms.FloatField(label="Refuse below", required=False)
    warn_min = forms.FloatField(label="Ask for a note below", required=False)
    warn_max = forms.FloatField(label="Ask for a note above", required=False)
    hard_max = forms.FloatField(label="Refuse above", required=False)
    unit = forms.CharField(required=False, max_length=20, help_text="Such as % or ms.")
    is_required = forms.BooleanField(
        label="Required: the run waits for it", required=False, initial=True
    )
    is_critical = forms.BooleanField(
        label="Critical: ticked over a failing check, somebody else has to sign",
        required=False,
    )
    allows_na = forms.BooleanField(
        label="May be left out as not applicable, with a reason",
        required=False,
        initial=True,
    )
    needs_note = forms.BooleanField(label="Needs a note", required=False)
    mode = forms.ChoiceField(
        label="Who does it", choices=ChecklistItem.Mode.choices, initial="manual"
    )
    checks = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="All of them must pass. Test now looks at once and keeps nothing.",
    )
    waits_for = forms.ChoiceField(
        label="Asked for", required=False, help_text="Always, or only when this one…"
    )
    when_state = forms.MultipleChoiceField(
        label="…stands like this",
        required=False,
        choices=_STATES,
        widget=forms.CheckboxSelectMultiple,
    )
    when_is = LinesField(
        label="…or was answered with one of these options",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One a line, as they are written there.",
    )
    when_above = forms.FloatField(label="…or is a number above", required=False)
    when_below = forms.FloatField(label="…or below", required=False)
    reference = forms.CharField(
        required=False, max_length=16, help_text="The line of a runbook it answers."
    )

    def __init__(
        self,
        data: Any = None,
        *,
        earlier: Sequence[TextItem],
        checks: Sequence[tuple[str, str]],
        item: TextItem | None = None,
        section: str = "",
    ) -> None:
        """Offer the items before it and the (name, words) of checks.

        ``section`` is that of a new one.
        """
        kept = _initial_of(item) if item else {"section": section}
        super().__init__(data, initial=kept)
        held = [(name, name) for name in _checks_in(item)]
        known = dict([*held, *checks])
        self.number = len(earlier) + 1
        self._set_choices("checks", [(name, known[name]) for name in known])
        texts = dict.fromkeys(f"item:{each.text}" for each in earlier)
        waits = [("", "always")]
        groups = [
            ("When an item before it", [(each, each[5:]) for each in texts]),
            ("When a check", [(f"check:{each}", known[each]) for each in known]),
        ]
        self._set_choices("waits_for", [*waits, *(each for each in groups if each[1])])

    def clean(self) -> dict[str, Any]:
        """See that what ticks itself has a check, and that a condition is whole."""
        found = super().clean() or {}
        if found.get("mode") != "manual" and not found.get("checks"):
            self.add_error("checks", "Choose the check that ticks it, or let a person.")
        ways = [self._has("when_state"), self._has("when_is"), self._has_limit()]
        if found.get("waits_for") and sum(ways) != 1:
            self.add_error(
                "waits_for",
                "Say in one of the fields below what has to be so: how it stands,"
                " what was answered, or a number.",
            )
        return found

    def read(self) -> TextItem:
        """Return the item; raises PortalError, field named."""
        said = self.cleaned_data
        raw: dict[str, Any] = {name: said[name] for name in _SAME}
        raw["checks"] = said["checks"]
        if said["kind"] == "number":
            raw["bounds"] = self._bounds()
        if said["kind"] == "choice":
            raw["options"] = said["options"]
        if said["waits_for"]:
            raw["show_if"] = self._condition()
        try:
            return read_item(raw, "item")
        except FieldError as error:
            raise PortalError(error.message, field=_place_of(error.field)) from error

    def place_error(self, error: PortalError) -> None:
        """Put a refusal beside the field that it is about, else on top."""
        mine = f"items[{self.number}]."
        name = error.field
        if name.startswith(mine):
            name = _place_of(name.removeprefix(mine))
        self.add_error(name if name in self.fields else None, error.message)

    def _set_choices(self, name: str, choices: Sequence[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _has(self, name: str) -> bool:
        return bool(self.cleaned_data.get(name))

    def _has_limit(self) -> bool:
        limits = ("when_above", "when_below")
        return any(self.cleaned_data.get(name) is not None for name in limits)

    def _bounds(self) -> dict[str, Any]:
        found = {name: _whole(self.cleaned_data[name]) for name in LIMITS}
        bounds: dict[str, Any] = {k: v for k, v in found.items() if v is not None}
        unit = self.cleaned_data["unit"]
        return bounds | ({"unit": unit} if unit else {})

    def _condition(self) -> dict[str, Any]:
        said = self.cleaned_data
        kind, _, name = said["waits_for"].partition(":")
        found: dict[str, Any] = {kind: name}
        if said["when_state"]:
            found["state"] = said["when_state"]
        if said["when_is"]:
            found["is"] = said["when_is"]
        for word in ("above", "below"):
            limit = _whole(said[f"when_{word}"])
            if limit is not None:
                found[word] = limit
        return found


def _initial_of(item: TextItem) -> dict[str, Any]:
    shown = item.show_if
    kind = "check" if "check" in shown else "item"
    return {
        **{name: getattr(item, name) for name in _SAME},
        **{name: item.bounds.get(name) for name in (*LIMITS, "unit")},
        "options": list(item.options),
        "checks": list(item.checks),
        "waits_for": f"{kind}:{shown[kind]}" if shown else "",
        "when_state": _known_states(shown),
        "when_is": shown.get("is", []),
        "when_above": shown.get("above"),
        "when_below": shown.get("below"),
    }


def _known_states(shown: Mapping[str, Any]) -> list[str]:
    states = shown.get("state", [])
    return [each for each in (*ITEM_STATES, *CHECK_STATES) if each in states]


def _checks_in(item: TextItem | None) -> list[str]:
    if item is None:
        return []
    return [*item.checks, *filter(None, [item.show_if.get("check")])]


def _place_of(field: str) -> str:
    parts = field.removeprefix("item.").split(".")
    return _PLACES.get(parts[-1] if parts[0] == "bounds" else parts[0], parts[0])


def _whole(number: float | None) -> float | None:
    """Return 80 for 80.0, as people write it."""
    if number is not None and number.is_integer():
        return int(number)
    return number
