"""Escalation policies as managers edit them: versions are appended, none changes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction

from oncall.models import (
    EscalationPolicy,
    EscalationPolicyVersion,
    EscalationTarget,
    Service,
    Team,
    User,
)
from oncall.queries.policies import describe_version, newest_version, versions
from oncall.queries.targets import Found, TargetBook, ways_of
from oncall.services.audit import record_change
from oncall.services.policy_forms import (
    PolicyForm,
    check_policy,
    read_form,
    write_step,
    write_target,
)
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError


def create_policy(
    team: Team, *, name: str, slug: str, form: PolicyForm, by: User, now: datetime
) -> EscalationPolicy:
    """Make a policy with its first version.

    Raises PortalError with the field at fault.
    """
    _check_name(name)
    check_policy(form, team.pk)
    policy = EscalationPolicy(team=team, slug=slug, name=name.strip())
    with transaction.atomic():
        touch_team(team.pk)
        try:
            with transaction.atomic():
                policy.save(force_insert=True)
        except IntegrityError:
            raise PortalError(
                f"There is a policy “{slug}” already. Choose another short name.",
                code="taken",
                field="slug",
            ) from None
        version = _append(policy, 1, form, by=by, now=now)
        _audit("policy.create", policy, by=by, now=now, after=_as_words(version))
    return policy


def append_version(
    policy: EscalationPolicy,
    form: PolicyForm,
    *,
    by: User,
    now: datetime,
    name: str | None = None,
) -> EscalationPolicyVersion:
    """Append a version, which holds for alerts that open from now on.

    Those that climb already go on by the version that they began with. Raises
    PortalError with the field at fault, Conflict when somebody edited meanwhile.
    """
    if name is not None:
        _check_name(name)
    check_policy(form, policy.team_id)
    with transaction.atomic():
        # The row lock puts two editors in turn; the second then sees the first.
        touch_team(policy.team_id)
        newest = newest_version(policy.pk)
        number = newest.number if newest else 0
        if form.based_on not in {None, number}:
            raise Conflict(
                f"{(newest and newest.created_by) or 'Somebody'} changed this policy "
                "while you were editing. Look at what is saved now, then edit again.",
                current=newest,
            )
        if name is not None:
            policy.name = name.strip()
            policy.save(update_fields=["name"])
        version = _append(policy, number + 1, form, by=by, now=now)
        _audit(
            "policy.edit",
            policy,
            by=by,
            now=now,
            before={"steps": describe_version(newest)} if newest else None,
            after=_as_words(version),
        )
    return version


def restore_version(
    policy: EscalationPolicy, number: int, *, by: User, now: datetime
) -> EscalationPolicyVersion:
    """Append what an earlier version said, as the newest one.

    Raises PortalError when there is no such version, or when it names people or
    things that are no longer the team's.
    """
    row = versions().filter(policy=policy, number=number).first()
    if row is None:
        raise PortalError("There is no such version.", field="number")
    form = read_form(row)
    return append_version(
        policy,
        PolicyForm(
            steps=form.steps,
            repeats=form.repeats,
            repeat_after=form.repeat_after,
            repeat_from=form.repeat_from,
            ack_expires_after=form.ack_expires_after,
            note=f"Back to version {number}",
        ),
        by=by,
        now=now,
    )


def assign_services(
    policy: EscalationPolicy, service_pks: Collection[int], *, by: User, now: datetime
) -> int:
    """Let exactly these services of the team follow the policy.

    Returns how many changed. Raises PortalError for a service of another team.
    """
    wanted = set(service_pks)
    with transaction.atomic():
        touch_team(policy.team_id)
        rows = {row.pk: row for row in Service.objects.filter(team=policy.team_id)}
        if not wanted <= set(rows):
            raise PortalError(
                "There is no such service in this team.", field="services"
            )
        before = {pk for pk, row in rows.items() if row.policy_id == policy.pk}
        Service.objects.filter(pk__in=before - wanted).update(policy=None)
        Service.objects.filter(pk__in=wanted - before).update(policy=policy)
        changed = before ^ wanted
        if changed:
            _audit(
                "policy.assign",
                policy,
                by=by,
                now=now,
                before={"services": sorted(rows[pk].slug for pk in before)},
                after={"services": sorted(rows[pk].slug for pk in wanted)},
            )
    return len(changed)


def delete_policy(policy: EscalationPolicy, *, by: User, now: datetime) -> None:
    """Remove a policy that no service follows. Raises PortalError when one does.

    What climbs by it already is handed to the managers by the engine.
    """
    with transaction.atomic():
        touch_team(policy.team_id)
        names = list(policy.services.values_list("name", flat=True))
        if names:
            raise PortalError(
                f"{', '.join(names)} still follows this policy. Give it another one "
                "first.",
                code="in_use",
            )
        before = {"name": policy.name, "slug": policy.slug}
        _audit("policy.delete", policy, by=by, now=now, before=before)
        policy.delete()


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be saved, in sentences, and what is weak about it."""

    sentences: list[str]
    warnings: list[str]


def preview_policy(team: Team, form: PolicyForm, *, by: User, now: datetime) -> Preview:
    """Say what ``form`` would be. Nothing stays written.

    Raises PortalError with the field at fault.
    """
    check_policy(form, team.pk)
    with transaction.atomic():
        # Written and taken back, so that its words come from what would be saved.
        draft = EscalationPolicy.objects.create(
            team=team, slug=f"draft-{uuid4().hex}", name="Draft"
        )
        version = _append(draft, 1, form, by=by, now=now)
        preview = Preview(describe_version(version), warn_about(version, now=now))
        transaction.set_rollback(True)
    return preview


def warn_about(version: EscalationPolicyVersion, *, now: datetime) -> list[str]:
    """Return what makes a ladder weak at ``now``, a sentence each. Writes nothing."""
    steps = list(version.steps.all())
    book = TargetBook(steps, version.policy.team, since=now)
    warnings: list[str] = []
    people: dict[int, str] = {}
    for place in range(len(steps)):
        found = book.find(place, now)
        for each in found:
            people |= {r.user.pk: r.name for r in each.recipients if r.user}
        warnings += _weaknesses_of(place, found)
    for user_id, ways in ways_of(people).items():
        if all(way.method_pk is None for way, _ in ways):
            warnings.append(
                f"{people[user_id]} has no verified contact method; only the "
                "account's email is left."
            )
    if not any(step.delay is not None for step in steps):
        warnings.append("No step has a time: nobody is told until somebody escalates.")
    return warnings


def _weaknesses_of(place: int, found: list[Found]) -> list[str]:
    problems = [f"{each.label}: {each.problem}" for each in found if each.problem]
    if any(each.recipients for each in found):
        return [f"Step {place + 1}: {problem}." for problem in problems]
    reason = "; ".join(problems) or "it has no target"
    return [f"Step {place + 1} would tell nobody now ({reason})."]


def _check_name(name: str) -> None:
    if not 0 < len(name.strip()) <= 120:
        raise PortalError(
            "Give the policy a name of 1 to 120 characters.", field="name"
        )


def _append(
    policy: EscalationPolicy, number: int, form: PolicyForm, *, by: User, now: datetime
) -> EscalationPolicyVersion:
    version = EscalationPolicyVersion.objects.create(
        policy=policy,
        number=number,
        repeats=form.repeats,
        repeat_after=form.repeat_after,
        repeat_from=form.repeat_from,
        ack_expires_after=form.ack_expires_after,
        note=form.note.strip()[:250],
        created_at=now,
        created_by=by,
    )
    for place, step in enumerate(form.steps):
        row = write_step(version, place, step)
        row.save(force_insert=True)
        EscalationTarget.objects.bulk_create(
            write_target(row, each) for each in step.targets
        )
    # Read again with everything that its words are made of.
    return versions().get(pk=version.pk)


def _as_words(version: EscalationPolicyVersion) -> dict[str, Any]:
    return {"version": version.number, "steps": describe_version(version)}


def _audit(
    action: str, policy: EscalationPolicy, *, by: User, now: datetime, **more: Any
) -> None:
    record_change(action, policy, by=by, now=now, team_id=policy.team_id, **more)
