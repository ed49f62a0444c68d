"""Telling people of an incident: composed, kept, sent and owed again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.urls import reverse

from incidents.domain import updates as words
from incidents.domain.updates import UpdateFacts
from incidents.models import (
    Component,
    Incident,
    IncidentRole,
    IncidentUpdate,
    UpdateImpact,
)
from incidents.queries.updates import facts_of
from incidents.services.status_pages import nudge_page
from incidents.services.telling import tell_of_update
from incidents.services.timeline import append_entry, audit_incident, hold_incident
from oncall.models import Channel, Notification, User
from oncall.services.notifications import enqueue
from oncall.services.sweeps import sweep_each
from opsportal.kit.choices import say_none_such
from opsportal.kit.errors import Conflict, PortalError, Refused

MOST_REMINDED = 200
Audience = IncidentUpdate.Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody composed.

    ``next_update`` is the length until the promised next one, None for no promise;
    ``states`` are by component key, for the public audience alone; ``channels`` are
    keys of the team's channels.
    """

    audience: str
    status: str
    title: str
    text: str
    affected: str = ""
    customers_percent: Decimal | None = None
    eta_at: datetime | None = None
    shows_eta: bool = False
    follow_url: str = ""
    questions: str = ""
    next_update: timedelta | None = None
    channels: Collection[int] = ()
    states: Mapping[int, str] = field(default_factory=dict)


def describe(incident: Incident, draft: Draft, *, now: datetime) -> UpdateFacts:
    """Return the update as it would be posted; its started time is the incident's.

    Raises PortalError, naming the field, when it cannot be.
    """
    facts = UpdateFacts(
        audience=draft.audience,
        status=draft.status,
        title=draft.title.strip(),
        service=", ".join(service.name for service in incident.services.all())[:250],
        severity=incident.severity.label,
        affected=draft.affected.strip(),
        customers_percent=draft.customers_percent,
        started_at=incident.started_at,
        eta_at=draft.eta_at,
        shows_eta=draft.shows_eta,
        text=draft.text.strip(),
        follow_url=draft.follow_url.strip(),
        questions=draft.questions.strip(),
        at=now,
    )
    mistake = words.find_mistake(facts, promised_after=draft.next_update)
    if mistake:
        raise PortalError(mistake[1], field=mistake[0])
    return facts


def post_update(
    incident_pk: int, draft: Draft, *, by: User, now: datetime
) -> IncidentUpdate:
    """Tell an audience: one update, one entry of the timeline, its messages.

    What was owed by earlier updates is kept with it. Raises PortalError, naming the
    field, and Refused for a public update of a drill or a test.
    """
    with transaction.atomic():
        incident = hold_incident(incident_pk)
        facts = describe(incident, draft, now=now)
        _refuse_rehearsal(incident, draft.audience)
        incident.updates.exclude(remind_at=None).update(remind_at=None)
        owed_at = words.promise(draft.status, now, draft.next_update)
        update = _keep(incident, facts, draft, by=by, owed_at=owed_at)
        _finish(incident, update, by=by, now=now, action="incident.update")
    return update


def correct_update(
    update_pk: int, draft: Draft, *, by: User, now: datetime
) -> IncidentUpdate:
    """Say it better to the same audience; the first words stay as they were.

    Raises Conflict with the newest one when it was corrected before.
    """
    with transaction.atomic():
        original = IncidentUpdate.objects.get(pk=update_pk)
        incident = hold_incident(original.incident_id)
        if newest := _newest_over(original):
            raise Conflict(
                "Somebody corrected this already: correct the newer one.",
                current=newest,
            )
        if draft.audience != original.audience:
            raise PortalError(
                "A correction goes to those who read the first.", field="audience"
            )
        facts = describe(incident, draft, now=now)
        update = _keep(
            incident,
            facts,
            draft,
            by=by,
            owed_at=original.remind_at,
            corrects=original,
        )
        IncidentUpdate.objects.filter(pk=original.pk).update(remind_at=None)
        _finish(incident, update, by=by, now=now, action="incident.update_correct")
    return update


def _newest_over(update: IncidentUpdate) -> IncidentUpdate | None:
    """Return what stands in the place of an update by now, None where itself does."""
    newest = None
    while found := IncidentUpdate.objects.filter(corrects=newest or update).first():
        newest = found
    return newest


def remind_of_updates(*, now: datetime) -> int:
    """Remind the author and the commander of each update that is due by now.

    Returns how many were due. Nothing is owed for an incident that is over.
    """
    due = {update.pk: update for update in _due_updates(now)}
    return sweep_each(due, lambda pk: _remind_due(due[pk], now), what="update")


def _remind_due(update: IncidentUpdate, now: datetime) -> int:
    with transaction.atomic():
        won = IncidentUpdate.objects.filter(
            pk=update.pk, remind_at=update.remind_at
        ).update(remind_at=None)
        if won and update.incident.status not in Incident.OVER:
            _remind(update, now)
    return won


def _due_updates(now: datetime) -> list[IncidentUpdate]:
    due = IncidentUpdate.objects.filter(remind_at__lte=now).order_by("remind_at", "pk")
    return list(due.select_related("incident", "posted_by")[:MOST_REMINDED])


def _refuse_rehearsal(incident: Incident, audience: str) -> None:
    if audience == Audience.PUBLIC and incident.kind != Incident.Kind.REAL:
        raise Refused(
            "The public hears of real incidents alone; this is "
            f"a {incident.get_kind_display().lower()}."
        )


def _keep(
    incident: Incident,
    facts: UpdateFacts,
    draft: Draft,
    *,
    by: User,
    owed_at: datetime | None,
    corrects: IncidentUpdate | None = None,
) -> IncidentUpdate:
    update = IncidentUpdate.objects.create(
        incident=incident,
        audience=facts.audience,
        status=facts.status,
        title=facts.title[:250],
        service=facts.service,
        severity=facts.severity,
        affected=facts.affected[:500],
        customers_percent=facts.customers_percent,
        started_at=facts.started_at,
        eta_at=facts.eta_at,
        shows_eta=facts.shows_eta,
        text=facts.text,
        follow_url=facts.follow_url[:500],
        questions=facts.questions[:120],
        posted_at=facts.at,
        posted_by=by,
        next_update_at=owed_at,
        remind_at=owed_at,
        corrects=corrects,
    )
    update.channels.set(
        Channel.objects.filter(team=incident.team_id, pk__in=draft.channels)
    )
    if facts.audience == Audience.PUBLIC:
        _keep_states(update, incident, draft.states)
    return update


def _keep_states(
    update: IncidentUpdate, incident: Incident, states: Mapping[int, str]
) -> None:
    wrong = set(states.values()) - set(Component.State.values)
    if wrong:
        words = say_none_such("state of a component", Component.State.values)
        raise PortalError(words, field="states")
    components = Component.objects.filter(page__team=incident.team_id, pk__in=states)
    UpdateImpact.objects.bulk_create(
        UpdateImpact(update=update, component=each, state=states[each.pk])
        for each in components
    )


def _finish(
    incident: Incident, update: IncidentUpdate, *, by: User, now: datetime, action: str
) -> None:
    """Write it down once, send it, and let the public page be written."""
    append_entry(
        incident,
        "update",
        by=by,
        now=now,
        text=update.text,
        data={
            "update": update.pk,
            "audience": update.audience,
            "status": update.status,
            "corrects": update.corrects_id,
        },
        source_ref=f"update:{update.pk}",
    )
    audit_incident(
        action,
        incident,
        by=by,
        now=now,
        after={"update": update.pk, "audience": update.audience},
    )
    _send(incident, update, now)
    if update.audience == Audience.PUBLIC:
        tell_of_update(update, facts_of(update), now=now)
        nudge_page(incident.team_id, now=now)


def _send(incident: Incident, update: IncidentUpdate, now: datetime) -> None:
    facts = facts_of(update)
    subject = words.headline(facts)
    if update.corrects_id:
        subject = f"Correction: {subject}"
    is_public = update.audience == Audience.PUBLIC
    # The incident's own page is for those who can sign in.
    url = "" if is_public else reverse("incident_detail", args=[incident.ref])
    for channel in update.channels.filter(is_enabled=True):
        enqueue(
            team_id=incident.team_id,
            topic=topic_of(update),
            dedupe_key=topic_of(update),
            channel=channel,
            subject=subject,
            text=words.write_update(facts),
            url=url,
            now=now,
        )


def topic_of(update: IncidentUpdate) -> str:
    """Name what messages of an update are about."""
    return f"update:{update.pk}"


def _remind(update: IncidentUpdate, now: datetime) -> None:
    incident = update.incident
    commanders = User.objects.filter(
        pk__in=incident.roles.filter(name=IncidentRole.Name.COMMANDER).values("user")
    )
    people = {person.pk: person for person in (update.posted_by, *commanders)}
    for person in people.values():
        enqueue(
            team_id=incident.team_id,
            topic=f"incident:{incident.pk}",
            dedupe_key=f"update-owed:{update.pk}:{person.pk}",
            recipient=person,
            subject=f"{incident.ref}: the next update is due now",
            text=f"{update.get_audience_display()} readers were promised news of "
            f"“{update.title}” by now. If there is none, say that.",
            url=reverse("update_list", args=[incident.ref]),
            urgency=Notification.Urgency.HIGH,
            now=now,
        )
