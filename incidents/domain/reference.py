"""The name of an incident: INC-YYYY-MM-DD-NNN, by the UTC date of declaration."""

import re
from datetime import date

_FORM = re.compile(r"INC-(\d{4})-(\d{2})-(\d{2})-(\d{3,})", re.ASCII)


def format_reference(on: date, number: int) -> str:
    """Return the reference of the incident with this number (1 and up) of a day.

    Three digits at least; the thousandth incident of a day simply takes four.
    """
    return f"INC-{on:%Y-%m-%d}-{number:03}"


def parse_reference(text: str) -> tuple[date, int]:
    """Return the day and the number that ``text`` names.

    Raises ValueError on anything that ``format_reference`` does not write.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not like INC-2026-01-14-001.")
    year, month, day, number = (int(part) for part in found.groups())
    on = date(year, month, day)
    if format_reference(on, number) != text or number == 0:
        raise ValueError(f"{text!r} is not like INC-2026-01-14-001.")
    return on, number
