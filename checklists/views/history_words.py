"""The past of checklists in words: of a calendar, of sums, of files."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from checklists.domain.compliance import Compliance, Standing
from checklists.queries.past import RunLine
from checklists.views.checklist_words import STANDINGS

TONES: dict[Standing | None, str] = {each: tone for each, tone, _ in STANDINGS} | {
    None: ""
}
CHOICES = [(each.value, words) for each, _, words in STANDINGS]
HEAD = (
    "run",
    "checklist",
    "name",
    "service",
    "period",
    "opens_at",
    "due_at",
    "closed_at",
    "standing",
    "reason",
    "completed_by",
    "signed_by",
    "items",
    "answered",
    "ticked",
    "ticked_itself",
)


def say_past(figures: Compliance, days: int) -> str:
    """Return the sums of a small calendar for those who cannot see it."""
    counts = (
        (figures.on_time, "on time"),
        (figures.late, "late"),
        (figures.missed, "missed"),
        (figures.system_missed, "missed while the portal was down"),
        (figures.skipped + figures.void, "skipped"),
        (figures.pending, "open"),
    )
    told = ", ".join(f"{count} {words}" for count, words in counts if count)
    return f"{days} days: {told or 'nothing due'}"


def tone_of_percent(percent: Decimal | None) -> str:
    """Return the colour of a share: red below 90, amber below 98."""
    if percent is None or percent >= 98:
        return ""
    return "warn" if percent >= 90 else "crit"


def add_up(parts: Sequence[Compliance]) -> list[tuple[str, str]]:
    """Return the sums of many checklists as rows; a streak is of one alone."""
    on_time = sum(each.on_time for each in parts)
    late, missed = sum(each.late for each in parts), sum(each.missed for each in parts)
    fair = on_time + late + missed
    return [
        ("Checklists", str(len(parts))),
        ("Runs", str(sum(each.expected + each.pending for each in parts))),
        ("On time", f"{100 * on_time // fair} %" if fair else "none due"),
        ("Late", str(late)),
        ("Missed", str(missed)),
        ("Portal down", str(sum(each.system_missed for each in parts))),
    ]


def csv_row(line: RunLine) -> tuple[Any, ...]:
    """Return a run as a line below HEAD, moments in RFC 3339."""
    return tuple(json_row(line).values())


def json_row(line: RunLine) -> dict[str, Any]:
    """Return a run with the names of HEAD."""
    values = asdict(line).values()
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in zip(HEAD, values, strict=True)
    }
