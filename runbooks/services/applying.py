"""Applying a reviewed plan: all that was accepted, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.text import slugify

from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError
from runbooks.domain.plan import Plan
from runbooks.domain.three_way import Status
from runbooks.models import AppliedKey, Draft, Procedure, Runbook, RunbookVersion
from runbooks.queries.library import newest_version, title_of
from runbooks.queries.review import Row, review_plan
from runbooks.queries.standing import read_standing, say_procedure
from runbooks.services.choosing import Choices, choose, plan_writes, take_over
from runbooks.services.lists import Board, write_lists
from runbooks.services.names import free_slug
from runbooks.services.reviews import note_review
from runbooks.services.writing import Work, Write, write_people

State = AppliedKey.State
MOST_FINDINGS = 2_000
# No name at all, and the addresses of other pages.
_TAKEN = frozenset({"", "new", "drafts", "review", "apply"})


def apply_plan(
    service: Service,
    plan: Plan,
    choices: Choices,
    *,
    runbook: Runbook | None = None,
    by: User,
    now: datetime,
) -> RunbookVersion:
    """Write what was accepted; nothing else changes, and all of it or nothing.

    Raises PortalError naming the key at fault, Conflict when somebody applied
    another version meanwhile.
    """
    if runbook is not None and runbook.service_id != service.pk:
        raise PortalError("The runbook is about another service.", field="runbook")
    with transaction.atomic():
        touch_team(service.team_id)
        last = newest_version(runbook.pk) if runbook else None
        if (last.number if last else 0) != choices.based_on:
            raise Conflict(
                "Somebody applied this runbook while you were reviewing. "
                "Look at what is new now.",
                current=last,
            )
        rows = review_plan(service, plan, runbook)
        if len(rows) > MOST_FINDINGS:
            raise PortalError("This runbook is too long. Split it in parts.")
        runbook = runbook or _create_runbook(service, plan)
        version = _append_version(runbook, plan, by=by, now=now)
        chosen = choose(rows, choices)
        writes = plan_writes(chosen, choices, version)
        _write_procedures(rows, writes, version, last)
        _write_all(rows, writes, Work(service=service, by=by, now=now))
        _remember_rejections(rows, {row.key for row in chosen}, version)
        record_change(
            "runbook.applied", version, by=by, now=now, team_id=service.team_id,
            after={"number": version.number, "written": len(writes)},
        )  # fmt: skip
    return version


def _create_runbook(service: Service, plan: Plan) -> Runbook:
    title = title_of(plan, service)
    wanted = slugify(title)[:72]
    if wanted in _TAKEN:
        wanted = f"{service.slug}-{wanted or 'runbook'}"
    return Runbook.objects.create(
        team=service.team,
        service=service,
        slug=free_slug(Runbook.objects.all(), wanted),
        title=title,
    )


def _append_version(
    runbook: Runbook, plan: Plan, *, by: User, now: datetime
) -> RunbookVersion:
    newest = runbook.versions.order_by("-number").first()
    if runbook.archived_at is not None:
        runbook.archived_at = None
        runbook.save(update_fields=["archived_at"])
    note_review(runbook, plan.source.text, is_first=newest is None, by=by, now=now)
    digest = sha256(plan.source.raw).hexdigest()
    # The same text need not wait for a review any more.
    Draft.objects.filter(user=None, runbook=runbook, digest=digest).delete()
    return runbook.versions.create(
        number=newest.number + 1 if newest else 1,
        raw=plan.source.raw,
        text=plan.source.text,
        digest=digest,
        created_at=now,
        created_by=by,
    )


def _write_procedures(
    rows: Sequence[Row],
    writes: Sequence[Write],
    version: RunbookVersion,
    last: RunbookVersion | None,
) -> None:
    """Give the version its procedures: accepted ones, and old ones that stay."""
    by_key = {each.row.key: each for each in writes if each.row.kind == "procedure"}
    old = {each.key: each for each in last.procedures.all()} if last else {}
    made = []
    for row in rows:
        write, before = by_key.get(row.key), old.get(row.key)
        if row.kind != "procedure" or (write is None and before is None):
            continue
        value = write.value if write else say_procedure(old[row.key])
        if value is None:
            continue
        line = row.entry.line if row.entry else old[row.key].line
        made.append(Procedure(version=version, key=row.key, line=line, **value))
    for position, each in enumerate(made):
        each.position = position
    Procedure.objects.bulk_create(made)
    for write in by_key.values():
        write.row.target_model = Procedure._meta.label_lower
        write.row.target_pk = write.row.key


def _write_all(rows: Sequence[Row], writes: Sequence[Write], work: Work) -> None:
    board = Board(
        order=[row.key for row in rows if row.kind == "item"],
        targets={row.key: row.applied.target_pk for row in rows if row.applied},
    )
    write_people(writes, work)
    write_lists(writes, board, work)
    there = read_standing(
        [each.row for each in writes if each.row.state == State.APPLIED]
    )
    for each in writes:
        each.row.value = there.get(each.row.key) or {}
        each.row.save()


def _remember_rejections(
    rows: Sequence[Row], chosen: Collection[str], version: RunbookVersion
) -> None:
    for row in rows:
        if row.entry is None or row.status is not Status.NEW or row.key in chosen:
            continue
        key = take_over(row.applied, row, version, State.REJECTED)
        key.source = row.entry.value
        key.save()
