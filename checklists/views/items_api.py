"""What a script does to the items of a run, and the files that answer them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Field, File, Form, Router, Schema, Status, UploadedFile

from checklists.item_shapes import ItemOut, item_out
from checklists.models import Attachment, RunItem
from checklists.queries import listing
from checklists.queries.run_story import files_of
from checklists.services import items
from checklists.services.attachments import Upload, attach_file
from checklists.services.items import Edit
from checklists.services.verifying import verify_item
from checklists.views.attachments import send_attachment
from oncall.access import authorize
from oncall.api.common import telling
from oncall.api_auth import ApiRequest, TokenAuth, own_teams, readable_teams
from opsportal.kit.problems import Overtaken

router = Router(tags=["checklists and checks"])
_EDITED: dict[int, Any] = {200: ItemOut, 409: Overtaken[ItemOut]}


class EditIn(Schema):
    """An edit of an item.

    ``version`` is that of the item as you saw it: somebody else's edit since then
    is answered with 409 and the item as it is, as ``current``. Leave it out not to
    care.
    """

    version: int | None = None
    reason: str = Field("", max_length=500)
    note: str = Field("", max_length=10_000)


class AnswerIn(EditIn):
    """The answer of an item that takes a number or a text."""

    value: float | str


class FileOut(Schema):
    """A file or photo; its type follows from its bytes, ``digest`` is their SHA-256."""

    id: int
    name: str
    content_type: str
    size: int
    digest: str
    uploaded_at: datetime
    uploaded_by: str


class ItemSentOut(Schema):
    """An item with the file that answered it."""

    item: ItemOut
    file: FileOut


@router.post("/items/{pk}/tick", response=_EDITED)
def tick(request: ApiRequest, pk: int, body: EditIn) -> Any:
    """Mark a checkbox done; over a failing check only with a reason."""
    return _act(items.tick_item, request, pk, body)


@router.post("/items/{pk}/untick", response=_EDITED)
def untick(request: ApiRequest, pk: int, body: EditIn) -> Any:
    """Open an item again; its check leaves it alone until released."""
    return _act(items.untick_item, request, pk, body)


@router.post("/items/{pk}/release", response=_EDITED)
def release(request: ApiRequest, pk: int, body: EditIn) -> Any:
    """Let the check tick a held item again."""
    return _act(items.release_item, request, pk, body)


@router.post("/items/{pk}/not-applicable", response=_EDITED)
def mark_na(request: ApiRequest, pk: int, body: EditIn) -> Any:
    """Leave an item out of this run, with a reason."""
    return _act(items.mark_item_na, request, pk, body)


@router.post("/items/{pk}/accept", response=_EDITED)
def accept(request: ApiRequest, pk: int, body: EditIn) -> Any:
    """Keep an item done although its check failed afterwards, with a reason."""
    return _act(items.accept_contradiction, request, pk, body)


@router.post("/items/{pk}/note", response=_EDITED)
def write_note(request: ApiRequest, pk: int, body: EditIn) -> Any:
    """Keep a note beside an item, whatever its state; an empty one takes it away."""
    return _act(items.write_note, request, pk, body)


@router.post("/items/{pk}/verify", response=ItemOut)
def verify(request: ApiRequest, pk: int) -> Any:
    """Look at the checks of an item now; 409 for one that no check watches."""
    _authorize(request, pk)
    return item_out(verify_item(pk, now=timezone.now()))


@router.post("/items/{pk}/answer", response=_EDITED)
def answer(request: ApiRequest, pk: int, body: AnswerIn) -> Any:
    """Answer an item that takes a number, a text, one of its options or a link."""

    def perform(item_pk: int, edit: Edit) -> RunItem:
        if isinstance(body.value, str):
            return items.enter_value(item_pk, body.value, edit)
        return items.enter_number(item_pk, body.value, edit)

    return _act(perform, request, pk, body)


@router.post(
    "/items/{pk}/file",
    response={201: ItemSentOut, 409: Overtaken[ItemOut]},
    auth=TokenAuth(takes_files=True),
)
def send_file(
    request: ApiRequest, pk: int, file: File[UploadedFile], body: Form[EditIn]
) -> Any:
    """Answer an item that takes a file or a photo, as a form of several parts.

    At most 10 MB: pictures, PDF, text, zip or gzip, told by their bytes.
    """
    kept: list[Attachment] = []

    def perform(item_pk: int, edit: Edit) -> RunItem:
        upload = Upload(file.name or "", file)
        kept.append(attach_file(item_pk, upload, edit))
        return kept[0].run_item

    item = _act(perform, request, pk, body)
    return Status(201, {"item": item, "file": _file_out(kept[0])})


@router.get("/items/{pk}/files", response=list[FileOut])
def list_files(request: ApiRequest, pk: int) -> Any:
    """List the files and photos that answered an item, the first first."""
    if listing.team_of_item(readable_teams(request), pk) is None:
        raise Http404
    return [_file_out(row) for row in files_of(pk)]


@router.get("/files/{pk}", response=None)
def show_file(request: ApiRequest, pk: int) -> HttpResponseBase:
    """Give the bytes of a file or photo."""
    return send_attachment(pk, readable_teams(request))


def _act(
    perform: Callable[[int, Edit], RunItem],
    request: ApiRequest,
    item_pk: int,
    body: EditIn,
) -> ItemOut:
    with telling(item_out):
        return item_out(perform(item_pk, _read_edit(request, item_pk, body)))


def _read_edit(request: ApiRequest, item_pk: int, body: EditIn) -> Edit:
    _authorize(request, item_pk)
    return Edit(
        by=request.auth.user,
        now=timezone.now(),
        version=body.version,
        reason=body.reason,
        note=body.note,
    )


def _authorize(request: ApiRequest, item_pk: int) -> None:
    team_id = listing.team_of_item(own_teams(request), item_pk)
    if team_id is None:
        raise Http404
    authorize(request.auth, "run.work", team_id)


def _file_out(row: Attachment) -> FileOut:
    return FileOut(
        id=row.pk,
        name=row.name,
        content_type=row.content_type,
        size=row.size,
        digest=row.digest,
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by.display_name,
    )
