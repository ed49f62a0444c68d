"""Periods, rates and plans as they are typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from django import forms

from oncall.domain.planner import MOST_PEOPLE, MOST_WEEKS
from oncall.domain.walltime import to_utc, to_wall
from oncall.forms.fields import clock_field
from oncall.models import StipendRates, User
from oncall.services.planning import PlanForm as PlanValues
from oncall.services.stipends import RatesForm as RatesValues

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[StipendRates]
else:  # not subscriptable when it runs
    _ModelForm = forms.ModelForm

_DAY = timedelta(days=1)
LONGEST = 366
PERIODS = (
    ("30", "30 days"),
    ("90", "90 days"),
    ("month", "This month"),
    ("last", "Last month"),
    ("year", "This year"),
)
_DEFAULT = "90"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from `first` to `last`, on the clock of a zone.

    ``key`` names one of PERIODS, which end now at the latest, or is "" for days that
    somebody chose.
    """

    key: str
    first: date
    last: date
    starts_at: datetime
    ends_at: datetime


class DaysForm(forms.Form):
    """The first and the last day of a period."""

    first = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or longer than a year."""
        clean = super().clean() or {}
        first, last = clean.get("first"), clean.get("last")
        if first is None or last is None:
            return clean
        if last < first:
            self.add_error("last", "Choose a day that is not before the first.")
        elif (last - first).days >= LONGEST:
            self.add_error("last", f"Choose at most {LONGEST} days.")
        elif not 1970 < first.year <= last.year < 2200:
            self.add_error("first", "Choose a year 1971 to 2199.")
        return clean


def read_period(
    query: Mapping[str, str], zone: tzinfo, now: datetime
) -> tuple[Period, DaysForm]:
    """Return the period that an address asks for, and the form that shows it.

    What cannot be read gives the last 90 days, and the form says what is wrong.
    """
    if "first" in query:
        form = DaysForm(dict(query.items()))
        if form.is_valid():
            clean = form.cleaned_data
            return _period("", clean["first"], clean["last"], zone), form
        return _named(_DEFAULT, zone, now), form
    period = _named(query.get("period", _DEFAULT), zone, now)
    days = {"first": period.first, "last": period.last}
    return period, DaysForm(initial=days)


def _named(key: str, zone: tzinfo, now: datetime) -> Period:
    today = to_wall(now, zone).date()
    month = today.replace(day=1)
    spans = {
        "30": (today - 29 * _DAY, today),
        "90": (today - 89 * _DAY, today),
        "month": (month, today),
        "last": ((month - _DAY).replace(day=1), month - _DAY),
        "year": (today.replace(month=1, day=1), today),
    }
    chosen = key if key in spans else _DEFAULT
    period = _period(chosen, *spans[chosen], zone)
    return replace(period, ends_at=min(period.ends_at, now))


def _period(key: str, first: date, last: date, zone: tzinfo) -> Period:
    midnight = datetime.min.time()
    return Period(
        key,
        first,
        last,
        to_utc(datetime.combine(first, midnight), zone),
        to_utc(datetime.combine(last + _DAY, midnight), zone),
    )


class RatesForm(_ModelForm):
    """What an hour on call of each kind is worth."""

    night_starts = clock_field(label="Night from")
    night_ends = clock_field(label="Night to")
    role_names = forms.CharField(
        label="Roles that count",
        required=False,
        max_length=250,
        help_text="With commas. Empty counts every role.",
    )

    class Meta:
        model = StipendRates
        fields = [
            "currency",
            "weekday_hour",
            "night_hour",
            "weekend_hour",
            "holiday_hour",
            "lieu_percent",
        ]
        labels = {
            "weekday_hour": "Weekday, an hour",
            "night_hour": "Night, an hour",
            "weekend_hour": "Weekend, an hour",
            "holiday_hour": "Holiday, an hour",
            "lieu_percent": "Time off in lieu, percent",
        }
        help_texts = {
            "holiday_hour": "Of two kinds at once the one further down counts.",
            "lieu_percent": "Of all time on call, given back as time off.",
        }

    def __init__(self, data: Any = None, *, instance: StipendRates) -> None:
        super().__init__(
            data, instance=instance, initial={"role_names": ", ".join(instance.roles)}
        )
        for name in ("night_starts", "night_ends"):
            self.fields[name].initial = getattr(instance, name)

    def read(self) -> RatesValues:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        names = (name.strip() for name in clean["role_names"].split(","))
        return RatesValues(
            **{name: clean[name] for name in self.Meta.fields},
            night_starts=clean["night_starts"],
            night_ends=clean["night_ends"],
            roles=tuple(dict.fromkeys(name for name in names if name)),
        )


class PlanForm(forms.Form):
    """A plan: who shares the duty, from when, for how long."""

    people = forms.MultipleChoiceField(
        label="People",
        widget=forms.CheckboxSelectMultiple,
        help_text="Their known absences and their holidays are respected.",
    )
    starts_on = forms.DateField(
        label="First handoff",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Weeks begin on this day of the week.",
    )
    at = clock_field(label="At")
    weeks = forms.IntegerField(min_value=1, max_value=MOST_WEEKS, initial=52)
    whole_weeks = forms.BooleanField(
        label="Whole weeks only",
        required=False,
        help_text="Otherwise weeks that do not divide among the people, or that hold "
        "too many holidays, are shared by days, so that hours come out equal.",
    )

    def __init__(
        self,
        data: Any = None,
        *,
        people: Sequence[User],
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["people"].choices = [  # type: ignore[attr-defined]
            (str(user.pk), user.display_name) for user in people
        ]

    def clean_people(self) -> list[int]:
        """Ask for two people at least."""
        chosen = [int(each) for each in self.cleaned_data["people"]]
        if not 2 <= len(chosen) <= MOST_PEOPLE:
            raise forms.ValidationError(f"Choose 2 to {MOST_PEOPLE} people.")
        return chosen

    def read(self) -> PlanValues:
        """Return what was entered, for the services."""
        clean = self.cleaned_data
        return PlanValues(
            people=tuple(clean["people"]),
            starts_on=clean["starts_on"],
            at=clean["at"],
            weeks=clean["weeks"],
            whole_weeks=clean["whole_weeks"],
        )
