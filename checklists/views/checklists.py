"""The list of checklists and the page of one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from checklists.domain.compliance import measure_compliance
from checklists.domain.show_if import say_condition
from checklists.models import Checklist, Run
from checklists.queries import checklists as queries
from checklists.queries.checklists import PastRun
from checklists.queries.runs import recent_cards
from checklists.views import checklist_words as words
from checklists.views.history_words import tone_of_percent
from oncall.access import PortalRequest, declares, may, teams_of, teams_where

_RECENT = 20


@dataclass(frozen=True, slots=True)
class ListRow:
    """One checklist in the list."""

    name: str
    url: str
    service: str
    cadences: list[str]
    is_paused: bool
    next_at: datetime | None
    next_word: str
    run_url: str
    percent: str
    tone: str
    streak: int
    last: str
    last_tone: str
    start_pk: int | None


@declares("team.see")
@require_safe
def list_checklists(request: PortalRequest) -> HttpResponse:
    """Show every checklist: when it is next due and how well it is kept."""
    teams = list(teams_of(request.actor).values_list("pk", flat=True))
    found = queries.find_checklists(teams, text=request.GET.get("q", "").strip()[:80])
    runs = queries.past_runs(
        [each.pk for each in found], now=request.now, days=queries.COMPLIANCE_DAYS
    )
    workable = teams_where(request.actor, "run.work")
    rows = [_list_row(each, runs, request.now, workable) for each in found]
    groups = [(name, list(part)) for name, part in groupby(rows, _service_of)]
    ctx = {
        "groups": groups,
        "text": request.GET.get("q", ""),
        "count": len(rows),
        "may_create": bool(teams_where(request.actor, "checklist.edit")),
    }
    return render(request, "checklists/checklist_list.html", ctx)


def _service_of(row: ListRow) -> str:
    return row.service or "Without a service"


def _list_row(
    checklist: Checklist,
    runs: list[PastRun],
    now: datetime,
    workable: frozenset[int],
) -> ListRow:
    mine = [run for run in runs if run.checklist_id == checklist.pk]
    figures = measure_compliance([run.record for run in mine])
    still = [run for run in mine if run.state != Run.State.CLOSED]
    closed = [run for run in mine if run.state == Run.State.CLOSED]
    cadences = list(checklist.cadences.all())
    enabled = [each for each in cadences if each.is_enabled]
    openings = [each.next_open_at for each in enabled if each.next_open_at]
    last, last_tone = words.say_standing(closed[-1].standing) if closed else ("", "")
    percent = figures.percent
    start = next((each.pk for each in enabled if words.is_on_demand(each)), None)
    return ListRow(
        name=checklist.name,
        url=reverse("checklist_detail", args=[checklist.slug]),
        service=checklist.service.name if checklist.service else "",
        cadences=[words.say_cadence(each) for each in cadences],
        is_paused=bool(cadences) and not enabled,
        next_at=still[0].due_at if still else min(openings, default=None),
        next_word="due" if still else "opens",
        run_url=reverse("run_detail", args=[still[0].pk]) if still else "",
        percent="" if percent is None else f"{percent} %",
        tone=tone_of_percent(percent),
        streak=figures.streak,
        last=last,
        last_tone=last_tone,
        start_pk=start if checklist.team_id in workable else None,
    )


@declares("team.see")
@require_safe
def show_checklist(request: PortalRequest, slug: str) -> HttpResponse:
    """Show one checklist: items, cadences, a year of history, figures."""
    checklist = queries.get_checklist_for(request.actor, slug)
    runs = queries.past_runs([checklist.pk], now=request.now, days=queries.HISTORY_DAYS)
    zone = ZoneInfo(checklist.team.time_zone)
    cadences = list(checklist.cadences.all())
    may_work = may(request.actor, "run.work", checklist.team_id)
    version = queries.published_version(checklist)
    ctx = {
        "checklist": checklist,
        "team": checklist.team,
        "version": version,
        "items": [
            (item, say_condition(item.show_if))
            for item in (version.items.all() if version else ())
        ],
        "has_draft": queries.has_draft(checklist.pk),
        "behind": queries.count_behind(checklist.pk, version),
        "cadences": [words.cadence_words(each) for each in cadences],
        "history": words.history_days(
            runs, zone=zone, now=request.now, days=queries.HISTORY_DAYS
        ),
        "legend": words.LEGEND,
        "figures": _figures(runs, request.now),
        "days": queries.COMPLIANCE_DAYS,
        "recent": recent_cards(checklist.pk, request.now, _RECENT),
        "may_edit": may(request.actor, "checklist.edit", checklist.team_id),
        "may_work": may_work,
        "crumbs": [("Checklists", reverse("checklist_list"))],
    }
    return render(request, "checklists/checklist_detail.html", ctx)


def _figures(runs: list[PastRun], now: datetime) -> list[tuple[str, str]]:
    since = now - timedelta(days=queries.COMPLIANCE_DAYS)
    recent = [run for run in runs if run.due_at > since]
    if not recent:
        return []
    done, auto = queries.count_ticks([run.pk for run in recent])
    records = [run.record for run in recent]
    return words.say_figures(
        measure_compliance(records, items_done=done, items_auto=auto)
    )
