"""Escalation policies: as the domain thinks them, and as pages show them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from oncall.domain.ladder import AckMode, Condition, Policy, Step, Strategy
from oncall.domain.ladder_words import Difference, People, compare, describe_policy
from oncall.models import (
    Channel,
    EscalationPolicy,
    EscalationPolicyVersion,
    EscalationStep,
    EscalationTarget,
    Schedule,
    Service,
    User,
)
from oncall.queries.targets import read_window, say_target

MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One policy of a list."""

    slug: str
    name: str
    team_name: str
    team_slug: str
    services: list[str]
    sentences: list[str]
    version: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a policy with what it changed."""

    number: int
    created_at: datetime
    created_by: str
    note: str
    sentences: list[str]
    changes: list[Difference]
    is_newest: bool


def versions() -> QuerySet[EscalationPolicyVersion]:
    """Return versions with all that their ladders are made of: three queries."""
    targets = EscalationTarget.objects.select_related(
        "user", "schedule", "team", "channel"
    )
    steps = EscalationStep.objects.prefetch_related(Prefetch("targets", targets))
    return EscalationPolicyVersion.objects.select_related(
        "policy__team", "created_by"
    ).prefetch_related(Prefetch("steps", steps.order_by("position")))


def newest_version(policy_pk: int) -> EscalationPolicyVersion | None:
    """Return the version that holds now."""
    return versions().filter(policy=policy_pk).order_by("-number").first()


def newest_versions(
    policies: Collection[EscalationPolicy],
) -> dict[int, EscalationPolicyVersion]:
    """Return the version that holds now by policy, with the same few queries."""
    rows = EscalationPolicyVersion.objects.filter(policy__in=policies)
    keys = dict(rows.order_by("number").values_list("policy_id", "pk"))
    return {row.policy_id: row for row in versions().filter(pk__in=keys.values())}


def read_policy(version: EscalationPolicyVersion) -> Policy:
    """Return a version as a value; its steps must come from `versions`."""
    team = version.policy.team
    return Policy(
        steps=tuple(
            Step(
                name=row.name,
                delay=row.delay,
                condition=Condition(row.condition),
                min_level=row.min_level,
                max_level=row.max_level,
                requires=row.requires,
                strategy=Strategy(row.strategy),
                ack_mode=AckMode(row.ack_mode),
                skip_if_empty=row.skip_if_empty,
                window=read_window(row, team),
                targets=len(row.targets.all()),
            )
            for row in version.steps.all()
        ),
        repeats=version.repeats,
        repeat_after=version.repeat_after,
        repeat_from=min(version.repeat_from, max(0, len(version.steps.all()) - 1)),
        ack_expires_after=version.ack_expires_after,
    )


def describe_version(version: EscalationPolicyVersion) -> list[str]:
    """Return the ladder in sentences."""
    people = [_say_people(step) for step in version.steps.all()]
    return describe_policy(read_policy(version), people)


def _say_people(step: EscalationStep) -> People:
    targets = list(step.targets.all())
    return People(
        tuple(
            say_target(each)
            if has_account(each)
            else f"{say_target(each)} (no account: cannot be paged)"
            for each in targets
        ),
        any(has_account(each) and not each.channel_id for each in targets),
    )


def has_account(row: EscalationTarget) -> bool:
    """Say whether a target can lead to anybody at all."""
    return bool(row.user_id or row.schedule_id or row.team_id or row.channel_id)


def list_policies(team_ids: Collection[int]) -> list[PolicyRow]:
    """Return the policies of the teams, with a constant number of queries."""
    rows = list(
        EscalationPolicy.objects.filter(team__in=list(team_ids))
        .select_related("team")
        .prefetch_related("services")
        .order_by("team__name", "name")
    )
    newest = newest_versions(rows)
    return [_policy_row(row, newest.get(row.pk)) for row in rows]


def policies_telling(schedule: Schedule) -> list[EscalationPolicy]:
    """Return the team's policies that tell whoever is on call in a schedule."""
    newer = EscalationPolicyVersion.objects.filter(
        policy=OuterRef("policy"), number__gt=OuterRef("number")
    )
    telling = EscalationPolicyVersion.objects.filter(
        ~Exists(newer), policy=OuterRef("pk"), steps__targets__schedule=schedule
    )
    rows = EscalationPolicy.objects.filter(Exists(telling), team=schedule.team_id)
    return list(rows.order_by("name"))


def find_policy(slug: str, team_ids: Collection[int]) -> EscalationPolicy | None:
    """Return a policy of one of the teams, with its team."""
    rows = EscalationPolicy.objects.filter(slug=slug, team__in=list(team_ids))
    return rows.select_related("team").first()


def history_of(policy_pk: int) -> list[VersionRow]:
    """Return the newest versions first, each with what it changed in words."""
    rows = list(
        versions().filter(policy=policy_pk).order_by("-number")[: MOST_VERSIONS + 1]
    )
    sentences = [describe_version(row) for row in rows]
    before = [*sentences, []][1:]
    found = [
        VersionRow(
            number=row.number,
            created_at=row.created_at,
            created_by=str(row.created_by or ""),
            note=row.note,
            sentences=now,
            changes=compare(former, now) if former else [],
            is_newest=place == 0,
        )
        for place, (row, now, former) in enumerate(
            zip(rows, sentences, before, strict=True)
        )
    ]
    return found[:MOST_VERSIONS]


def services_of(team_pk: int) -> list[Service]:
    """Return the team's services with their policies."""
    return list(Service.objects.filter(team=team_pk).select_related("policy"))


def reach_of(team_pk: int) -> dict[str, list[Any]]:
    """Return what a policy of the team may point at: people, schedules, channels."""
    people = User.objects.filter(memberships__team=team_pk, is_active=True)
    schedules = Schedule.objects.filter(team=team_pk, is_active=True)
    return {
        "people": [(row.pk, row.display_name) for row in people],
        "schedules": [
            (row.pk, row.name, _roles_of(row))
            for row in schedules.prefetch_related("rotations")
        ],
        "channels": list(
            Channel.objects.filter(team=team_pk).values_list("pk", "name")
        ),
    }


def _roles_of(row: Schedule) -> list[str]:
    roles = [role for each in row.rotations.all() for role in each.roles]
    return list(dict.fromkeys([*row.required_roles, *roles]))


def _policy_row(
    row: EscalationPolicy, version: EscalationPolicyVersion | None
) -> PolicyRow:
    return PolicyRow(
        slug=row.slug,
        name=row.name,
        team_name=row.team.name,
        team_slug=row.team.slug,
        services=[each.name for each in row.services.all()],
        sentences=describe_version(version) if version else [],
        version=version.number if version else 0,
        changed_at=version.created_at if version else None,
    )
