"""What the first draft of a postmortem costs, and its Markdown and PDF."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bench.figures import Figure, median, percentile

NEEDS_DATABASE = True
EVENTS, ROUNDS = 200, 20
NOTE = f"an incident with {EVENTS} entries in its timeline; nothing but the portal"


def make_incident(now: datetime) -> Any:
    """Make a resolved incident with so many entries."""
    from tests.factories.incidents import (  # noqa: PLC0415 -- needs settings
        IncidentFactory,
        TimelineEntryFactory,
    )
    from tests.factories.oncall import ServiceFactory  # noqa: PLC0415 -- needs settings

    incident = IncidentFactory(
        service=ServiceFactory(),
        started_at=now - timedelta(hours=5),
        declared_at=now - timedelta(hours=5),
        resolved_at=now,
        status="resolved",
    )
    for number in range(EVENTS):
        at = incident.declared_at + number * timedelta(minutes=1)
        TimelineEntryFactory(incident=incident, occurred_at=at, recorded_at=at)
    return incident


def take(act: Callable[[], object]) -> float:
    """Return the milliseconds of one call."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def measure() -> list[Figure]:
    """Draft it again and again; the limit is reading the timeline alone."""
    from django.db import transaction  # noqa: PLC0415 -- needs settings

    from incidents.domain.postmortem_markdown import write_markdown  # noqa: PLC0415 -- needs settings
    from incidents.queries.incidents import list_timeline  # noqa: PLC0415 -- needs settings
    from incidents.queries.postmortems import format_of, whole_texts  # noqa: PLC0415 -- needs settings
    from incidents.services.postmortem_duty import draft_postmortem  # noqa: PLC0415 -- needs settings
    from opsportal.kit.pdf import write_pdf  # noqa: PLC0415 -- needs settings

    now = datetime.now(UTC)
    incident = make_incident(now)
    drafts, reads, papers = [], [], []
    for _ in range(ROUNDS):
        with transaction.atomic():
            reads.append(take(lambda: list_timeline(incident.pk)))
            drafts.append(take(lambda: draft_postmortem(incident, owner=None, now=now)))
            found = incident.postmortem
            document = write_markdown(format_of(found), whole_texts(found))
            papers.append(take(partial(write_pdf, document, title="x")))
            transaction.set_rollback(True)
        incident.refresh_from_db()
    return [
        Figure(
            what="a postmortem's first draft: p95",
            value=percentile(drafts, 95),
            unit="ms",
            limit=median(reads),
            limit_is="the median of reading the timeline alone",
            goal="300 ms",
            note=NOTE,
        ),
        Figure(
            what="its PDF: p95",
            value=percentile(papers, 95),
            unit="ms",
            note=NOTE,
        ),
    ]
