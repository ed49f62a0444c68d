"""Run the tests: all of them in their usual order, or what pytest is told to."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

ROOT = Path(__file__).resolve().parents[3]
NO_TESTS = 5


@dataclass(frozen=True, kw_only=True)
class Part:
    """One call of pytest in the full run."""

    title: str
    arguments: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)


_BOTH_CORES = ("-n", "2", "--dist", "worksteal")
_QUICK = "not (faults or browser or clients or slow)"
PARTS = (
    Part(
        title="everything, on PostgreSQL",
        arguments=[*_BOTH_CORES, "-m", "not faults"],
    ),
    Part(title="killed processes", arguments=["-m", "faults"]),
    Part(
        title="what talks to the database, on SQLite",
        arguments=[*_BOTH_CORES, "-m", f"database and {_QUICK}"],
        environment={"OPSPORTAL_TEST_DB": "sqlite"},
    ),
)
# Below these, in percent, the run fails; the first floor is in pyproject.toml.
FLOORS: tuple[tuple[str, list[str]], ...] = (
    ("coverage", []),
    (
        "coverage of domain and services",
        ["--include", "*/domain/*,*/services/*", "--fail-under", "100"],
    ),
)


def is_measured() -> bool:
    """Say whether coverage is measured: in CI, because it takes a third longer."""
    return os.environ.get("CI") == "true"


class Command(BaseCommand):
    """Hand arguments to pytest; without any, run all parts, in CI with their coverage."""

    help = (
        "Run the tests. Arguments go to pytest, for example: test tests/oncall -k swap"
    )
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Keep every argument for pytest, its options too."""
        arguments = argv[2:]
        raise SystemExit(_pytest(arguments) if arguments else self._run_all())

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all parts, when called by other code."""
        raise SystemExit(self._run_all())

    def _run_all(self) -> int:
        lines: list[str] = []
        total = {"passed": 0, "failed": 0, "skipped": 0}
        missing: set[str] = set()
        is_good = True
        with tempfile.TemporaryDirectory() as folder:
            tally = Path(folder) / "tally.json"
            for number, part in enumerate(PARTS):
                self._head(part.title)
                began = time.monotonic()
                code = _run_part(part, tally, Path(folder) / f".coverage.{number}")
                is_good = is_good and code in {0, NO_TESTS}
                seen = json.loads(tally.read_text()) if tally.exists() else {}
                tally.unlink(missing_ok=True)
                missing.update(seen.pop("missing", []))
                total = {key: total[key] + seen.get(key, 0) for key in total}
                counts = ", ".join(f"{seen.get(key, 0)} {key}" for key in total)
                ended = "" if code in {0, NO_TESTS} else f", pytest ended with {code}"
                took = f"{time.monotonic() - began:.0f} s"
                lines.append(f"{part.title}: {counts} in {took}{ended}")
            if is_measured():
                _python(["-m", "coverage", "combine", "--quiet", folder], {})
        for title, options in FLOORS if is_measured() else ():
            self._head(title)
            holds = _report_coverage(options) == 0
            is_good = is_good and holds
            lines.append(f"{title}: {'holds' if holds else 'is below its floor'}")
        self._head("summary")
        self.stdout.write("\n".join([*lines, *sorted(missing)]))
        self.stdout.write(", ".join(f"{count} {key}" for key, count in total.items()))
        self.stdout.flush()
        return 0 if is_good and not total["failed"] else 1

    def _head(self, title: str) -> None:
        self.stdout.write(f"\n== {title} ==")
        self.stdout.flush()


def _run_part(part: Part, tally: Path, coverage: Path) -> int:
    reported = ["-p", "tests.tally", "-q", "-rfEs", "--no-header"]
    measured = ["--cov", "--cov-report=", "--cov-fail-under=0"] if is_measured() else []
    environment = part.environment | {
        "OPSPORTAL_TALLY": str(tally),
        "COVERAGE_FILE": str(coverage),
    }
    return _pytest([*reported, *measured, *part.arguments], environment)


def _report_coverage(options: list[str]) -> int:
    reported = ["report", "--skip-covered", "--show-missing", *options]
    return _python(["-m", "coverage", *reported], {})


def _pytest(arguments: list[str], environment: dict[str, str] | None = None) -> int:
    return _python(["-m", "pytest", *arguments], environment or {})


def _python(arguments: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, *arguments]
    done = subprocess.run(  # noqa: S603 -- our own tests
        command, check=False, cwd=ROOT, env=os.environ | environment
    )
    return done.returncode
