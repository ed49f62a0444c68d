"""Alerts from checks, through the same door as those from outside."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse

from checklists.domain.alert_choice import (
    AlertStep,
    Choice,
    Standing,
    Wanted,
    choose_alert,
)
from checklists.domain.condition.units import format_number
from checklists.domain.severity_ladder import LadderState
from checklists.domain.state_json import state_from_json
from checklists.domain.verdict import Change, CheckState, Status
from checklists.models import Check
from incidents.models import Alert, Integration
from incidents.services.alerts import (
    AlertSignal,
    checks_integration,
    count_repeats,
    ingest_alert,
    resolve_from_source,
)
from oncall.models import Service

OFFLINE_KEY = "runner-offline"
OFFLINE_LEVEL = 2
MEDIUM = 3
_FLAPPING = frozenset({Change.FLAPPING_STARTED, Change.FLAPPING_ENDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one look came to, as alerts need it.

    ``check`` has its service with severities and what it depends on loaded;
    ``summary`` is one line for people, ``value`` as the probe gave it.
    """

    check: Check
    state: CheckState
    ladder: LadderState
    value: float | None
    summary: str
    changes: tuple[Change, ...] = ()


class Word(NamedTuple):
    """A severity in the service's own word, "" where it has none."""

    label: str
    level: int


def dedup_key(check: Check) -> str:
    """Return the key of the alerts of a check."""
    return f"check:{check.pk}"


def tell_alerts(
    verdicts: Sequence[Verdict], *, is_offline: bool, now: datetime
) -> None:
    """Bring the alerts of the checks in line with what was just seen.

    Call it inside the transaction of the recording. While the portal itself is
    offline each team has one alert that says so, and none for its checks.
    """
    teams = sorted({verdict.check.service.team_id for verdict in verdicts})
    _tell_offline(teams, is_offline=is_offline, now=now)
    standing = _read_standing([verdict.check for verdict in verdicts])
    states = {verdict.check.pk: verdict.state for verdict in verdicts}
    repeated = []
    for verdict in verdicts:
        key = dedup_key(verdict.check)
        stands = standing.get(key)
        choice = choose_alert(
            verdict.state,
            _wanted(verdict),
            _parents(verdict.check, states),
            stands[1] if stands else None,
        )
        if choice.step is AlertStep.REPEAT and stands:
            repeated.append(stands[0])
        else:
            _take_step(verdict, choice, now)
    count_repeats(repeated, now=now)


def resolve_check_alert(check: Check, *, now: datetime) -> None:
    """Resolve the alert of a check that nobody looks at any more."""
    resolve_from_source(checks_integration(check.service), dedup_key(check), now=now)


def default_severity(service: Service) -> Word:
    """Return how bad a failure is that no rung of a ladder speaks of.

    It is the mildest of the service's words that pages somebody; where none
    does, medium.
    """
    paging = [level for level in service.severities.all() if level.pages]
    if not paging:
        return Word("", MEDIUM)
    mildest = max(paging, key=lambda level: level.level)
    return Word(mildest.label, mildest.level)


def _wanted(verdict: Verdict) -> Wanted:
    check = verdict.check
    held = [at for at in verdict.ladder.held_since if at is not None]
    return Wanted(
        default_level=default_severity(check.service).level,
        has_ladder=bool(check.ladder),
        ladder_level=verdict.ladder.level,
        ladder_since=min(held, default=None),
        raises_alert=check.raises_alert,
        has_new_words=not _FLAPPING.isdisjoint(verdict.changes),
    )


def _parents(check: Check, states: Mapping[int, CheckState]) -> Iterable[CheckState]:
    """Return the states of what the check depends on, those of this batch first."""
    for parent in check.depends_on.all():
        if parent.is_enabled:
            yield states.get(parent.pk) or state_from_json(parent.state)[0]


def _read_standing(checks: Sequence[Check]) -> dict[str, tuple[int, Standing]]:
    """Return the latest alert of each check by its key, with its primary key.

    Those that ended by themselves say nothing about now, and are left out.
    """
    told = Q(status=Alert.Status.RESOLVED, resolved_how="user")
    rows = (
        Alert.objects.filter(
            ~Q(status=Alert.Status.RESOLVED) | told,
            series__integration__kind=Integration.Kind.CHECKS,
            series__integration__service__in={check.service_id for check in checks},
            series__dedup_key__in=[dedup_key(check) for check in checks],
        )
        .order_by("pk")
        .values_list("series__dedup_key", "pk", "level", "resolved_at")
    )
    return {
        key: (pk, Standing(level, resolved_at is None, resolved_at))
        for key, pk, level, resolved_at in rows
    }


def _take_step(verdict: Verdict, choice: Choice, now: datetime) -> None:
    check = verdict.check
    if choice.step is AlertStep.RESOLVE:
        resolve_check_alert(check, now=now)
    elif choice.level is not None:
        is_flapping = choice.step is AlertStep.FLAP
        said = "keeps changing between passing and failing" if is_flapping else ""
        signal = _signal(verdict, choice.level, said or verdict.summary)
        ingest_alert(checks_integration(check.service), signal, now=now)


def _signal(verdict: Verdict, level: int, said: str) -> AlertSignal:
    check = verdict.check
    label, threshold = _name_rung(check, level)
    has_failed = verdict.state.status is Status.FAIL
    value = "" if verdict.value is None else format_number(verdict.value)
    return AlertSignal(
        dedup_key=dedup_key(check),
        summary=f"{check.name}: {said}" if said else check.name,
        level=level,
        severity_label=label,
        metric=check.slug,
        value=f"{value} {check.unit}".strip() if value else "",
        threshold=threshold,
        description=check.description,
        labels={"check": check.slug, "kind": check.kind},
        source_url=reverse("check_detail", args=[check.pk]),
        starts_at=verdict.state.since if has_failed else None,
    )


def _name_rung(check: Check, level: int) -> tuple[str, str]:
    """Return the service's word for a level and what it takes to reach it."""
    words = {word.label: word.level for word in check.service.severities.all()}
    for rung in check.ladder:
        label = rung.get("severity", "")
        if words.get(label, MEDIUM) == level:
            return label, rung.get("condition", "")
    default = default_severity(check.service)
    return default.label if default.level == level else "", check.condition


def _tell_offline(
    team_ids: Collection[int], *, is_offline: bool, now: datetime
) -> None:
    """Keep one alert a team about the portal's own network."""
    standing = (
        Alert.objects.filter(
            series__dedup_key=OFFLINE_KEY,
            series__integration__kind=Integration.Kind.CHECKS,
            service__team__in=team_ids,
        )
        .exclude(status=Alert.Status.RESOLVED)
        .select_related("series__integration__service")
    )
    if not is_offline:
        for alert in standing:
            resolve_from_source(alert.series.integration, OFFLINE_KEY, now=now)
        return
    told = {alert.service.team_id for alert in standing}
    for team_id in team_ids:
        if team_id not in told:
            # An alert belongs to a service: the team's first one speaks for all.
            service = Service.objects.filter(team=team_id).order_by("pk")[0]
            ingest_alert(checks_integration(service), _offline_signal(), now=now)


def _offline_signal() -> AlertSignal:
    return AlertSignal(
        dedup_key=OFFLINE_KEY,
        summary="The portal cannot reach the network: its checks are unknown",
        level=OFFLINE_LEVEL,
        description="None of the connectivity targets (OPSPORTAL_CANARY) answered.",
    )
