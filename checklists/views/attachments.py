"""Serving files and photos of items: only to their team, never run by a browser."""

from collections.abc import Collection

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from checklists.queries.run_story import find_attachment
from checklists.services.attachments import PHOTO_TYPES
from oncall.access import PortalRequest, declares, teams_of


@declares("team.see")
@require_safe
def show_attachment(request: PortalRequest, pk: int) -> HttpResponseBase:
    """Send a photo to look at, anything else to keep."""
    return send_attachment(pk, teams_of(request.actor).values_list("pk", flat=True))


def send_attachment(pk: int, team_ids: Collection[int]) -> HttpResponseBase:
    """Answer with a file of one of these teams; raises Http404."""
    row = find_attachment(pk, list(team_ids))
    if row is None:
        raise Http404
    try:
        stream = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    is_photo = row.content_type in PHOTO_TYPES
    response = FileResponse(
        stream,
        as_attachment=not is_photo,
        filename=row.name,
        content_type=row.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    # Named by its content, so it never changes under its address.
    response["Cache-Control"] = "private, max-age=3600, immutable"
    return response
