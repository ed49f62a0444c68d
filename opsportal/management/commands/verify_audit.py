"""`manage.py verify_audit`: was anything in the audit log changed or removed?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from oncall.queries.audit import LogState, read_log
from opsportal.invariants import find_broken_runs


class Command(BaseCommand):
    """Read both kinds of chains; name the first row that does not fit, exit 1."""

    help = (
        "Reads the audit log and the story of every run from their beginnings and"
        " names what was changed or removed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at everything once."""
        state = read_log()
        for line in _say(state):
            self.stdout.write(line)
        broken = list(find_broken_runs(timezone.now()))
        for words in broken:
            self.stdout.write(f"Does not fit: {words}")
        if state.broken or broken:
            raise CommandError("The log was tampered with.", returncode=1)
        self.stdout.write("The log and the story of every run are whole.")


def _say(state: LogState) -> list[str]:
    lines = [f"{state.entries} entries"]
    if state.first_at and state.last_at:
        lines[0] += (
            f" from {state.first_at:%Y-%m-%d %H:%M} to {state.last_at:%Y-%m-%d %H:%M} UTC"
        )
    if state.seal:
        lines.append(
            f"{state.seal.entries} older ones were past their time and forgotten, the"
            f" last of them {state.seal.at:%Y-%m-%d %H:%M} UTC; their end is sealed."
        )
    if state.broken:
        lines.append(f"Does not fit: {state.broken}")
    return lines
