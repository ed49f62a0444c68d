"""Today: what there is to do, who is on call, what is broken."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from django.contrib.messages import get_messages
from django.http import HttpResponse, HttpResponseNotModified
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from checklists.queries.run_items import ItemLine, lines_of
from checklists.queries.runs import RunCard, cards_of_today
from checklists.queries.service_health import service_cards
from incidents.queries import AlertRow, active_alerts, open_incidents
from oncall.access import MEMBER, PortalRequest, declares
from opsportal import frame
from opsportal.kit.theme import read_theme
from opsportal.views import today_words as words

# They stand in kept pages where each answer puts what is its own.
_TOKEN = "the-token-of-the-viewer"  # noqa: S105 -- a mark, no secret
_ETAG = "the-name-of-this-page"
# So many items are shown at once; runs that are less urgent stay closed rows.
_MOST_ITEMS = 60


@declares(MEMBER)
@require_safe
def show_today(request: PortalRequest) -> HttpResponse:
    """Show the day; a page that did not change is a 304."""
    token = get_token(request)
    parts = _parts_of(request)
    etag = _digest(*parts, request.META["CSRF_COOKIE"])
    has_news = len(get_messages(request)) > 0
    if has_news:
        html = _render(request)
    elif request.headers.get("If-None-Match") == f'"{etag}"':
        return _label(HttpResponseNotModified(), etag)
    else:
        html = frame.keep(parts, lambda: _render(request))
    html = html.replace(_TOKEN, token).replace(_ETAG, etag)
    return _label(HttpResponse(html), "" if has_news else etag)


def _label(response: HttpResponse, etag: str) -> HttpResponse:
    if etag:
        response["ETag"] = f'"{etag}"'
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    return response


def _parts_of(request: PortalRequest) -> tuple[Hashable, ...]:
    """Return all that the page depends on, besides the token."""
    user = request.user
    return (
        "today",
        bool(request.htmx),
        user.pk,
        user.display_name,
        user.time_zone,
        read_theme(request),
        frame.warn_of_engine(request.now),
        *frame.state_of(request),
    )


def _digest(*parts: Hashable) -> str:
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _render(request: PortalRequest) -> str:
    roles = frame.roles_of(request)
    summary, body = frame.keep(
        (
            "day",
            request.user.time_zone,
            request.user.is_superuser,
            tuple(roles.items()),
            *frame.state_of(request),
        ),
        lambda: _render_day(request),
    )
    template = "opsportal/_today.html" if request.htmx else "opsportal/today.html"
    ctx = {
        "summary": summary,
        "body": body,
        "etag": _ETAG,
        "csrf_token": _TOKEN,
        "heading": words.say_heading(request.now, ZoneInfo(request.user.time_zone)),
        "may_declare": bool(frame.teams_to(request, "incident.work")),
        "is_demo": any(team.is_demo for team in frame.teams_seen(request)),
    }
    return render_to_string(template, ctx, request)


def _render_day(request: PortalRequest) -> tuple[str, str]:
    """Render what viewers with the same teams, roles and zone share."""
    now, ids = request.now, frame.team_ids(request)
    cards = cards_of_today(ids, now)
    board = frame.board_of(request)
    ctx = {
        "now": now,
        "csrf_token": _TOKEN,
        "tiles": words.service_tiles(service_cards(ids, now)),
        "runs": words.run_rows(
            cards,
            _open_lines(cards),
            workable=frame.teams_to(request, "run.work"),
            now=now,
        ),
        "people": words.people_lines(board, now),
        "handoff": words.say_handoff(board, now),
        "alerts": words.alert_lines(
            sorted(active_alerts(ids), key=_worst_first),
            workable=frame.teams_to(request, "alert.work"),
            now=now,
        ),
        "incidents": words.incident_lines(open_incidents(ids), now),
        "may_edit": bool(frame.teams_to(request, "checklist.edit")),
        "is_admin": request.user.is_superuser,
        "has_team": bool(ids),
    }
    return words.say_summary(cards, now), render_to_string("opsportal/_day.html", ctx)


def _open_lines(cards: Sequence[RunCard]) -> dict[int, list[ItemLine]]:
    """Return the items of the runs to show open: the most urgent ones."""
    return lines_of(_urgent(cards))


def _urgent(cards: Sequence[RunCard]) -> list[int]:
    """Choose the runs to show open: the next one due, and what is overdue.

    At most as many as fit on the page, and one in any case.
    """
    still = [card for card in cards if card.closed_at is None and card.left]
    ahead = [card for card in still if not card.is_overdue][:1]
    wanted = sorted(
        [*ahead, *[card for card in still if card.is_overdue][-1:]], key=_due
    )
    chosen: list[int] = []
    shown = 0
    for card in wanted:
        if chosen and shown + card.total > _MOST_ITEMS:
            break
        chosen.append(card.pk)
        shown += card.total
    return chosen


def _worst_first(alert: AlertRow) -> tuple[int, float]:
    return alert.level, -alert.starts_at.timestamp()


def _due(card: RunCard) -> datetime:
    return card.due_at
