"""The ladder of a service: who is told next, and after how long."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.models import (
    EscalationPolicyVersion,
    EscalationStep,
    EscalationTarget,
)
from oncall.queries.schedules import OnCallRow, on_call_in
from oncall.queries.targets import say_target


@dataclass(frozen=True, slots=True)
class TargetRow:
    """Who is told at a step. ``kind``: user, schedule, team, channel or title.

    ``on_call`` holds who a schedule stands for at the moment that was asked about.
    """

    kind: str
    label: str
    role: str = ""
    on_call: list[OnCallRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One rung; ``delay`` counts from the opening of the alert, None is unnamed."""

    position: int
    name: str
    delay: timedelta | None
    condition: str
    min_level: int
    instructions: str
    targets: list[TargetRow]


def escalation_ladder(
    service_pk: int, *, now: datetime | None = None
) -> list[LadderRow]:
    """Return the newest version of the service's policy, rung by rung.

    With ``now`` schedules also say who is on call then. Empty without a policy.
    """
    version = (
        EscalationPolicyVersion.objects.filter(policy__services=service_pk)
        .order_by("-number")
        .first()
    )
    if version is None:
        return []
    steps = list(
        version.steps.prefetch_related(
            "targets__user", "targets__schedule", "targets__team", "targets__channel"
        )
    )
    targets = [target for step in steps for target in step.targets.all()]
    schedules = {each.schedule_id for each in targets if each.schedule_id}
    on_call = on_call_in(schedules, now) if now and schedules else {}
    return [_ladder_row(step, on_call) for step in steps]


def _ladder_row(step: EscalationStep, on_call: dict[int, list[OnCallRow]]) -> LadderRow:
    return LadderRow(
        position=step.position,
        name=step.name,
        delay=step.delay,
        condition=step.get_condition_display(),
        min_level=step.min_level,
        instructions=step.instructions,
        targets=[_target_row(each, on_call) for each in step.targets.all()],
    )


def _target_row(
    row: EscalationTarget, on_call: dict[int, list[OnCallRow]]
) -> TargetRow:
    if row.user is not None:
        return TargetRow("user", say_target(row))
    if row.team is not None:
        return TargetRow("team", say_target(row))
    if row.schedule is not None:
        people = on_call.get(row.schedule.pk, [])
        return TargetRow(
            "schedule",
            row.schedule.name,
            row.role,
            [each for each in people if row.role in {"", each.role}],
        )
    if row.channel is not None:
        return TargetRow("channel", row.channel.name)
    return TargetRow("title", row.title)
