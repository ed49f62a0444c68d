"""`manage.py engine`: the sweeps in a loop, without a broker."""

import logging
import signal
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from opsportal.engine import SWEEPS, Sweep, run

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Run every sweep that is due, each second, until told to stop."""

    help = "Runs the sweeps without Celery: for when there is no broker."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--once` for cron, tests and the curious."""
        parser.add_argument("--once", action="store_true")
        parser.add_argument("--pause", type=float, default=1.0, help="seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        """Loop until SIGTERM or SIGINT; finish the sweep at hand first."""
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        last: dict[str, datetime] = {}
        while True:
            for sweep in SWEEPS:
                if stop.is_set():
                    return
                self._run_if_due(sweep, last)
            if options["once"] or stop.wait(options["pause"]):
                return

    def _run_if_due(self, sweep: Sweep, last: dict[str, datetime]) -> None:
        now = timezone.now()
        wait = timedelta(0) if sweep.is_urgent else sweep.interval
        if sweep.name in last and now - last[sweep.name] < wait:
            return
        last[sweep.name] = now
        close_old_connections()
        try:
            run(sweep, driver="engine", now=now)
        except DatabaseError:
            # The database is away: drop the connection and try again.
            connection.close()
            time.sleep(0.5)
        except Exception:
            # One broken sweep must not stop the others; run_sweep recorded it.
            log.exception("engine_sweep_failed", extra={"sweep": sweep.name})
