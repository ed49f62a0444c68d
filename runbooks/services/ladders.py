"""The ladder of a runbook as an escalation policy of the service."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from oncall.models import EscalationPolicy, Service, User
from oncall.queries.policies import newest_version
from oncall.services.policies import (
    append_version,
    assign_services,
    create_policy,
    delete_policy,
    restore_version,
)
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm, read_form
from runbooks.services.names import free_slug

NOTE = "From the runbook"
_LOWEST = 5


def put_ladder(
    service: Service,
    steps: Iterable[Mapping[str, Any]],
    *,
    policy: EscalationPolicy | None,
    by: User,
    now: datetime,
) -> EscalationPolicy:
    """Make the policy of the service, or append a version to ``policy``.

    Whoever the runbook names is told as a title: the portal knows no account for
    it. A step that keeps its name keeps whom people chose for it. Raises PortalError.
    """
    chosen = _targets_of(policy)
    form = PolicyForm(steps=tuple(_step(each, chosen) for each in steps), note=NOTE)
    if policy is not None:
        append_version(policy, form, by=by, now=now)
    else:
        wanted = f"{service.slug[:38]}-ladder"
        policy = create_policy(
            service.team,
            name=f"{service.name} escalation"[:120],
            slug=free_slug(EscalationPolicy.objects.all(), wanted),
            form=form,
            by=by,
            now=now,
        )
    if Service.objects.filter(pk=service.pk, policy=None).exists():
        _follow(policy, service, by=by, now=now)
    return policy


def restore_ladder(
    policy: EscalationPolicy, service: Service, number: int, *, by: User, now: datetime
) -> None:
    """Let the service follow the policy as its version ``number`` says again."""
    newest = newest_version(policy.pk)
    if newest is None or newest.number != number:
        restore_version(policy, number, by=by, now=now)
    _follow(policy, service, by=by, now=now)


def _follow(
    policy: EscalationPolicy, service: Service, *, by: User, now: datetime
) -> None:
    followers = set(policy.services.values_list("pk", flat=True))
    assign_services(policy, followers | {service.pk}, by=by, now=now)


def withdraw_ladder(
    policy: EscalationPolicy,
    service: Service,
    *,
    is_final: bool,
    by: User,
    now: datetime,
) -> None:
    """Take the service off its policy; ``is_final`` deletes the policy as well.

    Raises PortalError when it is to be deleted and another service follows it.
    """
    followers = set(policy.services.values_list("pk", flat=True))
    assign_services(policy, followers - {service.pk}, by=by, now=now)
    if is_final:
        delete_policy(policy, by=by, now=now)


def _targets_of(policy: EscalationPolicy | None) -> dict[str, tuple[TargetForm, ...]]:
    version = newest_version(policy.pk) if policy else None
    steps = read_form(version).steps if version else ()
    return {step.name: step.targets for step in steps}


def _step(
    value: Mapping[str, Any], chosen: Mapping[str, tuple[TargetForm, ...]]
) -> StepForm:
    who, minutes, level = str(value["who"])[:120], value["minutes"], value["level"]
    return StepForm(
        name=who,
        delay=None if minutes is None else timedelta(minutes=minutes),
        targets=chosen.get(who) or (TargetForm(kind="title", title=who),),
        min_level=level or _LOWEST,
        max_level=level or 1,
        instructions=str(value["condition"]),
        # Whom no page can reach is no reason to hurry: the managers call them.
        skip_if_empty=False,
    )
