"""The history of checklists: a small year of each, and one with all its runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from checklists.domain.compliance import Compliance, Standing, count_standings
from checklists.domain.run_calendar import (
    Calendar,
    count_codes,
    read_days,
)
from checklists.queries import past
from checklists.queries.checklists import PastRun, get_checklist_for, read_past_runs
from checklists.queries.past import ChecklistPast, Narrowing
from checklists.views import history_words as words
from checklists.views.checklist_words import (
    LEGEND,
    history_days,
    say_figures,
    say_standing,
)
from oncall.access import PortalRequest, declares, teams_of
from oncall.models import Team
from opsportal.kit.tables import write_csv
from opsportal.kit.year_strips import draw_year_strip

PERIODS = (30, 90, 365)
PAGE_SIZE = 50
_COUNT = '<td data-label="{}" class="num end">{{}}</td>'
# Two hundred of them: a template would take longer than all the rest of the page.
_ROW = (
    '<tr><th scope="row"><a href="{}">{}</a><div class="small faint">{}</div></th>'
    '<td class="of-year">{}</td><td data-label="On time" class="num end{}">{}</td>'
    + "".join(map(_COUNT.format, ("Streak", "Late", "Missed", "Portal down")))
    + "</tr>"
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the filters of a page say. ``query`` says it again in an address."""

    teams: list[Team]
    team: str
    days: int
    narrowing: Narrowing

    @property
    def query(self) -> str:
        """The filters as the query of an address."""
        asked = self.narrowing
        pairs = {
            "team": self.team,
            "service": asked.service,
            "person": str(asked.person or ""),
            "standing": asked.standing or "",
            "days": str(self.days),
        }
        return urlencode({name: value for name, value in pairs.items() if value})


@declares("team.see")
@require_safe
def show_history(request: PortalRequest) -> HttpResponse:
    """Show how every checklist went: a small calendar and figures each."""
    mine = _teams_of(request)
    filters = _read_filters(request, mine)
    calendars = _calendars(filters.teams, request.now, filters.days)
    pasts = past.list_pasts(calendars, filters.narrowing)
    query, many_teams = filters.query, len({each.team for each in pasts}) > 1
    drawn = [
        draw_past(each, calendars[each.zone], query, many_teams=many_teams)
        for each in pasts
    ]
    ctx = _form_of(filters, mine) | {
        "rows": [row for _, row in drawn],
        "whole": words.add_up([figures for figures, _ in drawn]),
        "legend": LEGEND,
        "crumbs": [("Checklists", reverse("checklist_list"))],
    }
    return render(request, "checklists/history.html", ctx)


# The past of most checklists is what it was a moment ago; about 10 MB when full.
@lru_cache(maxsize=1_000)
def draw_past(
    each: ChecklistPast, calendar: Calendar, query: str, *, many_teams: bool
) -> tuple[Compliance, SafeString]:
    """Return the figures of one checklist and its row of the overview, remembered."""
    figures = count_codes(each.codes)
    tones = [words.TONES[standing] for standing in read_days(each.codes, calendar)]
    said = words.say_past(figures, calendar.days)
    tone = words.tone_of_percent(figures.percent)
    where = (each.service, each.team if many_teams else "")
    return figures, format_html(
        _ROW,
        f"/checklists/{each.slug}/history/?{query}",
        each.name,
        " · ".join(filter(None, where)),
        draw_year_strip(tones, calendar.first, words=said),
        f" ink-{tone}" if tone else "",
        "\N{EN DASH}" if figures.percent is None else f"{figures.percent} %",
        figures.streak,
        figures.late,
        figures.missed,
        figures.system_missed,
    )


@declares("team.see")
@require_safe
def show_checklist_history(request: PortalRequest, slug: str) -> HttpResponse:
    """Show one checklist: its calendar, its figures and every run of a period."""
    checklist = get_checklist_for(request.actor, slug)
    team = checklist.team
    filters = _read_filters(request, [team])
    asked = replace(filters.narrowing, checklist=checklist.pk, service="")
    calendars = _calendars([team], request.now, filters.days)
    runs = past.find_runs(calendars, replace(asked, standing=None))
    days = read_past_runs(runs)
    listed = past.find_runs(calendars, asked).order_by("-due_at", "-pk")
    pages = Paginator(listed.values_list("pk", flat=True), PAGE_SIZE)
    page = pages.get_page(request.GET.get("page"))
    lines = past.lines_by_pk(list(page))
    ctx = _form_of(filters, [team]) | {
        "checklist": checklist,
        "team": team,
        "history": history_days(
            days,
            zone=ZoneInfo(team.time_zone),
            now=request.now,
            days=filters.days,
        ),
        "figures": _figures(days, past.count_ticks(runs)),
        "legend": LEGEND,
        "standings": words.CHOICES,
        "standing": asked.standing or "",
        "page": page,
        "lines": [(line, *say_standing(line.standing)) for line in lines],
        "crumbs": [
            ("Checklists", reverse("checklist_list")),
            (checklist.name, reverse("checklist_detail", args=[slug])),
        ],
    }
    return render(request, "checklists/checklist_history.html", ctx)


@declares("team.see")
@require_safe
def export_history(request: PortalRequest, form: str) -> HttpResponse:
    """Give the runs that a history page shows as CSV or JSON."""
    mine = _teams_of(request)
    filters = _read_filters(request, mine)
    asked = filters.narrowing
    slug = request.GET.get("checklist", "")
    if slug:
        checklist = get_checklist_for(request.actor, slug)
        asked = replace(asked, checklist=checklist.pk)
    calendars = _calendars(filters.teams, request.now, filters.days)
    lines = past.lines_of_runs(past.find_runs(calendars, asked))
    name = f"{slug or 'checklists'}-history-{request.now:%Y-%m-%d}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if form == "json":
        runs = [words.json_row(line) for line in lines]
        return JsonResponse({"runs": runs}, headers=headers)
    table = write_csv(words.HEAD, map(words.csv_row, lines))
    return HttpResponse(table, "text/csv; charset=utf-8", headers=headers)


def _figures(runs: list[PastRun], ticks: tuple[int, int]) -> list[tuple[str, str]]:
    if not runs:
        return []
    done, auto = ticks
    standings = [run.standing for run in runs]
    return say_figures(count_standings(standings, items_done=done, items_auto=auto))


def _teams_of(request: PortalRequest) -> list[Team]:
    return list(teams_of(request.actor).order_by("name"))


def _calendars(teams: Sequence[Team], now: datetime, days: int) -> dict[str, Calendar]:
    zones = [team.time_zone for team in teams]
    return past.calendars_in(zones, now=now, days=days)


def _read_filters(request: PortalRequest, mine: list[Team]) -> Filters:
    """Read the filters; what is not there or not theirs is no filter."""
    asked = request.GET
    chosen = [team for team in mine if team.slug == asked.get("team")]
    teams = chosen or mine
    person, days = asked.get("person", ""), asked.get("days", "")
    standing = asked.get("standing", "")
    return Filters(
        teams,
        chosen[0].slug if chosen else "",
        int(days) if days in map(str, PERIODS) else PERIODS[-1],
        Narrowing(
            team_ids=[team.pk for team in teams],
            service=asked.get("service", "")[:80],
            person=int(person) if person.isdecimal() and len(person) < 10 else None,
            standing=Standing(standing) if standing in set(Standing) else None,
        ),
    )


def _form_of(filters: Filters, mine: list[Team]) -> dict[str, Any]:
    keys = filters.narrowing.team_ids
    return {
        "filters": filters,
        "asked": filters.narrowing,
        "my_teams": mine,
        "periods": PERIODS,
        "services": past.list_services(keys),
        "people": past.list_people(keys),
    }
