"""A run on paper: what was asked, what was found, who says so, and its seal."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from checklists.models import Run
from checklists.queries.run_story import events_of
from checklists.queries.runs import get_run_for
from checklists.services.events import Seal, check_seal
from checklists.views import run_page
from checklists.views.run_page import Row
from checklists.views.run_words import Entry, pill_of, story_of, times_of
from oncall.access import PortalRequest, declares
from opsportal.kit.moments import say_moment

_MARKS = {"done": "done", "na": "not applicable", "failing": "failing", "open": "open"}


@declares("team.see")
@require_safe
def export_run(request: PortalRequest, pk: int) -> HttpResponse:
    """Give a run as PDF, with its evidence, its story and the seal of the story."""
    from opsportal.kit.pdf import write_pdf  # noqa: PLC0415 -- heavy, and rarely asked for

    run = get_run_for(request.actor, pk)
    title = title_of(run)
    name = f"{slugify(run.checklist.slug)}-{slugify(run.period_key)}.pdf"
    return HttpResponse(
        write_pdf(write_paper(run, request.now), title=title),
        "application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def title_of(run: Run) -> str:
    """Return the name of a run with its period."""
    return f"{run.checklist.name} ({run.period_key})"


def write_paper(run: Run, now: datetime) -> str:
    """Return all of a run as Markdown of ours."""
    zone = _zone_of(run)
    parts = (
        [f"# {title_of(run)}", ""],
        _head(run, now),
        _items(_asked_for(run, now), zone),
        _story(reversed(story_of(events_of(run.pk))), zone),
        _seal(check_seal(run.pk)),
    )
    return "\n".join(line for part in parts for line in part)


def _zone_of(run: Run) -> ZoneInfo:
    return ZoneInfo(run.cadence.time_zone if run.cadence else run.team.time_zone)


def _head(run: Run, now: datetime) -> list[str]:
    words, _, _ = pill_of(run, now)
    lines = [f"{run.team.name}, version {run.version.number}: {words}"]
    if run.reason:
        lines.append(f"Reason: {run.reason}")
    lines += ["", *(f"- {label}: {said}" for label, said in times_of(run, None))]
    for label, person in (
        ("Handed in by", run.completed_by),
        ("Signed by", run.signed_by),
    ):
        if person:
            lines.append(f"- {label}: {person.display_name}")
    return lines


def _asked_for(run: Run, now: datetime) -> list[Row]:
    return [row for row in run_page.rows_of(run, now) if not row.line.is_hidden]


def _items(rows: Iterable[Row], zone: ZoneInfo) -> list[str]:
    lines = ["", "## Items"]
    for section in run_page.sections_of(list(rows)):
        lines += ["", f"### {section.title}"] if section.title else [""]
        lines += ["| item | state | found | by |", "|---|---|---|---|"]
        lines += [_item(row, zone) for row in section.rows]
    return lines


def _item(row: Row, zone: ZoneInfo) -> str:
    line = row.line
    note = f"note: {line.note}" if line.note else ""
    files = ", ".join(file.name for file in row.files)
    found = "; ".join(filter(None, (line.shown, line.told, note, files)))
    when = say_moment(line.at, zone, now=None) if line.at else ""
    by = ", ".join(filter(None, (line.by, when)))
    cells = (line.text, _MARKS.get(line.mark, line.mark), found, by)
    return f"| {' | '.join(_cell(text) for text in cells)} |"


def _story(entries: Iterable[Entry], zone: ZoneInfo) -> list[str]:
    lines = ["", "## Who did what", "", "| when | what | by |", "|---|---|---|"]
    for entry in entries:
        what = f"{entry.title}: {entry.body}" if entry.body else entry.title
        cells = (say_moment(entry.at, zone, now=None), what, entry.by)
        lines.append(f"| {' | '.join(_cell(text) for text in cells)} |")
    return lines


def _cell(text: str) -> str:
    # A line or a bar of an answer would break the table.
    return " ".join(text.replace("|", "/").split())


def _seal(seal: Seal) -> list[str]:
    whole = (
        "Each event seals the one before it; the chain is whole."
        if seal.first_broken is None
        else f"THE CHAIN IS BROKEN at event {seal.first_broken}: it was changed later."
    )
    return ["", "## Seal", "", f"{seal.count} events. {whole}", f"Head: {seal.head}"]
