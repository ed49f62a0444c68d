"""What every page's frame needs."""

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse

from oncall.access import PortalRequest
from opsportal import frame


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation, viewer and warnings; nearly nothing before sign-in."""
    known = cast("PortalRequest", request)
    if not hasattr(request, "actor"):
        return {"now": getattr(request, "now", None)}
    return {
        "now": known.now,
        "me": known.user.display_name,
        "nav": frame.nav_of(known),
        "team": frame.home_team(known),
        "teams": frame.teams_seen(known),
        "is_on_call": frame.is_on_call(known),
        "engine_warning": frame.warn_of_engine(known.now),
        "delivery_warning": frame.warn_of_delivery(known),
        "first_team_url": _first_team_url(known),
    }


def _first_team_url(request: PortalRequest) -> str:
    """Return where an administrator begins while there is no team, else ""."""
    if not request.user.is_superuser or frame.teams_seen(request):
        return ""
    return reverse("admin:oncall_team_add")
