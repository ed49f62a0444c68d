"""Whether the engine runs: how long ago each sweep last ended."""

from collections.abc import Collection
from datetime import datetime, timedelta

from oncall.models import SweepRecord

PATIENCE = timedelta(seconds=120)


def last_sweep_at(names: Collection[str]) -> datetime | None:
    """Return when the quietest of the sweeps last ended; None if one never did."""
    ends = dict(
        SweepRecord.objects.filter(name__in=names).values_list("name", "finished_at")
    )
    moments = [ends.get(name) for name in names]
    known = [moment for moment in moments if moment is not None]
    return min(known) if known and len(known) == len(moments) else None


def late_sweeps(names: Collection[str], now: datetime) -> list[str]:
    """Return those of the sweeps that did not end within PATIENCE, or never did."""
    recent = SweepRecord.objects.filter(
        name__in=names, finished_at__gte=now - PATIENCE
    ).values_list("name", flat=True)
    alive = set(recent)
    return [name for name in names if name not in alive]
