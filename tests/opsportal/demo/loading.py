"""When the demo of the tests is loaded, and how."""

import io
from datetime import UTC, datetime

from django.core.management import call_command

# Saturday morning in Berlin: the weekly work of Friday is overdue.
NOW = datetime(2026, 11, 21, 8, 6, tzinfo=UTC)


def run_command(*arguments):
    said = io.StringIO()
    call_command("demo", *arguments, stdout=said)
    return said.getvalue()
