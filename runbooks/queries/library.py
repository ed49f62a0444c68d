"""Runbooks as the library and their pages show them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import Http404

from checklists.models import Check, Checklist, RunItem
from oncall.models import EscalationPolicy, Service, User
from runbooks.domain.plan import Plan
from runbooks.domain.review_cycle import find_due_on
from runbooks.models import (
    AppliedKey,
    Draft,
    Procedure,
    Runbook,
    RunbookSource,
    RunbookVersion,
)

MOST_TITLE = 200
MOST_HITS = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of a runbook in which the words of a search stand."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A runbook in the library; ``hits`` are lines that a search found in it.

    ``draft`` is a newer text that waits, ``trouble`` why its address is not read.
    """

    runbook: Runbook
    number: int
    hits: list[Hit]
    due_on: date | None
    is_due: bool
    draft: int | None
    trouble: str


def list_runbooks(
    team_ids: Collection[int], *, now: datetime, text: str = "", only_due: bool = False
) -> list[Shelf]:
    """Return the runbooks of the teams by service, with the version that holds.

    With ``text``, only those in which all of its words stand, wherever; with
    ``only_due`` those whose review is due.
    """
    rows = RunbookVersion.objects.filter(
        pk__in=_newest_of(Runbook.objects.filter(team__in=team_ids)),
        runbook__archived_at=None,
    ).select_related("runbook__service", "runbook__team", "runbook__source")
    words = text.split()
    for word in words:
        rows = rows.filter(
            Q(text__icontains=word)
            | Q(runbook__title__icontains=word)
            | Q(runbook__service__name__icontains=word)
        )
    if not words:
        rows = rows.defer("raw", "text")
    waiting = dict(
        Draft.objects.filter(user=None, runbook__team__in=team_ids).values_list(
            "runbook_id", "pk"
        )
    )
    order = ("runbook__service__position", "runbook__service__name", "runbook__title")
    shelves = [
        Shelf(
            runbook=row.runbook,
            number=row.number,
            hits=_find_hits(row.text, words) if words else [],
            due_on=due_on(row.runbook),
            is_due=is_due(row.runbook, now),
            draft=waiting.get(row.runbook_id),
            trouble=_trouble_of(row.runbook),
        )
        for row in rows.defer("raw").order_by(*order)
    ]
    return [each for each in shelves if each.is_due or not only_due]


def due_on(runbook: Runbook) -> date | None:
    """Return the day on which the next review is due, if there is a rule."""
    if not runbook.review_interval or runbook.reviewed_on is None:
        return None
    return find_due_on(runbook.reviewed_on, runbook.review_interval)


def is_due(runbook: Runbook, now: datetime) -> bool:
    """Say whether the review is due on the clock of the team."""
    day = due_on(runbook)
    return day is not None and day <= now.astimezone(_zone_of(runbook)).date()


def _zone_of(runbook: Runbook) -> ZoneInfo:
    return ZoneInfo(runbook.team.time_zone)


def _trouble_of(runbook: Runbook) -> str:
    source = getattr(runbook, "source", None)
    return source.last_error if source is not None and source.failures else ""


def source_of(runbook_pk: int) -> RunbookSource | None:
    """Return the address that a runbook is read from."""
    rows = RunbookSource.objects.filter(runbook=runbook_pk)
    return rows.select_related("runbook__service", "runbook__team").first()


def waiting_of(runbook_pk: int) -> Draft | None:
    """Return the newer text of a runbook that waits for a review."""
    return Draft.objects.filter(user=None, runbook=runbook_pk).defer("raw").first()


def new_texts(team_ids: Collection[int]) -> list[Draft]:
    """Return texts that wait for a review and are no runbook yet."""
    rows = Draft.objects.filter(user=None, runbook=None, service__team__in=team_ids)
    return list(rows.select_related("service").defer("raw").order_by("path"))


def waiting_texts(team_ids: Collection[int]) -> list[Draft]:
    """Return all texts of the teams' services that wait for a review."""
    rows = Draft.objects.filter(user=None, service__team__in=team_ids)
    return list(rows.select_related("service", "runbook").defer("raw"))


def _newest_of(runbooks: QuerySet[Runbook]) -> QuerySet[RunbookVersion, int]:
    versions = RunbookVersion.objects.filter(
        runbook=OuterRef("runbook"), undone_at=None
    )
    newest = versions.order_by("-number").values("pk")[:1]
    rows = RunbookVersion.objects.filter(runbook__in=runbooks, pk=Subquery(newest))
    return rows.values_list("pk", flat=True)


def _find_hits(text: str, words: Sequence[str]) -> list[Hit]:
    folded = [word.casefold() for word in words]
    found = (
        Hit(number, line.strip())
        for number, line in enumerate(text.split("\n"), start=1)
        if any(word in line.casefold() for word in folded)
    )
    return list(islice(found, MOST_HITS))


def get_runbook(slug: str, team_ids: Collection[int]) -> Runbook:
    """Return a runbook with its versions, newest first, or raise Http404."""
    versions = RunbookVersion.objects.defer("raw", "text").select_related("created_by")
    row = (
        Runbook.objects.filter(slug=slug, team__in=team_ids)
        .select_related("service__team", "team", "reviewed_by")
        .prefetch_related(Prefetch("versions", versions.order_by("-number")))
        .first()
    )
    if row is None:
        raise Http404
    return row


def get_draft(pk: int, user_pk: int, team_ids: Collection[int]) -> Draft:
    """Return a draft of the person or of one of the teams, or raise Http404."""
    rows = Draft.objects.select_related("service__team", "runbook", "source")
    rows = rows.filter(Q(user=user_pk) | Q(user=None))
    row = rows.filter(pk=pk, service__team__in=team_ids).first()
    if row is None:
        raise Http404
    return row


def newest_version(runbook_pk: int) -> RunbookVersion | None:
    """Return the version that holds: the newest that was not undone."""
    rows = RunbookVersion.objects.filter(runbook=runbook_pk, undone_at=None)
    return rows.order_by("-number").first()


def title_of(plan: Plan, service: Service) -> str:
    """Return what a runbook is called; one without a title is its service's."""
    return (plan.title or f"{service.name} runbook")[:MOST_TITLE]


def find_same(service: Service, plan: Plan) -> Runbook | None:
    """Return the runbook of the service that has the same title."""
    rows = Runbook.objects.filter(service=service, title=title_of(plan, service))
    rows = rows.filter(archived_at=None)
    return rows.select_related("service__team", "team").first()


def find_by_path(path: str, service_ids: Collection[int]) -> Runbook | None:
    """Return the runbook of one of the services that came from a file of a folder."""
    rows = Runbook.objects.filter(service__in=service_ids, path=path, archived_at=None)
    return rows.select_related("service__team", "team").first()


def services_of(team_ids: Collection[int]) -> list[Service]:
    """Return the services of the teams, by name."""
    rows = Service.objects.filter(team__in=team_ids).select_related("team")
    return list(rows.order_by("name"))


def services_named(service: str, team: str) -> list[Service]:
    """Return the service of that short name, or else all of that team."""
    named = Q(slug=service) if service else Q(team__slug=team)
    rows = Service.objects.filter(named).select_related("team")
    if service and team:
        rows = rows.filter(team__slug=team)
    return list(rows.order_by("name"))


def find_importer(username: str) -> User | None:
    """Return the person whom a command names."""
    return User.objects.filter(username=username, is_active=True).first()


def runbooks_of(service_pk: int) -> list[Runbook]:
    """Return the runbooks of one service, for its page."""
    return list(Runbook.objects.filter(service=service_pk, archived_at=None))


def procedures_of(service_pk: int) -> list[Procedure]:
    """Return the procedures of a service's runbooks, as the versions that hold."""
    rows = _holding(service_pk).select_related("version__runbook")
    return list(rows.defer("version__raw"))


def _holding(service_pk: int) -> QuerySet[Procedure]:
    return Procedure.objects.filter(
        version__in=_newest_of(Runbook.objects.filter(service=service_pk)),
        version__runbook__archived_at=None,
    )


@dataclass(frozen=True, slots=True)
class ProcedureSigns:
    """By what a procedure is known, and where it stands."""

    key: str
    title: str
    symptoms: str
    line: int
    runbook_id: int
    runbook: str


def signs_of(service_pk: int) -> list[ProcedureSigns]:
    """Return what tells the procedures of a service apart, without what to do."""
    rows = _holding(service_pk).values_list(
        "key", "title", "symptoms", "line",
        "version__runbook", "version__runbook__slug",
    )  # fmt: skip
    return [ProcedureSigns(*row) for row in rows]


def sources_of_items(run_item_pks: Collection[int]) -> dict[int, int]:
    """Return by item of a run the runbook that its item comes from; two queries."""
    items = RunItem.objects.filter(pk__in=run_item_pks).values_list("pk", "item__key")
    keys = {pk: str(key) for pk, key in items}
    applied = AppliedKey.objects.filter(
        kind="item", state=AppliedKey.State.APPLIED, target_pk__in=set(keys.values())
    )
    runbooks = dict(applied.values_list("target_pk", "runbook"))
    return {pk: runbooks[key] for pk, key in keys.items() if key in runbooks}


@dataclass(frozen=True, slots=True)
class Made:
    """What lives in the portal because of a runbook."""

    checklists: list[Checklist]
    policies: list[EscalationPolicy]
    checks: list[Check]
    severities: int
    contacts: int


def things_made(runbook_pk: int) -> Made:
    """Return what a runbook made that is still there."""
    keys = AppliedKey.objects.filter(
        runbook=runbook_pk, state=AppliedKey.State.APPLIED
    ).exclude(kind__in=["item", "procedure"])
    pks: dict[str, list[int]] = {}
    for kind, pk in keys.values_list("kind", "target_pk"):
        pks.setdefault(kind, []).append(int(pk or 0))
    return Made(
        checklists=list(
            Checklist.objects.filter(pk__in=pks.get("checklist", []), is_archived=False)
        ),
        policies=list(EscalationPolicy.objects.filter(pk__in=pks.get("ladder", []))),
        checks=list(Check.objects.filter(pk__in=pks.get("check", []))),
        severities=len(pks.get("severity", [])),
        contacts=len(pks.get("contact", [])),
    )
