"""The ladders of the demo: whom people chose for the rungs of their runbook."""

from dataclasses import replace
from datetime import datetime

from oncall.models import Channel, EscalationPolicy, Service, TransportKind
from oncall.services.channels import ChannelForm, save_channel
from oncall.services.policies import append_version, assign_services
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm, read_form
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
    """Choose targets for every ladder, and let the services climb it from now on."""
    mail = _make_mailing_list(rows, now)
    for plan in SERVICES:
        service = services[plan.slug]
        lead = rows.people[rows.plans[plan.team].lead]
        places = {"channel": channels[plan.team].pk, "mail": mail.pk}
        policy = EscalationPolicy.objects.get(slug=f"{plan.slug}-ladder")
        told = {step.name: step for step in read_form(policy.versions.get()).steps}
        form = PolicyForm(
            steps=tuple(
                _step(step, told.get(step.who), plan, rows, places)
                for step in plan.steps
            ),
            note="Whom the runbook means",
        )
        append_version(policy, form, by=lead, now=now)
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
    step: Step,
    told: StepForm | None,
    plan: ServicePlan,
    rows: Teams,
    places: dict[str, int],
) -> StepForm:
    """Return a rung as people set it, by what the runbook tells of it."""
    targets = tuple(_target(word, plan, rows, places) for word in step.targets)
    rung = told or StepForm(name=step.name, delay=step.delay, targets=targets)
    return replace(
        rung,
        name=step.name or rung.name,
        delay=rung.delay if step.delay is None else step.delay,
        condition=step.condition,
        min_level=step.min_level,
        max_level=step.max_level,
        requires=step.requires,
        instructions=step.instructions or rung.instructions,
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
