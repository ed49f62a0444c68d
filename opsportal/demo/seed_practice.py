"""What teams set up around their checklists: a release under way, reviews, a webhook."""

from datetime import datetime, time, timedelta

from checklists.domain.run_moment import Moment
from checklists.domain.starters import STARTERS
from checklists.services.check_library import map_service
from checklists.services.generation import start_ad_hoc_run
from checklists.services.items import Edit, enter_value
from checklists.services.run_hooks import save_run_webhook
from checklists.services.starting import take_starter
from checklists.services.weekly_reviews import ReviewPlan, plan_review
from oncall.models import Service, TransportKind, User
from oncall.services.channels import ChannelForm, save_channel
from opsportal.demo.seed_teams import HISTORY, Teams
from opsportal.demo.stage import Stage

_MONDAY_MORNING = ReviewPlan(
    is_on=True, weekday=0, send_time=time(8), to_managers=True, channel=None
)


def seed_practice(
    services: dict[str, Service], rows: Teams, stage: Stage, now: datetime
) -> None:
    """Write it for the team of AMAS, and reviews for every team."""
    leads = {slug: rows.people[plan.lead] for slug, plan in rows.plans.items()}
    for slug, team in rows.teams.items():
        plan_review(team, _MONDAY_MORNING, by=leads[slug], now=now)
    amas = services["amas"]
    lead = leads["platform"]
    _release(amas, lead, now)
    hook = ChannelForm(
        name="Run log",
        kind=TransportKind.WEBHOOK,
        address=f"{stage.url}/slack/platform",
    )
    channel = save_channel(amas.team, hook, by=lead, now=now)
    save_run_webhook(channel, [Moment.LATE, Moment.MISSED], by=lead, now=now)
    map_service(amas, {"prometheus": stage.url}, by=lead, now=now)


def _release(service: Service, lead: User, now: datetime) -> None:
    """Start the checklist of a release that was rolled back, which asks why."""
    starter = next(each for each in STARTERS if each.key == "pre-deployment")
    begin = now - HISTORY
    checklist = take_starter(starter, service.team, service=service, by=lead, now=begin)
    started = now - timedelta(minutes=25)
    cadence = checklist.cadences.get()
    # Due after the work of every day, which is what the demo shows first.
    cadence.timing |= {"opens_before": "6h"}
    cadence.save(update_fields=["timing"])
    run = start_ad_hoc_run(cadence.pk, by=lead, now=started)
    outcome = run.items.get(item__text="Outcome")
    edit = Edit(by=lead, now=now - timedelta(minutes=5), version=outcome.version)
    enter_value(outcome.pk, "rolled back", edit)
