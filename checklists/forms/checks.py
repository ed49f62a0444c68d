"""The form of a check: common inputs, those of its kind, and its ladder."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django import forms

from checklists.forms.fields import LengthField
from checklists.forms.kinds import KIND_FORMS, from_spec, to_spec, unshown_spec
from checklists.models import Check
from checklists.services.check_rules import CheckPlan
from incidents.models import SeverityLevel
from oncall.models import Service
from opsportal.kit.errors import PortalError

_SPEC = "spec_"
_WHEN, _FOR = "rung_when_", "rung_for_"


class CheckForm(forms.Form):
    """A check of one kind, for one service.

    Fields of the spec are named ``spec_<entry>``, those of the ladder
    ``rung_when_<pk>`` and ``rung_for_<pk>`` by severity.
    """

    name = forms.CharField(max_length=160)
    description = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Why it matters and what to do when it fails. Markdown.",
    )
    condition = forms.CharField(
        label="Passes when",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false"}),
    )
    unit = forms.CharField(
        required=False, max_length=16, help_text="Of the value: ms, %, GB, d."
    )
    interval = LengthField(label="Look every", help_text="10s at least.")
    timeout = LengthField(label="Wait at most", help_text="10s at most.")
    freshness = LengthField(
        label="A pass is fresh for",
        required=False,
        help_text="How old it may be to tick an item. Empty: what suits the kind.",
    )
    fail_after = forms.IntegerField(
        label="Failing after", help_text="Looks that fail.", min_value=1, max_value=20
    )
    fail_within = forms.IntegerField(
        label="Among the last",
        help_text="Looks. Empty: in a row.",
        required=False,
        min_value=1,
        max_value=20,
    )
    recover_after = forms.IntegerField(
        label="Passing again after",
        help_text="Looks in a row.",
        min_value=1,
        max_value=20,
    )
    no_data = forms.ChoiceField(label="No data", choices=Check.NoData.choices)
    depends_on = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="While one of these fails, this one raises no alert.",
    )
    raises_alert = forms.BooleanField(label="Raises an alert", required=False)
    measures_uptime = forms.BooleanField(
        label="Its failures are downtime of the service", required=False
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kind: str,
        service: Service,
        others: Iterable[Check] = (),
        sources: Iterable[str] = (),
        check: Check | None = None,
    ) -> None:
        """Build it for a kind; ``others`` are checks that it may depend on."""
        super().__init__(data, initial=_initial(kind, check))
        self.kind = kind
        self.service = service
        self._others = {other.pk: other for other in others}
        # An edit does not lose what only the API can say.
        self._kept = unshown_spec(kind, check.spec) if check else {}
        self._levels = list(service.severities.all())
        choices = [
            (pk, f"{o.service.name}: {o.name}") for pk, o in self._others.items()
        ]
        depends_on = self.fields["depends_on"]
        if isinstance(depends_on, forms.ChoiceField):
            depends_on.choices = choices
        for name, make in KIND_FORMS[kind].inputs.items():
            self.fields[_SPEC + name] = make()
        if sources and "spec_source" in self.fields:
            self.fields["spec_source"] = forms.ChoiceField(
                label=self.fields["spec_source"].label,
                choices=[(word, word.replace("_", " ")) for word in sources],
            )
        self._add_rungs(check)

    def _add_rungs(self, check: Check | None) -> None:
        rungs = {rung.get("severity"): rung for rung in (check.ladder if check else [])}
        for level in self._levels:
            rung = rungs.get(level.label, {})
            self.fields[f"{_WHEN}{level.pk}"] = forms.CharField(
                label=f"{level.label} when",
                required=False,
                max_length=500,
                initial=rung.get("condition", ""),
                widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false"}),
            )
            self.fields[f"{_FOR}{level.pk}"] = forms.CharField(
                label=f"{level.label}, held for",
                required=False,
                max_length=16,
                initial=rung.get("for", ""),
                widget=forms.TextInput(attrs={"placeholder": "5m"}),
            )

    @property
    def spec_fields(self) -> list[forms.BoundField]:
        """The inputs of the kind."""
        return [self[name] for name in self.fields if name.startswith(_SPEC)]

    @property
    def rungs(self) -> list[tuple[SeverityLevel, forms.BoundField, forms.BoundField]]:
        """A line of the ladder for each severity of the service."""
        return [
            (level, self[f"{_WHEN}{level.pk}"], self[f"{_FOR}{level.pk}"])
            for level in self._levels
        ]

    def plan(self) -> CheckPlan:
        """Return what a service takes; call it on a valid form."""
        given = self.cleaned_data
        inputs = {
            name.removeprefix(_SPEC): value
            for name, value in given.items()
            if name.startswith(_SPEC)
        }
        return CheckPlan(
            service=self.service,
            kind=self.kind,
            name=given["name"],
            description=given["description"],
            spec={**self._kept, **to_spec(self.kind, inputs)},
            condition=given["condition"],
            unit=given["unit"],
            ladder=self._ladder(),
            interval=given["interval"],
            timeout=given["timeout"],
            freshness=given["freshness"],
            fail_after=given["fail_after"],
            fail_within=given["fail_within"],
            recover_after=given["recover_after"],
            no_data=given["no_data"],
            depends_on=tuple(self._others[pk] for pk in given["depends_on"]),
            raises_alert=given["raises_alert"],
            measures_uptime=given["measures_uptime"],
        )

    def place_error(self, error: PortalError) -> None:
        """Show a refusal where the person typed: an entry of the spec, a rung."""
        where, colon, told = error.message.partition(": ")
        name: str | None = error.field
        if error.field == "spec":
            name = _SPEC + where
        elif error.field == "ladder":
            pks = {level.label: level.pk for level in self._levels}
            name = f"{_WHEN}{pks.get(where)}"
        if colon and name in self.fields and name != error.field:
            self.add_error(name, told)
        else:
            self.add_error(name if name in self.fields else None, error.message)

    def _ladder(self) -> list[dict[str, str]]:
        rungs = []
        for level in self._levels:
            condition = self.cleaned_data[f"{_WHEN}{level.pk}"]
            if condition:
                held = self.cleaned_data[f"{_FOR}{level.pk}"]
                rungs.append(
                    {"severity": level.label, "condition": condition, "for": held}
                )
        return rungs


def _initial(kind: str, check: Check | None) -> dict[str, Any]:
    if check is None:
        return {
            "condition": KIND_FORMS[kind].example,
            "interval": timedelta(minutes=1),
            "timeout": timedelta(seconds=10),
            "fail_after": 2,
            "recover_after": 2,
            "no_data": Check.NoData.UNKNOWN,
            "raises_alert": True,
        }
    names = [
        "name",
        "description",
        "condition",
        "unit",
        "interval",
        "timeout",
        "freshness",
        "fail_after",
        "fail_within",
        "recover_after",
        "no_data",
        "raises_alert",
        "measures_uptime",
    ]
    initial = {name: getattr(check, name) for name in names}
    initial["depends_on"] = [parent.pk for parent in check.depends_on.all()]
    inputs = from_spec(check.spec)
    return {**initial, **{_SPEC + name: value for name, value in inputs.items()}}
