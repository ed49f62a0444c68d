"""Whom to turn to about a service, in the order to try."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.models import (
    EscalationContact,
    EscalationPolicyVersion,
    EscalationStep,
    EscalationTarget,
)
from oncall.queries.schedules import OnCallRow, on_call_in


@dataclass(frozen=True, slots=True)
class TargetRow:
    """Who is told at a step. ``kind``: user, schedule, channel or title.

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


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One line of the contact table; ``href`` opens it, empty where nothing can."""

    title: str
    kind: str
    kind_label: str
    value: str
    href: str
    note: str
    is_placeholder: bool
    person: str
    schedule_slug: str
    schedule_name: str


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
            "targets__user", "targets__schedule", "targets__channel"
        )
    )
    targets = [target for step in steps for target in step.targets.all()]
    schedules = {each.schedule_id for each in targets if each.schedule_id}
    on_call = on_call_in(schedules, now) if now and schedules else {}
    return [_ladder_row(step, on_call) for step in steps]


def escalation_contacts(service_pk: int) -> list[ContactRow]:
    """Return the service's contacts in order.

    They are for responders of the team (action contact.see), not for viewers.
    """
    rows = EscalationContact.objects.filter(service=service_pk).select_related(
        "user", "schedule"
    )
    return [_contact_row(row) for row in rows]


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
        return TargetRow("user", row.user.display_name)
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


def _contact_row(row: EscalationContact) -> ContactRow:
    return ContactRow(
        title=row.title,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        value=row.value,
        href="" if row.is_placeholder else _href_of(row.kind, row.value),
        note=row.note,
        is_placeholder=row.is_placeholder,
        person=row.user.display_name if row.user else "",
        schedule_slug=row.schedule.slug if row.schedule else "",
        schedule_name=row.schedule.name if row.schedule else "",
    )


def _href_of(kind: str, value: str) -> str:
    if kind == "email":
        return f"mailto:{value}"
    if kind == "phone":
        return "tel:" + "".join(char for char in value if char in "+0123456789")
    # Other schemes could run a script when clicked.
    return value if value.startswith(("https://", "http://")) else ""
