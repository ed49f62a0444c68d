"""Three questions of Today in SQL: asked so often that building them costs most.

They say the same on PostgreSQL and SQLite. What belongs to the model that is asked
is read as everywhere; columns beside it come as the database gives them, which for
JSON is text.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.db import connection

from checklists.models import Check, Run, RunItem

_CARDS = """
SELECT r.id, r.team_id, r.state, r.outcome, r.period_key, r.opens_at, r.due_at,
       r.closed_at, r.missed_at,
       c.name AS name, s.name AS service, t.time_zone AS team_zone,
       t.name AS team_name, k.time_zone AS zone, k.assignee AS assignee,
       u.name AS person, k.assignee_role AS role,
       COALESCE(NULLIF(g.name, ''), g.username) AS given_to,
       COUNT(i.id) AS total,
       COUNT(CASE WHEN i.state <> 'open' THEN 1 END) AS answered,
       COUNT(CASE WHEN i.attention NOT IN ('none', 'stale') THEN 1 END) AS failing
  FROM checklists_run r
  JOIN checklists_checklist c ON c.id = r.checklist_id
  JOIN oncall_team t ON t.id = r.team_id
  LEFT JOIN oncall_service s ON s.id = c.service_id
  LEFT JOIN checklists_cadence k ON k.id = r.cadence_id
  LEFT JOIN oncall_user u ON u.id = k.assignee_user_id
  LEFT JOIN oncall_user g ON g.id = r.assignee_user_id
  LEFT JOIN checklists_runitem i ON i.run_id = r.id AND NOT i.is_hidden
 WHERE {where}
 GROUP BY r.id, c.name, s.name, t.time_zone, t.name, k.time_zone, k.assignee,
          u.name, k.assignee_role, g.name, g.username
"""
_OF_TODAY = """r.team_id IN ({teams}) AND (
    (r.state <> 'closed' AND r.opens_at <= %s)
    OR (r.closed_at > %s AND NOT (r.outcome = 'missed' AND r.cause = 'system')))"""
_ITEMS = """
SELECT i.id, i.run_id, i.item_id, i.state, i.source, i.attention, i.is_held,
       i.is_hidden, i.value,
       i.note, i.reason, i.done_at, i.evidence, i.evidence_at, i.version,
       p.text AS text, p.section AS section, p.instructions AS instructions,
       p.kind AS kind, p.mode AS mode, p.is_required AS is_required,
       p.is_critical AS is_critical, p.allows_na AS allows_na,
       p.needs_note AS needs_note, p.bounds AS bounds, p.options AS options,
       e.value AS seen, d.name AS person, d.username AS username,
       o.name AS overrider
  FROM checklists_runitem i
  JOIN checklists_checklistitem p ON p.id = i.item_id
  LEFT JOIN checklists_checkresult e ON e.id = i.evidence_result_id
  LEFT JOIN oncall_user d ON d.id = i.done_by_id
  LEFT JOIN oncall_user o ON o.id = i.overridden_by_id
 WHERE i.run_id IN ({runs})
 ORDER BY i.run_id, p.position
"""

_CHECKS = """
SELECT w.checklistitem_id AS item_id, c.id, c.name, c.kind, c.status, c.condition,
       c.unit, c.last_value, c.last_summary, c.last_observed_at
  FROM checklists_checklistitem_checks w
  JOIN checklists_check c ON c.id = w.check_id
 WHERE w.checklistitem_id IN (
       SELECT i.item_id FROM checklists_runitem i WHERE i.run_id IN ({runs}))
 ORDER BY c.id
"""


def cards_between(
    team_ids: Collection[int], *, now: datetime, closed_after: datetime
) -> list[dict[str, Any]]:
    """Return the runs that are open at ``now`` or closed after ``closed_after``."""
    if not team_ids:
        return []
    where = _OF_TODAY.format(teams=_marks(team_ids))
    return _rows(Run, _CARDS.format(where=where), [*team_ids, now, closed_after])


def cards_by_pk(run_pks: Collection[int]) -> list[dict[str, Any]]:
    """Return these runs."""
    if not run_pks:
        return []
    where = f"r.id IN ({_marks(run_pks)})"
    return _rows(Run, _CARDS.format(where=where), list(run_pks))


def items_of_runs(run_pks: Collection[int]) -> list[dict[str, Any]]:
    """Return the items of these runs, in their order."""
    if not run_pks:
        return []
    return _rows(RunItem, _ITEMS.format(runs=_marks(run_pks)), list(run_pks))


def checks_of_runs(run_pks: Collection[int]) -> list[dict[str, Any]]:
    """Return the checks behind the items of these runs, once for each item."""
    if not run_pks:
        return []
    return _rows(Check, _CHECKS.format(runs=_marks(run_pks)), list(run_pks))


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _rows(model: Any, sql: str, params: list[Any]) -> list[dict[str, Any]]:
    """Read without making model objects: they would cost more than the reading."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = tuple(column[0] for column in cursor.description)
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for name, convert in _converters(model, names, connection.vendor):
        for each in rows:
            each[name] = convert(each[name])
    return rows


@lru_cache(maxsize=8)
def _converters(
    model: Any,
    names: tuple[str, ...],
    vendor: str,  # noqa: ARG001 -- they differ by database
) -> list[tuple[str, Callable[[Any], Any]]]:
    """Return what makes of a column what its field holds; nothing on PostgreSQL."""
    found: list[tuple[str, Callable[[Any], Any]]] = []
    for field in model._meta.concrete_fields:
        if field.column not in names:
            continue
        column = field.get_col(model._meta.db_table)
        found += [
            (field.column, partial(_convert, convert, column))
            for convert in (
                *connection.ops.get_db_converters(column),
                *column.get_db_converters(connection),
            )
        ]
    return found


def _convert(convert: Callable[..., Any], column: Any, value: Any) -> Any:
    return convert(value, column, connection)
