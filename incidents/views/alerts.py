"""The pages of alerts."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from incidents import queries
from incidents.domain import severity
from incidents.domain.timeline_words import say_event
from incidents.domain.told_groups import say_shared
from incidents.forms import read_alert_filter
from incidents.models import AlertEvent
from incidents.queries import AlertFilter
from incidents.queries.alert_groups import group_alerts
from incidents.queries.escalations import climb_of
from incidents.queries.integrations import OWN_KINDS
from incidents.queries.silences import list_mutes
from incidents.queries.storms import running_storms
from incidents.services import alerts as services
from incidents.services.bulk import acknowledge_alerts, resolve_alerts
from incidents.views import cooldowns
from incidents.views.escalations import SNOOZES
from incidents.views.finding import find_alert, read_numbers, team_ids
from oncall.access import PortalRequest, declares, may, teams_where
from oncall.queries import people_of
from opsportal.kit.http import answers_refusals, redirect_back, render_page
from opsportal.kit.long_lists import LongPaginator
from opsportal.kit.toasts import say

_PAGE = 50
# Groups are shown whole, as far as one page can.
_GROUPED_MOST = 500
_LIST = "incidents/_alert_list.html"
# By whether they are to be resolved.
_MANY = {
    False: ("acknowledged", acknowledge_alerts),
    True: ("resolved", resolve_alerts),
}


@declares("team.see")
@require_GET
def list_alerts(request: PortalRequest) -> HttpResponse:
    """Show active alerts, those to review, and history."""
    return _answer_list(request, request.GET)


@declares("team.see")
@require_GET
def show_alert(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what one alert says and what became of it."""
    alert = find_alert(request, pk)
    events = list(queries.list_alert_events(alert.pk))
    ctx = {
        "alert": alert,
        "team": alert.service.team,
        "word": alert.severity_label or severity.name_level(alert.level),
        "peak": severity.name_level(alert.peak_level),
        "tone": severity.alert_tone(alert.level),
        "labels": sorted(alert.labels.items()),
        # A sender may name anything; only what a browser opens becomes a link.
        "source": alert.source_url
        if alert.source_url.startswith(("/", "https://", "http://"))
        else "",
        "entries": [_say(event) for event in events],
        # Stars and lines of others are theirs: what the portal says is Markdown.
        "is_markdown": alert.series.integration.kind in OWN_KINDS,
        "crumbs": [("Alerts", reverse("alert_list"))],
        "may_work": may(request.actor, "alert.work", alert.service.team_id),
        "mutes": list_mutes(alert.pk),
        "group_words": say_shared(alert.group.shared) if alert.group else "",
        "similar": queries.list_similar_alerts(alert),
        "climb": climb_of(alert, request.user),
        "people": people_of(alert.service.team_id),
        "snoozes": SNOOZES,
        "cooldowns": cooldowns.CHOICES,
        "cooldown": cooldowns.describe(alert.series.cooldown),
    }
    return render_page(request, "incidents/alert_detail.html", ctx)


@declares("alert.work")
@require_POST
@answers_refusals("alert_detail", keyword="pk")
def acknowledge(request: PortalRequest, pk: int) -> HttpResponse:
    """Take it."""
    alert = find_alert(request, pk, to="alert.work")
    services.acknowledge_alert(alert.pk, by=request.user, now=request.now)
    undo = reverse("alert_unacknowledge", args=[pk])
    say(request, f"You have it: {alert.summary}", undo_url=undo)
    return _answer_act(request, pk)


@declares("alert.work")
@require_POST
@answers_refusals("alert_detail", keyword="pk")
def unacknowledge(request: PortalRequest, pk: int) -> HttpResponse:
    """Give it back."""
    alert = find_alert(request, pk, to="alert.work")
    services.unacknowledge_alert(alert.pk, by=request.user, now=request.now)
    say(request, "It is firing again: nobody has it.")
    return _answer_act(request, pk)


@declares("alert.work")
@require_POST
@answers_refusals("alert_detail", keyword="pk")
def resolve(request: PortalRequest, pk: int) -> HttpResponse:
    """End it by hand."""
    alert = find_alert(request, pk, to="alert.work")
    services.resolve_alert(alert.pk, by=request.user, now=request.now)
    say(request, f"Resolved: {alert.summary}")
    return _answer_act(request, pk)


@declares("alert.work")
@require_POST
@answers_refusals("alert_detail", keyword="pk")
def note(request: PortalRequest, pk: int) -> HttpResponse:
    """Write a note on it."""
    alert = find_alert(request, pk, to="alert.work")
    services.add_alert_note(
        alert.pk, request.POST.get("text", ""), by=request.user, now=request.now
    )
    return redirect_back(request, "alert_detail", pk)


@declares("alert.work")
@require_POST
def review(request: PortalRequest) -> HttpResponse:
    """Mark one alert or many as looked at.

    Alerts of teams where the viewer may only look are refused as a whole.
    """
    pks = read_numbers(request.POST.getlist("alert"))
    teams = queries.teams_of_alerts(team_ids(request), pks)
    if not set(teams.values()) <= teams_where(request.actor, "alert.work"):
        raise PermissionDenied("This needs the role responder in the team.")
    count = services.review_alerts(list(teams), by=request.user, now=request.now)
    plural = "" if count == 1 else "s"
    say(request, f"{count} alert{plural} reviewed.")
    return _answer_act(request)


@declares("alert.work")
@require_POST
def act_on_many(request: PortalRequest) -> HttpResponse:
    """Acknowledge, resolve or silence those that were chosen.

    Alerts of teams where the viewer may only look are refused as a whole.
    """
    pks = read_numbers(request.POST.getlist("alert"))
    teams = queries.teams_of_alerts(team_ids(request), pks)
    if not set(teams.values()) <= teams_where(request.actor, "alert.work"):
        raise PermissionDenied("This needs the role responder in the team.")
    if not teams:
        say(request, "Choose alerts first.")
        return _answer_act(request)
    if request.POST.get("act") == "silence":
        chosen = urlencode([("alert", pk) for pk in teams])
        return HttpResponseRedirect(f"{reverse('silence_create')}?{chosen}")
    word, act = _MANY[request.POST.get("act") == "resolve"]
    count = act(list(teams), by=request.user, now=request.now)
    say(request, f"{count} alert{'' if count == 1 else 's'} {word}.")
    return _answer_act(request)


def _answer_act(request: PortalRequest, *args: int) -> HttpResponse:
    """Go back; from the list, htmx gets the list anew."""
    came_from = urlsplit(request.POST.get("next", ""))
    if request.htmx and came_from.path == reverse("alert_list"):
        return _answer_list(request, QueryDict(came_from.query))
    return redirect_back(request, "alert_detail" if args else "alert_list", *args)


def _answer_list(request: PortalRequest, query: QueryDict) -> HttpResponse:
    wanted = read_alert_filter(query)
    teams = team_ids(request)
    by = wanted.by if wanted.tab == "active" else ""
    size = _GROUPED_MOST if by else _PAGE
    pages = Paginator if wanted.tab == "active" else LongPaginator
    found = pages(queries.find_alerts(teams, wanted), size)
    page = found.get_page(query.get("page"))
    alerts = queries.as_alert_rows(page.object_list)  # type: ignore[arg-type]
    ctx = {
        "page": page,
        "alerts": alerts,
        "by": by,
        "groups": group_alerts(alerts, by) if by else [],
        "storms": running_storms(teams),
        "wanted": wanted,
        "unfiltered": f"{reverse('alert_list')}?tab={wanted.tab}",
        "is_filtered": wanted != AlertFilter(tab=wanted.tab),
        "here": f"{reverse('alert_list')}?{query.urlencode()}",
        "services": queries.list_services(teams),
        "levels": [(n, severity.name_level(n)) for n in (1, 2, 3, 4)],
        "tabs": _tabs(wanted, query, queries.count_alerts(teams)),
        "workable": teams_where(request.actor, "alert.work"),
        "edits_senders": bool(teams_where(request.actor, "integration.edit")),
    }
    return render_page(request, "incidents/alert_list.html", ctx, _LIST)


def _tabs(
    wanted: AlertFilter, query: QueryDict, counts: tuple[int, int]
) -> list[dict[str, Any]]:
    def tab(name: str, label: str, count: str = "") -> dict[str, Any]:
        kept = query.copy()
        kept.pop("page", None)
        kept["tab"] = name
        return {
            "label": label,
            "url": f"?{kept.urlencode()}",
            "is_current": wanted.tab == name,
            "count": count,
        }

    return [
        tab("active", "Active", _say_count(counts[0])),
        tab("review", "To review", _say_count(counts[1])),
        tab("history", "History"),
    ]


def _say_count(count: int) -> str:
    return str(count) if count < queries.MOST_COUNTED else f"{count - 1}+"


def _say(event: AlertEvent) -> dict[str, Any]:
    words = say_event(event.kind)
    return {
        "title": words.title,
        "tone": words.tone,
        "body": event.text,
        "at": event.at,
        "by": event.actor,
    }
