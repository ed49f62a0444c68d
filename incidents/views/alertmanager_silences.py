"""Silences by Alertmanager's API v2, so that amtool adds, lists and ends them.

The key of an integration is worth its service: what it silences holds there alone.
"""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from incidents.domain.matchers import MatcherError, parse_matchers
from incidents.domain.payloads.signal import ParseError
from incidents.domain.payloads.silence import PostedSilence, read_id, read_silence
from incidents.models import Integration, Silence
from incidents.queries import silences as rows
from incidents.services import silences as services
from incidents.services.silences import SilenceDraft
from incidents.views.alertmanager_api import find_asking, say_text
from incidents.views.doors import door, read_body
from opsportal.kit.errors import PortalError
from opsportal.kit.patterns import compile_pattern

# How long what is over is still listed, as Alertmanager keeps it.
_KEPT = timedelta(days=5)


@door("GET", "POST")
def silences(request: HttpRequest, key: str = "") -> HttpResponse:
    """List silences, or make or change one."""
    sender, _ = find_asking(request, key)
    if sender is None:
        return say_text("unauthorized", status=401)
    try:
        if request.method == "POST":
            return _post(sender, read_silence(read_body(request), compile_pattern))
        wanted = parse_matchers(request.GET.getlist("filter"), compile_pattern)
    except (ParseError, PortalError) as error:
        return say_text(error.message, status=400)
    except MatcherError as error:
        return say_text(str(error), status=400)
    now = timezone.now()
    service = sender.service
    found = rows.silences_of_service(service.pk, service.team_id, now - _KEPT)
    # A filter asks for silences that have such a matcher.
    shown = [
        _as_silence(each, now)
        for each in found
        if {str(one) for one in wanted}
        <= {str(one) for one in rows.read_matchers(each.matchers)}
    ]
    return JsonResponse(shown, safe=False)


@door("GET", "DELETE")
def silence(request: HttpRequest, public_id: str, key: str = "") -> HttpResponse:
    """Show one silence, or end it."""
    sender, _ = find_asking(request, key)
    if sender is None:
        return say_text("unauthorized", status=401)
    try:
        found = _find(sender, public_id)
        if found is None:
            return say_text("silence not found", status=404)
        if request.method == "DELETE":
            services.expire_silence(found, by=None, now=timezone.now())
            return HttpResponse(status=200)
    except (ParseError, PortalError) as error:
        return say_text(error.message, status=400)
    return JsonResponse(_as_silence(found, timezone.now()))


def _post(sender: Integration, posted: PostedSilence) -> HttpResponse:
    now = timezone.now()
    draft = SilenceDraft(
        matchers=posted.matchers,
        starts_at=max(posted.starts_at, now),
        ends_at=posted.ends_at,
        comment=posted.comment,
    )
    if posted.public_id is not None:
        found = _find(sender, str(posted.public_id))
        if found is None:
            return say_text("silence not found", status=404)
        made = services.edit_silence(found, draft, by=None, now=now)
    else:
        made = services.create_silence(
            sender.service.team,
            sender.service,
            draft,
            by=None,
            now=now,
            author=posted.author or sender.name,
        )
    return JsonResponse({"silenceID": str(made.public_id)})


def _find(sender: Integration, public_id: str) -> Silence | None:
    asked = read_id(public_id)
    service = sender.service
    if asked is None:
        return None
    return rows.find_silence_of_service(service.pk, service.team_id, asked)


def _as_silence(row: Silence, now: Any) -> dict[str, Any]:
    state = "expired" if row.ends_at <= now else "active"
    if row.starts_at > now:
        state = "pending"
    return {
        "id": str(row.public_id),
        "status": {"state": state},
        "updatedAt": row.updated_at.isoformat(),
        "comment": row.comment,
        "createdBy": row.author,
        "endsAt": row.ends_at.isoformat(),
        "matchers": row.matchers,
        "startsAt": row.starts_at.isoformat(),
    }
