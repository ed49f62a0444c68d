"""The form of how alerts of a service are grouped."""

from datetime import timedelta

from django import forms
from django.http import QueryDict

from incidents.domain.told_groups import Rule, read_names
from incidents.models import AlertGrouping

_SECOND = timedelta(seconds=1)
# In seconds, with their words.
WAITS = ((0, "At once"), (10, "10 s"), (30, "30 s"), (60, "1 min"), (300, "5 min"))
INTERVALS = ((60, "1 min"), (300, "5 min"), (900, "15 min"), (3600, "1 h"))
REPEATS = ((3600, "1 h"), (14_400, "4 h"), (43_200, "12 h"), (86_400, "1 day"))
_LENGTHS = {"wait": WAITS, "interval": INTERVALS, "repeat": REPEATS}


class GroupingForm(forms.Form):
    """What alerts share that are told together, and how soon and often."""

    is_on = forms.BooleanField(label="Tell its alerts in groups", required=False)
    labels = forms.CharField(
        label="One group for each value of",
        required=False,
        max_length=500,
        help_text="Names of labels with commas, such as alertname, cluster. Empty: "
        "all alerts of the service are one group.",
    )
    wait = forms.TypedChoiceField(
        label="A new group gathers for",
        coerce=int,
        help_text="Then one alert speaks for it and pages. The worst is chosen.",
    )
    interval = forms.TypedChoiceField(
        label="Channels hear what joined after", coerce=int
    )
    repeat = forms.TypedChoiceField(
        label="And of what nobody took again after", coerce=int
    )

    def __init__(
        self, data: QueryDict | None = None, *, grouping: AlertGrouping | None
    ) -> None:
        """Show what holds now; None: alerts are not grouped."""
        rule = Rule(labels=("alertname",)) if grouping is None else grouping
        chosen = {name: getattr(rule, name) // _SECOND for name in _LENGTHS}
        initial = {"is_on": grouping is not None, "labels": ", ".join(rule.labels)}
        super().__init__(data, initial=initial | chosen)
        for name, choices in _LENGTHS.items():
            # What the API set is kept as it is.
            own = (chosen[name], f"{chosen[name]} s")
            more = () if chosen[name] in dict(choices) else (own,)
            self.fields[name].choices = [*choices, *more]  # type: ignore[attr-defined]

    def read(self) -> Rule | None:
        """Return the rule; None: alerts are not grouped."""
        said = self.cleaned_data
        if not said["is_on"]:
            return None
        lengths = {name: said[name] * _SECOND for name in _LENGTHS}
        return Rule(labels=read_names(said["labels"]), **lengths)
