"""An escalation policy as it is entered, and whether it can be saved."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from oncall.models import (
    Channel,
    EscalationPolicyVersion,
    EscalationStep,
    EscalationTarget,
    Membership,
    Schedule,
)
from oncall.queries.targets import RESPONDER
from opsportal.kit.errors import PortalError
from opsportal.kit.zones import zone_names

MOST_STEPS, MOST_TARGETS, MOST_REPEATS = 20, 12, 20
LONGEST_DELAY = timedelta(days=7)
SHORTEST_PAUSE = timedelta(minutes=1)
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
Step = EscalationStep
Target = EscalationTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetForm:
    """Who is told. ``kind``: user, schedule, team, channel or title.

    ``pk`` is the row of the kind, ``title`` the name of somebody without an account,
    or what a person is called here.
    """

    kind: str
    pk: int | None = None
    role: str = ""
    offset: str = Target.Offset.NOW
    scope: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForm:
    """One rung as entered; no ``delay`` means that only people reach it."""

    name: str
    delay: timedelta | None
    targets: tuple[TargetForm, ...]
    condition: str = Step.Condition.UNACKNOWLEDGED
    min_level: int = 5
    max_level: int = 1
    requires: str = ""
    strategy: str = Step.Strategy.ALL
    ack_mode: str = Step.AckMode.ANY
    skip_if_empty: bool = True
    window_days: tuple[int, ...] = ()
    window_starts: time | None = None
    window_ends: time | None = None
    window_zone: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyForm:
    """A whole version as entered; ``based_on`` is the number that was edited."""

    steps: tuple[StepForm, ...]
    repeats: int = 0
    repeat_after: timedelta | None = None
    repeat_from: int = 0
    ack_expires_after: timedelta | None = None
    note: str = ""
    based_on: int | None = None


def check_policy(form: PolicyForm, team_id: int) -> None:
    """Raise PortalError with the field at fault, such as ``steps.0.delay``."""
    if not form.steps:
        raise PortalError("Add a step: somebody has to be told.", field="steps")
    if len(form.steps) > MOST_STEPS:
        raise PortalError(f"At most {MOST_STEPS} steps.", field="steps")
    _check_repeats(form)
    known = _Known(team_id)
    for place, step in enumerate(form.steps):
        for name, problem in _problems_of(step, known):
            raise PortalError(problem, field=f"steps.{place}.{name}")


def read_form(version: EscalationPolicyVersion) -> PolicyForm:
    """Return a saved version as it would be entered again."""
    return PolicyForm(
        steps=tuple(_read_step(step) for step in version.steps.all()),
        repeats=version.repeats,
        repeat_after=version.repeat_after,
        repeat_from=version.repeat_from,
        ack_expires_after=version.ack_expires_after,
        based_on=version.number,
    )


def write_step(
    version: EscalationPolicyVersion, place: int, form: StepForm
) -> EscalationStep:
    """Return the row of a step, not saved yet."""
    return EscalationStep(
        version=version,
        position=place,
        name=form.name.strip(),
        delay=form.delay,
        condition=form.condition,
        min_level=form.min_level,
        max_level=form.max_level,
        requires=form.requires,
        strategy=form.strategy,
        ack_mode=form.ack_mode,
        skip_if_empty=form.skip_if_empty,
        window_days=sorted(set(form.window_days)),
        window_starts=form.window_starts,
        window_ends=form.window_ends,
        window_zone=form.window_zone,
        instructions=form.instructions.strip(),
    )


def write_target(step: EscalationStep, form: TargetForm) -> EscalationTarget:
    """Return the row of a target, not saved yet."""
    is_schedule = form.kind == "schedule"
    return EscalationTarget(
        step=step,
        user_id=form.pk if form.kind == "user" else None,
        schedule_id=form.pk if is_schedule else None,
        role=form.role if is_schedule else "",
        offset=form.offset if is_schedule else Target.Offset.NOW,
        team_id=form.pk if form.kind == "team" else None,
        scope=form.scope if form.kind == "team" else "",
        channel_id=form.pk if form.kind == "channel" else None,
        title=form.title.strip() if form.kind in {"title", "user"} else "",
    )


class _Known:
    """What a policy of the team may point at: its own things and no others."""

    def __init__(self, team_id: int) -> None:
        self.ids: dict[str, set[int]] = {
            "team": {team_id},
            "user": set(
                Membership.objects.filter(
                    team=team_id, user__is_active=True
                ).values_list("user_id", flat=True)
            ),
            "channel": set(
                Channel.objects.filter(team=team_id).values_list("pk", flat=True)
            ),
        }
        schedules = Schedule.objects.filter(team=team_id).prefetch_related("rotations")
        self.roles = {
            row.pk: {
                "",
                *row.required_roles,
                *(role for each in row.rotations.all() for role in each.roles),
            }
            for row in schedules
        }
        self.ids["schedule"] = set(self.roles)


def _check_repeats(form: PolicyForm) -> None:
    if not 0 <= form.repeats <= MOST_REPEATS:
        raise PortalError(f"0 to {MOST_REPEATS} times.", field="repeats")
    if form.repeats and form.repeat_after is None:
        raise PortalError("Say after how long it begins again.", field="repeat_after")
    if form.repeats and not 0 <= form.repeat_from < len(form.steps):
        raise PortalError("There is no such step.", field="repeat_from")
    for name, length in (
        ("repeat_after", form.repeat_after),
        ("ack_expires_after", form.ack_expires_after),
    ):
        if length is not None and not SHORTEST_PAUSE <= length <= LONGEST_DELAY:
            raise PortalError("From 1 minute to 7 days.", field=name)


def _problems_of(step: StepForm, known: _Known) -> Iterator[tuple[str, str]]:
    if not 0 < len(step.name.strip()) <= 120:
        yield "name", "Give the step a name of 1 to 120 characters."
    if step.delay is not None and not timedelta() <= step.delay <= LONGEST_DELAY:
        yield "delay", "From 0 minutes to 7 days."
    if not 1 <= step.max_level <= step.min_level <= 5:
        yield "min_level", "Levels are 1 (gravest) to 5, the graver one first."
    if step.requires and not _LABEL.fullmatch(step.requires):
        yield "requires", "A label has letters, digits, dots, hyphens and underscores."
    yield from _choice_problems(step)
    yield from _window_problems(step)
    if not 0 < len(step.targets) <= MOST_TARGETS:
        yield "targets", f"Say who is told: 1 to {MOST_TARGETS}."
    for target in step.targets:
        if problem := _target_problem(target, known):
            yield "targets", problem


def _choice_problems(step: StepForm) -> Iterator[tuple[str, str]]:
    for name, value, choices in (
        ("condition", step.condition, Step.Condition.values),
        ("strategy", step.strategy, Step.Strategy.values),
        ("ack_mode", step.ack_mode, Step.AckMode.values),
    ):
        if value not in choices:
            yield name, f"Choose one of: {', '.join(choices)}."


def _window_problems(step: StepForm) -> Iterator[tuple[str, str]]:
    if not set(step.window_days) <= set(range(7)):
        yield "window_days", "Days are 0 (Monday) to 6."
    if (step.window_starts is None) != (step.window_ends is None):
        yield "window_ends", "Give both hours, or none."
    elif step.window_starts is not None and step.window_starts == step.window_ends:
        yield "window_ends", "Hours that end as they start are none at all."
    zones = zone_names() | {"", RESPONDER}
    if step.window_zone not in zones:
        yield "window_zone", "Use an IANA zone like Europe/Berlin, or “responder”."


def _target_problem(target: TargetForm, known: _Known) -> str:
    if len(target.title.strip()) > 120:
        return "At most 120 characters."
    if target.kind == "title":
        return "" if target.title.strip() else "Write who it is."
    if target.kind not in known.ids:
        return "Choose one of: user, schedule, team, channel, title."
    if target.pk not in known.ids[target.kind]:
        return f"There is no such {target.kind} in this team."
    return _choice_problem(target, known)


def _choice_problem(target: TargetForm, known: _Known) -> str:
    if target.kind == "schedule":
        if target.role not in known.roles[target.pk or 0]:
            return "The schedule has no such role."
        if target.offset not in Target.Offset.values:
            return "Choose who is on call now, or next."
    if target.kind == "team" and target.scope not in Target.Scope.values:
        return "Choose members, managers or everybody on call."
    return ""


def _read_step(row: EscalationStep) -> StepForm:
    return StepForm(
        name=row.name,
        delay=row.delay,
        condition=row.condition,
        min_level=row.min_level,
        max_level=row.max_level,
        requires=row.requires,
        strategy=row.strategy,
        ack_mode=row.ack_mode,
        skip_if_empty=row.skip_if_empty,
        window_days=tuple(row.window_days),
        window_starts=row.window_starts,
        window_ends=row.window_ends,
        window_zone=row.window_zone,
        instructions=row.instructions,
        targets=tuple(_read_target(each) for each in row.targets.all()),
    )


def _read_target(row: EscalationTarget) -> TargetForm:
    values: dict[str, Any] = {"kind": "title", "title": row.title}
    for kind in ("user", "schedule", "team", "channel"):
        if getattr(row, f"{kind}_id") is not None:
            values |= {"kind": kind, "pk": getattr(row, f"{kind}_id")}
    return TargetForm(**values, role=row.role, offset=row.offset, scope=row.scope)
