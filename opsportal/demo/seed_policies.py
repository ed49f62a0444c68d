"""The ladders of the demo: each service climbs as its runbook says."""

from datetime import datetime

from oncall.models import Channel, Service, TransportKind
from oncall.services.channels import ChannelForm, save_channel
from oncall.services.policies import assign_services, create_policy
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm
from opsportal.demo.seed_teams import Teams
from opsportal.demo.services import SERVICES
from opsportal.demo.shapes import ServicePlan, Step

_ROLES = {"on-call": "primary", "secondary": "secondary"}
_MAILED = "energy"


def seed_policies(
    rows: Teams,
    services: dict[str, Service],
    channels: dict[str, Channel],
    now: datetime,
) -> None:
    """Give every service the ladder of its runbook."""
    mail = _make_mailing_list(rows, now)
    for plan in SERVICES:
        service = services[plan.slug]
        lead = rows.people[rows.plans[plan.team].lead]
        places = {"channel": channels[plan.team].pk, "mail": mail.pk}
        policy = create_policy(
            service.team,
            name=f"{plan.name} escalation",
            slug=plan.slug,
            form=PolicyForm(
                steps=tuple(_step(step, plan, rows, places) for step in plan.steps),
                note="From the runbook",
            ),
            by=lead,
            now=now,
        )
        assign_services(policy, [service.pk], by=lead, now=now)
        service.policy = policy


def _make_mailing_list(rows: Teams, now: datetime) -> Channel:
    """Make the place that hears of what pages nobody."""
    return save_channel(
        rows.teams[_MAILED],
        ChannelForm(
            name="Team mail",
            kind=TransportKind.EMAIL,
            address="energy.team@demo.localhost",
            takes_reminders=False,
            takes_alerts=False,
        ),
        by=rows.people[rows.plans[_MAILED].lead],
        now=now,
    )


def _step(
    step: Step, plan: ServicePlan, rows: Teams, places: dict[str, int]
) -> StepForm:
    targets = tuple(_target(word, plan, rows, places) for word in step.targets)
    return StepForm(
        name=step.name,
        delay=step.delay,
        condition=step.condition,
        min_level=step.min_level,
        max_level=step.max_level,
        requires=step.requires,
        instructions=step.instructions,
        targets=targets,
        # Whom no page can reach is no reason to hurry: the managers call them.
        skip_if_empty=any(each.kind != "title" for each in targets),
    )


def _target(
    word: str, plan: ServicePlan, rows: Teams, places: dict[str, int]
) -> TargetForm:
    if word in _ROLES:
        schedule = rows.schedules[plan.team]
        return TargetForm(kind="schedule", pk=schedule.pk, role=_ROLES[word])
    if word in places:
        return TargetForm(kind="channel", pk=places[word])
    if word == "all on call":
        team = rows.teams[plan.team]
        return TargetForm(kind="team", pk=team.pk, scope="on_call")
    username, _, title = word.partition(": ")
    if title:
        person = rows.people[username]
        return TargetForm(kind="user", pk=person.pk, title=title)
    return TargetForm(kind="title", title=word)
