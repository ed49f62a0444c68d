"""Badges: how a check stands, for pages that are not ours."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from checklists.models import Check
from checklists.queries.badges import BadgeRow, badge_token, read_badge
from oncall.access import PUBLIC, declares
from opsportal.kit.badges import BadgeTone, draw_badge

_STATUSES: dict[str, tuple[str, BadgeTone]] = {
    "pass": ("passing", "ok"),
    "fail": ("failing", "crit"),
    "unknown": ("unknown", "warn"),
    "pending": ("not checked yet", ""),
}
# The words of the address, and what a reader of the check's page sees.
SHOWN = (("status", "Status"), ("uptime", "Uptime of 30 days"))


@declares(PUBLIC)
@require_safe
def show_badge(request: HttpRequest, token: str, what: str) -> HttpResponse:
    """Draw the badge of one check: its status, or its uptime of 30 days.

    Whoever has the address sees it, and nothing else of the check.
    """
    row = read_badge(token, timezone.now())
    if row is None or what not in dict(SHOWN):
        raise Http404
    message, tone = _say_status(row) if what == "status" else _say_uptime(row)
    label = row.name if what == "status" else f"{row.name} uptime"
    response = HttpResponse(draw_badge(label, message, tone), "image/svg+xml")
    response["Cache-Control"] = "public, max-age=60"
    return response


def badges_of(request: HttpRequest, check: Check) -> list[tuple[str, str]]:
    """Return (what it shows, whole address) of a check's badges."""
    token = badge_token(check.pk)
    return [
        (words, request.build_absolute_uri(reverse("badge", args=[token, what])))
        for what, words in SHOWN
    ]


def _say_status(row: BadgeRow) -> tuple[str, BadgeTone]:
    return _STATUSES[row.status] if row.is_enabled else ("stopped", "")


def _say_uptime(row: BadgeRow) -> tuple[str, BadgeTone]:
    if row.percent is None:
        return "not watched", ""
    words = "100 %" if row.percent == 100 else f"{min(row.percent, 99.99):.2f} %"
    if row.percent >= 99.9:
        return words, "ok"
    return words, "warn" if row.percent >= 99 else "crit"
