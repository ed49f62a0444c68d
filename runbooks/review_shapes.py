"""How the API shows a runbook, and what a text would make live."""

from datetime import date, datetime
from typing import Any

from ninja import Schema

from oncall.api.common import Moment
from oncall.models import Service
from runbooks.domain.plan import Plan, read_plan
from runbooks.models import Draft, Runbook
from runbooks.plan_shapes import (
    KeptOut,
    ProposalOut,
    WarningOut,
    kept_of,
    proposal_of,
    warnings_of,
)
from runbooks.queries import library
from runbooks.queries.review import Row, ready_keys, review_plan
from runbooks.services.choosing import Choices


class RunbookOut(Schema):
    """One runbook; ``version`` is that which holds, 0 when all were undone."""

    slug: str
    title: str
    service: str
    version: int
    reviewed_on: date | None
    review_interval: str
    review_due_on: date | None


class ProcedureOut(Schema):
    """What to do when something is wrong, in Markdown."""

    title: str
    line: int
    symptoms: str
    diagnosis: str
    resolution: str


class RunbookWhole(RunbookOut):
    """One runbook with its text and procedures."""

    text: str
    applied_at: Moment | None
    reviewed_by: str | None
    procedures: list[ProcedureOut]


class FindingOut(Schema):
    """One thing that applying would write; ``line`` is 0 for what is gone.

    ``status`` says who changed it since the last apply, ``is_ready`` whether the
    page ticks it by itself, ``has_check`` whether its check lacks nothing. ``steps``
    are the findings of a ladder.
    """

    kind: str
    key: str
    parent: str
    line: int
    last: int
    confidence: float
    status: str
    is_ready: bool
    has_check: bool
    check: ProposalOut | None
    value: dict[str, Any]
    steps: list[str]


class ReviewOut(Schema):
    """What a text would do; send ``based_on`` back when you apply it.

    ``warnings`` are what a person should look at before, ``kept`` is what was
    understood and makes nothing.
    """

    title: str
    runbook: str | None
    based_on: int
    findings: list[FindingOut]
    warnings: list[WarningOut]
    kept: list[KeptOut]


class WaitingOut(ReviewOut):
    """A text that waits for a review, and what it would do."""

    id: int
    text: str


class ChoicesIn(Schema):
    """What to make live, by key. Without ``accept`` it is all that is ready.

    ``checks`` are keys of items whose check is to tick them, ``fixes`` what is to hold
    instead of what was read: by key, then by part of its value. When another version
    than ``based_on`` holds, the answer is 409 with the runbook as it is, as ``current``.
    """

    accept: list[str] | None = None
    checks: list[str] = []
    fixes: dict[str, dict[str, Any]] = {}
    based_on: int

    def read(self, service: Service, plan: Plan, runbook: Runbook | None) -> Choices:
        """Return what the services take; without ``accept`` it is all that is ready."""
        accepted = self.accept
        if accepted is None:
            accepted = ready_keys(review_plan(service, plan, runbook))
        return Choices(
            accepted=frozenset(accepted),
            checks=frozenset(self.checks),
            fixes=self.fixes,
            based_on=self.based_on,
        )


def runbook_out(runbook: Runbook, number: int) -> dict[str, Any]:
    """Return a runbook as RunbookOut takes it."""
    return {
        "slug": runbook.slug,
        "title": runbook.title,
        "service": runbook.service.slug,
        "version": number,
        "reviewed_on": runbook.reviewed_on,
        "review_interval": runbook.review_interval,
        "review_due_on": library.due_on(runbook),
    }


def whole_runbook(runbook: Runbook) -> RunbookWhole:
    """Return a runbook with its text and procedures."""
    version = library.newest_version(runbook.pk)
    at: datetime | None = version.created_at if version else None
    return RunbookWhole(
        **runbook_out(runbook, version.number if version else 0),
        text=version.text if version else "",
        applied_at=at,
        reviewed_by=runbook.reviewed_by.username if runbook.reviewed_by else None,
        procedures=[
            ProcedureOut.model_validate(each)
            for each in (version.procedures.all() if version else [])
        ],
    )


def review_of(service: Service, plan: Plan, runbook: Runbook | None) -> dict[str, Any]:
    """Return what a text would do, as ReviewOut takes it."""
    last = library.newest_version(runbook.pk) if runbook else None
    return {
        "title": plan.title,
        "runbook": runbook.slug if runbook else None,
        "based_on": last.number if last else 0,
        "findings": [_finding(row) for row in review_plan(service, plan, runbook)],
        "warnings": warnings_of(plan),
        "kept": kept_of(plan),
    }


def waiting_out(draft: Draft) -> dict[str, Any]:
    """Return a text that waits as WaitingOut takes it."""
    plan = read_plan(bytes(draft.raw))
    return {
        "id": draft.pk,
        "text": plan.source.text,
        **review_of(draft.service, plan, draft.runbook),
    }


def _finding(row: Row) -> dict[str, Any]:
    entry, applied = row.entry, row.applied
    value = entry.value if entry else applied.source if applied else {}
    return {
        "kind": row.kind,
        "key": row.key,
        "parent": row.parent,
        "line": entry.line if entry else 0,
        "last": entry.last if entry else 0,
        "confidence": entry.confidence if entry else 1.0,
        "status": str(row.status),
        "is_ready": row.is_ready,
        "has_check": entry is not None and entry.check is not None,
        "check": proposal_of(entry),
        "value": value,
        "steps": [part.key for part in entry.parts] if entry else [],
    }
