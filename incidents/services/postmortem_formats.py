"""In which format a service writes its postmortems."""

from datetime import datetime

from django.db import transaction

from incidents.domain.postmortem_formats import FORMATS
from incidents.models import PostmortemFormat
from incidents.queries.postmortems import format_of_service
from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError


def choose_format(service: Service, slug: str, *, by: User, now: datetime) -> None:
    """Let the next postmortems of a service have these headings.

    Those that are written keep theirs. Raises PortalError for an unknown format.
    """
    if slug not in FORMATS:
        known = ", ".join(FORMATS)
        raise PortalError(f"There is no such format; choose {known}.", field="format")
    with transaction.atomic():
        touch_team(service.team_id)
        before = format_of_service(service.pk)
        if slug == before:
            return
        row, _ = PostmortemFormat.objects.update_or_create(
            service=service, defaults={"slug": slug}
        )
        record_change(
            "postmortemformat.change",
            row,
            by=by,
            now=now,
            team_id=service.team_id,
            before={"format": before},
            after={"format": slug},
        )
