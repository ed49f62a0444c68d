"""Objectives: made, changed, and watched while their budgets go."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction
from django.urls import reverse

from incidents.domain import slo as domain
from incidents.models import Slo, SloEvent
from incidents.queries.slos import SloState, state_of
from incidents.services.alerts import (
    AlertSignal,
    checks_integration,
    ingest_alert,
    resolve_from_source,
)
from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each
from opsportal.kit.choices import say_none_such
from opsportal.kit.errors import PortalError

LOOK_EVERY: Final = timedelta(minutes=1)
LONGEST_WINDOW: Final = 366
# A fast burn pages; what burns slowly or is half gone can wait for the morning.
_LEVELS: Final = {domain.PAGE: 2, domain.TICKET: 4}
_EVENTS: Final = {
    domain.PAGE: SloEvent.Kind.PAGE,
    domain.TICKET: SloEvent.Kind.TICKET,
    domain.CALM: SloEvent.Kind.CALM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SloForm:
    """An objective as it is entered; the target in percent, such as 99.95."""

    name: str
    target: Decimal
    kind: str = Slo.Kind.AVAILABILITY
    window_days: int = 30
    checks: Sequence[str] = ()
    includes_4xx: bool = True
    server_checks: Sequence[str] = ()
    counts_incidents: bool = False
    incident_level: int = 1
    excludes_maintenance: bool = False
    recovery_time: timedelta | None = None
    recovery_point: timedelta | None = None
    backup_every: timedelta | None = None
    is_enabled: bool = True


def save_slo(
    service: Service,
    form: SloForm,
    *,
    slo: Slo | None = None,
    by: User,
    now: datetime,
) -> Slo:
    """Make an objective of a service, or change it; it is looked at soon after.

    Raises PortalError, naming the field, for what cannot be measured or kept.
    """
    _check(form)
    row = slo or Slo(service=service, created_at=now)
    for name, value in asdict(form).items():
        setattr(row, name, list(value) if isinstance(value, tuple | list) else value)
    row.name = form.name.strip()
    row.next_look_at = now if form.is_enabled else None
    try:
        with transaction.atomic():
            touch_team(service.team_id)
            row.save()
            if not form.is_enabled:
                _calm_down(row, now)
            record_change(
                "slo.edit" if slo else "slo.add",
                row,
                by=by,
                now=now,
                team_id=service.team_id,
                after={
                    "name": row.name,
                    "target": str(row.target),
                    "window_days": row.window_days,
                    "is_enabled": row.is_enabled,
                },
            )
    except IntegrityError:
        raise PortalError(
            "The service has an objective of that name already.", field="name"
        ) from None
    return row


def watch_budgets(*, now: datetime) -> int:
    """Look at every objective that is due; alert where its budget goes too fast."""
    due = {slo.pk: slo for slo in _due_slos(now)}
    return sweep_each(due, lambda pk: _look_due(due[pk], now), what="objective")


def _look_due(slo: Slo, now: datetime) -> int:
    with transaction.atomic():
        won = Slo.objects.filter(
            pk=slo.pk, is_enabled=True, next_look_at=slo.next_look_at
        ).update(next_look_at=now + LOOK_EVERY)
        if won:
            _look(slo, now)
    return won


def _due_slos(now: datetime) -> list[Slo]:
    due = Slo.objects.filter(is_enabled=True, next_look_at__lte=now)
    return list(due.select_related("service").order_by("next_look_at", "pk"))


def _check(form: SloForm) -> None:
    needs_checks = form.kind != Slo.Kind.AVAILABILITY
    asks_server = form.kind == Slo.Kind.ERRORS and not form.includes_4xx
    mistakes = (
        (not form.name.strip(), "name", "Give it a name."),
        (
            form.kind not in Slo.Kind.values,
            "kind",
            say_none_such("kind", Slo.Kind.values),
        ),
        (
            not 0 < form.target < 100,
            "target",
            "A target is between 0 and 100 %: 100 % leaves no budget.",
        ),
        (
            not 1 <= form.window_days <= LONGEST_WINDOW,
            "window_days",
            "A window has between 1 and 366 days.",
        ),
        (
            needs_checks and not form.checks and not form.counts_incidents,
            "checks",
            "Name the checks that measure it.",
        ),
        (
            asks_server and not form.server_checks,
            "server_checks",
            "Name the checks that count server errors alone.",
        ),
        (
            not 1 <= form.incident_level <= 5,
            "incident_level",
            "A level is between 1 and 5.",
        ),
    )
    for is_wrong, name, words in mistakes:
        if is_wrong:
            raise PortalError(words, field=name)


def _look(slo: Slo, now: datetime) -> None:
    state = state_of(slo, now)
    kind = state.burn.kind if state.burn else domain.CALM
    if kind != slo.burning:
        _change_burn(slo, state, kind, now)
    told = domain.to_seconds(slo.half_told_at) if slo.half_told_at else None
    if domain.is_half_due(
        state.budget,
        told_at=told,
        window=state.objective.window,
        at=domain.to_seconds(now),
    ):
        _tell_half(slo, state, now)


def _change_burn(slo: Slo, state: SloState, kind: str, now: datetime) -> None:
    slo.burning = kind
    slo.save(update_fields=["burning"])
    words = "The budget no longer burns too fast."
    if state.burn is not None:
        words = f"The budget burns {state.burn.words}; {state.words}."
        _alert(slo, f"slo:{slo.pk}", _LEVELS[kind], words, state, now)
    else:
        resolve_from_source(checks_integration(slo.service), f"slo:{slo.pk}", now=now)
    _note(slo, _EVENTS[kind], words, now)


def _tell_half(slo: Slo, state: SloState, now: datetime) -> None:
    slo.half_told_at = now
    slo.save(update_fields=["half_told_at"])
    # The budget may have jumped well past the half since the look before.
    gone = f"{int(state.consumed_percent)} % of the error budget is gone"
    words = f"{gone}: {state.words}."
    _alert(slo, f"slo:{slo.pk}:half:{now:%Y%m%d%H%M}", 4, words, state, now)
    _note(slo, SloEvent.Kind.HALF, words, now)


def _alert(
    slo: Slo, key: str, level: int, words: str, state: SloState, now: datetime
) -> None:
    ingest_alert(
        checks_integration(slo.service),
        AlertSignal(
            dedup_key=key,
            summary=f"{slo.name}: {words}"[:250],
            level=level,
            metric="error budget",
            value=f"{state.consumed_percent:.1f} %",
            threshold="> 50 %" if ":half" in key else "",
            labels={"slo": slo.name, "service": slo.service.slug},
            source_url=reverse("slo_detail", args=[slo.pk]),
        ),
        now=now,
    )


def _note(slo: Slo, kind: str, words: str, now: datetime) -> None:
    touch_team(slo.service.team_id)
    SloEvent.objects.create(slo=slo, at=now, kind=kind, text=words[:250])


def _calm_down(slo: Slo, now: datetime) -> None:
    """Nobody watches it any more, so nothing of it stays open."""
    if slo.burning:
        slo.burning = ""
        slo.save(update_fields=["burning"])
        resolve_from_source(checks_integration(slo.service), f"slo:{slo.pk}", now=now)
        _note(slo, SloEvent.Kind.CALM, "The objective was switched off.", now)
