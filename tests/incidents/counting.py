"""Counting what a page asks the database."""

import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone


def count_queries(client: Client, url: str) -> int:
    """Return how many queries it takes to show the page a second time.

    The first time may fill caches of the frame around it, which are kept by the
    minute: the clock stands meanwhile.
    """
    with time_machine.travel(timezone.now(), tick=False):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
    return len(queries)
