"""Alertmanager's API v2, as far as its senders and amtool ask it.

The key is a bearer, a basic password, or part of the address. Silences are in
alertmanager_silences.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from incidents.domain.matchers import Matcher, fit_all, parse_matchers
from incidents.domain.payloads import alertmanager
from incidents.domain.payloads.signal import ParseError
from incidents.models import Integration
from incidents.queries.integrations import StoredAlert, open_alerts_of
from incidents.queries.silences import mutes_of_sender
from incidents.services import inbox, intake
from incidents.services.messages import Message
from incidents.views.doors import (
    door,
    find_sender,
    header_key,
    read_body,
    store,
    without_key,
)
from opsportal.kit.patterns import compile_pattern

_KIND = Integration.Kind.PROMETHEUS
_RECEIVER = "opsportal"
_VERSION = "0.27.0"
_STATES = ("active", "silenced", "inhibited")
_EPOCH = "1970-01-01T00:00:00.000Z"
Found = list[dict[str, Any]]
Write = Callable[[Found], Found]


@door("GET", "POST")
def alerts(request: HttpRequest, key: str = "") -> HttpResponse:
    """Take alerts, or show those that are open."""
    if request.method == "POST":
        return _post(request, key or header_key(request))
    sender, _ = find_asking(request, key)
    if sender is None:
        return say_text("unauthorized", status=401)
    # Whoever asks sees what was sent before.
    inbox.apply_of_team(sender.service.team_id, now=timezone.now())
    return _answer(request, sender, lambda found: found)


@door("GET")
def groups(request: HttpRequest, key: str = "") -> HttpResponse:
    """Show the open alerts that are asked for as one group."""
    sender, _ = find_asking(request, key)
    if sender is None:
        return say_text("unauthorized", status=401)
    return _answer(request, sender, _as_groups)


@door("GET")
def receivers(request: HttpRequest, key: str = "") -> HttpResponse:
    """Show the one receiver that all alerts go to."""
    sender, _ = find_asking(request, key)
    if sender is None:
        return say_text("unauthorized", status=401)
    return JsonResponse([{"name": _RECEIVER}], safe=False)


@door("GET")
def status(request: HttpRequest, key: str = "") -> HttpResponse:
    """Show what amtool asks before every command."""
    sender, _ = find_asking(request, key)
    if sender is None:
        return say_text("unauthorized", status=401)
    version = dict.fromkeys(
        ("branch", "buildDate", "buildUser", "goVersion", "revision"), ""
    )
    said = {
        "cluster": {"name": _RECEIVER, "status": "ready", "peers": []},
        "versionInfo": version | {"version": _VERSION},
        "config": {"original": f"route: {{receiver: {_RECEIVER}}}\n"},
        "uptime": _EPOCH,
    }
    return JsonResponse(said)


def find_asking(request: HttpRequest, key: str) -> tuple[Integration | None, str]:
    """Return who asks, None for nobody, and the key that was shown."""
    key = key or header_key(request)
    sender = find_sender(key, _KIND)
    return (sender if sender is not None and sender.is_enabled else None), key


def _post(request: HttpRequest, key: str) -> HttpResponse:
    body = without_key(read_body(request), key)
    message = Message(kind="prometheus", body=body)
    try:
        signals = alertmanager.read_posted(body, timezone.now())
    except ParseError as error:
        return _reject(key, message, f"{error.field}: {error.message}")
    if store(key, _KIND, message, signals) is None:
        return _reject(key, message, "It has no valid key any more.")
    return HttpResponse(status=200)


def _reject(key: str, message: Message, reason: str) -> HttpResponse:
    sender = find_sender(key, _KIND)
    if sender is None:
        return say_text("unauthorized", status=401)
    if sender.is_enabled:
        intake.reject(sender, message, reason, now=timezone.now())
        return say_text(reason, status=400)
    reason = "The integration is switched off."
    intake.reject(sender, message, reason, now=timezone.now())
    return say_text("unauthorized", status=401)


def say_text(text: str, *, status: int) -> HttpResponse:
    """Answer with a JSON string, as Alertmanager says what is wrong."""
    return JsonResponse(text, safe=False, status=status)


def _show(sender: Integration, wanted: list[Matcher]) -> Found:
    mutes = mutes_of_sender(sender.pk)
    return [
        _as_alert(each, mutes.get(each.dedup_key, ([], [])))
        for each in open_alerts_of(sender.pk)
        if fit_all(wanted, each.labels)
    ]


def _answer(request: HttpRequest, sender: Integration, write: Write) -> HttpResponse:
    """Answer with the alerts that fit the filters, the receiver and the states."""
    asked = request.GET.get("receiver", "")
    try:
        wanted = parse_matchers(request.GET.getlist("filter"), compile_pattern)
        is_ours = not asked or compile_pattern(asked).fullmatch(_RECEIVER)
    except ValueError as error:
        return say_text(str(error), status=400)
    found = _pick(request, _show(sender, wanted)) if is_ours else []
    return JsonResponse(write(found), safe=False)


def _as_groups(found: Found) -> Found:
    group = {"labels": {}, "receiver": {"name": _RECEIVER}, "alerts": found}
    return [group] if found else []


def _pick(request: HttpRequest, found: Found) -> Found:
    """Leave out the states that were not asked for."""
    out = {name for name in _STATES if request.GET.get(name) == "false"}
    return [each for each in found if not out & _states_of(each["status"])]


def _states_of(status: dict[str, Any]) -> set[str]:
    if status["state"] == "active":
        return {"active"}
    states = {"silenced": status["silencedBy"], "inhibited": status["inhibitedBy"]}
    return {name for name, by in states.items() if by}


def _as_alert(
    alert: StoredAlert, muted_by: tuple[list[str], list[str]]
) -> dict[str, Any]:
    ends_at = alert.expires_at or alert.last_seen_at + alertmanager.RESOLVE_TIMEOUT
    silenced, inhibited = muted_by
    return {
        "annotations": {"summary": alert.summary},
        "endsAt": ends_at.isoformat(),
        "fingerprint": alert.dedup_key[:16],
        "receivers": [{"name": _RECEIVER}],
        "startsAt": alert.starts_at.isoformat(),
        "status": {
            "inhibitedBy": inhibited,
            "silencedBy": silenced,
            "state": "suppressed" if silenced or inhibited else "active",
        },
        "updatedAt": alert.last_seen_at.isoformat(),
        "generatorURL": alert.source_url,
        "labels": alert.labels,
    }
