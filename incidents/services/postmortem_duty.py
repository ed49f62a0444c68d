"""Who owes a postmortem: it is drafted on resolution, and asked for in time."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from incidents.domain.postmortem import (
    READ,
    find_due,
    needs_postmortem,
    next_reminder,
    refuse_close,
)
from incidents.domain.postmortem_draft import draft_kept
from incidents.domain.postmortem_formats import FORMATS
from incidents.models import Incident, IncidentRole, Postmortem, PostmortemSection
from incidents.queries.postmortems import format_of_service, read_facts
from oncall.models import Membership, Role, User
from oncall.services import notifications
from oncall.services.sweeps import sweep_each
from opsportal.kit.moments import say_distance


def is_needed(incident: Incident) -> bool:
    """Say whether the incident owes a postmortem."""
    word = incident.severity
    return needs_postmortem(
        kind=incident.kind, level=word.level, is_asked=word.postmortem_required
    )


def find_missing_postmortem(incident: Incident) -> str | None:
    """Return why the incident cannot be closed yet: a gate of services.closing."""
    found = Postmortem.objects.filter(incident=incident).first()
    return refuse_close(
        state=found.state if found else None,
        is_waived=found is not None and found.waived_at is not None,
        is_needed=is_needed(incident),
    )


def settle_postmortem(incident: Incident, *, now: datetime) -> None:
    """Let the incident's postmortem be due, or no longer, after it changed.

    Call it inside the transaction of the change. One that is owed is drafted at once.
    """
    due_at = find_due(incident.resolved_at, is_needed=is_needed(incident))
    found = Postmortem.objects.filter(incident=incident).first()
    if found is None:
        if due_at is not None:
            draft_postmortem(incident, owner=_commander(incident), now=now)
    elif found.due_at != due_at and found.state not in READ:
        found.due_at = due_at
        found.next_reminder_at = find_next_reminder(found, now)
        found.save(update_fields=["due_at", "next_reminder_at"])


def draft_postmortem(
    incident: Incident, *, owner: User | None, now: datetime, form: str = ""
) -> Postmortem:
    """Write the first draft from what is known, in the service's own format."""
    slug = form or format_of_service(incident.severity.service_id)
    due_at = find_due(incident.resolved_at, is_needed=is_needed(incident))
    made = Postmortem.objects.create(
        incident=incident,
        format=slug,
        owner=owner,
        created_at=now,
        due_at=due_at,
        next_reminder_at=next_reminder(due_at, now),
    )
    texts = draft_kept(FORMATS[slug], read_facts(incident))
    PostmortemSection.objects.bulk_create(
        PostmortemSection(postmortem=made, key=key, text=text)
        for key, text in texts.items()
    )
    return made


def find_next_reminder(postmortem: Postmortem, now: datetime) -> datetime | None:
    """Return when its owner is reminded next: never once it is read or waived."""
    if postmortem.state in READ or postmortem.waived_at is not None:
        return None
    return next_reminder(postmortem.due_at, now)


def url_of(postmortem: Postmortem) -> str:
    """Return the whole address of the postmortem's page."""
    path = reverse("postmortem", args=[postmortem.incident.ref])
    return f"{settings.SITE_URL}{path}"


def remind_of_postmortems(*, now: datetime) -> int:
    """Remind owners a day before their postmortem is due, and each day from there.

    Without an owner the team's managers are told. Returns how many were handled.
    """
    due = (
        Postmortem.objects.filter(next_reminder_at__lte=now)
        .select_related("incident", "owner")
        .order_by("next_reminder_at", "pk")[:200]
    )
    found = {each.pk: each for each in due}
    return sweep_each(found, lambda pk: _remind(found[pk], now), what="postmortem")


def _remind(postmortem: Postmortem, now: datetime) -> int:
    due_at = postmortem.due_at or now
    with transaction.atomic():
        won = Postmortem.objects.filter(
            pk=postmortem.pk, next_reminder_at=postmortem.next_reminder_at
        ).update(next_reminder_at=find_next_reminder(postmortem, now))
        if not won:
            return 0
        incident = postmortem.incident
        late = "was due" if due_at < now else "is due"
        for person in _whom(postmortem):
            notifications.enqueue(
                team_id=incident.team_id,
                topic=f"postmortem:{postmortem.pk}",
                dedupe_key=f"postmortem:{postmortem.pk}:{now:%Y%m%d%H%M}",
                subject=f"The postmortem of {incident.ref} {late} "
                f"{say_distance(due_at, now)}",
                text=f"{incident.title}. It has to be reviewed by somebody else, or "
                "waived with a reason, before the incident can be closed.",
                url=url_of(postmortem),
                recipient=person,
                now=now,
            )
    return 1


def _whom(postmortem: Postmortem) -> list[User]:
    if postmortem.owner is not None and postmortem.owner.is_active:
        return [postmortem.owner]
    rows = Membership.objects.filter(
        team=postmortem.incident.team_id, role=Role.MANAGER
    )
    people = User.objects.filter(pk__in=rows.values("user_id"), is_active=True)
    return list(people.order_by("pk"))


def _commander(incident: Incident) -> User | None:
    role = incident.roles.filter(name=IncidentRole.Name.COMMANDER).first()
    return role.user if role else None
