"""Taking back the last apply of a runbook, while nobody has built on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from checklists.models import RunItem
from oncall.models import User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Refused
from runbooks.models import AppliedKey, Runbook, RunbookVersion
from runbooks.queries.library import newest_version
from runbooks.queries.standing import read_standing
from runbooks.services.lists import Board, write_lists
from runbooks.services.writing import Work, Write, write_people

State = AppliedKey.State


def undo_apply(runbook: Runbook, *, by: User, now: datetime) -> RunbookVersion:
    """Put everything back as it was before the newest version; return that version.

    Lists that it made are archived, lines and severities removed. Raises Refused,
    saying why, when somebody worked on its items or edited what it wrote.
    """
    with transaction.atomic():
        touch_team(runbook.team_id)
        version = newest_version(runbook.pk)
        if version is None:
            raise Refused("Nothing of this runbook is applied.", code="nothing")
        keys = list(version.keys.all())
        _refuse_worked(keys, version)
        _refuse_edited(keys)
        version.undone_at = now
        version.save(update_fields=["undone_at"])
        _put_back(keys, Work(service=runbook.service, by=by, now=now))
        if newest_version(runbook.pk) is None:
            runbook.archived_at = now
            runbook.save(update_fields=["archived_at"])
        record_change(
            "runbook.undone", version, by=by, now=now, team_id=runbook.team_id
        )
    return version


def _refuse_worked(keys: Iterable[AppliedKey], version: RunbookVersion) -> None:
    items = [each.target_pk for each in keys if each.kind == "item" and each.target_pk]
    worked = RunItem.objects.filter(
        item__key__in=items, done_by__isnull=False, done_at__gte=version.created_at
    ).select_related("item__version__checklist")
    if (row := worked.first()) is not None:
        raise Refused(
            f"“{row.item.text}” of {row.item.version.checklist} has been worked on. "
            "Change what is wrong instead.",
            code="worked",
        )


def _refuse_edited(keys: Iterable[AppliedKey]) -> None:
    live = [each for each in keys if each.state == State.APPLIED]
    there = read_standing(live)
    for each in live:
        if there[each.key] != each.value:
            name = next((str(part) for part in each.source.values()), each.key)
            raise Refused(
                f"“{name}” was edited after the runbook was applied. "
                "Change what is wrong instead.",
                code="edited",
            )


def _put_back(keys: Sequence[AppliedKey], work: Work) -> None:
    writes = [
        Write(row=each, value=_read_before(each)["there"])
        for each in keys
        if each.kind != "procedure" and _is_written(each)
    ]
    away = {w.row.key for w in writes if w.row.kind == "checklist" and w.value is None}
    # The items of a list that goes away go with it.
    writes = [each for each in writes if each.row.parent not in away]
    targets = {each.key: each.target_pk for each in _all_keys(keys)}
    write_people(writes, work)
    write_lists(writes, Board(order=(), targets=targets), work)
    kept = [each for each in keys if each.before is not None]
    there = read_standing(kept)
    for each in keys:
        if each.before is None:
            each.delete()
        else:
            _restore(each, each.before, there[each.key])


def _all_keys(keys: Sequence[AppliedKey]) -> Iterable[AppliedKey]:
    return AppliedKey.objects.filter(runbook=keys[0].runbook_id) if keys else ()


def _is_written(key: AppliedKey) -> bool:
    """Say whether the apply changed anything in the portal for a key."""
    return key.state == State.APPLIED or _read_before(key)["there"] is not None


def _read_before(key: AppliedKey) -> dict[str, Any]:
    return key.before or {"there": None}


def _restore(
    row: AppliedKey, before: dict[str, Any], there: dict[str, Any] | None
) -> None:
    row.state, row.source = before["state"], before["source"]
    row.value = before["value"]
    # What a person had edited before stays their edit; what was the runbook's own
    # is known again by what the portal holds now.
    if before["there"] == before["value"] and there is not None:
        row.value = there
    row.is_corrected = before["is_corrected"]
    row.version_id = before["version"]
    row.before = before["before"]
    row.save()
