"""What the page of a run shows, whole or row by row."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.middleware.csrf import get_token
from django.urls import reverse

from checklists.item_links import ItemLink, links_of
from checklists.models import Run
from checklists.queries.run_items import ItemLine, day_of_checks, lines_of
from checklists.queries.run_story import (
    AttachmentRow,
    Origin,
    Pulse,
    attachments_of,
    origins_of,
    pulse_of,
)
from checklists.views.item_asking import NOTHING_REFUSED, Pen, Refusal
from checklists.views.run_words import pill_of
from oncall.access import PortalRequest, may
from opsportal.kit.charts import draw_sparkline
from opsportal.kit.clock_face import make_clock


@dataclass(frozen=True, slots=True)
class Row:
    """One item with all that its row needs."""

    line: ItemLine
    spark: str
    files: list[AttachmentRow]
    origin: Origin | None
    links: tuple[ItemLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Items under one heading; the heading may be empty."""

    title: str
    rows: list[Row]


def rows_of(run: Run, now: datetime) -> list[Row]:
    """Return the rows of a run: six queries however many items."""
    lines = lines_of([run.pk], hidden=True).get(run.pk, [])
    files = attachments_of(run.pk)
    checks = {each.pk for line in lines for each in line.witnesses}
    is_live = run.state != Run.State.CLOSED
    days = day_of_checks(checks, now) if checks and is_live else {}
    origins = origins_of(run)
    return [
        Row(line, _spark(line, days), files.get(line.pk, []), origins.get(line.pk))
        for line in lines
    ]


def link_rows(run: Run, rows: list[Row]) -> list[Row]:
    """Return the rows with what those lead to that wait or fail."""
    links = links_of(run, (row.line for row in rows))
    if not links:
        return rows
    return [replace(row, links=tuple(links.get(row.line.pk, ()))) for row in rows]


def _spark(
    line: ItemLine, days: dict[int, tuple[list[float | None], float | None]]
) -> str:
    for witness in line.witnesses:
        values, limit = days.get(witness.pk, ([], None))
        if sum(value is not None for value in values) > 1:
            return draw_sparkline(
                values,
                threshold=limit,
                unit=witness.unit,
                words=f"{witness.name}, last 24 hours",
            )
    return ""


def sections_of(rows: list[Row]) -> list[Section]:
    """Group rows under their headings, in order."""
    sections: list[Section] = []
    for row in rows:
        if not sections or sections[-1].title != row.line.section:
            sections.append(Section(row.line.section, []))
        sections[-1].rows.append(row)
    return sections


def frame_of(request: PortalRequest, run: Run, rows: list[Row]) -> dict[str, Any]:
    """Return what every part of the page needs of its run."""
    words, tone, icon = pill_of(run, request.now)
    lines = [row.line for row in rows if not row.line.is_hidden]
    answered = sum(not line.is_open for line in lines)
    is_open = run.state == Run.State.OPEN
    may_work = may(request.actor, "run.work", run.team_id)
    return {
        "run": run,
        "team": run.team,
        "answered": answered,
        "total": len(lines),
        "unasked": len(rows) - len(lines),
        "left": sum(line.is_open and line.is_required for line in lines),
        "doubted": sum(line.attention == "contradicted" for line in lines),
        "tone": _ring_tone(run, tone),
        "pill": words,
        "pill_tone": tone,
        "pill_icon": icon,
        "may_work": may_work,
        "can_edit": may_work and is_open,
        "can_comment": may_work and run.state != Run.State.CLOSED,
        "can_accept": may_work and run.state != Run.State.CLOSED,
        "run_url": reverse("run_detail", args=[run.pk]),
    }


def pen_of(
    request: PortalRequest,
    run: Run,
    frame: dict[str, Any],
    refusal: Refusal = NOTHING_REFUSED,
) -> Pen:
    """Return with what the items of a run are drawn; ``frame`` is its `frame_of`."""
    viewer, team = ZoneInfo(request.user.time_zone), ZoneInfo(run.team.time_zone)
    return Pen(
        token=get_token(request),
        say_time=make_clock(viewer, team, request.now),
        version=run.version.number,
        can_edit=frame["can_edit"],
        can_accept=frame["can_accept"],
        is_closed=run.state == Run.State.CLOSED,
        refusal=refusal,
    )


def _ring_tone(run: Run, tone: str) -> str:
    if run.state == Run.State.OPEN:
        return "crit" if tone == "crit" else "acc"
    return "ok" if run.outcome in {"", Run.Outcome.COMPLETED} else tone or "acc"


def read_mark(text: str) -> Pulse:
    """Read what a page that polls last saw; nonsense means nothing."""
    event, _, looked = text.partition(".")
    if not event.isdecimal() or not (looked.isdecimal() or not looked):
        return Pulse(0, None)
    stamp = int(looked or 0) / 1_000_000
    return Pulse(
        int(event[:9]), datetime.fromtimestamp(stamp, UTC) if 0 < stamp < 4e9 else None
    )


def write_mark(pulse: Pulse) -> str:
    """Return what a page remembers: ``12.1700000000000000``."""
    looked = pulse.looked_at
    stamp = round(looked.timestamp() * 1_000_000) if looked else 0
    return f"{pulse.event}.{stamp}"


def mark_of(run: Run) -> str:
    """Return the mark of a run as it is now."""
    return write_mark(pulse_of(run.pk, run.version_id))
