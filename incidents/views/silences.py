"""The pages of silences."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from incidents import queries
from incidents.domain.matchers import Matcher
from incidents.domain.muting import find_common_labels
from incidents.models import Alert, Silence
from incidents.queries import silences as rows
from incidents.services import silences as services
from incidents.services.silences import SilenceDraft
from incidents.silence_forms import SilenceForm, write_matchers
from incidents.views.finding import find_alert, or_404, read_numbers, team_ids
from oncall.access import PortalRequest, authorize, declares, teams_of, teams_where
from oncall.models import Service, Team
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.patterns import escape_pattern
from opsportal.kit.toasts import say

_FORM = "incidents/silence_form.html"
_USUAL = timedelta(hours=2)
# So many keys fit into one matcher.
_MOST_CHOSEN = 10
# Labels that say what is wrong.
_NAMING = {"alertname", "check"}


@declares("team.see")
@require_GET
def list_silences(request: PortalRequest) -> HttpResponse:
    """Show active, pending and expired silences."""
    active, pending, expired = rows.list_silences(team_ids(request), request.now)
    ctx = {
        "active": active,
        "pending": pending,
        "expired": expired,
        "workable": teams_where(request.actor, "alert.work"),
        "crumbs": [("Alerts", reverse("alert_list"))],
    }
    return render_page(request, "incidents/silence_list.html", ctx)


@declares("alert.work")
@require_http_methods(["GET", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """Make a silence; "preview" only shows what it would mute now."""
    workable = teams_where(request.actor, "alert.work")
    if not workable:
        raise PermissionDenied("This needs the role responder in a team.")
    teams = list(teams_of(request.actor).filter(pk__in=workable))
    form = SilenceForm(
        request.POST or None,
        initial=_begin_with(request),
        teams=teams,
        services=queries.list_services(workable),
    )
    if request.method != "POST":
        return _show(request, form)
    if not form.is_valid():
        return _show(request, form, status=422)
    team, service = _read_scope(form.cleaned_data["scope"], teams)
    draft = form.read(request.now)
    if "preview" in request.POST:
        return _show(request, form, found=_preview(team.pk, service, draft))
    try:
        made = services.create_silence(
            team, service, draft, by=request.user, now=request.now
        )
    except PortalError as error:
        return _show(request, form, status=add_error(form, error))
    say(request, f"Silenced: {made.comment}")
    return redirect_back(request, "silence_list")


@declares("alert.work")
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a silence that is not over."""
    silence = _find(request, pk)
    kept = rows.read_matchers(silence.matchers)
    initial = {
        "matchers": write_matchers(kept),
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "comment": silence.comment,
    }
    form = SilenceForm(request.POST or None, initial=initial)
    if request.method != "POST":
        return _show(request, form, silence)
    if not form.is_valid():
        return _show(request, form, silence, status=422)
    draft = _keep_seconds(form.read(request.now), silence)
    if "preview" in request.POST:
        found = _preview(silence.team_id, silence.service, draft)
        return _show(request, form, silence, found=found)
    try:
        services.edit_silence(silence, draft, by=request.user, now=request.now)
    except PortalError as error:
        return _show(request, form, silence, status=add_error(form, error))
    say(request, "Changed.")
    return redirect_back(request, "silence_list")


@declares("alert.work")
@require_POST
@answers_refusals("silence_list")
def expire(request: PortalRequest, pk: int) -> HttpResponse:
    """End a silence now."""
    silence = _find(request, pk)
    services.expire_silence(silence, by=request.user, now=request.now)
    say(request, f"Over: {silence.comment}")
    return redirect_back(request, "silence_list")


def _find(request: PortalRequest, pk: int) -> Silence:
    silence = or_404(rows.get_silence(team_ids(request), pk))
    authorize(request.actor, "alert.work", silence.team_id)
    return silence


def _show(
    request: PortalRequest,
    form: SilenceForm,
    silence: Silence | None = None,
    *,
    found: tuple[int, list[Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    ctx = {
        "form": form,
        "silence": silence,
        "crumbs": [
            ("Alerts", reverse("alert_list")),
            ("Silences", reverse("silence_list")),
        ],
        "is_preview": found is not None,
        "count": found[0] if found else 0,
        "alerts": found[1] if found else [],
    }
    return render_page(request, _FORM, ctx, status=status)


def _begin_with(request: PortalRequest) -> dict[str, Any]:
    begin = request.now.replace(second=0, microsecond=0)
    initial: dict[str, Any] = {"ends_at": begin + _USUAL}
    chosen = read_numbers(request.GET.getlist("alert"))
    alerts = [find_alert(request, pk, to="alert.work") for pk in chosen[:_MOST_CHOSEN]]
    if len(chosen) > _MOST_CHOSEN:
        words = f"It begins with the first {_MOST_CHOSEN} of the {len(chosen)} chosen."
        say(request, f"{words} Look at what it would mute.", level=messages.WARNING)
    if alerts:
        services = {alert.service_id for alert in alerts}
        initial |= {
            "scope": f"service:{alerts[0].service_id}"
            if len(services) == 1
            else f"team:{alerts[0].service.team_id}",
            "matchers": write_matchers(_matchers_of(alerts)),
        }
    return initial


def _matchers_of(alerts: list[Alert]) -> list[Matcher]:
    """Return what fits these alerts and few others.

    That is the labels that they share where these name what is wrong, and else their
    keys: "source" alone would mute whatever comes from there.
    """
    common = find_common_labels(
        {str(name): str(value) for name, value in alert.labels.items()}
        for alert in alerts
    )
    metrics = {alert.metric for alert in alerts}
    is_named = bool(common.keys() & _NAMING)
    if common and not is_named and len(metrics) == 1 and "" not in metrics:
        common, is_named = {"metric": metrics.pop()} | common, True
    if not is_named:
        keys = [alert.series.dedup_key for alert in alerts]
        if len(keys) > 1:
            value = "|".join(escape_pattern(key) for key in keys)
            return [Matcher("dedup_key", value, is_regex=True, is_equal=True)]
        common = {"dedup_key": keys[0]}
    return [
        Matcher(name, value, is_regex=False, is_equal=True)
        for name, value in common.items()
    ]


def _read_scope(scope: str, teams: list[Team]) -> tuple[Team, Service | None]:
    kind, _, number = scope.partition(":")
    by_pk = {team.pk: team for team in teams}
    if kind == "team":
        return by_pk[int(number)], None
    service = queries.get_services(list(by_pk), [int(number)])[0]
    return by_pk[service.team_id], service


def _preview(
    team_id: int, service: Service | None, draft: SilenceDraft
) -> tuple[int, list[Any]]:
    service_id = service.pk if service else None
    return rows.preview_silence(team_id, service_id, draft.matchers)


def _keep_seconds(draft: SilenceDraft, silence: Silence) -> SilenceDraft:
    """Keep the seconds that the form does not show."""
    return replace(
        draft,
        starts_at=_as_kept(draft.starts_at, silence.starts_at),
        ends_at=_as_kept(draft.ends_at, silence.ends_at),
    )


def _as_kept(given: datetime, kept: datetime) -> datetime:
    return kept if given == kept.replace(second=0, microsecond=0) else given
