"""What many build first: a page is a Celery task with an ETA, and nothing else knows.

It is set up as well as it can be: tasks are acknowledged late, and a worker takes one
at a time. ``python -m celery -A bench.naive worker`` runs them.
"""

import json
import os
import urllib.request

from celery import Celery

app = Celery("naive", broker=os.environ["REDIS_URL"].replace("unix:", "redis+socket:"))
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # The portal's own messages go by the same broker.
    task_default_queue="naive",
    task_ignore_result=True,
)


@app.task
def page(number: int, url: str) -> None:
    """Tell a receiver that nobody acknowledged this alert."""
    body = json.dumps({"number": number}).encode()
    urllib.request.urlopen(urllib.request.Request(url, body), timeout=10).close()  # noqa: S310 -- ours
