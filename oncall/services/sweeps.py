"""Running a sweep and leaving a trace of it."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError
from django.db.models import F, Model, QuerySet

from oncall.models import SweepRecord

log = logging.getLogger(__name__)
# How many rows a sweep asks for again at once, and leaves to another that is there.
TURN = 20


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


class Turns:
    """The keys of a sweep for ``sweep_each``, shared with others that sweep now.

    Without this, sweeps at once would walk side by side and try to claim each row
    that one of them just did. Who loses a row leaves that turn of rows to the winner
    and goes on with the next one; in the end all look again at what they left.
    """

    def __init__(self, keys: Sequence[int], *, still_due: QuerySet[Model]) -> None:
        """Take the keys, first come first, and the query of rows that are due."""
        self._turns = [keys[at : at + TURN] for at in range(0, len(keys), TURN)]
        self._still_due = still_due
        self._is_alone = True

    def note(self, *, won: bool) -> None:
        """Say whether the key that was given last could be claimed."""
        self._is_alone = won

    def __iter__(self) -> Iterator[int]:
        """Give keys that are due, each when it is its turn."""
        left = []
        for turn in self._turns:
            self._is_alone = True
            for key in self._of(turn):
                yield key
                if not self._is_alone:
                    left.append(turn)
                    break
        for turn in left:
            yield from self._of(turn)

    def _of(self, turn: Sequence[int]) -> list[int]:
        due = set(self._still_due.filter(pk__in=turn).values_list("pk", flat=True))
        return [key for key in turn if key in due]
