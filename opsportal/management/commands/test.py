"""Run the tests: all of them in their usual order, or what pytest is told to."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
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


# Two at work, and a third for while one waits.
_BOTH_CORES = ("-n", "3", "--dist", "worksteal")
_QUICK = "not (faults or browser or clients or slow or soak)"
_EVERYTHING = Part(
    title="everything, on PostgreSQL",
    arguments=[*_BOTH_CORES, "-m", "not (faults or soak)"],
)
# Where processes are killed; reading all the other tests first takes longer than one.
KILLING = ("tests/faults", "tests/opsportal/test_supervisor.py")
# They wait more than they compute: for leases to end, and for starts. Those that wait
# longest come first. Each of the three kills its own servers.
_KILLED = Part(
    title="killed processes",
    arguments=[
        *KILLING,
        *("-n", "3", "--dist", "load", "--randomly-dont-reorganize"),
        *("-m", "faults and not soak"),
    ],
    environment={"OPSPORTAL_TEST_APART": "1"},
)
# What two databases could do differently lies in services, queries and sweeps. Pages,
# the API, the admin and commands only call those; the rest asks no database, or reads
# the demo.
_ALIKE = (
    "*/views", "*/api", "*/test_api*.py", "*/test_*_api.py", "*/test_admin*.py",
    "*/domain", "*/probes", "*/forms", "*/transports", "*/outbound", "*/commands",
    "flows/test_planted_*.py",
    "architecture", "bench", "browser", "clients", "faults", "shared",
    "opsportal/demo/test_[!c]*.py",
)  # fmt: skip
_AGAIN = Part(
    title="what talks to the database, on SQLite",
    arguments=[
        *("-n", "2", "--dist", "worksteal"),
        *(f"--ignore-glob=tests/{place}" for place in _ALIKE),
        *("-m", f"database and {_QUICK}"),
    ],
    environment={"OPSPORTAL_TEST_DB": "sqlite"},
)
# Parts of a group run at once: while killed processes are awaited, others compute.
GROUPS: tuple[tuple[Part, ...], ...] = ((_EVERYTHING,), (_AGAIN, _KILLED))
# Domain code is plain Python: its tests start without Django and without what is only
# for pages, rows and the API; they log nothing, write to no descriptor and know no host.
# Those that take seconds are in the full run alone. The two parts take about as long.
_PLAINLY = (
    *("--noconftest", "-p", "tests.conftest", "--capture=sys", "--allow-hosts="),
    *(f"-pno:{plugin}" for plugin in ("django", "schemathesis", "randomly", "faker")),
    *(f"-pno:{plugin}" for plugin in ("anyio", "valkey", "rerunfailures", "logging")),
    *(f"-pno:{plugin}" for plugin in ("xdist", "xdist.looponfail")),
    *("-m", "not slow"),
)
DOMAIN: tuple[Part, ...] = tuple(
    Part(
        title=f"domain of {' and '.join(apps)}",
        arguments=[*_PLAINLY, *(f"tests/{app}/domain" for app in apps)],
    )
    for apps in (("oncall", "runbooks"), ("checklists", "incidents"))
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
        "Run the tests. Arguments go to pytest, for example: test tests/oncall -k swap; "
        "the one word domain runs those of pure domain code, within seconds"
    )
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Keep every argument for pytest, its options too."""
        arguments = argv[2:]
        if arguments == ["domain"]:
            raise SystemExit(self._run((DOMAIN,), is_measured=False))
        raise SystemExit(_pytest(arguments) if arguments else self._run_all())

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all parts, when called by other code."""
        raise SystemExit(self._run_all())

    def _run_all(self) -> int:
        return self._run(GROUPS, is_measured=is_measured())

    def _run(self, groups: Sequence[Sequence[Part]], *, is_measured: bool) -> int:
        lines: list[str] = []
        total = {"passed": 0, "failed": 0, "skipped": 0}
        missing: set[str] = set()
        is_good = True
        with tempfile.TemporaryDirectory() as folder:
            for group in groups:
                running = [
                    _Running(part, Path(folder), is_measured=is_measured)
                    for part in group
                ]
                for done in self._run_group(running, Path(folder)):
                    is_good = is_good and done.is_good
                    missing.update(done.missing)
                    total = {key: total[key] + done.counts[key] for key in total}
                    lines.append(done.sentence)
            if is_measured:
                _python(["-m", "coverage", "combine", "--quiet", folder], {})
        for title, options in FLOORS if is_measured else ():
            self._head(title)
            holds = _report_coverage(options) == 0
            is_good = is_good and holds
            lines.append(f"{title}: {'holds' if holds else 'is below its floor'}")
        self._head("summary")
        self.stdout.write("\n".join([*lines, *sorted(missing)]))
        self.stdout.write(", ".join(f"{count} {key}" for key, count in total.items()))
        self.stdout.flush()
        return 0 if is_good and not total["failed"] else 1

    def _run_group(self, group: Sequence["_Running"], folder: Path) -> list["_Done"]:
        """Run the parts at once; show the first's output as it comes, then the rest."""
        first, *others = group
        self._head(first.part.title)
        first.start(None)
        for each in others:
            each.start(folder / f"{each.name}.out")
        running = list(group)
        while running:
            time.sleep(0.1)
            running = [each for each in running if not each.has_ended()]
        for each in others:
            self._head(each.part.title)
            self.stdout.write((folder / f"{each.name}.out").read_text())
        return [each.tell() for each in group]

    def _head(self, title: str) -> None:
        self.stdout.write(f"\n== {title} ==")
        self.stdout.flush()


@dataclass(frozen=True, kw_only=True)
class _Done:
    """What came of a part."""

    is_good: bool
    counts: dict[str, int]
    missing: list[str]
    sentence: str


class _Running:
    """One part at work."""

    def __init__(self, part: Part, folder: Path, *, is_measured: bool) -> None:
        self.part, self._is_measured = part, is_measured
        self.name = part.title.translate({ord(" "): "-", ord(","): None})
        self._tally = folder / f"{self.name}.json"
        self._coverage = folder / f".coverage.{self.name}"

    def start(self, output: Path | None) -> None:
        """Start pytest; its output goes to a file, or where ours goes."""
        reported = ["-p", "tests.tally", "-q", "-rfEs", "--no-header"]
        measured = ["--cov", "--cov-report=", "--cov-fail-under=0"]
        arguments = [
            *reported,
            *(measured if self._is_measured else []),
            *self.part.arguments,
        ]
        environment = self.part.environment | {
            "OPSPORTAL_TALLY": str(self._tally),
            "COVERAGE_FILE": str(self._coverage),
        }
        self._began, self._took = time.monotonic(), 0.0
        with output.open("wb") if output else nullcontext() as file:
            self._process = subprocess.Popen(  # noqa: S603 -- our own tests
                [sys.executable, "-m", "pytest", *arguments],
                cwd=ROOT,
                env=os.environ | environment,
                stdout=file,
                stderr=subprocess.STDOUT if file else None,
            )

    def has_ended(self) -> bool:
        """Say whether it is over; note how long it took."""
        self._took = time.monotonic() - self._began
        return self._process.poll() is not None

    def tell(self) -> _Done:
        """Say what came of it, once it has ended."""
        code = self._process.wait()
        is_good = code in {0, NO_TESTS}
        seen = json.loads(self._tally.read_text()) if self._tally.exists() else {}
        counts = {key: seen.get(key, 0) for key in ("passed", "failed", "skipped")}
        said = ", ".join(f"{count} {key}" for key, count in counts.items())
        ended = "" if is_good else f", pytest ended with {code}"
        took = f"{self._took:.0f} s"
        return _Done(
            is_good=is_good,
            counts=counts,
            missing=seen.get("missing", []),
            sentence=f"{self.part.title}: {said} in {took}{ended}",
        )


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
