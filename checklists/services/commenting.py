"""What people say about a run, to each other."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from checklists.domain.mentions import find_mentions
from checklists.models import Run, RunEvent
from checklists.services.events import NewEvent, append_events
from oncall.models import Membership, User
from oncall.services import notifications
from oncall.services.pulse import touch_runs
from opsportal.kit.errors import PortalError, Refused

COMMENTED = "commented"
MOST_TEXT = 2_000


def comment_on_run(run_pk: int, text: str, *, by: User, now: datetime) -> RunEvent:
    """Add a comment to the story of an open run and tell the members it names.

    A comment is an event of the run: it is sealed, and nobody changes it. The same
    words twice in a row by the same person are one. Raises PortalError for a text
    that is empty or too long, Refused for a closed run.
    """
    # PostgreSQL keeps no NUL character.
    text = text.replace("\0", "").strip()
    if not text or len(text) > MOST_TEXT:
        raise PortalError(f"Write 1 to {MOST_TEXT} characters.", field="text")
    with transaction.atomic():
        run = (
            Run.objects.select_for_update(of=("self",))
            .select_related("checklist")
            .get(pk=run_pk)
        )
        if run.state == Run.State.CLOSED:
            raise Refused("The run is closed: nothing is added to it.", code="closed")
        last = run.events.latest("number")
        if (last.verb, last.actor_id, last.after.get("text")) == (
            COMMENTED,
            by.pk,
            text,
        ):
            return last
        named = find_mentions(text, _people_of(run.team_id))
        told = {"text": text, "mentions": [person.username for person in named]}
        append_events(run, [NewEvent(verb=COMMENTED, by=by, after=told)], now=now)
        event = run.events.latest("number")
        for person in named:
            if person != by:
                _tell(run, event, person, by, now)
        touch_runs(run.team_id)
    return event


def _people_of(team_id: int) -> dict[str, User]:
    members = Membership.objects.filter(team_id=team_id, user__is_active=True)
    rows = User.objects.filter(pk__in=members.values("user_id"))
    return {person.username.lower(): person for person in rows}


def _tell(run: Run, event: RunEvent, person: User, by: User, now: datetime) -> None:
    name = f"{run.checklist.name} ({run.period_key})"
    path = reverse("run_detail", args=[run.pk])
    url = f"{settings.SITE_URL}{path}#comment-{event.number}"
    notifications.enqueue(
        team_id=run.team_id,
        # Not "run:…", whose messages are cancelled when the run ends.
        topic=f"run-comment:{run.pk}",
        dedupe_key=f"run:{run.pk}:comment:{event.number}:user:{person.pk}",
        recipient=person,
        subject=f"{by.display_name} named you: {name}",
        text=f"{by.display_name} about {name}:\n\n{event.after['text']}\n\n{url}",
        url=url,
        now=now,
    )
