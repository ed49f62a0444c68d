"""`manage.py check_invariants`: does the data keep every promise?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from opsportal.invariants import find_violations

MOST_SHOWN = 5


class Command(BaseCommand):
    """Print each invariant with the number of its violations; exit 1 with any."""

    help = "Reads the whole database and says whether every promise holds."

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at everything once."""
        found = find_violations(now=timezone.now())
        for sentence, broken in found.items():
            self.stdout.write(f"{len(broken):7}  {sentence}")
            for words in broken[:MOST_SHOWN]:
                self.stdout.write(f"         {words}")
            if len(broken) > MOST_SHOWN:
                self.stdout.write(f"         and {len(broken) - MOST_SHOWN} more")
        total = sum(map(len, found.values()))
        if total:
            raise CommandError(f"{total} violations.", returncode=1)
