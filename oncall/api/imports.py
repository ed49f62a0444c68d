"""Bringing a schedule along from another system: looked at first, then made."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from oncall.access import authorize, teams_of
from oncall.api.common import ShortName
from oncall.api_auth import ApiRequest
from oncall.domain.importing import ImportedSchedule
from oncall.models import Team
from oncall.queries.people import people_of
from oncall.services import importing
from oncall.services.importing import MOST_BYTES, ImportForm
from opsportal.kit.errors import PortalError

router = Router()
Username = Annotated[str, Field(max_length=150)]


class FileIn(Schema):
    """An export, and who its people are here.

    ``which`` counts the schedules of the file from 0. ``people`` gives a user name,
    or null for nobody, to keys of the file; the others are guessed by email and name.
    """

    kind: Literal["grafana", "pagerduty", "opsgenie", "ical"]
    content: str = Field(min_length=1, max_length=MOST_BYTES)
    which: int = Field(default=0, ge=0, le=10_000)
    people: dict[str, Username | None] = Field(default={}, max_length=1000)


class ImportIn(FileIn):
    """The same, with what the new schedule is to be called."""

    name: str = Field(min_length=1, max_length=120)
    slug: ShortName


class PersonOut(Schema):
    """Somebody in the file, and the user name that they would get."""

    key: str
    name: str
    email: str
    user: str | None


class HeldOut(Schema):
    """A shift as it would be. Half-open."""

    role: str
    user: str
    start: datetime
    end: datetime


class PlanOut(Schema):
    """What one schedule of the file would become; ``notes`` is what stays behind.

    ``shifts`` are those of the next four weeks.
    """

    schedules: list[str]
    name: str
    time_zone: str
    rotations: int
    people: list[PersonOut]
    notes: list[str]
    shifts: list[HeldOut]


class ImportedOut(Schema):
    """The schedule that was made."""

    slug: str
    name: str
    time_zone: str


@router.post("/teams/{slug}/imports/preview", response=PlanOut)
def preview_import(request: ApiRequest, slug: str, body: FileIn) -> Any:
    """Say what a file would become: nothing is saved."""
    team = _find(request, slug)
    plans, plan = _read(team, body)
    chosen = _choose(team, plan, body)
    names = {person.pk: person.username for person in people_of(team.pk)}
    held = importing.preview_import(plan, chosen, now=timezone.now())
    return PlanOut(
        schedules=[each.name for each in plans],
        name=plan.name,
        time_zone=plan.time_zone,
        rotations=len(plan.rotations),
        people=[
            PersonOut(
                key=each.key,
                name=each.name,
                email=each.email,
                user=names.get(chosen[each.key] or 0),
            )
            for each in plan.people
        ],
        notes=list(plan.notes),
        shifts=[
            HeldOut(
                role=each.role,
                user=names[each.user],  # type: ignore[index]  # ours are integers
                start=each.start,
                end=each.end,
            )
            for each in held
        ],
    )


@router.post("/teams/{slug}/imports", response={201: ImportedOut})
def import_schedule(request: ApiRequest, slug: str, body: ImportIn) -> Any:
    """Make a new schedule of a file: all of it or nothing."""
    team = _find(request, slug)
    _, plan = _read(team, body)
    form = ImportForm(body.name, body.slug, _choose(team, plan, body))
    made = importing.apply_import(
        team, plan, form, by=request.auth.user, now=timezone.now()
    )
    return Status(
        201, ImportedOut(slug=made.slug, name=made.name, time_zone=made.time_zone)
    )


def _find(request: ApiRequest, slug: str) -> Team:
    team = teams_of(request.auth).filter(slug=slug).first()
    if team is None:
        raise Http404
    authorize(request.auth, "schedule.edit", team.pk)
    return team


def _read(team: Team, body: FileIn) -> tuple[list[ImportedSchedule], ImportedSchedule]:
    plans = importing.read_import(
        body.kind,
        # What UTF-8 cannot say, no export says.
        body.content.encode(errors="replace"),
        zone=team.time_zone,
        now=timezone.now(),
    )
    if body.which >= len(plans):
        raise PortalError(f"The file has {len(plans)} schedules.", field="which")
    return plans, plans[body.which]


def _choose(team: Team, plan: ImportedSchedule, body: FileIn) -> dict[str, int | None]:
    members = people_of(team.pk)
    known = {person.username: person.pk for person in members}
    chosen = importing.guess_people(plan, members)
    for key, username in body.people.items():
        if key not in chosen:
            raise PortalError(f"“{key}” is nobody of the file.", field="people")
        if username is not None and username not in known:
            raise PortalError(f"“{username}” is not in the team.", field="people")
        chosen[key] = None if username is None else known[username]
    return chosen
