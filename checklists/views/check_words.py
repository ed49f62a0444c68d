"""How a check stands, in a word, a colour and a figure."""

from checklists.models import Check
from checklists.queries.checks import CheckRow
from opsportal.kit.quantities import say_number, scale_bytes

STATUSES = (
    ("fail", "Failing"),
    ("unknown", "Unknown"),
    ("pass", "Passing"),
    ("pending", "Not checked yet"),
    ("stopped", "Stopped"),
)
_WORDS = dict(STATUSES)
_TONES = {"pass": "ok", "fail": "crit", "unknown": "warn"}


def say_status(check: Check | CheckRow) -> str:
    """Return its state in words."""
    if not check.is_enabled:
        return "Stopped"
    if check.status == Check.Status.PENDING and check.last_observed_at:
        return "Not confirmed yet"
    return _WORDS[check.status]


def tone_of(check: Check | CheckRow) -> str:
    """Return the colour of its state."""
    return _TONES.get(check.status, "") if check.is_enabled else ""


def say_seen(check: Check | CheckRow) -> str:
    """Return what the last look said, in the words of the page.

    What only records is said by its value: the look repeats it without a unit.
    """
    is_recorded = not check.condition and check.last_value is not None
    if is_recorded and check.status == Check.Status.PASS:
        return "only recorded"
    return check.last_summary


def say_value(value: float | None, unit: str) -> str:
    """Return a reading with its unit; "" for none."""
    if value is None:
        return ""
    value, unit = scale_bytes(value, unit)
    return f"{say_number(value)} {unit}".strip()
