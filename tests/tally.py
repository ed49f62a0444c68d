"""Write down how a test run ended, for the summary over several: a pytest plugin.

OPSPORTAL_TALLY names the file. It gets the counts, and one sentence for each program
that tests would have needed and did not find.
"""

import json
import os
from pathlib import Path

import pytest

_NEEDS = "Skipped: needs "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the file, when the whole run is over."""
    place = os.environ.get("OPSPORTAL_TALLY")
    if place is None:
        return
    stats = terminalreporter.stats
    reasons = [
        report.longrepr[2]
        for report in stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    ]
    missing = {
        f"skipped: {reason.removeprefix('Skipped: ')}"
        for reason in reasons
        if reason.startswith(_NEEDS)
    }
    tally = {
        "passed": len(stats.get("passed", [])) + len(stats.get("xfailed", [])),
        "failed": len(stats.get("failed", [])) + len(stats.get("error", [])),
        "skipped": len(stats.get("skipped", [])),
        "missing": sorted(missing),
    }
    Path(place).write_text(json.dumps(tally))
