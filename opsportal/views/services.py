"""Services: how each does, what watches it, and whom to turn to."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from checklists.queries.service_health import service_cards
from checklists.queries.service_page import checklists_of, checks_of
from incidents.queries import (
    AlertFilter,
    IncidentFilter,
    as_alert_rows,
    find_alerts,
    open_incidents,
    severity_choices,
)
from oncall.access import PortalRequest, declares
from oncall.queries import escalation_contacts, escalation_ladder
from oncall.queries.services import get_service
from opsportal import frame
from opsportal.views import today_words as words
from runbooks.queries.library import runbooks_of


@declares("team.see")
@require_safe
def list_services(request: PortalRequest) -> HttpResponse:
    """Show every service of the viewer's teams."""
    ids = frame.team_ids(request)
    cards = service_cards(ids, request.now)
    names = {team.pk: team.name for team in frame.teams_seen(request)}
    rows = [
        (tile, names[card.team_id])
        for tile, card in zip(words.service_tiles(cards), cards, strict=True)
    ]
    editable = frame.teams_to(request, "service.edit")
    ctx = {
        "rows": rows,
        "editable": [each for each in frame.teams_seen(request) if each.pk in editable],
    }
    return render(request, "opsportal/service_list.html", ctx)


@declares("team.see")
@require_safe
def show_service(request: PortalRequest, slug: str) -> HttpResponse:
    """Show one service: state, checks, open trouble, whom to call."""
    service = get_service(slug, frame.team_ids(request))
    if service is None:
        raise Http404
    teams = [service.team_id]
    now = request.now
    cards = service_cards(teams, now)
    card = next(each for each in cards if each.slug == slug)
    may_call = service.team_id in frame.teams_to(request, "contact.see")
    board = [
        row for row in frame.board_of(request) if row.schedule_id == service.schedule_id
    ]
    ctx: dict[str, Any] = {
        "service": service,
        "team": service.team,
        "tile": words.service_tiles([card])[0],
        "checks": checks_of(service.pk),
        "checklists": checklists_of(service.pk),
        "runbooks": runbooks_of(service.pk),
        "alerts": words.alert_lines(
            as_alert_rows(find_alerts(teams, AlertFilter(service=slug))),
            workable=frame.teams_to(request, "alert.work"),
            now=now,
        ),
        "incidents": words.incident_lines(
            open_incidents(teams, IncidentFilter(service=slug)), now
        ),
        "may_call": may_call,
        "edits_service": service.team_id in frame.teams_to(request, "service.edit"),
        "edits_format": service.team_id in frame.teams_to(request, "postmortem.format"),
        "edits_contacts": service.team_id in frame.teams_to(request, "contact.edit"),
        "severities": severity_choices(service.pk),
        "contacts": escalation_contacts(service.pk) if may_call else [],
        "ladder": escalation_ladder(service.pk, now=now),
        "people": words.people_lines(board, now, ZoneInfo(request.user.time_zone)),
        "handoff": words.say_handoff(board, now),
        "may_declare": service.team_id in frame.teams_to(request, "incident.work"),
        "crumbs": [("Services", reverse("service_list"))],
    }
    return render(request, "opsportal/service_detail.html", ctx)
