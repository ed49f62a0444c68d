"""Celery beat on the database's rows, with a sign of life."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from django_celery_beat.schedulers import DatabaseScheduler

from oncall.models import SweepRecord

log = logging.getLogger(__name__)
SIGN_EVERY = timedelta(seconds=15)


class PortalScheduler(DatabaseScheduler):  # type: ignore[misc]
    """DatabaseScheduler that records its own pulse as the sweep "beat"."""

    _signed_at: datetime | None = None

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do what is due, then sign."""
        wait: float = super().tick(*args, **kwargs)
        now = timezone.now()
        if self._signed_at is None or now - self._signed_at >= SIGN_EVERY:
            self._signed_at = now
            try:
                SweepRecord.objects.update_or_create(
                    name="beat",
                    defaults={"started_at": now, "finished_at": now, "driver": "beat"},
                )
            except DatabaseError:
                # Beat outlives a database restart; the missing sign is the alarm.
                log.exception("beat_sign_failed")
        return min(wait, 5.0)
