"""Lists for the API: narrowed, ordered, with what each line shows."""

from collections.abc import Collection

from django.db.models import QuerySet

from checklists.models import Check, Checklist, CheckResult, Run, RunItem


def list_checklists(team_ids: Collection[int]) -> QuerySet[Checklist]:
    """Return the living checklists of the teams by name."""
    rows = Checklist.objects.filter(team__in=team_ids, is_archived=False)
    return rows.select_related("team", "service").order_by("name", "pk")


def find_any_checklist(team_ids: Collection[int], slug: str) -> Checklist | None:
    """Return a checklist of one of the teams, put away or not."""
    rows = Checklist.objects.filter(team__in=team_ids, slug=slug)
    return rows.select_related("team", "service").first()


def list_runs(
    team_ids: Collection[int], *, state: str = "", checklist: str = ""
) -> QuerySet[Run]:
    """Return the runs of the teams, the latest due first; empty is no limit."""
    rows = Run.objects.filter(team__in=team_ids)
    if state:
        rows = rows.filter(state=state)
    if checklist:
        rows = rows.filter(checklist__slug=checklist)
    return rows.select_related("checklist").order_by("-due_at", "-pk")


def find_run(team_ids: Collection[int], pk: int) -> Run | None:
    """Return a run of one of the teams."""
    return list_runs(team_ids).filter(pk=pk).first()


def team_of_item(team_ids: Collection[int], pk: int) -> int | None:
    """Return the team of a run item when it is one of these."""
    rows = RunItem.objects.filter(pk=pk, run__team__in=team_ids)
    return rows.values_list("run__team_id", flat=True).first()


def list_checks(
    team_ids: Collection[int], *, service: str = "", status: str = ""
) -> QuerySet[Check]:
    """Return the checks of the teams by service and name; empty is no limit."""
    rows = Check.objects.filter(service__team__in=team_ids)
    if service:
        rows = rows.filter(service__slug=service)
    if status:
        rows = rows.filter(status=status)
    return rows.select_related("service").order_by("service", "name", "pk")


def find_check(team_ids: Collection[int], pk: int) -> Check | None:
    """Return a check of one of the teams."""
    return list_checks(team_ids).filter(pk=pk).first()


def list_results(check: Check) -> QuerySet[CheckResult]:
    """Return what a check saw, newest first."""
    return check.results.order_by("-observed_at", "-pk")
