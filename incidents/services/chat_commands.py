"""Obeying what somebody says in a chat, or types as if they did."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from incidents.domain import severity
from incidents.domain.chat_commands import (
    GRAMMAR,
    KnownService,
    read_command,
    resolve_command,
)
from incidents.models import Incident, SeverityLevel
from incidents.services.emergencies import page_everybody
from incidents.services.incidents import Declaration, declare_incident
from oncall.models import Service, User
from opsportal.kit.errors import PortalError


def obey_command(
    text: str, team_ids: Collection[int], *, by: User, now: datetime, via: str
) -> Incident:
    """Declare what the words say, for a service of these teams; who says it leads.

    ``by`` may work on the incidents of all of them. An emergency has the worst
    severity, counts as a complete outage and pages everybody on call. Raises
    PortalError at the field "text" with the sentence of what to say instead.
    """
    command = read_command(text)
    if command is None:
        raise PortalError(GRAMMAR, field="text")
    services = {row.slug: row for row in Service.objects.filter(team__in=team_ids)}
    meant = resolve_command(command, _know(services))
    if isinstance(meant, str):
        raise PortalError(meant, field="text")
    declaration = Declaration(
        title=command.title,
        services=(services[meant.slug],),
        severity_label=meant.severity,
        commander=by,
        is_complete_outage=command.is_emergency,
        via=via,
    )
    with transaction.atomic():
        incident = declare_incident(declaration, by=by, now=now)
        if command.is_emergency:
            page_everybody(incident.pk, by=by, now=now)
    return incident


def _know(services: dict[str, Service]) -> list[KnownService]:
    words: dict[int, list[str]] = {}
    levels = SeverityLevel.objects.filter(service__in=services.values())
    for service_pk, label in levels.order_by("level", "pk").values_list(
        "service", "label"
    ):
        words.setdefault(service_pk, []).append(label)
    common = tuple(severity.LEVELS.values())
    return [
        KnownService(slug, row.name, tuple(words.get(row.pk, common)))
        for slug, row in sorted(services.items())
    ]
