"""Running a sweep and leaving a trace of it."""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError
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


def sweep_each(keys: Iterable[int], act: Callable[[int], int], *, what: str) -> int:
    """Return the sum of ``act(key)``, each in a transaction of its own.

    A row that fails is logged under the name ``what`` and stays due: it must not
    hold up those behind it. When all of them fail it is not the rows: then, and
    when the database is away, raises what was raised.
    """
    handled, succeeded, last_error = 0, 0, None
    for key in keys:
        try:
            handled += act(key)
            succeeded += 1
        except (InterfaceError, OperationalError):
            raise
        except Exception as error:
            last_error = error
            log.exception("sweep_row_failed", extra={"what": what, "key": key})
    if last_error is not None and not succeeded:
        raise last_error
    return handled
