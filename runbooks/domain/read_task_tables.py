"""Rows of tables that are work: by a frequency column, or below a cadence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from runbooks.domain.inline import fold, fold_all, strip_marks
from runbooks.domain.outline import Entry
from runbooks.domain.when import When, read_when, settle
from runbooks.domain.words.verbs import WORK_VERBS

_TASK: Final = re.compile(
    r"^(?:maintenance |recurring |operational )?(?:tasks?|activit(?:y|ies)|checks?|checklist|items?|actions?|jobs?|procedures?|what|what to (?:do|check)|work|duty|duties|checklist items?"
    r"|任务|检查项|检查项目|检查内容|巡检项|项目|工作|内容|事项|задача|задачи|действие|проверка|работа|что делать|операция|name|title|description|описание|aufgabe|tarea)\b"
)
_WORK: Final = re.compile(
    r"^(?:maintenance |recurring )?(?:tasks?|activit(?:y|ies)|checks?|checklist|what to (?:do|check)|检查项|任务|задача|проверка|aufgabe|tarea)$"
)
_FREQUENCY: Final = re.compile(
    r"^(?:frequency|cadence|how often|recurrence|every|each|rhythm|turnus|rhythmus|interval|periodicity|schedule|频率|周期|频次|执行周期|периодичность|частота|интервал|häufigkeit|frecuencia|fréquence)\b"
)
_TIME: Final = re.compile(
    r"^(?:time|when|day|day/time|weekday|date|due|at|hour|start|schedule[d]?|时间|日期|星期|когда|время|день|uhrzeit|tag|hora|día)\b"
)
_OTHER: Final = re.compile(
    r"^(?:#|no\.?|id|nr\.?|owner|responsible|who|assignee|team|status|done|✓|✅|duration|notes?|comments?|command|tool|priority|severity|link|runbook|estimated.*|est\.?.*|"
    r"expected.*|result|sign.*|负责人|状态|备注|ответственный|статус|кто|примечание)$"
)
_MEASURE: Final = re.compile(
    r"^(?:target|threshold|warning|critical|alert|slo|sli|objective|goal|normal|healthy|metric|limit|max|min|response|ack|severity|阈值|指标|告警|порог|метрика|цель)"
)


# A table of jobs whose names are like code is about what machines do.
_JOBS: Final = re.compile(
    r"^(?:(?:cron|batch|scheduled) ?)?jobs?$|^crons?$|^schedule[rd]? name$"
)
_JOB_NAME: Final = re.compile(r"^`?[a-z\d]+(?:[-_./:][a-z\d]+)*`?$")


_CADENCE_NAMES: Final = frozenset(
    {"hourly", "daily", "weekly", "biweekly", "monthly", "quarterly", "yearly"}
)
# At least so many columns are a week's days; so many are its working days.
_DAYS, _WORKING = 5, 5
# What may say beside a check how it passes.
_RIGHT: Final = frozenset(
    {"limit", "target", "normal", "goal", "threshold", "max", "min"}
)
_TICK: Final = re.compile(r"^(?:[xX✓✔✅☑●•]\ufe0f?|yes|ja|да|是)$")


class Cell(NamedTuple):
    """The text of the item in a row and when it is due."""

    text: str
    when: When


def read_task_row(entry: Entry, outer: When | None, *, asks: bool) -> Cell | None:
    """The item that a row is, or None; ``asks`` is whether a cadence is around it.

    Without a cadence around it, only a table with a frequency column is work.
    """
    names = fold_all(entry.header)
    often = _find(names, _FREQUENCY)
    times = [at for at, name in enumerate(names) if _TIME.match(name) and at != often]
    ticked = _read_ticks(entry, names)
    if ticked is not None:
        return ticked
    column = _find_task(names, {often, *times})
    if column is None or column >= len(entry.cells):
        return None
    text = strip_marks(entry.cells[column]).rstrip(":")
    if not _is_of_work(names, text):
        return None
    when = _read_cells(entry, often, times, outer if asks else None)
    if when is None or not when.cadence or not text.strip(" -–—_"):
        return None
    if _JOBS.match(names[column]) and _JOB_NAME.match(text):
        return None
    return Cell(text, when)


def _is_of_work(names: tuple[str, ...], text: str) -> bool:
    """Whether a row is work: what stands beside it is what is right, not an alert's."""
    measures = {name for name in names if _MEASURE.match(name)}
    is_right = len(measures) == 1 and measures <= _RIGHT
    return not measures or (is_right and bool(WORK_VERBS.match(fold(text))))


def _read_ticks(entry: Entry, names: tuple[str, ...]) -> Cell | None:
    """A row whose tick stands in the column "Weekly"."""
    if sum(name in _CADENCE_NAMES for name in names[1:]) < 2:
        return _read_days(entry, names)
    ticked = (
        name
        for name, cell in zip(names[1:], entry.cells[1:], strict=False)
        if name in _CADENCE_NAMES and _TICK.match(cell.strip())
    )
    name = next(ticked, None)
    text = strip_marks(entry.cells[0]).strip()
    return Cell(text, When(cadence=name)) if name and text else None


def _read_days(entry: Entry, names: tuple[str, ...]) -> Cell | None:
    """A row whose ticks stand below the days of a week."""
    days = [read_when(name) for name in names[1:]]
    said = [when.weekday if when and not when.rest else "" for when in days]
    if sum(map(bool, said)) < _DAYS or len(said) != sum(map(bool, said)):
        return None
    pairs = zip(said, entry.cells[1:], strict=False)
    ticked = [day for day, cell in pairs if _TICK.match(cell.strip())]
    text = strip_marks(entry.cells[0]).strip()
    if not ticked or not text:
        return None
    if len(ticked) == len(said) == _WORKING:
        return Cell(text, When(cadence="weekdays"))
    if len(ticked) == len(said):
        return Cell(text, When(cadence="daily"))
    return Cell(text, When(cadence="weekly", weekday=", ".join(ticked)))


def read_task(entry: Entry) -> str:
    """The folded words of the work in a row that is an item."""
    names = fold_all(entry.header)
    times = {at for at, name in enumerate(names) if _TIME.match(name)}
    column = _find_task(names, {_find(names, _FREQUENCY), *times})
    return "" if column is None else fold(strip_marks(entry.cells[column]))


def is_of_tasks(entry: Entry) -> bool:
    """Whether the table of a row has a column that can only be work."""
    return any(_WORK.match(name) for name in fold_all(entry.header))


def has_frequency(entry: Entry) -> bool:
    """Whether the table of a row says in a column how often.

    "When" may say anything; beside a column of tasks it counts where it is a cadence.
    """
    names = fold_all(entry.header)
    if any(_FREQUENCY.match(name) for name in names) or _read_ticks(entry, names):
        return True
    at = _find(names, _TIME) if is_of_tasks(entry) else None
    if at is None or at >= len(entry.cells):
        return False
    when = read_when(fold(strip_marks(entry.cells[at])), is_asked=True)
    return when is not None and bool(when.cadence) and not when.is_implied


@lru_cache(maxsize=2048)
def _find(names: tuple[str, ...], pattern: re.Pattern[str]) -> int | None:
    return next((at for at, name in enumerate(names) if pattern.match(name)), None)


def _find_task(names: tuple[str, ...], taken: set[int | None]) -> int | None:
    for at, name in enumerate(names):
        if at not in taken and _TASK.match(name):
            return at
    for at, name in enumerate(names):
        if at not in taken and not _OTHER.match(name):
            return at
    return None


def _read_cells(
    entry: Entry, often: int | None, times: Sequence[int], outer: When | None
) -> When | None:
    when = outer
    for column in (often, *times):
        if column is None or column >= len(entry.cells):
            continue
        text = fold(strip_marks(entry.cells[column]))
        said = read_when(text, is_asked=True)
        if said is None and column == often:
            return None  # "as needed", "continuous"
        when = _narrow(when, said, text)
    return when


def _narrow(outer: When | None, said: When | None, text: str) -> When | None:
    """When a row is due, by what holds around it and what a cell says."""
    if outer is None:
        return settle(said) if said else None
    if said is None:
        # "15th" below "Day" says something beside "monthly" alone.
        is_monthly = outer.cadence == "monthly"
        return (read_when(f"monthly {text}") if is_monthly else None) or outer
    # "Last day of the month" among weekly work counts in a period of its own.
    is_other = bool(said.ordinal) and outer.cadence == "weekly"
    return settle(said if is_other else said.within(outer))
