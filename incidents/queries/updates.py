"""Reading what people were told of incidents."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet

from incidents.domain.status_page import SaidUpdate
from incidents.domain.updates import UpdateFacts
from incidents.models import Component, IncidentUpdate
from oncall.models import Channel, Notification


def facts_of(update: IncidentUpdate) -> UpdateFacts:
    """Return the update as plain values."""
    return UpdateFacts(
        audience=update.audience,
        status=update.status,
        title=update.title,
        service=update.service,
        severity=update.severity,
        affected=update.affected,
        customers_percent=update.customers_percent,
        started_at=update.started_at,
        eta_at=update.eta_at,
        shows_eta=update.shows_eta,
        text=update.text,
        follow_url=update.follow_url,
        questions=update.questions,
        at=update.posted_at,
    )


def list_updates(incident_pk: int) -> list[IncidentUpdate]:
    """Return everything that was told, newest first, with who told it and where."""
    return list(_of_incident(incident_pk))


def get_update(incident_pk: int, pk: int) -> IncidentUpdate | None:
    """Return one update of the incident."""
    return _of_incident(incident_pk).filter(pk=pk).first()


def _of_incident(incident_pk: int) -> QuerySet[IncidentUpdate]:
    return (
        IncidentUpdate.objects.filter(incident_id=incident_pk)
        .select_related("posted_by", "corrected_by", "corrects")
        .prefetch_related("channels", "impacts__component")
        .order_by("-posted_at", "-pk")
    )


def list_channels(team_id: int) -> list[Channel]:
    """Return the team's channels that are on, by name."""
    return list(Channel.objects.filter(team_id=team_id, is_enabled=True))


def list_components(team_id: int) -> list[Component]:
    """Return what the team's page shows, in its order."""
    return list(
        Component.objects.filter(page__team_id=team_id, is_shown=True).select_related(
            "service"
        )
    )


def last_channels(team_id: int, audience: str) -> list[int]:
    """Return where the last update for that audience went; for the team, alerts go.

    Nobody has told the audience anything yet: inside it is the channels that take
    alerts, outside none.
    """
    last = (
        IncidentUpdate.objects.filter(incident__team_id=team_id, audience=audience)
        .order_by("-posted_at", "-pk")
        .first()
    )
    if last is not None:
        return list(last.channels.values_list("pk", flat=True))
    if audience != IncidentUpdate.Audience.INTERNAL:
        return []
    return [row.pk for row in list_channels(team_id) if row.takes_alerts]


def count_deliveries(
    updates: Collection[IncidentUpdate],
) -> dict[int, tuple[int, int, int]]:
    """Return by update how many messages were sent, wait and failed: one query."""
    topics = {f"update:{update.pk}": update.pk for update in updates}
    counts = {update.pk: [0, 0, 0] for update in updates}
    place = {"sent": 0, "bundled": 0, "pending": 1, "leased": 1, "failed": 2}
    rows = Notification.objects.filter(topic__in=topics).values_list("topic", "state")
    for topic, state in rows.order_by():
        if state in place:
            counts[topics[topic]][place[state]] += 1
    return {pk: (sent, waits, failed) for pk, (sent, waits, failed) in counts.items()}


def read_public_updates(page_pk: int, since: datetime) -> list[SaidUpdate]:
    """Return the words that hold of public updates of incidents on a page.

    Of incidents of which the public heard anything since then, all; what was
    corrected gives its place to its correction. Three queries.
    """
    public = IncidentUpdate.objects.filter(
        incident__team__status_page=page_pk, audience=IncidentUpdate.Audience.PUBLIC
    )
    heard = public.filter(posted_at__gte=since).values("incident")
    rows = list(
        public.filter(incident__in=heard).prefetch_related("impacts").order_by("pk")
    )
    return as_said(rows)


def as_said(updates: Iterable[IncidentUpdate]) -> list[SaidUpdate]:
    """Put corrections in the place of what they correct; all of a chain are given."""
    rows = {row.pk: row for row in updates}
    corrected = {row.corrects_id for row in rows.values()}
    return [
        SaidUpdate(
            pk=row.pk,
            incident=row.incident_id,
            facts=facts_of(row),
            said_at=_first_of(row, rows).posted_at,
            corrected_at=row.posted_at if row.corrects_id else None,
            states={each.component_id: each.state for each in row.impacts.all()},
        )
        for row in rows.values()
        if row.pk not in corrected
    ]


def _first_of(row: IncidentUpdate, rows: dict[int, IncidentUpdate]) -> IncidentUpdate:
    while row.corrects_id is not None:
        row = rows[row.corrects_id]
    return row
