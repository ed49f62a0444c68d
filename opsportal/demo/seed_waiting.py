"""Texts that wait for a review: a runbook that changed, and one that is new."""

from datetime import datetime, timedelta

from oncall.models import Service
from opsportal.demo.newer_text import PATH, write_newer
from opsportal.demo.stage import Stage
from runbooks.models import Runbook, RunbookSource
from runbooks.services.drafts import digest_of, keep_waiting

_READ_AGO = timedelta(hours=3)
_FOUND_AGO = timedelta(days=1)
_NEW = """# AMAS load tests

## Every Wednesday at 15:00
- [ ] Load test passed within the last 7 days
- [ ] Latency p99 under load < 500ms
- [ ] Error rate under load < 1%

## When a load test fails

### Latency is above the limit
**Symptoms:**
- p99 above 500 ms while the number of requests stays the same

**Resolution:**
1. Compare with the run of last week
2. Roll the newest release back in staging and run it again
"""


def seed_waiting(services: dict[str, Service], stage: Stage, now: datetime) -> None:
    """Let ARQ's runbook be read from an address, and AMAS have a new one."""
    arq, raw = services["arq"], write_newer()
    runbook = Runbook.objects.get(service=arq)
    RunbookSource.objects.create(
        runbook=runbook,
        url=f"{stage.url}{PATH}",
        interval=RunbookSource.Interval.DAILY,
        last_read_at=now - _READ_AGO,
        next_read_at=now - _READ_AGO + timedelta(days=1),
        digest=digest_of(raw),
    )
    keep_waiting(arq, raw, runbook=runbook, now=now - _READ_AGO)
    keep_waiting(
        services["amas"], _NEW.encode(), runbook=None, path="docs/load-tests.md",
        now=now - _FOUND_AGO,
    )  # fmt: skip
