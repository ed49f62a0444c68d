"""The past of checklists: a year of each in one line, and the runs of a period."""

import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Aggregate,
    BinaryField,
    Count,
    Exists,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.fields import BigIntegerField

from checklists.domain.compliance import RunRecord, Standing, judge_run
from checklists.domain.period_words import say_key
from checklists.domain.run_calendar import Calendar, make_calendar, rank_of
from checklists.models import Checklist, Run, RunItem
from oncall.models import Service, Team, User

# By the name of a zone: its days.
Calendars = Mapping[str, Calendar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which runs are asked for; None is no limit.

    ``person`` is whoever answered an item of it, handed it in or signed it.
    """

    team_ids: Sequence[int]
    service: str = ""
    person: int | None = None
    checklist: int | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class ChecklistPast:
    """One checklist and the codes of its runs, in order."""

    pk: int
    slug: str
    name: str
    team: str
    zone: str
    service: str
    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list or a file, with its items counted."""

    pk: int
    checklist: str
    name: str
    service: str
    period_key: str
    opens_at: datetime
    due_at: datetime
    closed_at: datetime | None
    standing: Standing
    reason: str
    completed_by: str
    signed_by: str
    items: int
    answered: int
    ticked: int
    ticked_itself: int

    @property
    def period_name(self) -> str:
        """What people read of its key."""
        return say_key(self.period_key)


class _Minute(Func):
    """The minute since 1970 of a moment."""

    output_field = BigIntegerField()
    # EXTRACT would give a numeric, with which it takes twice as long. A cast rounds,
    # and so would SQLite: the last half second of a day would be the next day's.
    template = "(FLOOR(DATE_PART('epoch', %(expressions)s))::bigint / 60)"

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="(CAST(STRFTIME('%%%%s', SUBSTR(%(expressions)s, 1, 19))"
            " AS INTEGER) / 60)",
            **more,
        )


class _Joined(Aggregate):
    """Numbers as one value, in no order: eight bytes each, or as text with commas."""

    output_field = BinaryField()
    template = "STRING_AGG(INT8SEND(%(expressions)s), '')"

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "GROUP_CONCAT(%(expressions)s, ',')"
        return self.as_sql(compiler, connection, template=template, **more)


_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)
# The commonest first: the database tries them in this order.
_OUTCOMES = (Run.Outcome.COMPLETED, Run.Outcome.MISSED, "skipped", "void", "")


def _write_ranks() -> str:
    """Return the one rule of the domain as SQL over outcome, missed_at and cause."""
    whens = []
    for outcome, missed in product(_OUTCOMES, (None, _SOME_TIME)):
        ranks = {
            cause: rank_of(judge_run(RunRecord(outcome, missed, cause)))
            for cause in (*Run.Cause.values, "")
        }
        is_null = "IS NULL" if missed is None else "IS NOT NULL"
        record = f"{{0}} = '{outcome}' AND {{1}} {is_null}"
        # Only where the cause decides is it looked at.
        whens += [
            f"WHEN {record} AND {{2}} = '{cause}' THEN {rank}"
            for cause, rank in ranks.items()
            if rank != ranks[""]
        ]
        whens.append(f"WHEN {record} THEN {ranks['']}")
    return f"CASE {' '.join(whens)} END"


class _Rank(Func):
    """The rank of a run's standing; written once, for a page has no time for it."""

    output_field = IntegerField()
    text = _write_ranks()

    def __init__(self, **extra: Any) -> None:
        super().__init__("outcome", "missed_at", "cause", **extra)

    def as_sql(self, compiler: Any, connection: Any, **extra_context: Any) -> Any:  # type: ignore[override]  # noqa: ARG002 -- nothing of it may vary
        """Return the SQL with the names of the three columns in it."""
        names = [compiler.compile(each)[0] for each in self.get_source_expressions()]
        return self.text.format(*names), []


def calendars_of(
    team_ids: Sequence[int], *, now: datetime, days: int
) -> dict[str, Calendar]:
    """Return the days up to today of every zone of the teams."""
    zones = Team.objects.filter(pk__in=team_ids).values_list("time_zone", flat=True)
    return calendars_in(zones, now=now, days=days)


def calendars_in(
    zones: Iterable[str], *, now: datetime, days: int
) -> dict[str, Calendar]:
    """Return the days up to today of each of these zones."""
    return {
        zone: make_calendar(now, ZoneInfo(zone), days) for zone in sorted(set(zones))
    }


def find_runs(calendars: Calendars, asked: Narrowing) -> QuerySet[Run]:
    """Return the runs that were due in the days of their team's zone."""
    within = Q()
    for zone, each in calendars.items():
        due = Q(due_at__gte=each.since, due_at__lt=each.until)
        within |= due if len(calendars) == 1 else due & Q(team__time_zone=zone)
    rows = Run.objects.filter(within, team__in=list(asked.team_ids))
    if asked.checklist is not None:
        rows = rows.filter(checklist_id=asked.checklist)
    if asked.service:
        rows = rows.filter(checklist__service__slug=asked.service)
    if asked.person is not None:
        answered = RunItem.objects.filter(run=OuterRef("pk"), done_by=asked.person)
        rows = rows.filter(
            Q(completed_by=asked.person) | Q(signed_by=asked.person) | Exists(answered)
        )
    if asked.standing is not None:
        rows = rows.annotate(rank=_Rank()).filter(rank=rank_of(asked.standing))
    return rows


def list_pasts(calendars: Calendars, asked: Narrowing) -> list[ChecklistPast]:
    """Return every checklist asked for with its runs of those days; two queries."""
    codes = dict(
        find_runs(calendars, asked)
        .order_by()
        .values("checklist_id")
        .annotate(codes=_Joined(_Minute("due_at") * 8 + _Rank()))
        .values_list("checklist_id", "codes")
    )
    found = Checklist.objects.filter(team__in=list(asked.team_ids), is_archived=False)
    if asked.service:
        found = found.filter(service__slug=asked.service)
    rows = found.order_by("service__position", "service__name", "name", "pk")
    return [
        ChecklistPast(
            pk, slug, name, team, zone, service or "", _read_codes(codes.get(pk))
        )
        for pk, slug, name, team, zone, service in rows.values_list(
            "pk", "slug", "name", "team__name", "team__time_zone", "service__name"
        )
    ]


def _read_codes(joined: Any) -> tuple[int, ...]:
    if not joined:
        return ()
    if isinstance(joined, str):
        return tuple(sorted(map(int, joined.split(","))))
    codes = array("q", joined)
    if sys.byteorder == "little":
        codes.byteswap()
    return tuple(sorted(codes))


def count_ticks(runs: QuerySet[Run]) -> tuple[int, int]:
    """Return how many items of the runs are ticked, and how many did so themselves."""
    keys = runs.order_by().values("pk")
    done = RunItem.objects.filter(
        run__in=keys, state=RunItem.State.DONE, is_hidden=False
    )
    counts = done.aggregate(
        all=Count("pk"), auto=Count("pk", filter=Q(source=RunItem.Source.AUTO))
    )
    return counts["all"], counts["auto"]


def lines_by_pk(run_pks: Sequence[int]) -> list[RunLine]:
    """Return these runs as lines, the latest due first; one query."""
    return lines_of_runs(Run.objects.filter(pk__in=run_pks))


def lines_of_runs(runs: QuerySet[Run]) -> list[RunLine]:
    """Return runs as lines, the latest due first; one query."""
    shown = Q(items__is_hidden=False)
    done = shown & Q(items__state=RunItem.State.DONE)
    answered = shown & ~Q(items__state=RunItem.State.OPEN)
    counted = runs.annotate(
        items_all=Count("items", filter=shown),
        items_answered=Count("items", filter=answered),
        items_done=Count("items", filter=done),
        items_auto=Count("items", filter=done & Q(items__source=RunItem.Source.AUTO)),
    )
    rows = counted.order_by("-due_at", "-pk").values_list(
        "pk", "checklist__slug", "checklist__name", "checklist__service__name",
        "period_key", "opens_at", "due_at", "closed_at",
        "outcome", "missed_at", "cause", "reason",
        "completed_by__name", "completed_by__username",
        "signed_by__name", "signed_by__username",
        "items_all", "items_answered", "items_done", "items_auto",
    )  # fmt: skip
    return [_line(row) for row in rows]


def _line(row: tuple[Any, ...]) -> RunLine:
    completed_by, signed_by = row[12] or row[13] or "", row[14] or row[15] or ""
    standing = judge_run(RunRecord(*row[8:11]))
    known = (*row[:3], row[3] or "", *row[4:8], standing, row[11])
    return RunLine(*(*known, completed_by, signed_by, *row[16:]))


def list_services(team_ids: Sequence[int]) -> list[tuple[str, str]]:
    """Return slug and name of the services that have checklists."""
    rows = Service.objects.filter(checklists__team__in=team_ids).distinct()
    return list(rows.order_by("name").values_list("slug", "name"))


def list_people(team_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return key and name of the people of the teams."""
    rows = User.objects.filter(memberships__team__in=team_ids).distinct()
    people = [(each.pk, each.display_name) for each in rows]
    return sorted(people, key=lambda person: person[1])
