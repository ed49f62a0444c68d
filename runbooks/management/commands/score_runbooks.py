"""`manage.py score_runbooks [FOLDER...]`: recall and precision by category."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from runbooks.domain.plan import read_plan
from runbooks.domain.plan_json import write_plan
from runbooks.domain.score import Score, score_plan

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "tests" / "runbooks" / "samples"
SHARED = ROOT.parent / "shared"
END = ".expect.json"


class Command(BaseCommand):
    """Read runbooks that have a ground truth beside them and compare."""

    help = (
        "Folders hold NAME.md and NAME.expect.json, or runbooks/ and acceptance/ "
        "with them. Without a folder: ../shared, if it is there, and the samples."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take folders."""
        parser.add_argument("folder", nargs="*", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was missed and invented, and a table a folder."""
        folders = options["folder"] or [
            each for each in (SHARED, SAMPLES) if each.is_dir()
        ]
        for folder in folders:
            totals: dict[str, Score] = {}
            for runbook, truth in find_pairs(folder):
                shown = write_plan(read_plan(runbook.read_bytes()))
                scores = score_plan(shown, json.loads(truth.read_text("utf-8")))
                for score in scores:
                    totals.setdefault(score.category, Score(score.category)).add(score)
                self._write_faults(runbook.name, scores)
            if not totals:
                raise CommandError(f"{folder} holds no runbook with a ground truth.")
            self._write_table(folder, totals)

    def _write_faults(self, name: str, scores: list[Score]) -> None:
        for score in scores:
            for fault, entries in (
                ("missed", score.missed),
                ("invented", score.invented),
            ):
                for entry in entries:
                    self.stdout.write(f"{name}: {score.category}: {fault} {entry}")

    def _write_table(self, folder: Path, totals: dict[str, Score]) -> None:
        self.stdout.write(f"\n{folder}")
        self.stdout.write(
            f"{'':14}{'core':>6}{'found':>7}{'given':>7}{'recall':>9}{'precision':>11}"
        )
        for score in totals.values():
            self.stdout.write(
                f"{score.category:14}{score.wanted:6}{score.found:7}{score.given:7}"
                f"{score.recall:9.1%}{score.precision:11.1%}"
            )


def find_pairs(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield runbooks with their truths, in the order of their names."""
    truths = folder / "acceptance" if (folder / "acceptance").is_dir() else folder
    texts = folder / "runbooks" if (folder / "runbooks").is_dir() else folder
    for truth in sorted(truths.glob(f"*{END}")):
        runbook = texts / f"{truth.name.removesuffix(END)}.md"
        if runbook.is_file():
            yield runbook, truth
