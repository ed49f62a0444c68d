"""What the past's incidents led to: postmortems in each runbook's own format."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from incidents.domain.postmortem_markdown import find_unfilled
from incidents.models import (
    ActionItem,
    Incident,
    Postmortem,
    PostmortemFormat,
    PostmortemSection,
)
from incidents.queries.postmortems import format_of, texts_of
from incidents.services.actions import ActionDraft, add_action, move_action
from incidents.services.postmortems import (
    edit_section,
    move_postmortem,
    redraft,
)
from oncall.models import Service, User
from opsportal.demo.past_people import Roster

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
_FORMATS: Final = ("arq", "amas", "qenergyz", "arca")
_WORDS: Final = {
    "impact": "No customer lost data; requests during that time were answered late "
    "or not at all.",
    "summary": "The service stopped answering and came back after a rollback.",
    "lessons": "The rollback took less than finding out that it was needed.\n"
    "The dashboard of the service showed it minutes before the alert did.",
    "procedures": "Add the rollback to the runbook, with its command.",
    "prevention": "Alert on the cause, not on its effect.",
    "symptoms": "No answers at the health endpoint",
}
_ACTIONS: Final = (
    ("Alert on the cause before customers feel it", ActionItem.Kind.DETECT),
    ("Rehearse the rollback once a quarter", ActionItem.Kind.PROCESS),
    ("Put a limit on what one client may ask for", ActionItem.Kind.PREVENT),
)


def seed_formats(services: Mapping[str, Service]) -> None:
    """Let each service write in the format of its runbook, if that names one."""
    PostmortemFormat.objects.bulk_create(
        PostmortemFormat(service=service, slug=form)
        for slug, service in services.items()
        for form in _FORMATS
        if slug.split("-")[0] == form
    )


def write_up(
    incident: Incident, roster: Roster, *, by: User, ended: datetime, now: datetime
) -> None:
    """Write, review and follow up the postmortem of an incident that owes one."""
    found = Postmortem.objects.filter(incident=incident).first()
    if found is None:
        return
    redraft(found.pk, by=by, now=ended + 5 * HOUR)
    _fill(found, by=by, at=ended + 6 * HOUR)
    _follow_up(incident, roster, ended=ended, now=now)
    others = (roster.lead, *roster.members)
    reviewer = next(person for person in others if person != by)
    for state, who, hours in (("in_review", by, 8), ("reviewed", reviewer, 19)):
        move_postmortem(found.pk, state, by=who, now=ended + hours * HOUR)


def _fill(found: Postmortem, *, by: User, at: datetime) -> None:
    form = format_of(found)
    missing = find_unfilled(form, texts_of(found))
    for part in form.kept_sections():
        if part.heading in missing:
            section = PostmortemSection.objects.get(postmortem=found, key=part.key)
            edit_section(
                found.pk,
                part.key,
                _WORDS[part.key],
                expected_version=section.version,
                by=by,
                now=at,
            )


def _follow_up(
    incident: Incident, roster: Roster, *, ended: datetime, now: datetime
) -> None:
    """Write one action item; those of long ago are done."""
    title, kind = _ACTIONS[incident.pk % len(_ACTIONS)]
    owner = roster.members[incident.pk % len(roster.members)]
    item = add_action(
        incident.pk,
        ActionDraft(
            title=title,
            kind=kind,
            owner=owner,
            due_on=(ended + 21 * DAY).date(),
        ),
        by=roster.lead,
        now=ended + 7 * HOUR,
    )
    for state, days in (("in_progress", 3), ("done", 12)):
        if ended + days * DAY + 20 * DAY < now:
            move_action(item.pk, state, by=owner, now=ended + days * DAY)
