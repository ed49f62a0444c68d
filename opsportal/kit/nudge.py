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
# How far apart, in seconds, what was asked by ``hint`` leaves.
_GAP = 0.25
_asked: set[str] = set()
_bell = threading.Event()
_herald: threading.Thread | None = None


def nudge(task: str) -> None:
    """Ask Celery to run the sweep behind ``task`` once the transaction commits."""
    transaction.on_commit(partial(_send, task), robust=True)


def hint(task: str) -> None:
    """Ask for the sweep soon: the caller waits for nothing, and many ask once.

    For doors where thousands a second may ask. The first is sent at once, those of
    the next moment together.
    """
    global _herald  # noqa: PLW0603 -- one thread a process, also after a fork
    with _lock:
        _asked.add(task)
        if _herald is None or not _herald.is_alive():
            _herald = threading.Thread(target=_pass_on, name="herald", daemon=True)
            _herald.start()
    _bell.set()


def _pass_on() -> None:
    while True:
        _bell.wait()
        _bell.clear()
        with _lock:
            tasks = sorted(_asked)
            _asked.clear()
        for task in tasks:
            _send(task)
        time.sleep(_GAP)


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
