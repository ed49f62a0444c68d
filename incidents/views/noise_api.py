"""The API of what keeps alerts quiet: storms, cooldowns, work that comes back."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AfterValidator

from incidents.domain.noise import LONGEST_COOLDOWN
from incidents.domain.recurrence import Recurrence
from incidents.domain.told_groups import Rule
from incidents.models import AlertGroup, Storm
from incidents.queries.alerts import get_alert
from incidents.queries.integrations import get_integration
from incidents.queries.recurring import RecurringRow, get_recurring, list_recurring
from incidents.queries.services import find_services
from incidents.queries.storms import get_storm, list_storms
from incidents.queries.told_groups import get_grouping, groups_of
from incidents.services.alert_groups import set_grouping
from incidents.services.cooldowns import cool_sender, cool_series
from incidents.services.durations import set_durations
from incidents.services.recurring import create_recurring, stop_recurring
from incidents.services.storms import cool_storm
from oncall.access import authorize
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Service
from opsportal.kit.errors import PortalError
from opsportal.kit.paging import PageOf, Window, cut
from opsportal.kit.zones import zone_names

router = Router(tags=["alerts and incidents"])
_LONGEST = int(LONGEST_COOLDOWN.total_seconds())


class CommonOut(Schema):
    """A label that most alerts of a storm share."""

    name: str
    value: str
    count: int


class StormOut(Schema):
    """One storm; ``ended_at`` is null while it runs."""

    id: int
    service: str
    began_at: datetime
    ended_at: datetime | None
    alerts: int
    most_a_minute: int
    common: list[CommonOut]
    incident: str | None
    cooled_at: datetime | None


class SharedOut(Schema):
    """A label that all alerts of a group share."""

    name: str
    value: str


class GroupOut(Schema):
    """One group of alerts; ``closed_at`` is null while any of them is open."""

    id: int
    service: str
    shared: list[SharedOut]
    opened_at: datetime
    closed_at: datetime | None
    told_at: datetime | None
    alerts: int


class GroupingOut(Schema):
    """How alerts of a service are grouped, lengths in seconds; null: they are not."""

    labels: list[str] | None
    wait: int | None
    interval: int | None
    repeat: int | None


class GroupingIn(Schema):
    """Labels whose values make groups; none: all alerts of the service are one."""

    labels: list[Annotated[str, Field(min_length=1, max_length=128)]] = Field(
        max_length=8
    )
    wait: Annotated[int, Field(ge=0, le=300)] = 10
    interval: Annotated[int, Field(ge=10, le=86_400)] = 60
    repeat: Annotated[int, Field(ge=10, le=604_800)] = 14_400


class CooldownIn(Schema):
    """At most one message in so many seconds; null takes the setting back."""

    seconds: Annotated[int, Field(ge=0, le=_LONGEST)] | None


class DurationsIn(Schema):
    """In seconds: how long an alert lasts before it tells, and its end before it counts.

    Null asks nothing.
    """

    hold_for: Annotated[int, Field(ge=0, le=86_400)] | None = None
    clear_for: Annotated[int, Field(ge=0, le=86_400)] | None = None


class OccurrenceOut(Schema):
    """One time that it comes back."""

    starts_at: datetime
    ends_at: datetime


class RecurringOut(Schema):
    """Planned work that comes back, as a sentence and with its next times."""

    id: int
    service: str
    reason: str
    rule: str
    upcoming: list[OccurrenceOut]


def _known_zone(name: str) -> str:
    if name not in zone_names():
        raise ValueError("There is no such time zone.")
    return name


class RecurringIn(Schema):
    """A rule on the wall clock of a zone; weekdays count from Monday = 0."""

    service: str
    reason: str = Field(max_length=250)
    frequency: Literal["weekly", "monthly"]
    every: int = Field(1, ge=1, le=12)
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field([], max_length=7)
    month_day: Annotated[int, Field(ge=1, le=31)] | None = None
    nth: Literal[1, 2, 3, 4, -1] | None = None
    starts: time
    minutes: int = Field(ge=1, le=7 * 1440)
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    first_on: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 1, 1))]
    last_on: Annotated[date, Field(le=date(2199, 1, 1))] | None = None


@router.get("/storms", response=PageOf[StormOut])
def list_all_storms(request: ApiRequest, window: Query[Window]) -> Any:
    """List storms of alerts, newest first."""
    page = cut(list_storms(readable_teams(request)), window)
    return {**page, "items": [_storm_out(row) for row in page["items"]]}


@router.post("/storms/{pk}/cooldown", response=StormOut)
def apply_cooldown(request: ApiRequest, pk: int) -> Any:
    """Apply the cooldown of ten minutes that a storm suggests."""
    storm = get_storm(own_teams(request), pk)
    if storm is None:
        raise Http404
    authorize(request.auth, "alert.work", storm.service.team_id)
    cool_storm(storm, by=request.auth.user, now=timezone.now())
    return _storm_out(storm)


@router.get("/alert-groups", response=PageOf[GroupOut])
def list_all_groups(request: ApiRequest, window: Query[Window]) -> Any:
    """List groups of alerts that are told together, newest first."""
    page = cut(groups_of(readable_teams(request)), window)
    return {**page, "items": [_group_out(row) for row in page["items"]]}


@router.get("/services/{slug}/grouping", response=GroupingOut)
def show_grouping(request: ApiRequest, slug: str) -> Any:
    """Say how alerts of a service are grouped; all null where they are not."""
    return _grouping_out(_find_service(readable_teams(request), slug))


@router.put("/services/{slug}/grouping", response=GroupingOut)
def put_grouping(request: ApiRequest, slug: str, body: GroupingIn) -> Any:
    """Group the alerts of a service that open from now on."""
    service = _find_service(own_teams(request), slug)
    authorize(request.auth, "integration.edit", service.team_id)
    lengths = (timedelta(seconds=n) for n in (body.wait, body.interval, body.repeat))
    rule = Rule(tuple(dict.fromkeys(body.labels)), *lengths)
    set_grouping(service, rule, by=request.auth.user, now=timezone.now())
    return _grouping_out(service)


@router.delete("/services/{slug}/grouping", response={204: None})
def delete_grouping(request: ApiRequest, slug: str) -> Any:
    """Let each alert of a service that opens from now on tell by itself."""
    service = _find_service(own_teams(request), slug)
    authorize(request.auth, "integration.edit", service.team_id)
    set_grouping(service, None, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.put("/alerts/{pk}/cooldown", response={204: None})
def set_series_cooldown(request: ApiRequest, pk: int, body: CooldownIn) -> Any:
    """Say how often the series of an alert may tell; null: as its sender."""
    alert = get_alert(own_teams(request), pk)
    if alert is None:
        raise Http404
    authorize(request.auth, "alert.work", alert.service.team_id)
    cool_series(alert.series, _read(body), by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.put("/integrations/{pk}/cooldown", response={204: None})
def set_sender_cooldown(request: ApiRequest, pk: int, body: CooldownIn) -> Any:
    """Say how often each series of a sender may tell; null: every time."""
    sender = get_integration(own_teams(request), pk)
    if sender is None:
        raise Http404
    authorize(request.auth, "integration.edit", sender.service.team_id)
    cool_sender(sender, _read(body), by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.put("/integrations/{pk}/durations", response={204: None})
def set_sender_durations(request: ApiRequest, pk: int, body: DurationsIn) -> Any:
    """Say how long what a sender says has to last."""
    sender = get_integration(own_teams(request), pk)
    if sender is None:
        raise Http404
    authorize(request.auth, "integration.edit", sender.service.team_id)
    lengths = (_length(body.hold_for), _length(body.clear_for))
    set_durations(sender, *lengths, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.get("/maintenance/recurring", response=list[RecurringOut])
def list_all_recurring(request: ApiRequest) -> Any:
    """List planned work that comes back."""
    rows = list_recurring(readable_teams(request), timezone.now())
    return [_recurring_out(row) for row in rows]


@router.post("/maintenance/recurring", response={201: RecurringOut})
def plan_recurring(request: ApiRequest, body: RecurringIn) -> Any:
    """Plan work that comes back."""
    services = find_services(own_teams(request), [body.service])
    if not services:
        raise PortalError("Name one of your services.", field="service")
    authorize(request.auth, "maintenance.edit", services[0].team_id)
    now = timezone.now()
    is_weekly = body.frequency == "weekly"
    rule = Recurrence(
        frequency=body.frequency,
        every=body.every,
        weekdays=tuple(sorted(set(body.weekdays))),
        month_day=None if is_weekly else body.month_day,
        nth=None if is_weekly else body.nth,
        starts=body.starts.replace(microsecond=0, tzinfo=None),
        length=timedelta(minutes=body.minutes),
        zone=body.time_zone,
        first_on=body.first_on,
        last_on=body.last_on,
    )
    made = create_recurring(
        services[0], rule, body.reason, by=request.auth.user, now=now
    )
    rows = list_recurring([services[0].team_id], now)
    return Status(201, next(_recurring_out(row) for row in rows if row.pk == made.pk))


@router.delete("/maintenance/recurring/{pk}", response={204: None})
def stop(request: ApiRequest, pk: int) -> Any:
    """Let it come back no more."""
    row = get_recurring(own_teams(request), pk)
    if row is None:
        raise Http404
    authorize(request.auth, "maintenance.edit", row.service.team_id)
    stop_recurring(row, by=request.auth.user, now=timezone.now())
    return Status(204, None)


def _read(body: CooldownIn) -> timedelta | None:
    return _length(body.seconds)


def _length(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _find_service(team_ids: list[int], slug: str) -> Service:
    found = find_services(team_ids, [slug])
    if not found:
        raise Http404
    return found[0]


def _group_out(row: AlertGroup) -> GroupOut:
    return GroupOut(
        id=row.pk,
        service=row.service.slug,
        shared=[SharedOut(name=name, value=value) for name, value in row.shared],
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        told_at=row.told_at,
        alerts=row.alert_count,
    )


def _grouping_out(service: Service) -> GroupingOut:
    row = get_grouping(service)
    if row is None:
        return GroupingOut(labels=None, wait=None, interval=None, repeat=None)
    lengths = {name: getattr(row, name) for name in ("wait", "interval", "repeat")}
    seconds = {name: int(each.total_seconds()) for name, each in lengths.items()}
    return GroupingOut(labels=row.labels, **seconds)


def _storm_out(row: Storm) -> StormOut:
    return StormOut(
        id=row.pk,
        service=row.service.slug,
        began_at=row.began_at,
        ended_at=row.ended_at,
        alerts=row.alert_count,
        most_a_minute=row.most_a_minute,
        common=[
            CommonOut(name=name, value=value, count=count)
            for name, value, count in row.common
        ],
        incident=row.incident.ref if row.incident else None,
        cooled_at=row.cooled_at,
    )


def _recurring_out(row: RecurringRow) -> RecurringOut:
    return RecurringOut(
        id=row.pk,
        service=row.service_slug,
        reason=row.reason,
        rule=row.rule,
        upcoming=[
            OccurrenceOut(starts_at=each.starts_at, ends_at=each.ends_at)
            for each in row.upcoming
        ],
    )
