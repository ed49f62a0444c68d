"""Reading objectives and the bad time of their services."""

from collections.abc import Collection
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
    objective = objective_of(slo)
    at = domain.to_seconds(now)
    bad = read_bad(slo, now - _longest(objective), now)
    return SloState(
        slo=slo,
        objective=objective,
        budget=domain.stand(objective, bad, at),
        burn=domain.find_burn(objective, bad, at),
    )


def plot_of(slo: Slo, now: datetime) -> list[Point]:
    """Return the share of the budget that was left, over the window."""
    objective = objective_of(slo)
    bad = read_bad(slo, now - 2 * timedelta(days=slo.window_days), now)
    offset = domain.to_seconds(now)
    return [
        Point(now + timedelta(seconds=second - offset), left)
        for second, left in domain.plot(objective, bad, offset)
    ]


def read_bad(slo: Slo, start: datetime, end: datetime) -> list[Span]:
    """Return the bad time within [start, end), from checks and incidents.

    Planned work is taken out where the objective says so.
    """
    stretches = slo_sources.read_bad(slo, start, end)
    if slo.counts_incidents:
        stretches += _incidents(slo, start, end)
    bad = domain.to_spans(stretches)
    if slo.excludes_maintenance:
        bad = domain.subtract(bad, domain.to_spans(_windows(slo, start, end)))
    return bad


def doubts_of(slo: Slo) -> list[str]:
    """Return what the service promises elsewhere that the budget contradicts."""
    first = SeverityLevel.objects.filter(service=slo.service_id, level=1).first()
    return find_doubts(
        objective_of(slo),
        Promises(
            kind=slo.kind,
            includes_4xx=slo.includes_4xx,
            response=first.response if first else None,
            recovery_time=slo.recovery_time,
            recovery_point=slo.recovery_point,
            backup_every=slo.backup_every,
        ),
    )


def _longest(objective: Objective) -> timedelta:
    rules = [rule.long for rule in domain.BURN_RULES]
    return timedelta(seconds=max(objective.window, *rules))


def _incidents(
    slo: Slo, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    found = (
        Incident.objects.filter(
            Q(resolved_at=None) | Q(resolved_at__gt=start),
            services=slo.service_id,
            kind=Incident.Kind.REAL,
            severity__level__lte=slo.incident_level,
            started_at__lt=end,
        )
        .exclude(status__in=_NOT_ONE)
        .values_list("started_at", "mitigated_at", "resolved_at")
    )
    spans = [(began, mitigated or over or end) for began, mitigated, over in found]
    return [(max(began, start), min(over, end)) for began, over in spans]


def _windows(
    slo: Slo, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    found = MaintenanceWindow.objects.filter(
        service=slo.service_id, starts_at__lt=end, ends_at__gt=start
    )
    return list(found.values_list("starts_at", "ends_at"))
