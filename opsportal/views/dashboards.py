"""The pages of the three dashboards."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from oncall.access import PortalRequest, declares
from opsportal import frame
from opsportal.dashboards import Viewer, build_dashboard
from opsportal.kit.bars import NamedValue, draw_bars
from opsportal.views import today_words as words

_WORDS: Final = {
    "executive": ("Executive", "Availability, incidents and the business."),
    "operations": ("Operations", "Health, alerts, error rates and utilisation."),
    "development": ("Development", "Response times, errors and deployments."),
}


@declares("team.see")
@require_safe
def show(request: PortalRequest, audience: str) -> HttpResponse:
    """Show the dashboard of one audience."""
    title, sub = _WORDS[audience]
    viewer = Viewer(
        user=request.user, team_ids=frame.team_ids(request), now=request.now
    )
    shown = build_dashboard(audience, viewer)
    bars = [NamedValue(name, count, "warn") for name, count in shown.alerts or ()]
    ctx = {
        "title": title,
        "words": sub,
        "tabs": [
            {
                "label": label,
                "url": reverse(f"dashboard_{name}"),
                "is_current": name == audience,
            }
            for name, (label, _) in _WORDS.items()
        ],
        "tiles": words.service_tiles(list(shown.services)),
        "facts": shown.facts,
        "charts": shown.charts,
    }
    if shown.alerts is not None:
        ctx["bars"] = draw_bars(bars, words="Alerts of each service in 30 days")
    return render(request, "opsportal/dashboard.html", ctx)
