"""Reading what keeps series quiet."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from incidents.domain.noise import SPAN, Quiet
from incidents.models import Alert, AlertEvent, AlertSeries

_NONE = timedelta()


def cooldown_of(series: AlertSeries) -> timedelta:
    """Return how long a series stays quiet after it told; zero is no limit."""
    if series.cooldown is not None:
        return series.cooldown
    return series.integration.cooldown or _NONE


def load_quiets(alerts: Iterable[Alert], now: datetime) -> dict[int, Quiet]:
    """Return what keeps the series of these alerts quiet, by series.

    No query where no series has a cooldown or is flapping, if the alerts were read
    with their series and its integration.
    """
    series = {alert.series_id: alert.series for alert in alerts}
    quiet = {
        pk: each for pk, each in series.items() if each.flapping_at or cooldown_of(each)
    }
    if not quiet:
        return {}
    since = min(
        min(now - cooldown_of(each), (each.flapping_at or now) - SPAN)
        for each in quiet.values()
    )
    told = AlertEvent.objects.filter(
        alert__series__in=quiet, kind__in=AlertEvent.TELLING, at__gte=since
    ).order_by("at", "pk")
    last = {
        row[0]: row[1:]
        for row in told.values_list(
            "alert__series", "at", "alert_id", "alert__peak_level"
        )
    }
    return {
        pk: _make_quiet(each, *last.get(pk, (None, None, None)))
        for pk, each in quiet.items()
    }


def _make_quiet(
    series: AlertSeries,
    told_at: datetime | None,
    told_pk: int | None,
    told_level: int | None,
) -> Quiet:
    return Quiet(
        series_pk=series.pk,
        cooldown=cooldown_of(series),
        flapping_at=series.flapping_at,
        told_at=told_at,
        told_pk=told_pk,
        told_level=told_level,
    )
