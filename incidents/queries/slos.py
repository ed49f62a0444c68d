"""Reading objectives and the bad time of their services."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from incidents import slo_sources
from incidents.domain import slo as domain
from incidents.domain.slo import Objective, Span
from incidents.domain.slo_doubts import Promises, find_doubts
from incidents.models import Incident, MaintenanceWindow, SeverityLevel, Slo, SloEvent
from opsportal.kit.charts import Point

_NOT_ONE = (Incident.Status.TRIAGE, Incident.Status.CANCELLED, Incident.Status.MERGED)
_LAST_EVENTS = 20


@dataclass(frozen=True, slots=True)
class SloState:
    """One objective as it stands at a moment."""

    slo: Slo
    objective: Objective
    budget: domain.Budget
    burn: domain.BurnRule | None

    @property
    def consumed_percent(self) -> float:
        """How much of the budget is gone, in percent."""
        return float(100 * self.budget.consumed)

    @property
    def tone(self) -> str:
        """The colour of the budget."""
        if self.consumed_percent >= 100 or self.slo.burning == Slo.Burning.PAGE:
            return "crit"
        if self.consumed_percent >= 50 or self.slo.burning:
            return "warn"
        return "ok"

    @property
    def words(self) -> str:
        """Allowed, spent and left, as people compare them."""
        left = self.budget.left
        rest = f"{domain.say_seconds(left)} left"
        if left < 0:
            rest = f"overspent by {domain.say_seconds(-left)}"
        return (
            f"{domain.say_seconds(self.budget.bad)} of "
            f"{domain.say_seconds(self.budget.allowed)} spent, {rest}"
        )


def list_slos(team_ids: Collection[int]) -> list[Slo]:
    """Return the objectives of the teams, by service and name."""
    found = Slo.objects.filter(service__team_id__in=team_ids)
    return list(
        found.select_related("service__team").order_by(
            "service__position", "service__name", "name"
        )
    )


def get_slo(team_ids: Collection[int], pk: int) -> Slo | None:
    """Return one objective, None when it is not theirs."""
    found = Slo.objects.filter(service__team_id__in=team_ids, pk=pk)
    return found.select_related("service__team").first()


def list_events(slo: Slo) -> list[SloEvent]:
    """Return what became of the budget, newest first."""
    return list(slo.events.all()[:_LAST_EVENTS])


def objective_of(slo: Slo) -> Objective:
    """Return what is promised, as values."""
    return Objective(slo.target, slo.window_days)


def state_of(slo: Slo, now: datetime) -> SloState:
    """Return how an objective stands."""
    return states_of([slo], now)[0]


def states_of(slos: Sequence[Slo], now: datetime) -> list[SloState]:
    """Return how objectives stand, in a constant number of queries."""
    at = domain.to_seconds(now)
    longest = max((_longest(objective_of(slo)) for slo in slos), default=timedelta())
    bad = read_bad(slos, now - longest, now)
    return [
        SloState(
            slo=slo,
            objective=objective,
            budget=domain.stand(objective, bad[slo.pk], at),
            burn=domain.find_burn(objective, bad[slo.pk], at),
        )
        for slo in slos
        for objective in [objective_of(slo)]
    ]


def burns_of(slo: Slo, now: datetime) -> list[domain.BurnReading]:
    """Return how fast the budget burns, by each rule that may alert."""
    objective = objective_of(slo)
    bad = read_bad([slo], now - _longest(objective), now)[slo.pk]
    return domain.read_burns(objective, bad, domain.to_seconds(now))


def plot_of(slo: Slo, now: datetime) -> list[Point]:
    """Return the share of the budget that was left, over the window."""
    bad = read_bad([slo], now - 2 * timedelta(days=slo.window_days), now)[slo.pk]
    offset = domain.to_seconds(now)
    return [
        Point(now + timedelta(seconds=second - offset), left)
        for second, left in domain.plot(objective_of(slo), bad, offset)
    ]


def read_bad(
    slos: Sequence[Slo], start: datetime, end: datetime
) -> dict[int, list[Span]]:
    """Return the bad time within [start, end) by objective, from checks and incidents.

    Planned work is taken out where an objective says so.
    """
    stretches = slo_sources.read_bad(slos, start, end)
    incidents = _read_incidents(slos, start, end)
    windows = _read_windows(slos, start, end)
    found = {}
    for slo in slos:
        bad = domain.to_spans(stretches[slo.pk] + _incidents_of(slo, incidents))
        if slo.excludes_maintenance:
            work = windows.get(slo.service_id, [])
            bad = domain.subtract(bad, domain.to_spans(work))
        found[slo.pk] = bad
    return found


def doubts_of(slo: Slo) -> list[str]:
    """Return what the service promises elsewhere that the budget contradicts."""
    first = SeverityLevel.objects.filter(service=slo.service_id, level=1).first()
    same = Slo.objects.filter(
        service=slo.service_id, kind=slo.kind, target=slo.target, is_enabled=True
    )
    return find_doubts(
        objective_of(slo),
        Promises(
            kind=slo.kind,
            includes_4xx=slo.includes_4xx,
            response=first.response if first else None,
            recovery_time=slo.recovery_time,
            recovery_point=slo.recovery_point,
            backup_every=slo.backup_every,
            windows=frozenset(same.values_list("window_days", flat=True)),
        ),
    )


def _longest(objective: Objective) -> timedelta:
    rules = [rule.long for rule in domain.BURN_RULES]
    return timedelta(seconds=max(objective.window, *rules))


def _read_incidents(
    slos: Sequence[Slo], start: datetime, end: datetime
) -> dict[int, list[tuple[int, datetime, datetime]]]:
    """Return (level, start, end) of the real incidents of each service."""
    counted = {slo.service_id for slo in slos if slo.counts_incidents}
    found: dict[int, list[tuple[int, datetime, datetime]]] = {}
    rows = (
        Incident.objects.filter(
            Q(resolved_at=None) | Q(resolved_at__gt=start),
            services__in=counted,
            kind=Incident.Kind.REAL,
            started_at__lt=end,
        )
        .exclude(status__in=_NOT_ONE)
        .values_list(
            "services", "severity__level", "started_at", "mitigated_at", "resolved_at"
        )
    )
    for service, level, began, mitigated, resolved in rows:
        over = min(mitigated or resolved or end, end)
        found.setdefault(service, []).append((level, max(began, start), over))
    return found


def _incidents_of(
    slo: Slo, incidents: Mapping[int, Sequence[tuple[int, datetime, datetime]]]
) -> list[tuple[datetime, datetime]]:
    if not slo.counts_incidents:
        return []
    return [
        (began, over)
        for level, began, over in incidents.get(slo.service_id, ())
        if level <= slo.incident_level
    ]


def _read_windows(
    slos: Sequence[Slo], start: datetime, end: datetime
) -> dict[int, list[tuple[datetime, datetime]]]:
    excluding = {slo.service_id for slo in slos if slo.excludes_maintenance}
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    rows = MaintenanceWindow.objects.filter(
        service__in=excluding, starts_at__lt=end, ends_at__gt=start
    )
    for service, began, over in rows.values_list("service", "starts_at", "ends_at"):
        found.setdefault(service, []).append((began, over))
    return found
