"""Which webhooks hear of runs."""

from collections.abc import Collection
from dataclasses import dataclass

from checklists.domain.run_moment import Moment
from oncall.models import Channel, TransportKind


@dataclass(frozen=True, slots=True)
class HookRow:
    """A webhook channel, and the moments of runs that it hears of."""

    pk: int
    name: str
    team: str
    team_slug: str
    is_enabled: bool
    moments: tuple[str, ...]


def list_hooks(team_ids: Collection[int]) -> list[HookRow]:
    """Return the webhook channels of the teams, with what they hear; one query."""
    channels = Channel.objects.filter(team__in=team_ids, kind=TransportKind.WEBHOOK)
    found = channels.select_related("team", "run_webhook").order_by(
        "team__name", "name"
    )
    return [_row(channel) for channel in found]


def _row(channel: Channel) -> HookRow:
    hook = getattr(channel, "run_webhook", None)
    return HookRow(
        pk=channel.pk,
        name=channel.name,
        team=channel.team.name,
        team_slug=channel.team.slug,
        is_enabled=channel.is_enabled,
        moments=tuple(
            each.value for each in Moment if getattr(hook, f"takes_{each.value}", False)
        ),
    )


def find_channel(team_ids: Collection[int], pk: int) -> Channel | None:
    """Return a channel when it belongs to one of the teams."""
    return Channel.objects.filter(pk=pk, team__in=team_ids).first()
