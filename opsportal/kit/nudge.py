"""Waking a sweep early. Only a hint: a lost one costs one sweep interval."""

import logging
import threading
import time
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

# After a failure nobody waits for the broker again for this long, in seconds.
_REST = 5.0
_rest_until = 0.0
_lock = threading.Lock()


def nudge(task: str) -> None:
    """Ask Celery to run the sweep behind ``task`` once the transaction commits."""
    transaction.on_commit(partial(_send, task), robust=True)


def _send(task: str) -> None:
    global _rest_until  # noqa: PLW0603 -- one breaker a process
    if time.monotonic() < _rest_until:
        return
    try:
        current_app.send_task(task, expires=30, ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        with _lock:
            _rest_until = time.monotonic() + _REST
        log.warning("nudge_failed", extra={"task": task, "error": str(error)})
