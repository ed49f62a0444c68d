"""The pages of automated checks."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from checklists.forms.kinds import KIND_FORMS
from checklists.models import Check
from checklists.queries import checks as queries
from checklists.queries.checks import CheckFilter, CheckRow
from checklists.queries.service_health import day_tone, uptime_percent
from checklists.queries.uptime import days_of, spans_by_check, watched_since
from checklists.services import checks as services
from checklists.services.running import verify_check
from checklists.views.badges import badges_of
from checklists.views.check_past import past_of
from checklists.views.check_words import (
    STATUSES,
    say_seen,
    say_status,
    say_value,
    tone_of,
)
from incidents.queries import in_maintenance, list_services
from oncall.access import PortalRequest, authorize, declares, may, teams_of, teams_where
from opsportal.kit.charts import Day
from opsportal.kit.http import answers_refusals, redirect_back, render_page
from opsportal.kit.moments import say_length
from opsportal.kit.toasts import say

_PAGE = 100
_DAYS = 30


@declares("team.see")
@require_GET
def list_checks(request: PortalRequest) -> HttpResponse:
    """Show all checks of the viewer's teams, by service."""
    teams = list(teams_of(request.actor).values_list("pk", flat=True))
    wanted = _read_filter(request.GET)
    page = Paginator(queries.find_checks(teams, wanted), _PAGE).get_page(
        request.GET.get("page")
    )
    rows = queries.as_check_rows(page.object_list)  # type: ignore[arg-type]
    values = queries.recent_values(rows, request.now)
    ctx = {
        "page": page,
        "checks": [_describe_row(row, values.get(row.pk, [])) for row in rows],
        "wanted": wanted,
        "is_filtered": wanted != CheckFilter(),
        "services": list_services(teams),
        "statuses": STATUSES,
        "kinds": [(kind, form.label) for kind, form in KIND_FORMS.items()],
        "counts": _say_counts(queries.count_statuses(teams)),
        "may_create": bool(teams_where(request.actor, "check.edit")),
    }
    return render_page(request, "checklists/check_list.html", ctx)


@declares("team.see")
@require_GET
def show_check(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what one check sees, saw, and serves."""
    return _answer_check(request, pk)


@declares("run.work")
@require_POST
@answers_refusals("check_detail", keyword="pk")
def verify(request: PortalRequest, pk: int) -> HttpResponse:
    """Look at once."""
    check = _find(request, pk, to="run.work")
    seen = verify_check(check.pk, now=request.now)
    level = messages.SUCCESS if seen.status == Check.Status.PASS else messages.WARNING
    say(request, f"{seen.name}: {seen.last_summary or 'looked at'}", level=level)
    if request.htmx:
        return _answer_check(request, pk)
    return redirect_back(request, "check_detail", pk)


@declares("check.edit")
@require_POST
@answers_refusals("check_detail", keyword="pk")
def stop(request: PortalRequest, pk: int) -> HttpResponse:
    """Stop looking."""
    return _set_enabled(request, pk, enabled=False)


@declares("check.edit")
@require_POST
@answers_refusals("check_detail", keyword="pk")
def resume(request: PortalRequest, pk: int) -> HttpResponse:
    """Look again."""
    return _set_enabled(request, pk, enabled=True)


@declares("check.edit")
@require_http_methods(["GET", "POST"])
@answers_refusals("check_detail", keyword="pk")
def delete(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask whether it is meant, then delete."""
    check = _find(request, pk, to="check.edit")
    if request.method == "POST":
        services.delete_check(check, by=request.user, now=request.now)
        say(request, f"Deleted: {check.name}")
        return redirect_back(request, "check_list")
    ctx = {
        "title": f"Delete {check.name}?",
        "consequences": [
            "Its results and its uptime are gone.",
            "An alert that it has is resolved.",
            "To keep the past, stop it instead.",
        ],
        "submit": "Delete the check",
        "style": "danger",
        "cancel_url": reverse("check_detail", args=[pk]),
    }
    return render(request, "confirm.html", ctx)


def _find(request: PortalRequest, pk: int, *, to: str) -> Check:
    check = queries.get_check_for(request.actor, pk)
    authorize(request.actor, to, check.service.team_id)
    return check


def _set_enabled(request: PortalRequest, pk: int, *, enabled: bool) -> HttpResponse:
    check = _find(request, pk, to="check.edit")
    services.set_check_enabled(check, enabled=enabled, by=request.user, now=request.now)
    undo = reverse("check_stop" if enabled else "check_resume", args=[pk])
    word = "Looking again" if enabled else "Stopped"
    say(request, f"{word}: {check.name}", undo_url=undo)
    return redirect_back(request, "check_detail", pk)


def _answer_check(request: PortalRequest, pk: int) -> HttpResponse:
    check = queries.get_check_for(request.actor, pk)
    team = check.service.team
    kind = KIND_FORMS.get(check.kind)
    value, seen = say_value(check.last_value, check.unit), say_seen(check)
    quiet = in_maintenance([check.service_id], request.now)
    ctx = {
        "check": check,
        "team": team,
        "kind": kind.label if kind else check.kind,
        "crumbs": [("Checks", reverse("check_list"))],
        "word": say_status(check),
        "tone": tone_of(check),
        "is_quiet": check.service_id in quiet,
        "value": value,
        "said": seen.removeprefix(value).lstrip(", ") if value else seen,
        "results": queries.last_results(pk),
        "alerts": queries.recent_alerts(check),
        "items": queries.items_of_check(pk),
        "heartbeat": getattr(check, "heartbeat", None),
        "badges": badges_of(request, check),
        "may_verify": may(request.actor, "run.work", team.pk),
        "may_edit": may(request.actor, "check.edit", team.pk),
        "may_see_detail": may(request.actor, "check.detail", team.pk),
        **_uptime(check, request.now),
        **past_of(check, request.GET.get("span", ""), request.now),
    }
    return render_page(
        request, "checklists/check_detail.html", ctx, "checklists/_check.html"
    )


def _uptime(check: Check, now: datetime) -> dict[str, Any]:
    """Return the 30-day strip and the shares of a day, a week and a month."""
    zone = ZoneInfo(check.service.team.time_zone)
    since = watched_since(check.pk) or now
    start = now - timedelta(days=_DAYS + 1)
    spans = spans_by_check([check.pk], start, now)[check.pk]
    first_on = now.astimezone(zone).date() - timedelta(days=_DAYS - 1)
    days = days_of(spans, zone=zone, since=since, first_on=first_on, now=now)
    shares = []
    for label, length in (("24 hours", 1), ("7 days", 7), ("30 days", _DAYS)):
        window = max(since, now - timedelta(days=length))
        down = sum(
            (max(span.end - max(span.start, window), timedelta()) for span in spans),
            timedelta(),
        )
        shares.append((label, _say_share(down, now - window)))
    strip = [
        Day(
            day.on,
            day_tone(day),  # type: ignore[arg-type]
            _say_day(day.percent, day.down),
        )
        for day in days
    ]
    return {"days": strip, "shares": shares, "is_watched": uptime_percent(days)}


def _say_share(down: timedelta, watched: timedelta) -> str:
    if not watched:
        return "—"
    percent = 100 * (1 - down / watched)
    return "100 %" if not down else f"{min(percent, 99.99):.2f} %"


def _say_day(percent: float | None, down: timedelta) -> str:
    if percent is None:
        return "not watched"
    return f"failing for {say_length(down)}" if down else "no failure"


def _describe_row(row: CheckRow, values: list[float | None]) -> dict[str, Any]:
    return {
        "row": row,
        "kind": KIND_FORMS[row.kind].label if row.kind in KIND_FORMS else row.kind,
        "word": say_status(row),
        "seen": say_seen(row),
        "tone": tone_of(row),
        "value": say_value(row.last_value, row.unit),
        "values": values,
    }


def _say_counts(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    """Return (status, words, how many) of what there is, worst first."""
    return [(key, word, counts[key]) for key, word in STATUSES if counts.get(key)]


def _read_filter(query: QueryDict) -> CheckFilter:
    status, kind = query.get("status", ""), query.get("kind", "")
    return CheckFilter(
        service=query.get("service", ""),
        status=status if status in dict(STATUSES) else "",
        kind=kind if kind in KIND_FORMS else "",
        text=query.get("q", "").strip(),
    )
