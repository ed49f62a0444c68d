"""The API of what follows from incidents: action items, postmortems, figures."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from incidents.domain.postmortem_markdown import write_markdown
from incidents.models import ActionItem, Incident, Postmortem, PostmortemSection
from incidents.queries import list_members
from incidents.queries.actions import actions_of_teams, get_action, list_trackers
from incidents.queries.incidents import get_incident
from incidents.queries.metrics import Scope
from incidents.queries.postmortems import (
    format_of,
    format_of_service,
    get_postmortem,
    whole_texts,
)
from incidents.queries.reports import build_report, list_figures
from incidents.services import actions, postmortems
from incidents.services.actions import ActionDraft
from incidents.services.postmortem_formats import choose_format
from oncall.access import authorize
from oncall.api.common import service_named, telling
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import User
from opsportal.kit.errors import PortalError
from opsportal.kit.paging import PageOf, Window, cut
from opsportal.kit.problems import Overtaken

router = Router(tags=["postmortems and action items"])
Kind = Literal["prevent", "detect", "mitigate", "process"]
UserId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Version = Annotated[int, Field(ge=0, le=2**31 - 1)]


class ActionOut(Schema):
    """One action item; ``priority`` 1 is high, 3 low, ``owner`` a user id."""

    id: int
    incident: str
    title: str
    kind: str
    priority: int
    owner: int | None
    due_on: date | None
    state: str
    reason: str
    completed_at: datetime | None
    version: int


class ActionIn(Schema):
    """What has to be done; ``owner`` is the user id of a member of the team."""

    title: str = Field(max_length=250)
    kind: Kind = "prevent"
    priority: Literal[1, 2, 3] = 2
    owner: UserId | None = None
    due_on: date | None = None


class ActionEditIn(ActionIn):
    """The whole item anew, over the ``version`` that was read."""

    version: Version


class ActionMoveIn(Schema):
    """The next state; ``wont_do`` needs a reason."""

    state: Literal["open", "in_progress", "done", "wont_do"]
    reason: str = Field("", max_length=500)


class ExportIn(Schema):
    """The name of a webhook channel of the team, behind which a tracker is."""

    channel: str = Field(max_length=80)


class SectionOut(Schema):
    """One text of a postmortem."""

    key: str
    text: str
    version: int


class PostmortemOut(Schema):
    """One postmortem, its texts, and the whole as Markdown."""

    incident: str
    format: str
    state: str
    owner: int | None
    due_at: datetime | None
    reviewed_at: datetime | None
    waiver_reason: str
    sections: list[SectionOut]
    markdown: str


class PostmortemIn(Schema):
    """In which format to draft; empty: the service's own."""

    format: Literal["", "common", "arq", "amas", "qenergyz", "arca"] = ""


class SectionIn(Schema):
    """A section's text, over the ``version`` that was read."""

    text: str = Field(max_length=100_000)
    version: Version


class PostmortemMoveIn(Schema):
    """The next state, perhaps with a message for the owner."""

    state: Literal["draft", "in_review", "reviewed", "closed"]
    message: str = Field("", max_length=500)


class WaiverIn(Schema):
    """Why an incident needs no postmortem."""

    reason: str = Field(max_length=500)


class FormatOut(Schema):
    """A format: common, arq, amas, qenergyz or arca."""

    format: str = Field(max_length=16)


class FigureOut(Schema):
    """One distribution; lengths are whole seconds."""

    measure: str
    of: str
    name: str
    count: int
    median: int
    p90: int
    mean: int
    worst: int


@router.get("/actions", response=PageOf[ActionOut])
def list_actions(request: ApiRequest, window: Query[Window]) -> Any:
    """List action items, newest first."""
    page = cut(actions_of_teams(readable_teams(request)), window)
    return {**page, "items": [_action_out(item) for item in page["items"]]}


@router.post("/incidents/{ref}/actions", response={201: ActionOut})
def add_action(request: ApiRequest, ref: str, body: ActionIn) -> Any:
    """Write down what has to change after an incident."""
    incident = _own_incident(request, ref)
    said = _said(body, incident.team_id)
    item = actions.add_action(
        incident.pk, ActionDraft(**said), by=request.auth.user, now=timezone.now()
    )
    return Status(201, _action_out(item))


@router.get("/actions/{pk}", response=ActionOut)
def show_action(request: ApiRequest, pk: int) -> Any:
    """Show one action item."""
    return _action_out(_action(readable_teams(request), pk))


@router.put("/actions/{pk}", response={200: ActionOut, 409: Overtaken[ActionOut]})
def edit_action(request: ApiRequest, pk: int, body: ActionEditIn) -> Any:
    """Write it anew; somebody else's newer version is a conflict (409)."""
    item = _own_action(request, pk)
    said = _said(body, item.incident.team_id)
    expected = said.pop("version")
    by, now = request.auth.user, timezone.now()
    with telling(lambda _: _action_out(_own_action(request, pk))):
        edited = actions.edit_action(
            pk, said, expected_version=expected, by=by, now=now
        )
    return _action_out(edited)


@router.post("/actions/{pk}/state", response=ActionOut)
def move_action(request: ApiRequest, pk: int, body: ActionMoveIn) -> Any:
    """Begin, finish, refuse or open it again; only listed moves are legal (409)."""
    _own_action(request, pk)
    moved = actions.move_action(
        pk,
        body.state,
        by=request.auth.user,
        now=timezone.now(),
        reason=body.reason,
    )
    return _action_out(moved)


@router.post("/actions/{pk}/export", response=ActionOut)
def export_action(request: ApiRequest, pk: int, body: ExportIn) -> Any:
    """Send it to a tracker; sent twice as it was, the tracker hears of it once."""
    team_id = _own_action(request, pk).incident.team_id
    found = [each for each in list_trackers(team_id) if each.name == body.channel]
    if not found:
        raise PortalError("Choose a webhook of the team.", field="channel")
    by = request.auth.user
    return _action_out(actions.export_action(pk, found[0], by=by, now=timezone.now()))


@router.get("/incidents/{ref}/postmortem", response=PostmortemOut)
def show_postmortem(request: ApiRequest, ref: str) -> Any:
    """Show the postmortem of an incident."""
    incident = get_incident(readable_teams(request), ref)
    if incident is None:
        raise Http404
    return _postmortem_out(_postmortem(incident))


@router.post("/incidents/{ref}/postmortem", response={201: PostmortemOut})
def start_postmortem(request: ApiRequest, ref: str, body: PostmortemIn) -> Any:
    """Draft the postmortem from the timeline."""
    incident = _own_incident(request, ref)
    postmortems.start_postmortem(
        incident.pk, by=request.auth.user, now=timezone.now(), form=body.format
    )
    return Status(201, _postmortem_out(_postmortem(incident)))


@router.put(
    "/incidents/{ref}/postmortem/sections/{key}",
    response={200: PostmortemOut, 409: Overtaken[SectionOut]},
)
def edit_section(request: ApiRequest, ref: str, key: str, body: SectionIn) -> Any:
    """Write one section; somebody else's newer text is a conflict (409)."""
    incident = _own_incident(request, ref)
    with telling(_section_out):
        postmortems.edit_section(
            _postmortem(incident).pk,
            key,
            body.text,
            expected_version=body.version,
            by=request.auth.user,
            now=timezone.now(),
        )
    return _postmortem_out(_postmortem(incident))


@router.post("/incidents/{ref}/postmortem/redraft", response=PostmortemOut)
def redraft_postmortem(request: ApiRequest, ref: str) -> Any:
    """Draft those sections again that nobody has edited."""
    incident = _own_incident(request, ref)
    pk = _postmortem(incident).pk
    postmortems.redraft(pk, by=request.auth.user, now=timezone.now())
    return _postmortem_out(_postmortem(incident))


@router.post("/incidents/{ref}/postmortem/state", response=PostmortemOut)
def move_postmortem(request: ApiRequest, ref: str, body: PostmortemMoveIn) -> Any:
    """Ask for review, send back, review or close; gates refuse with 409."""
    incident = _own_incident(request, ref)
    postmortems.move_postmortem(
        _postmortem(incident).pk,
        body.state,
        by=request.auth.user,
        now=timezone.now(),
        message=body.message,
    )
    return _postmortem_out(_postmortem(incident))


@router.post("/incidents/{ref}/postmortem/waiver", response=PostmortemOut)
def waive_postmortem(request: ApiRequest, ref: str, body: WaiverIn) -> Any:
    """Say why the incident needs none."""
    incident = _own_incident(request, ref)
    postmortems.waive_postmortem(
        incident.pk, body.reason, by=request.auth.user, now=timezone.now()
    )
    return _postmortem_out(_postmortem(incident))


@router.get("/services/{slug}/postmortem-format", response=FormatOut)
def show_format(request: ApiRequest, slug: str) -> Any:
    """Say in which format a service writes its postmortems."""
    service = service_named(readable_teams(request), slug)
    return {"format": format_of_service(service.pk)}


@router.put("/services/{slug}/postmortem-format", response=FormatOut)
def set_format(request: ApiRequest, slug: str, body: FormatOut) -> Any:
    """Choose the format of the next ones; written ones keep theirs."""
    service = service_named(own_teams(request), slug)
    authorize(request.auth, "postmortem.format", service.team_id)
    choose_format(service, body.format, by=request.auth.user, now=timezone.now())
    return body


@router.get("/reports/incidents", response=list[FigureOut])
def show_figures(
    request: ApiRequest,
    days: Annotated[int, Query(ge=1, le=366)] = 90,
    service: str = "",
) -> Any:
    """Give times to detect, acknowledge and resolve of real incidents."""
    now = timezone.now()
    scope = Scope(
        team_ids=tuple(readable_teams(request)),
        since=now - timedelta(days=days),
        until=now,
        service=service,
    )
    head, *rows = list_figures(build_report(scope, ZoneInfo("UTC")))
    return [dict(zip(head, row, strict=True)) for row in rows]


def _own_incident(request: ApiRequest, ref: str) -> Incident:
    incident = get_incident(own_teams(request), ref)
    if incident is None:
        raise Http404
    authorize(request.auth, "incident.work", incident.team_id)
    return incident


def _action(team_ids: list[int], pk: int) -> ActionItem:
    item = get_action(team_ids, pk)
    if item is None:
        raise Http404
    return item


def _own_action(request: ApiRequest, pk: int) -> ActionItem:
    item = _action(own_teams(request), pk)
    authorize(request.auth, "incident.work", item.incident.team_id)
    return item


def _said(body: ActionIn, team_id: int) -> dict[str, Any]:
    said = body.dict()
    said["owner"] = _member(team_id, body.owner)
    return said


def _member(team_id: int, pk: int | None) -> User | None:
    if pk is None:
        return None
    for person in list_members(team_id):
        if person.pk == pk:
            return person
    raise PortalError("Choose a member of the team.", field="owner")


def _postmortem(incident: Incident) -> Postmortem:
    found = get_postmortem(incident.pk)
    if found is None:
        raise Http404
    return found


def _action_out(item: ActionItem) -> ActionOut:
    return ActionOut(
        id=item.pk,
        incident=item.incident.ref,
        title=item.title,
        kind=item.kind,
        priority=item.priority,
        owner=item.owner_id,
        due_on=item.due_on,
        state=item.state,
        reason=item.reason,
        completed_at=item.completed_at,
        version=item.version,
    )


def _section_out(part: PostmortemSection) -> SectionOut:
    return SectionOut(key=part.key, text=part.text, version=part.version)


def _postmortem_out(found: Postmortem) -> PostmortemOut:
    return PostmortemOut(
        incident=found.incident.ref,
        format=found.format,
        state=found.state,
        owner=found.owner_id,
        due_at=found.due_at,
        reviewed_at=found.reviewed_at,
        waiver_reason=found.waiver_reason,
        sections=[_section_out(part) for part in found.sections.all()],
        markdown=write_markdown(format_of(found), whole_texts(found)),
    )
