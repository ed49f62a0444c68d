"""Today: what there is to do, who is on call, what is broken."""

from collections.abc import Hashable, Sequence
from hashlib import blake2b
from zoneinfo import ZoneInfo

from django.contrib.messages import get_messages
from django.http import HttpResponse, HttpResponseNotModified
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.html import escape
from django.views.decorators.http import require_safe

from checklists.queries.run_items import lines_of
from checklists.queries.runs import RunCard, cards_of_today
from checklists.queries.service_health import service_cards
from incidents.queries.storms import running_storms
from oncall.access import MEMBER, PortalRequest, declares
from oncall.queries.swaps import open_swaps
from opsportal import frame
from opsportal.context import shell
from opsportal.kit.clock_face import make_clock
from opsportal.kit.theme import read_theme
from opsportal.unchanged import remember
from opsportal.views import today_words as words
from opsportal.views.today_handoffs import handoff_banners
from opsportal.views.today_rows import draw_runs

# They stand in kept pages where each answer puts what is its own.
_TOKEN = "the-token-of-the-viewer"  # noqa: S105 -- a mark, no secret
_ETAG = "the-name-of-this-page"
_BODY = "the-body-of-the-day"
_SUMMARY = "the-summary-of-the-day"
# So many items are shown at once; runs that are less urgent stay closed rows.
_MOST_ITEMS = 60
_MOST_SWAPS = 3
# Whose people are named; the others are a link away.
_MOST_SCHEDULES = 3
# The worst of them; in a storm there are thousands.
_MOST_ALERTS = 10


@declares(MEMBER)
@require_safe
def show_today(request: PortalRequest) -> HttpResponse:
    """Show the day; a page that did not change is a 304."""
    token = get_token(request)
    parts = _parts_of(request)
    etag = _digest(*parts, request.META["CSRF_COOKIE"])
    has_news = len(get_messages(request)) > 0
    if has_news:
        return _label(HttpResponse(_finish(_render(request), token, etag)), "")
    remember(request, etag, {t.pk: t.version for t in frame.teams_seen(request)})
    if request.headers.get("If-None-Match") == f'"{etag}"':
        return _label(HttpResponseNotModified(), etag)
    html = frame.keep(parts, lambda: _render(request))
    return _label(HttpResponse(_finish(html, token, etag)), etag)


def _finish(html: str, token: str, etag: str) -> str:
    return html.replace(_TOKEN, token).replace(_ETAG, etag)


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
    """Put the day into its frame; the frame is kept by all that it shows."""
    summary, body = frame.keep(
        ("day", *_sharers(request), *frame.state_of(request)),
        lambda: _render_day(request),
    )
    template = "opsportal/_today.html" if request.htmx else "opsportal/today.html"
    ctx = {
        "summary": _SUMMARY,
        "body": _BODY,
        "handoffs": _render_handoffs(request),
        "etag": _ETAG,
        "csrf_token": _TOKEN,
        "heading": words.say_heading(request.now, ZoneInfo(request.user.time_zone)),
        "may_declare": bool(frame.teams_to(request, "incident.work")),
        "is_demo": any(team.is_demo for team in frame.teams_seen(request)),
    }
    if len(get_messages(request)):
        html = render_to_string(template, ctx, request)
    else:
        html = frame.keep(
            (template, *ctx.values(), read_theme(request), *_around(request)),
            lambda: render_to_string(template, ctx, request),
        )
    return html.replace(_SUMMARY, escape(summary)).replace(_BODY, body)


def _render_handoffs(request: PortalRequest) -> str:
    """Render the viewer's own handoffs around their moment."""
    template = "opsportal/_handoffs.html"

    def build() -> str:
        return render_to_string(
            template, {"handoffs": handoff_banners(request.user, request.now)}
        )

    return frame.keep((template, request.user.pk, *frame.calm_state_of(request)), build)


def _around(request: PortalRequest) -> tuple[Hashable, ...]:
    """Return all that the frame of the page shows."""
    around = shell(request)
    home = around["team"]
    return (
        tuple(around["nav"]),
        around["me"],
        home.name if home else "",
        around["is_on_call"],
        around["engine_warning"],
    )


def _sharers(request: PortalRequest) -> tuple[Hashable, ...]:
    """Return what viewers have in common who see the same day."""
    user = request.user
    board = frame.own_board_of(request)
    return (
        user.time_zone,
        user.is_superuser,
        frame.roles_of(request),
        tuple(row.schedule_id for row in board[:_MOST_SCHEDULES]),
        words.takeable(board, user.pk, frame.teams_to(request, "override.own")),
    )


def _render_day(request: PortalRequest) -> tuple[str, str]:
    now = request.now
    cards = cards_of_today(frame.team_ids(request), now)
    frame.overdue_of(request, sum(card.is_overdue for card in cards))
    runs = words.run_rows(
        cards,
        lines_of(_urgent(cards)),
        workable=frame.teams_to(request, "run.work"),
        viewer=ZoneInfo(request.user.time_zone),
        now=now,
    )
    home = frame.home_team(request)
    say_time = make_clock(
        ZoneInfo(request.user.time_zone),
        ZoneInfo(home.time_zone) if home else None,
        now,
    )
    tiles, aside, steps = frame.keep(
        ("calm", *_sharers(request), *frame.calm_state_of(request)),
        lambda: _render_calm(request),
    )
    drawn = draw_runs(runs, _TOKEN, say_time) or steps
    return (
        words.say_summary(cards, now),
        f'{tiles}<div class="cols"><div class="stack">{drawn}</div>{aside}</div>',
    )


def _render_calm(request: PortalRequest) -> tuple[str, str, str]:
    """Render what no run and no reading changes: services, people, trouble."""
    now = request.now
    whole = frame.own_board_of(request)
    board = whole[:_MOST_SCHEDULES]
    ctx = {
        "now": now,
        "csrf_token": _TOKEN,
        "storms": running_storms(frame.team_ids(request)),
        "tiles": words.service_tiles(service_cards(frame.team_ids(request), now)),
        "people": words.people_lines(board, now, ZoneInfo(request.user.time_zone)),
        "more": len(whole) - len(board),
        "take": words.takeable(
            whole, request.user.pk, frame.teams_to(request, "override.own")
        ),
        "handoff": words.say_handoff(board, now),
        "swaps": open_swaps(frame.team_ids(request), now)[:_MOST_SWAPS],
        "alerts": words.alert_lines(
            frame.alerts_of(request)[:_MOST_ALERTS],
            workable=frame.teams_to(request, "alert.work"),
            now=now,
        ),
        "more_alerts": max(0, len(frame.alerts_of(request)) - _MOST_ALERTS),
        "incidents": words.incident_lines(frame.incidents_of(request), now),
        "may_edit": bool(frame.teams_to(request, "checklist.edit")),
        "is_admin": request.user.is_superuser,
        "has_team": bool(frame.teams_seen(request)),
    }
    tiles, aside, steps = (
        render_to_string(f"opsportal/{name}.html", ctx)
        for name in ("_tiles", "_aside", "_first_steps")
    )
    return tiles, aside, steps


def _urgent(cards: Sequence[RunCard]) -> list[int]:
    """Choose the runs to show open: the latest overdue one and the next one due.

    Both only as far as they fit on the page.
    """
    still = [card for card in cards if card.closed_at is None and card.left]
    late = [card for card in still if card.is_overdue]
    overdue = [max(late, key=lambda card: card.due_at)] if late else []
    ahead = [card for card in still if not card.is_overdue][:1]
    chosen = [*overdue, *ahead]
    if sum(card.total for card in chosen) > _MOST_ITEMS:
        chosen = chosen[:1]
    return [card.pk for card in chosen]
