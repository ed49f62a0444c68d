"""Which webhooks hear of runs, through the API."""

from typing import Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Query, Router, Schema

from checklists.domain.run_moment import Moment
from checklists.queries.run_hooks import HookRow, find_channel, list_hooks
from checklists.services.run_hooks import save_run_webhook
from oncall.access import authorize
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from opsportal.kit.paging import PageOf, Window, cut

router = Router(tags=["checklists and checks"])

MomentName = Literal["opened", "late", "completed", "missed"]


class RunWebhookOut(Schema):
    """A webhook channel and the moments of runs that it hears of.

    It is sent the JSON of every message, with ``events``: each has ``event`` (such as
    ``run.late``), ``at`` and ``data`` (the run). Messages are signed.
    """

    channel: int
    name: str
    team: str
    is_enabled: bool
    moments: list[MomentName]


class RunWebhookIn(Schema):
    """The moments to hear of; none ends it."""

    moments: list[MomentName]


@router.get("/run-webhooks", response=PageOf[RunWebhookOut])
def list_run_webhooks(request: ApiRequest, window: Query[Window]) -> Any:
    """List the webhook channels of the teams."""
    page = cut(list_hooks(readable_teams(request)), window)
    return {**page, "items": [_out(row) for row in page["items"]]}


@router.put("/run-webhooks/{channel}", response=RunWebhookOut)
def save(request: ApiRequest, channel: int, body: RunWebhookIn) -> Any:
    """Let a webhook channel hear of these moments of its team's runs."""
    teams = own_teams(request)
    row = find_channel(teams, channel)
    if row is None:
        raise Http404
    authorize(request.auth, "checklist.edit", row.team_id)
    moments = {Moment(each) for each in body.moments}
    save_run_webhook(row, moments, by=request.auth.user, now=timezone.now())
    return next(_out(each) for each in list_hooks(teams) if each.pk == row.pk)


def _out(row: HookRow) -> dict[str, Any]:
    return {
        "channel": row.pk,
        "name": row.name,
        "team": row.team_slug,
        "is_enabled": row.is_enabled,
        "moments": list(row.moments),
    }
