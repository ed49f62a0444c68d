"""Pages of alerts and incidents, in the middle of a day."""

from datetime import UTC, datetime

import pytest
import time_machine


@pytest.fixture(autouse=True)
def _in_mid_morning():
    """Let the clock of today go from there, so that no midnight falls into a test."""
    today = datetime.now(UTC)
    with time_machine.travel(today.replace(hour=10, minute=30, second=5)):
        yield
