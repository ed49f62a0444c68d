"""Escalation policies as they are typed: a head, and steps in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from oncall.forms.fields import DASH, MomentField, clock_field, zone_field
from oncall.models import EscalationStep, EscalationTarget
from oncall.queries.targets import RESPONDER
from oncall.services.policy_forms import (
    MOST_STEPS,
    MOST_TARGETS,
    PolicyForm,
    TargetForm,
)
from oncall.services.policy_forms import StepForm as StepValues
from opsportal.kit.errors import PortalError

SPARE_PLACES = 2
LEVELS = [(1, "1, the gravest"), (2, "2"), (3, "3"), (4, "4"), (5, "5, the mildest")]
_DAYS = list(enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")))
_TITLE = "title::"
Choices = Sequence[tuple[str, Any]]


class MinutesField(forms.FloatField):
    """A length in minutes; halves are seconds."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(min_value=0, max_value=10_080, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a length as minutes."""
        if isinstance(value, timedelta):
            return f"{value.total_seconds() / 60:g}"
        return value

    def clean(self, value: Any) -> Any:
        """Return a timedelta, None when empty."""
        number = super().clean(value)
        return None if number is None else timedelta(seconds=round(number * 60))


class HeadForm(forms.Form):
    """What is said of the whole ladder."""

    name = forms.CharField(max_length=120)
    repeats = forms.IntegerField(
        label="Repeat", min_value=0, max_value=20, initial=0,
        help_text="How often it begins again after the last step.",
    )  # fmt: skip
    repeat_after = MinutesField(label="Repeat after (min)")
    repeat_from = forms.IntegerField(
        label="From step", min_value=1, max_value=MOST_STEPS, initial=1
    )
    ack_expires_after = MinutesField(
        label="Acknowledgement ends after (min)",
        help_text="Empty: it holds until the alert is resolved.",
    )
    note = forms.CharField(
        label="What changes, and why", max_length=250, required=False
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NewHeadForm(HeadForm):
    """The head of a new policy."""

    slug = forms.SlugField(
        label="Short name", help_text="For the address: letters, digits, hyphens."
    )
    field_order = ["name", "slug"]


class StepForm(forms.Form):
    """One rung of the ladder."""

    name = forms.CharField(max_length=120)
    delay = MinutesField(
        label="After (min)",
        help_text="Since the alert opened. Empty: only when somebody escalates.",
    )
    condition = forms.ChoiceField(choices=EscalationStep.Condition.choices)
    max_level = forms.TypedChoiceField(
        label="From level", choices=LEVELS, coerce=int, initial=1
    )
    min_level = forms.TypedChoiceField(
        label="To level", choices=LEVELS, coerce=int, initial=5
    )
    requires = forms.CharField(
        label="Only with the label",
        max_length=64,
        required=False,
        help_text="Such as customer_impact.",
    )
    strategy = forms.ChoiceField(
        label="Whom of them", choices=EscalationStep.Strategy.choices
    )
    ack_mode = forms.ChoiceField(
        label="Acknowledgement", choices=EscalationStep.AckMode.choices
    )
    skip_if_empty = forms.BooleanField(
        label="When nobody is there, the next step is due at once",
        required=False,
        initial=True,
    )
    window_days = forms.TypedMultipleChoiceField(
        label="Only on",
        choices=_DAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    window_starts = clock_field(label="From", required=False)
    window_ends = clock_field(label="Until", required=False)
    window_zone = zone_field(label="On the clock of", required=False)
    instructions = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}), required=False, max_length=2000
    )

    def __init__(
        self, data: Any = None, *, people: Choices, places: int, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.fields[
            "window_zone"
        ].help_text = f"An IANA name, or “{RESPONDER}”. Empty: the team's."
        self.place_count = min(places + SPARE_PLACES, MOST_TARGETS)
        for number in range(self.place_count):
            self.fields[f"target_{number}"] = forms.ChoiceField(
                label=f"Who is told {number + 1}", choices=people, required=False
            )
            self.fields[f"title_{number}"] = forms.CharField(
                label=f"Called {number + 1}",
                max_length=120,
                required=False,
                widget=forms.TextInput(attrs={"placeholder": "Called (optional)"}),
            )

    @property
    def places(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of who is told."""
        return [
            (self[f"target_{number}"], self[f"title_{number}"])
            for number in range(self.place_count)
        ]

    def read(self) -> StepValues:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        names = ("name", "delay", "condition", "max_level", "min_level", "requires",
                 "strategy", "ack_mode", "skip_if_empty", "window_starts",
                 "window_ends", "window_zone", "instructions")  # fmt: skip
        return StepValues(
            **{name: clean[name] for name in names},
            window_days=tuple(clean["window_days"]),
            targets=tuple(self._read_targets()),
        )

    def _read_targets(self) -> Iterator[TargetForm]:
        for number in range(self.place_count):
            chosen = self.cleaned_data[f"target_{number}"]
            title = self.cleaned_data[f"title_{number}"].strip()
            if chosen or title:
                yield read_target(chosen or _TITLE, title)


def read_target(value: str, title: str = "") -> TargetForm:
    """Return the target behind a choice: ``schedule:3:primary:now``."""
    kind, pk, more = value.split(":", 2)
    key = int(pk) if pk else None
    if kind == "schedule":
        role, _, offset = more.rpartition(":")
        return TargetForm(kind=kind, pk=key, role=role, offset=offset)
    if kind == "team":
        return TargetForm(kind=kind, pk=key, scope=more)
    return TargetForm(kind=kind, pk=key, title=title)


def write_target(target: TargetForm) -> str:
    """Return the choice that stands for a target."""
    if target.kind == "schedule":
        return f"schedule:{target.pk}:{target.role}:{target.offset}"
    more = target.scope if target.kind == "team" else ""
    return f"{target.kind}:{target.pk or ''}:{more}"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a team's policies may point at: keys and names."""

    team: tuple[int, str]
    people: Sequence[tuple[int, str]]
    schedules: Sequence[tuple[int, str, Sequence[str]]]
    channels: Sequence[tuple[int, str]]

    def choices(self) -> Choices:
        """Return everybody who can be told, in groups."""
        key, name = self.team
        on_call = [
            choice
            for pk, schedule, roles in self.schedules
            for choice in _choices_of(pk, schedule, roles)
        ]
        scopes = EscalationTarget.Scope.choices
        return [
            ("", DASH),
            ("On call", on_call),
            (name, [(f"team:{key}:{scope}", word) for scope, word in scopes]),
            ("People", [(f"user:{pk}:", person) for pk, person in self.people]),
            ("Channels", [(f"channel:{pk}:", place) for pk, place in self.channels]),
            ("Others", [(_TITLE, "Somebody without an account")]),
        ]


def _choices_of(
    pk: int, schedule: str, roles: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for role in roles:
        yield f"schedule:{pk}:{role}:now", f"On-call {role} of {schedule}"
        yield f"schedule:{pk}:{role}:next", f"Next {role} of {schedule}"
    yield f"schedule:{pk}::now", f"Everybody on call in {schedule}"
    yield f"schedule:{pk}::next", f"Next on call in {schedule}"


class PolicyEditor:
    """A policy on a page: its head and its steps, that buttons can move."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        reach: Reach,
        policy: PolicyForm | None = None,
        name: str = "",
        is_new: bool = False,
    ) -> None:
        self._people = reach.choices()
        kind = NewHeadForm if is_new else HeadForm
        self.moved: int | None = None
        self.is_arranging = False
        if data is None:
            self.head: HeadForm = kind(initial=_head_of(policy, name))
            steps = policy.steps if policy else ()
            self.steps = [
                self._step(place, initial=_values_of(each), places=len(each.targets))
                for place, each in enumerate(steps)
            ] or [self._step(0, initial={"delay": timedelta()}, places=0)]
            return
        act, _, number = data.get("act", "").partition("-")
        self.is_arranging = act in {"add", "up", "down", "remove"}
        raw = _raw_steps(data)
        if self.is_arranging:
            self.moved = _arrange(raw, act, int(number) if number.isdigit() else 0)
            self.head = kind(initial=data.dict())
            self.steps = [
                self._step(place, initial=values, places=_places_in(values))
                for place, values in enumerate(raw)
            ]
        else:
            self.head = kind(data)
            self.steps = [
                self._step(place, data, places=_places_in(values))
                for place, values in enumerate(raw)
            ]

    @property
    def is_valid(self) -> bool:
        """Whether every field can be read."""
        # All of them, so that every error is shown at once.
        return all([form.is_valid() for form in (self.head, *self.steps)])  # noqa: C419 -- no short cut

    @property
    def error_count(self) -> int:
        """The number of fields at fault."""
        return sum(len(form.errors) for form in (self.head, *self.steps))

    def read(self) -> PolicyForm:
        """Return what was entered, for the services."""
        clean = self.head.cleaned_data
        return PolicyForm(
            steps=tuple(step.read() for step in self.steps),
            repeats=clean["repeats"],
            repeat_after=clean["repeat_after"],
            repeat_from=clean["repeat_from"] - 1,
            ack_expires_after=clean["ack_expires_after"],
            note=clean["note"],
            based_on=clean["based_on"],
        )

    def add_error(self, error: PortalError) -> None:
        """Put a refusal at its field, such as ``steps.0.delay``."""
        form: forms.Form = self.head
        field = error.field
        if field.startswith("steps."):
            _, place, field = field.split(".")
            form = self.steps[int(place)]
            field = "target_0" if field == "targets" else field
        form.add_error(field if field in form.fields else None, error.message)

    def _step(self, place: int, data: Any = None, **options: Any) -> StepForm:
        return StepForm(data, prefix=f"steps-{place}", people=self._people, **options)


def _head_of(policy: PolicyForm | None, name: str) -> dict[str, Any]:
    if policy is None:
        return {}
    return {
        "name": name,
        "repeats": policy.repeats,
        "repeat_after": policy.repeat_after,
        "repeat_from": policy.repeat_from + 1,
        "ack_expires_after": policy.ack_expires_after,
        "based_on": policy.based_on,
    }


def _values_of(step: StepValues) -> dict[str, Any]:
    values = {name: getattr(step, name) for name in StepForm.base_fields}
    for number, target in enumerate(step.targets):
        values[f"target_{number}"] = write_target(target)
        values[f"title_{number}"] = target.title
    return values


def _raw_steps(data: QueryDict) -> list[dict[str, Any]]:
    """What was typed, step by step, without looking at it."""
    count = data.get("steps", "")
    size = min(int(count), MOST_STEPS) if count.isdecimal() and len(count) < 4 else 0
    steps: list[dict[str, Any]] = []
    for place in range(size):
        prefix = f"steps-{place}-"
        steps.append(
            {
                key.removeprefix(prefix): data.getlist(key)
                if key.endswith("window_days")
                else data[key]
                for key in data
                if key.startswith(prefix)
            }
        )
        steps[-1].setdefault("skip_if_empty", False)
    return steps


def _places_in(values: Mapping[str, Any]) -> int:
    return sum(
        bool(values.get(f"target_{number}") or values.get(f"title_{number}"))
        for number in range(MOST_TARGETS)
    )


def _arrange(steps: list[dict[str, Any]], act: str, place: int) -> int | None:
    """Add, move or remove a step; returns where the one at hand is now."""
    if act == "add" and len(steps) < MOST_STEPS:
        steps.append({"skip_if_empty": True})
        return len(steps) - 1
    if act == "remove" and place < len(steps):
        del steps[place]
        return min(place, len(steps) - 1) if steps else None
    other = place - 1 if act == "up" else place + 1
    if act in {"up", "down"} and max(place, other) < len(steps) and other >= 0:
        steps[place], steps[other] = steps[other], steps[place]
        return other
    return None


class StoryForm(forms.Form):
    """An imagined alert."""

    at = MomentField(label="It fires at", required=False)
    level = forms.TypedChoiceField(choices=LEVELS, coerce=int, initial=1)
    labels = forms.CharField(
        max_length=250, required=False, help_text="With commas: customer_impact, ..."
    )
    ack_after = MinutesField(
        label="Acknowledged after (min)", help_text="Empty: never."
    )
    resolve_after = MinutesField(
        label="Resolved after (min)", help_text="Empty: never."
    )

    def read_labels(self) -> dict[str, str]:
        """Return the labels, each true unless it says otherwise."""
        found = {}
        for part in self.cleaned_data["labels"].split(","):
            name, _, value = part.strip().partition("=")
            if name:
                found[name.strip()] = value.strip() or "true"
        return found
