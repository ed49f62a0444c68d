"""Ready-made checklists that a person starts: what to look at before a risky step.

Each is a text, as managers write it, with the cadence that suits it. A team takes one
as it is and makes it its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from checklists.domain.checklist_text import ChecklistText, read_markdown

_HOUR: Final = {
    "due_time": "17:00",
    "opens_before": "1h",
    "grace": "1h",
    "closes_after": "1d",
}
_LOAD_TEST: Final = """
## Before

{first}
- [ ] Cache cleared and counters reset
- [ ] Team told when the test runs
- [ ] Who stops the test is named
  - kind: text

## During

- [ ] Begun low, then raised step by step
  > Stop at once when an alert fires.

## After

- [ ] P95 latency
  - kind: number
  - bounds: {{"hard_min": 0, "warn_max": 200, "unit": "ms"}}
- [ ] P99 latency
  - kind: number
  - bounds: {{"hard_min": 0, "warn_max": 500, "unit": "ms"}}
- [ ] Error rate
  - kind: number
  - bounds: {{"hard_min": 0, "hard_max": 100, "warn_max": 1, "unit": "%"}}
- [ ] Alerts during the test
  - kind: choice
  - options: ["none", "some"]
- [ ] Which alerts, and what becomes of them
  - kind: text
  - show_if: {{"item": "Alerts during the test", "is": ["some"]}}
- [ ] Report of the test
  - kind: link
  - is_required: false
"""


@dataclass(frozen=True, slots=True)
class Starter:
    """One of them; ``rule`` and ``timing`` are the JSON of a cadence."""

    key: str
    text: ChecklistText
    rule: Mapping[str, Any]
    timing: Mapping[str, str]


def _starter(key: str, text: str, **rule: str) -> Starter:
    return Starter(key, read_markdown(text), {"kind": "on_demand", **rule}, _HOUR)


STARTERS: Final = (
    _starter(
        "pre-deployment",
        """# Pre-deployment

Before a release goes to production, and until it is known to be good.

## Before

- [ ] Change reviewed and tests passed
  - kind: link
  - is_critical: true
  > The address of the build or the merge request.
- [ ] Nothing burns
  > No open incident or failing check of the services concerned. If there is one, wait.
- [ ] Backup is fresh
  - allows_na: true
  > Needed when the release changes the database.
- [ ] Way back is written down and was tried
  - is_critical: true
- [ ] On-call person knows of it

## After

- [ ] Health checks pass
- [ ] Error rate after 15 minutes
  - kind: number
  - bounds: {"hard_min": 0, "hard_max": 100, "warn_max": 0.1, "unit": "%"}
- [ ] Latency is as before
- [ ] Outcome
  - kind: choice
  - options: ["kept", "rolled back"]
- [ ] Why it was rolled back
  - kind: text
  - show_if: {"item": "Outcome", "is": ["rolled back"]}
""",
    ),
    _starter(
        "load-test",
        "# Load test before production\n\nAgainst an environment like production."
        + _LOAD_TEST.format(first="- [ ] Environment mirrors production"),
    ),
    _starter(
        "load-test-production",
        "# Load test in production\n\n"
        "It is started between 02:00 and 04:00 of the team's clock and at no other"
        " time; what was started is due by then."
        + _LOAD_TEST.format(first="- [ ] Traffic is low\n  - is_critical: true"),
        starts_from="02:00",
        starts_until="04:00",
    ),
)
