"""Running a sweep and leaving a trace of it."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F

from oncall.models import SweepRecord

log = logging.getLogger(__name__)


def run_sweep(name: str, act: Callable[..., int], *, driver: str, now: datetime) -> int:
    """Run ``act(now=now)`` and record when, by whom and how it went.

    Returns the number of rows that it handled. An error is recorded and raised.
    """
    record, _ = SweepRecord.objects.get_or_create(name=name)
    mine = SweepRecord.objects.filter(pk=record.pk)
    mine.update(started_at=now, driver=driver)
    began = time.monotonic()
    try:
        handled = act(now=now)
    except Exception as error:
        mine.update(failures=F("failures") + 1, last_error=repr(error)[:500])
        log.exception("sweep_failed", extra={"sweep": name, "driver": driver})
        raise
    took = timedelta(seconds=time.monotonic() - began)
    mine.update(finished_at=now + took, duration=took, handled=handled, last_error="")
    if handled:
        log.info("sweep_done", extra={"sweep": name, "handled": handled})
    return handled
