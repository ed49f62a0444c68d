"""Escalation policies: read, append, and ask what they would do."""

from datetime import datetime, time, timedelta
from typing import Annotated, Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from oncall.access import authorize
from oncall.api.common import Moment, ShortName, telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.domain.escalation_story import Story
from oncall.models import EscalationPolicy, EscalationPolicyVersion, Team
from oncall.queries.policies import (
    PolicyRow,
    describe_version,
    find_policy,
    list_policies,
    newest_version,
)
from oncall.queries.services import list_services
from oncall.queries.simulation import StoryLine, check_moment, tell_story
from oncall.services import policies
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm
from opsportal.kit.errors import PortalError
from opsportal.kit.problems import Overtaken

router = Router()
Minutes = Annotated[float, Field(ge=0, le=10_080)]
Name = Annotated[str, Field(max_length=120)]
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]
Level = Annotated[int, Field(ge=1, le=5)]


class PolicyOut(Schema):
    """A policy as it holds now, in sentences."""

    slug: str
    name: str
    team: str
    version: int
    services: list[str]
    sentences: list[str]


class TargetIn(Schema):
    """Who is told; id is the row of the kind, none for a title."""

    kind: Annotated[str, Field(description="user, schedule, team, channel or title")]
    id: Key | None = None
    role: Annotated[str, Field(max_length=32)] = ""
    offset: Annotated[str, Field(description="now or next")] = "now"
    scope: Annotated[str, Field(description="members, managers or on_call")] = ""
    title: Name = ""


class StepIn(Schema):
    """One rung. No delay_minutes: only people and empty steps reach it."""

    name: Name
    delay_minutes: Minutes | None = None
    condition: str = "unacknowledged"
    max_level: Level = 1
    min_level: Level = 5
    requires: Annotated[str, Field(max_length=64)] = ""
    strategy: str = "all"
    ack_mode: str = "any"
    skip_if_empty: bool = True
    window_days: Annotated[list[int], Field(max_length=7)] = []
    window_starts: time | None = None
    window_ends: time | None = None
    window_zone: Annotated[str, Field(max_length=64)] = ""
    instructions: Annotated[str, Field(max_length=2000)] = ""
    targets: Annotated[list[TargetIn], Field(max_length=12)]


class VersionIn(Schema):
    """A whole ladder; based_on is the version that was edited, if any.

    When another was appended since, the answer is 409 with that one as current.
    """

    steps: Annotated[list[StepIn], Field(max_length=20)]
    repeats: Annotated[int, Field(ge=0, le=20)] = 0
    repeat_after_minutes: Minutes | None = None
    repeat_from: Annotated[int, Field(ge=1, le=20)] = 1
    ack_expires_after_minutes: Minutes | None = None
    note: Annotated[str, Field(max_length=250)] = ""
    based_on: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class PolicyIn(VersionIn):
    """A new policy of a team with its first version."""

    team: Annotated[str, Field(max_length=50)]
    slug: ShortName
    name: Name


class PolicyVersionOut(Schema):
    """One version in sentences."""

    policy: str
    number: int
    created_at: datetime
    sentences: list[str]


class ServicesIn(Schema):
    """The short names of exactly the services that follow a policy."""

    services: Annotated[list[ShortName], Field(max_length=500)]


class StoryIn(Schema):
    """An imagined alert; no moment for now, no minutes for never."""

    at: Moment | None = None
    level: Level = 1
    labels: Annotated[dict[str, str], Field(max_length=50)] = {}
    acknowledged_after_minutes: Minutes | None = None
    resolved_after_minutes: Minutes | None = None


class WayOut(Schema):
    """One message; a stopped one is taken back before it leaves."""

    at: datetime
    method: str
    is_stopped: bool


class StoryToldOut(Schema):
    """One person or channel, and how they are told."""

    kind: str
    name: str
    via: str
    ways: list[WayOut]


class StoryLineOut(Schema):
    """One thing that happens; act is tell, pass, last_resort, repeat, expire or end."""

    at: datetime
    after_minutes: float
    act: str
    step: int | None
    title: str
    text: str
    told: list[StoryToldOut]


@router.get("/policies", response=list[PolicyOut])
def list_all(request: ApiRequest) -> Any:
    """List the escalation policies of the token's teams."""
    return [_policy_out(row) for row in list_policies(readable_teams(request))]


@router.post("/policies", response={201: PolicyVersionOut})
def create(request: ApiRequest, body: PolicyIn) -> Any:
    """Make a policy with its first version."""
    team = Team._default_manager.filter(
        slug=body.team, pk__in=own_teams(request)
    ).first()
    if team is None:
        raise Http404
    authorize(request.auth, "policy.edit", team.pk)
    policy = policies.create_policy(
        team,
        name=body.name,
        slug=body.slug,
        form=_read(body),
        by=request.auth.user,
        now=timezone.now(),
    )
    return Status(201, _version_out(policy, newest_version(policy.pk)))


@router.post(
    "/policies/{slug}/versions",
    response={201: PolicyVersionOut, 409: Overtaken[PolicyVersionOut]},
)
def append(request: ApiRequest, slug: str, body: VersionIn) -> Any:
    """Append a version, which holds for alerts that open from now on."""
    policy = _find_to_edit(request, slug)
    form, by = _read(body), request.auth.user
    with telling(lambda newest: newest and _version_out(policy, newest)):
        version = policies.append_version(policy, form, by=by, now=timezone.now())
    return Status(201, _version_out(policy, version))


@router.post(
    "/policies/{slug}/versions/{number}/restore", response={201: PolicyVersionOut}
)
def restore(request: ApiRequest, slug: str, number: int) -> Any:
    """Append what an earlier version said, as the newest one."""
    policy = _find_to_edit(request, slug)
    # No row has a number that the database cannot hold.
    version = policies.restore_version(
        policy, min(number, 2**31 - 1), by=request.auth.user, now=timezone.now()
    )
    return Status(201, _version_out(policy, version))


@router.put("/policies/{slug}/services", response=PolicyOut)
def assign(request: ApiRequest, slug: str, body: ServicesIn) -> Any:
    """Let exactly these services of the team follow a policy."""
    policy = _find_to_edit(request, slug)
    known = {row.slug: row.pk for row in list_services([policy.team_id])}
    if missing := [name for name in body.services if name not in known]:
        raise PortalError(
            f"There is no service “{missing[0]}” in this team.", field="services"
        )
    policies.assign_services(
        policy,
        [known[name] for name in body.services],
        by=request.auth.user,
        now=timezone.now(),
    )
    return next(
        _policy_out(row)
        for row in list_policies([policy.team_id])
        if row.slug == policy.slug
    )


@router.delete("/policies/{slug}", response={204: None})
def delete(request: ApiRequest, slug: str) -> Any:
    """Remove a policy that no service follows."""
    policy = _find_to_edit(request, slug)
    policies.delete_policy(policy, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.post("/policies/{slug}/simulate", response=list[StoryLineOut])
def simulate(request: ApiRequest, slug: str, body: StoryIn) -> Any:
    """Say who would be told of an alert, when and how, for a week. Sends nothing."""
    policy = _find(slug, readable_teams(request))
    version = newest_version(policy.pk)
    if version is None:
        return []
    now = timezone.now()
    opened_at = body.at or now
    check_moment(opened_at, now)
    ack, over = body.acknowledged_after_minutes, body.resolved_after_minutes
    story = Story(
        opened_at=opened_at,
        level=body.level,
        labels=body.labels,
        acknowledged_at=None if ack is None else opened_at + timedelta(minutes=ack),
        resolved_at=None if over is None else opened_at + timedelta(minutes=over),
    )
    return [_line_out(line) for line in tell_story(version, story)]


def _find(slug: str, team_ids: list[int]) -> EscalationPolicy:
    policy = find_policy(slug, team_ids)
    if policy is None:
        raise Http404
    return policy


def _find_to_edit(request: ApiRequest, slug: str) -> EscalationPolicy:
    policy = _find(slug, own_teams(request))
    authorize(request.auth, "policy.edit", policy.team_id)
    return policy


def _policy_out(row: PolicyRow) -> PolicyOut:
    return PolicyOut(
        slug=row.slug,
        name=row.name,
        team=row.team_slug,
        version=row.version,
        services=row.services,
        sentences=row.sentences,
    )


def _read(body: VersionIn) -> PolicyForm:
    return PolicyForm(
        steps=tuple(_read_step(step) for step in body.steps),
        repeats=body.repeats,
        repeat_after=_length(body.repeat_after_minutes),
        repeat_from=body.repeat_from - 1,
        ack_expires_after=_length(body.ack_expires_after_minutes),
        note=body.note,
        based_on=body.based_on,
    )


def _read_step(step: StepIn) -> StepForm:
    values = step.dict(exclude={"delay_minutes", "targets", "window_days"})
    return StepForm(
        **values,
        delay=_length(step.delay_minutes),
        window_days=tuple(step.window_days),
        targets=tuple(
            TargetForm(**each.dict(exclude={"id"}), pk=each.id) for each in step.targets
        ),
    )


def _length(minutes: float | None) -> timedelta | None:
    return None if minutes is None else timedelta(seconds=round(minutes * 60))


def _version_out(
    policy: EscalationPolicy, version: EscalationPolicyVersion | None
) -> PolicyVersionOut:
    if version is None:
        raise Http404
    return PolicyVersionOut(
        policy=policy.slug,
        number=version.number,
        created_at=version.created_at,
        sentences=describe_version(version),
    )


def _line_out(line: StoryLine) -> StoryLineOut:
    return StoryLineOut(
        at=line.at,
        after_minutes=line.after / timedelta(minutes=1),
        act=line.act,
        step=None if line.step is None else line.step + 1,
        title=line.title,
        text=line.text,
        told=[
            StoryToldOut(
                kind=each.kind,
                name=each.name,
                via=each.via,
                ways=[
                    WayOut(at=way.at, method=way.label, is_stopped=way.is_stopped)
                    for way in each.ways
                ],
            )
            for each in line.told
        ],
    )
