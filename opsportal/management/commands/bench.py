"""`manage.py bench [NAME]`: measure, print a table, keep it under var/bench."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

ROOT = Path(__file__).resolve().parents[3]
NAMES = (
    "rules",
    "runs",
    "checks",
    "pages",
    "history",
    "past",
    "heatmaps",
    "schedule_pages",
    "memory",
    "feeds",
    "incidents",
    "declarations",
    "status_files",
    "budgets",
    "reminders",
    "runbooks",
    "postmortems",
    "ingest",
    "storm",
    "alert_history",
)


class Command(BaseCommand):
    """Run one benchmark, or all, each in a process with servers of its own."""

    help = "Measure: " + ", ".join(NAMES) + ". Without a name, all of them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of one benchmark, and whether time is short."""
        parser.add_argument("name", nargs="?", choices=NAMES)
        parser.add_argument(
            "--small", action="store_true", help="a tenth of what takes long"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure what was asked for."""
        names = [options["name"]] if options["name"] else NAMES
        if options["small"]:
            os.environ["OPSPORTAL_SMALL"] = "1"
        for name in names:
            self._measure(name, timezone.now())

    def _measure(self, name: str, now: datetime) -> None:
        from bench.figures import Figure, write_notes, write_table  # noqa: PLC0415 -- not installed
        from tests.servers import Servers  # noqa: PLC0415 -- not installed

        self.stdout.write(f"\n== {name} ==")
        self.stdout.flush()
        servers = Servers()
        try:
            found = self._ask(name, servers.start())
        finally:
            servers.stop()
        ratios = [row.pop("ratio") for row in found]
        figures = [Figure(**row) for row in found]
        self.stdout.write("\n".join(write_table(figures)))
        self.stdout.write("\n".join(write_notes(figures)))
        rows = [
            {**row, "ratio": ratio} for row, ratio in zip(found, ratios, strict=True)
        ]
        folder = settings.VAR_DIR / "bench"
        folder.mkdir(parents=True, exist_ok=True)
        kept = {
            "name": name,
            "at": now.astimezone(UTC).isoformat(),
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
            "figures": rows,
        }
        (folder / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n")

    def _ask(self, name: str, environment: dict[str, str]) -> list[dict[str, Any]]:
        done = subprocess.run(  # noqa: S603 -- our own module
            [sys.executable, "-m", "bench", name],
            check=False,
            cwd=ROOT,
            env=os.environ | environment | {"LOG_LEVEL": "ERROR"},
            stdout=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise CommandError(f"The benchmark {name} failed.")
        found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return found
