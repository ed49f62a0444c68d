"""`manage.py import_runbook PATH`: what a runbook says, and bringing a folder of them in."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from oncall.access import Actor, may
from opsportal.kit.errors import PortalError
from runbooks.domain.marks import strip_marks
from runbooks.domain.plan import read_plan
from runbooks.domain.plan_json import write_plan
from runbooks.domain.plan_text import write_text
from runbooks.queries.library import find_importer, services_named
from runbooks.services.folders import (
    MARKDOWN,
    Import,
    Outcome,
    find_files,
    find_root,
    import_files,
    read_file,
)

UNREADABLE = 2


class Command(BaseCommand):
    """Read Markdown and print the plan, or bring files in for a review."""

    help = (
        "Reads runbooks in Markdown: with --dry-run it shows what they say, line by "
        "line; with --service or --team it brings a file, a folder or a checkout in. "
        "What is new waits for a review, unless --apply."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file or folder, whose it is, and the format."""
        parser.add_argument("path", type=Path, help="a file, a folder or a checkout")
        parser.add_argument(
            "--dry-run", action="store_true", help="read only, save nothing"
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")
        parser.add_argument(
            "--glob", action="append", default=[],
            help=f"which files below a folder; again for more. Default: {MARKDOWN}",
        )  # fmt: skip
        parser.add_argument("--service", default="", help="short name of the service")
        parser.add_argument(
            "--team", default="",
            help="short name of the team; each file says which of its services",
        )  # fmt: skip
        parser.add_argument(
            "--apply", action="store_true",
            help="apply what needs no question; the rest waits for a review",
        )  # fmt: skip
        parser.add_argument("--by", default="", help="the manager who applies")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one JSON object or a readable list; exit 2 for what cannot be read."""
        path: Path = options["path"]
        try:
            if options["dry_run"]:
                self._show(path, options)
            else:
                self._import(path, options)
        except PortalError as error:
            said = f"{path}: {error.message.rstrip('.')}."
            raise CommandError(said, returncode=UNREADABLE) from error

    def _show(self, path: Path, options: dict[str, Any]) -> None:
        if path.is_dir():
            self._show_folder(path, options)
            return
        plan = read_plan(strip_marks(_read_any(path)))
        if options["format"] == "json":
            self.stdout.write(json.dumps(write_plan(plan)))
        else:
            self.stdout.write(write_text(plan))

    def _show_folder(self, folder: Path, options: dict[str, Any]) -> None:
        shown: list[dict[str, Any]] = []
        outcomes = []
        for path in find_files(folder, options["glob"] or [MARKDOWN]):
            name = path.relative_to(folder).as_posix()
            try:
                plan = read_plan(read_file(path, folder.resolve()))
            except PortalError as error:
                shown.append({"path": name, "error": error.message})
                failed = Outcome(path=name, result="failed", detail=error.message)
                outcomes.append(failed)
                continue
            shown.append({"path": name, "plan": write_plan(plan)})
            items = sum(len(each.items) for each in plan.checklists)
            detail = f"{len(plan.checklists)} checklists, {items} items"
            outcomes.append(Outcome(path=name, result="read", detail=detail))
        if options["format"] == "json":
            self.stdout.write(json.dumps(shown))
        else:
            self._write_table(outcomes)
        _raise_failed(outcomes)

    def _import(self, path: Path, options: dict[str, Any]) -> None:
        services = services_named(options["service"], options["team"])
        if not services:
            raise CommandError(
                "Say --dry-run to read only, or --service or --team to bring it in, "
                "by the short name of one with a service.",
                returncode=UNREADABLE,
            )
        by = None
        if options["apply"]:
            by = find_importer(options["by"])
            if by is None or not may(Actor(by), "runbook.edit", services[0].team_id):
                raise CommandError(
                    "Say --by USERNAME, a manager of the team.", returncode=UNREADABLE
                )
        if not path.exists():
            raise PortalError("no such file or directory")
        root = find_root(path)
        files = (
            find_files(path.resolve(), options["glob"] or [MARKDOWN])
            if path.is_dir()
            else [path.parent.resolve() / path.name]
        )
        wish = Import(services=services, by=by, now=timezone.now())
        outcomes = list(import_files(files, root, wish))
        if options["format"] == "json":
            rows = [
                {"path": each.path, "result": each.result, "detail": each.detail}
                for each in outcomes
            ]
            self.stdout.write(json.dumps(rows))
        else:
            self._write_table(outcomes)
        _raise_failed(outcomes)

    def _write_table(self, outcomes: list[Outcome]) -> None:
        if not outcomes:
            self.stdout.write("No file fits.")
            return
        width = max(len(each.path) for each in outcomes)
        for each in outcomes:
            line = f"{each.path:<{width}}  {each.result:<9}  {each.detail}"
            self.stdout.write(line.rstrip())


def _read_any(path: Path) -> bytes:
    """Return a file as it is, in whatever encoding."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise PortalError((error.strerror or "cannot be read").lower()) from error


def _raise_failed(outcomes: Iterable[Outcome]) -> None:
    failed = sum(each.result == "failed" for each in outcomes)
    if failed:
        files = "file" if failed == 1 else "files"
        raise CommandError(f"{failed} {files} failed.", returncode=UNREADABLE)
