"""Doing the same thing from many threads at one moment."""

import threading
from collections.abc import Callable

from django.db import connection


def run_together(count: int, act: Callable[[int], object]) -> list[BaseException]:
    """Call act(number) in as many threads at once; return what they raised."""
    barrier = threading.Barrier(count)
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            barrier.wait(20)
            act(number)
        except BaseException as error:  # noqa: BLE001 -- shown by the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failures
