"""Reading postmortems, and what is known for their drafts."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Q

from incidents.domain.postmortem_draft import Action, Event, Facts, fill_in
from incidents.domain.postmortem_formats import COMMON, FORMATS, Format
from incidents.domain.timeline_words import say_entry
from incidents.models import (
    Incident,
    Postmortem,
    PostmortemFormat,
    PostmortemRevision,
    TimelineEntry,
)
from incidents.queries.names import display_name


class PostmortemRow(NamedTuple):
    """One postmortem as lists show it."""

    pk: int
    state: str
    owner: str | None
    due_at: datetime | None
    waived_at: datetime | None
    incident_ref: str
    incident_title: str
    severity_label: str

    @property
    def state_word(self) -> str:
        """The state as people write it."""
        return "Waived" if self.waived_at else str(Postmortem.State(self.state).label)


def list_postmortems(
    team_ids: Collection[int], *, is_open: bool
) -> list[PostmortemRow]:
    """Return postmortems that still need work, first due first; or at most 200 others."""
    found = Postmortem.objects.filter(incident__team_id__in=team_ids)
    unread = Q(state__in=["draft", "in_review"], waived_at=None)
    if is_open:
        found = found.filter(unread).order_by(F("due_at").asc(nulls_last=True), "-pk")
    else:
        found = found.exclude(unread).order_by("-created_at", "-pk")
    rows = found.annotate(owner_name=display_name("owner")).values_list(
        "pk",
        "state",
        "owner_name",
        "due_at",
        "waived_at",
        "incident__ref",
        "incident__title",
        "incident__severity__label",
    )
    return [PostmortemRow._make(row) for row in rows[:200]]


def get_postmortem(incident_pk: int) -> Postmortem | None:
    """Return the incident's postmortem with its people and texts."""
    return (
        Postmortem.objects.filter(incident=incident_pk)
        .select_related("owner", "reviewed_by", "waived_by", "incident__team")
        .prefetch_related("sections__edited_by", "reviewers__user")
        .first()
    )


def find_postmortem(incident_pk: int) -> Postmortem | None:
    """Return the incident's postmortem with its owner, without its texts."""
    found = Postmortem.objects.filter(incident=incident_pk)
    return found.select_related("owner").first()


def list_revisions(postmortem_pk: int, key: str) -> list[PostmortemRevision]:
    """Return what a section said before, newest first."""
    return list(
        PostmortemRevision.objects.filter(
            section__postmortem=postmortem_pk, section__key=key
        )
        .select_related("written_by")
        .order_by("-version")
    )


def format_of_service(service_pk: int) -> str:
    """Return the slug of the format that the service writes in."""
    slugs = PostmortemFormat.objects.filter(service=service_pk)
    return slugs.values_list("slug", flat=True).first() or COMMON


def format_of(postmortem: Postmortem) -> Format:
    """Return the headings of the postmortem."""
    return FORMATS[postmortem.format]


def texts_of(postmortem: Postmortem) -> dict[str, str]:
    """Return what people wrote, by section."""
    return {part.key: part.text for part in postmortem.sections.all()}


def whole_texts(postmortem: Postmortem) -> dict[str, str]:
    """Return the text of every section, with the facts of now."""
    facts = read_facts(postmortem.incident)
    return fill_in(format_of(postmortem), texts_of(postmortem), facts)


def read_facts(incident: Incident) -> Facts:
    """Return what is known of the incident, in a constant number of queries."""
    return Facts(
        ref=incident.ref,
        title=incident.title,
        severity=incident.severity.label,
        services=tuple(incident.services.values_list("name", flat=True)),
        started_at=incident.started_at,
        detected_at=incident.detected_at or incident.declared_at,
        resolved_at=incident.resolved_at,
        summary=incident.summary,
        symptoms=incident.symptoms,
        root_cause=incident.root_cause,
        resolution=incident.resolution,
        prevention=incident.prevention,
        impact=incident.impact,
        impact_users=incident.impact_users,
        impact_requests=incident.impact_requests,
        alert_count=incident.alerts.count(),
        timeline=tuple(_events(incident.pk)),
        actions=tuple(_actions(incident)),
    )


def _events(incident_pk: int) -> list[Event]:
    entries = TimelineEntry.objects.filter(
        incident=incident_pk, superseded_by__isnull=True
    ).order_by("occurred_at", "pk")
    rows = entries.values_list("occurred_at", "kind", "text", "data")
    return [
        Event(at, ": ".join(filter(None, (say_entry(kind, data).title, text))))
        for at, kind, text, data in rows
    ]


def _actions(incident: Incident) -> list[Action]:
    rows = incident.actions.annotate(owner_name=display_name("owner"))
    return [
        Action(
            item.title,
            item.owner_name or "",
            item.due_on,
            item.get_state_display().lower(),
        )
        for item in rows.order_by("pk")
    ]
