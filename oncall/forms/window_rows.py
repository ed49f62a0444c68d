"""Hours of the week as rows of a form: which days, from when, until when."""

from collections.abc import Iterator, Sequence
from datetime import time
from itertools import groupby
from typing import Any

from django import forms

from oncall.domain.pace import ActiveWindow
from oncall.forms.fields import DASH, WEEKDAYS, clock_field

_DAY = 1440
_SETS = {
    "all": (0, 1, 2, 3, 4, 5, 6),
    "week": (0, 1, 2, 3, 4),
    "end": (5, 6),
    **{str(day): (day,) for day in range(7)},
}
_CHOICES = [
    ("", DASH),
    ("all", "Every day"),
    ("week", "Monday to Friday"),
    ("end", "Saturday and Sunday"),
    *((str(day), name) for day, name in enumerate(WEEKDAYS)),
]


class WindowRows(forms.BaseForm):
    """Adds rows of hours to a form; a row without days counts for nothing."""

    window_count = 0

    def add_window_fields(self) -> None:
        """Add the fields of ``window_count`` rows."""
        for row in range(self.window_count):
            self.fields[f"days_{row}"] = forms.ChoiceField(
                label="Days", choices=_CHOICES, required=False
            )
            self.fields[f"from_{row}"] = clock_field(label="From", required=False)
            self.fields[f"until_{row}"] = clock_field(label="Until", required=False)
            self.fields[f"next_{row}"] = forms.BooleanField(
                label="of the next day", required=False
            )

    @property
    def window_rows(self) -> list[dict[str, Any]]:
        """The rows, for the page."""
        return [
            {
                "index": row,
                "fields": [
                    self[f"{name}_{row}"] for name in ("days", "from", "until", "next")
                ],
            }
            for row in range(self.window_count)
        ]

    def check_windows(self) -> None:
        """Put an error at each row that is not whole, or ends before it starts."""
        for row in range(self.window_count):
            clean = self.cleaned_data
            if not clean.get(f"days_{row}"):
                continue
            for name in ("from", "until"):
                key = f"{name}_{row}"
                if clean.get(key) is None and key not in self.errors:
                    self.add_error(key, "Give a time.")
            if self.errors.keys() & {f"from_{row}", f"until_{row}"}:
                continue
            if self._end(row) <= _minute(clean[f"from_{row}"]):
                self.add_error(
                    f"until_{row}",
                    "This ends before it starts. Tick “of the next day” if it passes "
                    "midnight.",
                )

    def read_windows(self) -> tuple[ActiveWindow, ...]:
        """Return the hours that were entered, by day."""
        clean = self.cleaned_data
        found = {
            ActiveWindow(day, _minute(clean[f"from_{row}"]), self._end(row))
            for row in range(self.window_count)
            if clean.get(f"days_{row}")
            for day in _SETS[clean[f"days_{row}"]]
        }
        order = sorted(found, key=lambda each: (each.weekday, each.start_minute))
        return tuple(order)

    def _end(self, row: int) -> int:
        minute = _minute(self.cleaned_data[f"until_{row}"])
        # Midnight is the end of the day that one means.
        if minute == 0:
            return _DAY
        return minute + _DAY if self.cleaned_data[f"next_{row}"] else minute


def show_windows(windows: Sequence[ActiveWindow]) -> dict[str, Any]:
    """Return the initial values of rows that say the same as the windows."""
    values: dict[str, Any] = {}
    count = 0
    for days, start, end in _rows_of(windows):
        values[f"days_{count}"] = days
        values[f"from_{count}"] = _clock(start)
        values[f"until_{count}"] = _clock(end)
        values[f"next_{count}"] = end > _DAY
        count += 1
    return {**values, "windows": count}


def _rows_of(windows: Sequence[ActiveWindow]) -> Iterator[tuple[str, int, int]]:
    pieces = sorted(
        {piece for window in windows for piece in _pieces(window)},
        key=lambda piece: (piece[1], piece[2], piece[0]),
    )
    for (start, end), some in groupby(pieces, key=lambda piece: piece[1:]):
        days = tuple(day for day, _, _ in some)
        name = next((name for name, known in _SETS.items() if known == days), None)
        for each in [name] if name else map(str, days):
            yield each, start, end


def _pieces(window: ActiveWindow) -> Iterator[tuple[int, int, int]]:
    """The window, cut at midnight where it goes on for a whole day."""
    day, start, end = window.weekday, window.start_minute, window.end_minute
    while end >= 2 * _DAY:
        yield day % 7, start, _DAY
        day, start, end = day + 1, 0, end - _DAY
    yield day % 7, start, end


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)
