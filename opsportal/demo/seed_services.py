"""Services and channels of the demo."""

from datetime import datetime

from oncall.models import Channel, Service, TransportKind
from oncall.services.audit import record_change
from oncall.services.channels import ChannelForm, save_channel
from opsportal.demo.seed_teams import HISTORY, Teams
from opsportal.demo.services import SERVICES
from opsportal.demo.shapes import ServicePlan
from opsportal.demo.stage import Stage


def seed_services(rows: Teams, now: datetime) -> dict[str, Service]:
    """Make the services, empty as yet; returns them by slug."""
    return {
        plan.slug: _make_service(plan, rows, place, now - HISTORY)
        for place, plan in enumerate(SERVICES)
    }


def seed_channels(rows: Teams, stage: Stage, now: datetime) -> dict[str, Channel]:
    """Make a Slack channel a team; what is said there ends at the demo's target."""
    return {
        slug: save_channel(
            team,
            ChannelForm(
                name=rows.plans[slug].channel,
                kind=TransportKind.SLACK,
                address=f"{stage.url}/slack/{slug}",
            ),
            by=rows.people[rows.plans[slug].lead],
            now=now,
        )
        for slug, team in rows.teams.items()
    }


def _make_service(
    plan: ServicePlan, rows: Teams, position: int, begin: datetime
) -> Service:
    service = Service.objects.create(
        team=rows.teams[plan.team],
        slug=plan.slug,
        name=plan.name,
        description=plan.description,
        schedule=rows.schedules[plan.team],
        chat_channel=plan.chat_channel,
        war_room_url=plan.war_room_url,
        status_page_url=plan.status_page_url,
        position=position,
    )
    record_change(
        "service.create",
        service,
        by=rows.people[rows.plans[plan.team].lead],
        now=begin,
        team_id=service.team_id,
        after={"name": plan.name},
    )
    return service
