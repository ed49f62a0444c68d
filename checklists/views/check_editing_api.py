"""Checks as settings that are kept elsewhere: read, written, ended.

`revision` names what a check says. Who writes with the one that was read loses no edit
that somebody made on a page meanwhile.
"""

from datetime import timedelta
from typing import Any, Literal

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from checklists.models import Check
from checklists.queries.check_settings import find_named, name_of, read_parents
from checklists.services import checks
from checklists.services.check_rules import CheckPlan, revision_of
from checklists.services.check_settings import write_check
from checklists.services.heartbeats import create_heartbeat
from oncall.access import authorize
from oncall.api.common import service_named, telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Service
from opsportal.kit.problems import Overtaken

router = Router(tags=["checklists and checks"])
_PATH = "/services/{slug}/checks/{check}"
_DAY = 86_400


class RungIn(Schema):
    """A rung: a severity of the service, when it holds, and for how long."""

    severity: str = Field(max_length=64)
    condition: str = Field(max_length=500)
    held: str = Field("", max_length=16, description="Such as 5m.")


class CheckIn(Schema):
    """A check as it is to be.

    ``spec`` is what the kind asks for, as its table in the documentation says; lengths
    are seconds; ``depends_on`` are checks of the team, as ``service/check``. Without
    ``freshness`` it is what suits the kind; with ``fail_within`` failures count among so
    many of the last looks, not in a row. With ``revision`` the answer is 409 when
    the check is not as it was read, with it as it is; "" asks that there is none yet.
    """

    name: str = Field(min_length=1, max_length=160)
    kind: str = Field(max_length=16)
    spec: dict[str, Any]
    description: str = Field("", max_length=20_000)
    condition: str = Field("", max_length=500)
    unit: str = Field("", max_length=16)
    ladder: list[RungIn] = Field([], max_length=10)
    interval: float = Field(60, ge=1, le=31 * _DAY)
    timeout: float = Field(10, ge=0.1, le=10)
    freshness: float | None = Field(None, ge=1, le=400 * _DAY)
    fail_after: int = Field(2, ge=1, le=20)
    fail_within: int | None = Field(None, ge=1, le=20)
    recover_after: int = Field(2, ge=1, le=20)
    no_data: Literal["unknown", "fail", "pass"] = "unknown"
    depends_on: list[str] = Field([], max_length=50)
    raises_alert: bool = True
    measures_uptime: bool = False
    revision: str | None = Field(None, max_length=64)


class SettingsOut(Schema):
    """A check as it is written; secrets stand there by name only."""

    id: int
    service: str
    slug: str
    name: str
    kind: str
    spec: dict[str, Any]
    description: str
    condition: str
    unit: str
    ladder: list[RungIn]
    interval: float
    timeout: float
    freshness: float
    fail_after: int
    fail_within: int | None
    recover_after: int
    no_data: str
    depends_on: list[str]
    raises_alert: bool
    measures_uptime: bool
    is_enabled: bool
    revision: str


class SeenOut(Schema):
    """What a look saw; ``fields`` are those that a condition may name, as text."""

    outcome: str
    code: str
    summary: str
    value: float | None
    latency_ms: float | None
    fields: dict[str, str]


class AddressOut(Schema):
    """Where a job tells of itself."""

    address: str


@router.get(_PATH, response=SettingsOut)
def show_settings(request: ApiRequest, slug: str, check: str) -> Any:
    """Show how a check is set."""
    return _settings_out(_find(service_named(readable_teams(request), slug), check))


@router.put(
    _PATH,
    response={200: SettingsOut, 201: SettingsOut, 409: Overtaken[SettingsOut]},
)
def write_settings(request: ApiRequest, slug: str, check: str, body: CheckIn) -> Any:
    """Make a check, or make it say this; a check that says it already stays as it is."""
    service = _find_own(request, slug)
    plan = _plan(service, check, body)
    with telling(lambda _: _standing(service, check)):
        made, is_new = write_check(
            plan, seen=body.revision, by=request.auth.user, now=timezone.now()
        )
    return Status(201 if is_new else 200, _settings_out(_find(service, made.slug)))


@router.post(_PATH + "/try", response=SeenOut)
def try_settings(request: ApiRequest, slug: str, check: str, body: CheckIn) -> Any:
    """Look once with these settings, and keep nothing."""
    service = _find_own(request, slug)
    standing = find_named(service.pk, check)
    seen = checks.try_check(
        _plan(service, check, body),
        now=timezone.now(),
        check_pk=standing.pk if standing else None,
    )
    return SeenOut(
        outcome=seen.outcome,
        code=seen.code,
        summary=seen.summary,
        value=seen.value,
        latency_ms=None
        if seen.latency is None
        else seen.latency / timedelta(milliseconds=1),
        fields=dict(seen.fields),
    )


@router.post(_PATH + "/address", response=AddressOut)
def renew_address(request: ApiRequest, slug: str, check: str) -> Any:
    """Give a heartbeat its address, told in this answer only; an older one is dead."""
    found = _find(_find_own(request, slug), check)
    token = create_heartbeat(found, by=request.auth.user, now=timezone.now())
    return {"address": request.build_absolute_uri(reverse("ping", args=[token]))}


@router.delete(_PATH, response={204: None})
def delete(request: ApiRequest, slug: str, check: str) -> Any:
    """Delete a check with all it saw; one that a checklist names is stopped instead."""
    found = _find(_find_own(request, slug), check)
    checks.delete_check(found, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.post(_PATH + "/stop", response=SettingsOut)
def stop(request: ApiRequest, slug: str, check: str) -> Any:
    """Stop looking: no alert, no downtime."""
    return _switch(request, slug, check, enabled=False)


@router.post(_PATH + "/resume", response=SettingsOut)
def resume(request: ApiRequest, slug: str, check: str) -> Any:
    """Look again."""
    return _switch(request, slug, check, enabled=True)


def _switch(request: ApiRequest, slug: str, check: str, *, enabled: bool) -> Any:
    service = _find_own(request, slug)
    checks.set_check_enabled(
        _find(service, check),
        enabled=enabled,
        by=request.auth.user,
        now=timezone.now(),
    )
    return _settings_out(_find(service, check))


def _find_own(request: ApiRequest, slug: str) -> Service:
    service = service_named(own_teams(request), slug)
    authorize(request.auth, "check.edit", service.team_id)
    return service


def _standing(service: Service, slug: str) -> SettingsOut | None:
    found = find_named(service.pk, slug)
    return None if found is None else SettingsOut(**_settings_out(found))


def _find(service: Service, slug: str) -> Check:
    found = find_named(service.pk, slug)
    if found is None:
        raise Http404
    return found


def _plan(service: Service, slug: str, body: CheckIn) -> CheckPlan:
    return CheckPlan(
        service=service,
        slug=slug,
        name=body.name,
        kind=body.kind,
        spec=body.spec,
        description=body.description,
        condition=body.condition,
        unit=body.unit,
        ladder=[
            {
                "severity": rung.severity,
                "condition": rung.condition,
                **({"for": rung.held} if rung.held else {}),
            }
            for rung in body.ladder
        ],
        interval=timedelta(seconds=body.interval),
        timeout=timedelta(seconds=body.timeout),
        freshness=None if body.freshness is None else timedelta(seconds=body.freshness),
        fail_after=body.fail_after,
        fail_within=body.fail_within,
        recover_after=body.recover_after,
        no_data=body.no_data,
        depends_on=read_parents(service.team_id, body.depends_on),
        raises_alert=body.raises_alert,
        measures_uptime=body.measures_uptime,
    )


def _settings_out(row: Check) -> dict[str, Any]:
    same = (
        "slug", "name", "kind", "spec", "description", "condition", "unit",
        "fail_after", "fail_within", "recover_after", "no_data", "raises_alert",
        "measures_uptime", "is_enabled",
    )  # fmt: skip
    return {
        "id": row.pk,
        "service": row.service.slug,
        **{name: getattr(row, name) for name in same},
        "ladder": [
            {
                "severity": rung["severity"],
                "condition": rung["condition"],
                "held": rung.get("for", ""),
            }
            for rung in row.ladder
        ],
        "interval": row.interval.total_seconds(),
        "timeout": row.timeout.total_seconds(),
        "freshness": row.freshness.total_seconds(),
        "depends_on": [name_of(parent) for parent in row.depends_on.all()],
        "revision": revision_of(row, row.depends_on.all()),
    }
