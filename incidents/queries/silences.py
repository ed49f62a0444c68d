"""Reading silences, and all that mutes alerts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from incidents.domain import muting
from incidents.domain.matchers import Matcher, fit_all, make_matcher
from incidents.domain.muting import Grounds, Subject, Window, matchable
from incidents.domain.told_groups import say_shared
from incidents.models import Alert, AlertGroup, AlertMute, MaintenanceWindow, Silence
from incidents.queries.alerts import AlertRow, alert_rows_of
from incidents.queries.noise import load_quiets
from opsportal.kit.patterns import compile_pattern

# More than these a preview does not name.
MOST_SHOWN = 50


class SilenceRow(NamedTuple):
    """One silence in a list."""

    pk: int
    team_id: int
    team_name: str
    team_slug: str
    service_name: str | None
    service_slug: str | None
    matchers: list[dict[str, Any]]
    starts_at: datetime
    ends_at: datetime
    comment: str
    author: str

    @property
    def conditions(self) -> list[str]:
        """The matchers as people write them."""
        return [str(each) for each in read_matchers(self.matchers)]


class MuteRow(NamedTuple):
    """One ground on which an alert told nobody."""

    kind: str
    ref: str
    text: str
    began_at: datetime
    until: datetime | None
    ended_at: datetime | None

    @property
    def title(self) -> str:
        """The kind in words."""
        return str(AlertMute.Kind(self.kind).label)

    @property
    def alert_pk(self) -> int | None:
        """The alert behind it, where it is one."""
        kind, _, number = self.ref.partition(":")
        return int(number) if kind == "alert" else None

    @property
    def storm_pk(self) -> int | None:
        """The storm behind it, where it is one."""
        kind, _, number = self.ref.partition(":")
        return int(number) if kind == "storm" else None

    @property
    def group_pk(self) -> int | None:
        """The group behind it, where it is one."""
        kind, _, number = self.ref.partition(":")
        return int(number) if kind == "group" else None


_FIELDS = (
    *("pk", "team_id", "team__name", "team__slug", "service__name", "service__slug"),
    "matchers",
    *("starts_at", "ends_at", "comment", "author"),
)


def read_matchers(kept: Iterable[dict[str, Any]]) -> tuple[Matcher, ...]:
    """Return the matchers of a row."""
    return tuple(
        make_matcher(
            each["name"],
            each["value"],
            is_regex=each["isRegex"],
            is_equal=each["isEqual"],
            compile_=compile_pattern,
        )
        for each in kept
    )


def subject_of(alert: Alert) -> Subject:
    """Return an alert as muting sees it; it needs its service and its series."""
    return Subject(
        pk=alert.pk,
        team_id=alert.service.team_id,
        service_id=alert.service_id,
        level=alert.level,
        summary=alert.summary,
        ladder_key=alert.ladder_key,
        labels=labels_of(alert),
        series_pk=alert.series_id,
        storm_pk=alert.storm_id,
        held_at=alert.held_at,
        group_pk=None if alert.speaks_at else alert.group_id,
    )


def labels_of(alert: Alert) -> dict[str, str]:
    """Return the labels of an alert that matchers see."""
    return matchable(
        {str(name): str(value) for name, value in alert.labels.items()},
        service=alert.service.slug,
        severity=alert.severity_label,
        metric=alert.metric,
        key=alert.series.dedup_key,
    )


def load_grounds(alerts: Sequence[Alert], now: datetime) -> Grounds:
    """Return all that may mute these alerts at this moment, in few queries."""
    teams = {alert.service.team_id for alert in alerts}
    services = {alert.service_id for alert in alerts}
    running = Q(starts_at__lte=now, ends_at__gt=now)
    silences = Silence.objects.filter(running, team__in=teams).order_by("pk")
    windows = MaintenanceWindow.objects.filter(running, service__in=services)
    return Grounds(
        silences=tuple(as_domain(row) for row in silences),
        windows=tuple(
            Window(*row)
            for row in windows.order_by("pk").values_list(
                *("pk", "service_id", "starts_at", "ends_at", "reason")
            )
        ),
        mates=_load_mates(alerts),
        quiets=load_quiets(alerts, now),
        groups=_load_groups(alerts),
    )


def _load_groups(alerts: Sequence[Alert]) -> dict[int, str]:
    pks = {alert.group_id for alert in alerts if alert.group_id is not None}
    if not pks:
        return {}
    rows = AlertGroup.objects.filter(pk__in=pks, closed_at=None)
    return {pk: say_shared(shared) for pk, shared in rows.values_list("pk", "shared")}


def _load_mates(alerts: Sequence[Alert]) -> dict[str, tuple[Subject, ...]]:
    keys = {alert.ladder_key for alert in alerts} - {""}
    found: dict[str, list[Subject]] = defaultdict(list)
    if keys:
        for mate in find_mates(keys, {alert.service_id for alert in alerts}):
            found[mate.ladder_key].append(subject_of(mate))
    return {key: tuple(mates) for key, mates in found.items()}


def find_mates(
    ladder_keys: Collection[str], service_ids: Collection[int]
) -> QuerySet[Alert]:
    """Return the open alerts on these ladders of the services."""
    return open_with_series().filter(
        service__in=service_ids, ladder_key__in=ladder_keys
    )


def open_with_series() -> QuerySet[Alert]:
    """Return open alerts with what muting asks of them, in one order."""
    rows = Alert.objects.exclude(status=Alert.Status.RESOLVED)
    return rows.select_related("service", "series__integration").order_by("pk")


def as_domain(row: Silence) -> muting.Silence:
    """Return a silence as the domain knows it."""
    return muting.Silence(
        pk=row.pk,
        team_id=row.team_id,
        service_id=row.service_id,
        matchers=read_matchers(row.matchers),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        comment=row.comment,
    )


def list_silences(
    team_ids: Collection[int], now: datetime, *, past: int = 20
) -> tuple[list[SilenceRow], list[SilenceRow], list[SilenceRow]]:
    """Return the active, the pending (soonest first) and the last ``past`` ones."""
    found = Silence.objects.filter(team__in=team_ids)
    ahead = found.filter(ends_at__gt=now).order_by("starts_at", "pk")
    rows = [SilenceRow._make(row) for row in ahead.values_list(*_FIELDS)]
    over = found.filter(ends_at__lte=now).order_by("-ends_at", "-pk")
    return (
        [row for row in rows if row.starts_at <= now],
        [row for row in rows if row.starts_at > now],
        [SilenceRow._make(row) for row in over.values_list(*_FIELDS)[:past]],
    )


def get_silence(team_ids: Collection[int], pk: int) -> Silence | None:
    """Return one silence, None when it is not theirs."""
    rows = Silence.objects.select_related("team", "service")
    return rows.filter(team__in=team_ids, pk=pk).first()


def silences_of_service(
    service_id: int, team_id: int, since: datetime
) -> QuerySet[Silence]:
    """Return what holds for a service and did not end before then."""
    scope = Q(service=service_id) | Q(service=None)
    rows = Silence.objects.filter(scope, team=team_id, ends_at__gte=since)
    return rows.order_by("-ends_at", "pk")


def find_silence_of_service(
    service_id: int, team_id: int, public_id: UUID
) -> Silence | None:
    """Return the silence of that name which holds for a service, or None."""
    scope = Q(service=service_id) | Q(service=None)
    rows = Silence.objects.select_related("team", "service")
    return rows.filter(scope, team=team_id, public_id=public_id).first()


def preview_silence(
    team_id: int, service_id: int | None, matchers: Sequence[Matcher]
) -> tuple[int, list[AlertRow]]:
    """Return how many open alerts matchers would mute, and the first of them."""
    rows = open_with_series().filter(service__team=team_id)
    if service_id is not None:
        rows = rows.filter(service=service_id)
    pks = [each.pk for each in rows if fit_all(matchers, labels_of(each))]
    return len(pks), alert_rows_of(pks[:MOST_SHOWN])


def list_mutes(alert_pk: int) -> list[MuteRow]:
    """Return what muted an alert, the newest first."""
    rows = AlertMute.objects.filter(alert=alert_pk).order_by("-began_at", "-pk")
    return [MuteRow._make(row) for row in rows.values_list(*MuteRow._fields)]


def mutes_of_sender(integration_pk: int) -> dict[str, tuple[list[str], list[str]]]:
    """Return by dedup key the ids of silences, and the other grounds, that mute now."""
    rows = AlertMute.objects.filter(
        alert__series__integration=integration_pk, ended_at=None
    ).values_list("alert__series__dedup_key", "kind", "ref")
    found: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    names: dict[str, str] = {}
    if rows:
        ids = {int(ref[8:]) for _, kind, ref in rows if kind == "silence"}
        named = Silence.objects.filter(pk__in=ids).values_list("pk", "public_id")
        names = {f"silence:{pk}": str(public_id) for pk, public_id in named}
    for key, kind, ref in rows:
        found[key][0 if kind == "silence" else 1].append(names.get(ref, ref))
    return dict(found)
