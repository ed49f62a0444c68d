"""`manage.py import_runbook FILE --dry-run`: what the portal understands of a runbook."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from runbooks.domain.marks import strip_marks
from runbooks.domain.plan import read_plan
from runbooks.domain.plan_json import write_plan
from runbooks.domain.plan_text import write_text

UNREADABLE = 2


class Command(BaseCommand):
    """Read a Markdown file and print the plan; nothing is saved."""

    help = "Reads a runbook in Markdown and shows what it says, line by line."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and the format."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="read only, save nothing"
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one JSON object or a readable list; exit 2 for a file that cannot be read."""
        path: Path = options["file"]
        if not options["dry_run"]:
            raise CommandError(
                "Say --dry-run: this command only reads.", returncode=UNREADABLE
            )
        try:
            raw = path.read_bytes()
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            raise CommandError(f"{path}: {reason}.", returncode=UNREADABLE) from error
        plan = read_plan(strip_marks(raw))
        if options["format"] == "json":
            self.stdout.write(json.dumps(write_plan(plan)))
        else:
            self.stdout.write(write_text(plan))
