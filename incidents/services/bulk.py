"""One act on many alerts at once."""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction

from incidents.models import Alert
from incidents.services.alerts import acknowledge_alert, resolve_alert
from oncall.models import User
from opsportal.kit.errors import Refused


def acknowledge_alerts(alert_pks: Collection[int], *, by: User, now: datetime) -> int:
    """Take those that fire; returns how many. Others stay as they are."""
    return _each(alert_pks, lambda pk: acknowledge_alert(pk, by=by, now=now))


def resolve_alerts(alert_pks: Collection[int], *, by: User, now: datetime) -> int:
    """End those that are open; returns how many. Others stay as they are."""
    return _each(alert_pks, lambda pk: resolve_alert(pk, by=by, now=now))


def _each(alert_pks: Collection[int], act: Callable[[int], Alert]) -> int:
    # In one order, so that two people's acts cannot wait for each other.
    rows = Alert.objects.filter(pk__in=alert_pks).order_by("service__team_id", "pk")
    done = 0
    with transaction.atomic():
        for pk in rows.values_list("pk", flat=True):
            try:
                act(pk)
            except Refused:
                continue
            done += 1
    return done
