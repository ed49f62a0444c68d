"""Bringing the runbooks of a folder or a checkout into the portal."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from oncall.models import Service, User
from opsportal.kit.errors import PortalError
from runbooks.domain.marks import strip_marks
from runbooks.domain.plan import Plan, read_plan
from runbooks.models import Draft, Runbook
from runbooks.queries.library import find_by_path, find_same, newest_version
from runbooks.queries.review import count_questions, ready_keys, review_plan
from runbooks.services.choosing import Choices
from runbooks.services.drafts import (
    MOST_BYTES,
    apply_draft,
    digest_of,
    keep_waiting,
)

MARKDOWN = "**/*.md"
MOST_FILES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one file: unchanged, waits, applied or failed, and more of it."""

    path: str
    result: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Whose runbooks a folder holds.

    ``services`` are those of the team; several are told apart by what each file says.
    ``by`` applies what needs no question; without anybody all of it waits.
    """

    services: Sequence[Service]
    by: User | None
    now: datetime


def find_root(path: Path) -> Path:
    """Return from where paths are told: the checkout around ``path``, or its folder."""
    folder = path if path.is_dir() else path.parent
    around = (folder, *folder.resolve().parents)
    return next((each for each in around if (each / ".git").exists()), folder).resolve()


def find_files(folder: Path, globs: Iterable[str]) -> list[Path]:
    """Return the files below a folder, none of them hidden. Raises PortalError."""
    try:
        found = {path for each in globs for path in folder.glob(each)}
    except (NotImplementedError, ValueError):  # The former for absolute ones.
        raise PortalError("Give globs such as docs/**/*.md.", field="glob") from None
    files = sorted(
        path
        for path in found
        if not path.is_dir()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if len(files) > MOST_FILES:
        raise PortalError(f"More than {MOST_FILES:,} files. Narrow the globs.")
    return files


def read_file(path: Path, root: Path) -> bytes:
    """Return the bytes of a runbook without the marks of an export.

    Raises PortalError in one line of words.
    """
    if not path.resolve().is_relative_to(root):
        raise PortalError("it leads out of the folder")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise PortalError("it has more than 2 MB")
        raw = strip_marks(path.read_bytes())
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise PortalError(reason) from None
    if not raw.strip():
        raise PortalError("it is empty")
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise PortalError("it is not UTF-8") from None
    return raw


def import_files(files: Iterable[Path], root: Path, wish: Import) -> Iterator[Outcome]:
    """Bring files in one by one; what is wrong with one does not stop the others."""
    named = {path.absolute().relative_to(root).as_posix(): path for path in files}
    for name, path in named.items():
        try:
            raw = read_file(path, root)
            yield _import_text(raw, name, named.keys(), wish)
        except PortalError as error:
            yield Outcome(path=name, result="failed", detail=error.message)


def _find_runbook(
    path: str, paths: Collection[str], service: Service, plan: Plan
) -> Runbook | None:
    """Return the runbook of the same title, unless it is that of another file."""
    found = find_same(service, plan)
    is_other = found is not None and found.path != path and found.path in paths
    return None if is_other else found


def _import_text(
    raw: bytes, path: str, paths: Collection[str], wish: Import
) -> Outcome:
    runbook = find_by_path(path, [each.pk for each in wish.services])
    plan = read_plan(raw)
    service = runbook.service if runbook else _choose(plan, wish.services)
    runbook = runbook or _find_runbook(path, paths, service, plan)
    last = newest_version(runbook.pk) if runbook else None
    digest = digest_of(raw)
    with transaction.atomic():
        if runbook is not None and runbook.path != path:
            runbook.path = path
            runbook.save(update_fields=["path"])
        known = Draft.objects.filter(
            user=None, service=service, runbook=runbook, digest=digest
        ).exists()
        draft = keep_waiting(service, raw, runbook=runbook, path=path, now=wish.now)
        if draft is None:
            number = last.number if last else 0
            return Outcome(path=path, result="unchanged", detail=f"version {number}")
    rows = review_plan(service, plan, runbook)
    asked, ready = count_questions(rows), ready_keys(rows)
    if wish.by is not None and not asked:
        choices = Choices(
            accepted=frozenset(ready), based_on=last.number if last else 0
        )
        version = apply_draft(draft, plan, choices, by=wish.by, now=wish.now)
        return Outcome(path=path, result="applied", detail=f"version {version.number}")
    found = f"{len(ready)} found, {asked} to decide"
    return Outcome(
        path=path,
        result="unchanged" if known else "waits",
        detail=f"{found}; it waits for a review" if known else found,
    )


def _choose(plan: Plan, services: Sequence[Service]) -> Service:
    """Return the service that a runbook is about. Raises PortalError."""
    if len(services) == 1:
        return services[0]
    said = plan.service.casefold()
    for each in services:
        if said and said in {each.name.casefold(), each.slug}:
            return each
    raise PortalError("it names no service of the team: say --service")
