"""Checklists as lists and pages show them: flat rows, a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404

from checklists.domain.compliance import (
    RunRecord,
    Standing,
    judge_run,
)
from checklists.models import (
    Cadence,
    Check,
    Checklist,
    ChecklistDraft,
    ChecklistItem,
    ChecklistVersion,
    Run,
    RunItem,
)
from oncall.access import Actor, teams_of

COMPLIANCE_DAYS = 90
HISTORY_DAYS = 365


@dataclass(frozen=True, slots=True)
class PastRun:
    """What figures and the calendar need of a run."""

    pk: int
    checklist_id: int
    period_key: str
    due_at: datetime
    state: str
    record: RunRecord

    @property
    def standing(self) -> Standing:
        """How it counts."""
        return judge_run(self.record)


def find_checklists(team_ids: Iterable[int], *, text: str = "") -> list[Checklist]:
    """Return the checklists of the teams by service, with their cadences."""
    found = Checklist.objects.filter(team__in=list(team_ids), is_archived=False)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(description__icontains=text))
    cadences = Cadence.objects.select_related("assignee_user").order_by("pk")
    return list(
        found.select_related("service", "team")
        .prefetch_related(Prefetch("cadences", queryset=cadences))
        .order_by("service__position", "service__name", "name")
    )


def get_checklist_for(actor: Actor, slug: str) -> Checklist:
    """Return a checklist with its cadences, or raise Http404."""
    cadences = Cadence.objects.select_related(
        "assignee_user", "assignee_schedule", "calendar", "rotation"
    ).order_by("pk")
    checklist = (
        Checklist.objects.filter(slug=slug, team__in=teams_of(actor))
        .select_related("team", "service")
        .prefetch_related(Prefetch("cadences", queryset=cadences))
        .first()
    )
    if checklist is None:
        raise Http404
    return checklist


def get_cadence_for(actor: Actor, pk: int) -> Cadence:
    """Return a cadence with its checklist, or raise Http404."""
    cadence = (
        Cadence.objects.filter(pk=pk, checklist__team__in=teams_of(actor))
        .select_related("checklist__team__calendar", "calendar")
        .first()
    )
    if cadence is None:
        raise Http404
    return cadence


def published_version(checklist: Checklist) -> ChecklistVersion | None:
    """Return the version that new runs get, with its items and their checks."""
    items = ChecklistItem.objects.order_by("position").prefetch_related("checks")
    return (
        checklist.versions.filter(status=ChecklistVersion.Status.PUBLISHED)
        .select_related("published_by")
        .prefetch_related(Prefetch("items", queryset=items))
        .first()
    )


def has_draft(checklist_pk: int) -> bool:
    """Say whether something of it is written and not published."""
    found = ChecklistDraft.objects.filter(checklist=checklist_pk)
    return found.exclude(body={}).exists()


def count_behind(checklist_pk: int, version: ChecklistVersion | None) -> int:
    """Return how many open runs follow an older version than this one."""
    if version is None:
        return 0
    still = Run.objects.filter(checklist_id=checklist_pk, state=Run.State.OPEN)
    return still.exclude(version=version).count()


def past_runs(
    checklist_pks: Iterable[int], *, now: datetime, days: int
) -> list[PastRun]:
    """Return the runs due in the last ``days`` and those still open, oldest first."""
    runs = Run.objects.filter(checklist__in=list(checklist_pks)).filter(
        Q(due_at__gt=now - timedelta(days=days)) | ~Q(state=Run.State.CLOSED)
    )
    return read_past_runs(runs)


def read_past_runs(runs: QuerySet[Run]) -> list[PastRun]:
    """Return what a calendar and figures need of runs, oldest first; one query."""
    rows = runs.order_by("due_at", "pk").values_list(
        "pk", "checklist_id", "period_key", "due_at", "state", "outcome", "missed_at", "cause"
    )  # fmt: skip
    return [PastRun(*row[:5], RunRecord(*row[5:])) for row in rows]


def count_ticks(run_pks: Iterable[int]) -> tuple[int, int]:
    """Return how many items of the runs are ticked, and how many did so themselves."""
    done = RunItem.objects.filter(
        run__in=list(run_pks), state=RunItem.State.DONE, is_hidden=False
    )
    counts = done.aggregate(
        all=Count("pk"), auto=Count("pk", filter=Q(source=RunItem.Source.AUTO))
    )
    return counts["all"], counts["auto"]


@dataclass(frozen=True, slots=True)
class CheckName:
    """A check as the text of a checklist names it, and how it stands."""

    pk: int
    name: str
    words: str
    status: str


def list_checks_for(checklist: Checklist) -> list[CheckName]:
    """Return the checks of its service, or of its team without one; one query."""
    if checklist.service_id is None:
        found = Check.objects.filter(service__team_id=checklist.team_id)
    else:
        found = Check.objects.filter(service_id=checklist.service_id)
    rows = found.order_by("service__slug", "slug")
    return [
        CheckName(pk, f"{service}/{slug}", name, status)
        for pk, service, slug, name, status in rows.values_list(
            "pk", "service__slug", "slug", "name", "status"
        )
    ]


def find_named_checks(team_id: int, names: Iterable[str]) -> list[Check]:
    """Return the checks of a team that are named "service/check", with what a look
    needs; a name without a check is left out.
    """
    wanted = {name for name in names if "\0" not in name}
    slugs = {name.rpartition("/")[2] for name in wanted}
    found = Check.objects.filter(service__team_id=team_id, slug__in=slugs)
    rows = found.select_related("service__team", "data_source").order_by("pk")
    return [each for each in rows if f"{each.service.slug}/{each.slug}" in wanted]
