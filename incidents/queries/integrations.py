"""Reading who sends alerts, and what they sent."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import BinaryField, Max, Q
from django.db.models.functions import Substr

from incidents.models import Alert, IngestEvent, Integration, SeverityLevel

# How much of a payload the page shows.
SHOWN_BYTES = 4_000
# Those that need no key: the portal itself makes them.
OWN_KINDS = frozenset({Integration.Kind.CHECKS, Integration.Kind.API})


class IntegrationRow(NamedTuple):
    """One sender as lists show it."""

    pk: int
    name: str
    kind: str
    service_name: str
    service_slug: str
    is_enabled: bool
    last_at: datetime | None

    @property
    def kind_name(self) -> str:
        """The kind in words."""
        return str(Integration.Kind(self.kind).label)


class EventRow(NamedTuple):
    """One message as the page of last payloads shows it."""

    pk: int
    received_at: datetime
    kind: str
    status: str
    reason: str
    alert_pk: int | None
    alert_summary: str | None
    body: bytes

    @property
    def text(self) -> str:
        """The beginning of the body as text."""
        return bytes(self.body).decode("utf-8", "replace")

    @property
    def tone(self) -> str:
        """The colour of what became of it."""
        tones = {"accepted": "ok", "rejected": "crit", "failed": "crit"}
        return tones.get(self.status, "")


class StoredAlert(NamedTuple):
    """One open alert as its sender may ask for it."""

    dedup_key: str
    summary: str
    labels: dict[str, str]
    source_url: str
    starts_at: datetime
    last_seen_at: datetime
    expires_at: datetime | None


def find_by_key(
    key_hash: str, kinds: Collection[str], now: datetime
) -> Integration | None:
    """Return the sender behind a key, also one that is switched off.

    The key before a rotation counts until its time is over.
    """
    is_old = Q(old_key_hash=key_hash, old_key_until__gt=now)
    return (
        Integration.objects.select_related("service")
        .filter(Q(key_hash=key_hash) | is_old, kind__in=kinds)
        .first()
    )


def get_integration(team_ids: Collection[int], pk: int) -> Integration | None:
    """Return one sender of the teams; None when it is not theirs."""
    return (
        Integration.objects.select_related("service__team")
        .filter(service__team_id__in=team_ids, pk=pk)
        .exclude(kind__in=OWN_KINDS)
        .first()
    )


def list_integrations(
    team_ids: Collection[int], service: str = ""
) -> list[IntegrationRow]:
    """Return the senders of the teams, or of one of their services."""
    found = Integration.objects.filter(service__team_id__in=team_ids)
    if service:
        found = found.filter(service__slug=service)
    rows = (
        found.exclude(kind__in=OWN_KINDS)
        .annotate(last_at=Max("ingest_events__received_at"))
        .order_by("service__position", "service__name", "name", "pk")
        .values_list(
            *("pk", "name", "kind", "service__name", "service__slug"),
            *("is_enabled", "last_at"),
        )
    )
    return [IntegrationRow._make(row) for row in rows]


def list_ingest_events(integration_pk: int, most: int = 20) -> list[EventRow]:
    """Return the last messages of a sender, newest first."""
    rows = (
        IngestEvent.objects.filter(integration_id=integration_pk)
        .order_by("-received_at", "-pk")
        .values_list(
            *("pk", "received_at", "kind", "status", "reason"),
            *("alert_id", "alert__summary"),
            Substr("body", 1, SHOWN_BYTES, output_field=BinaryField()),
        )
    )
    return [EventRow._make(row) for row in rows[:most]]


def open_alerts_of(integration_pk: int, most: int = 5_000) -> list[StoredAlert]:
    """Return the open alerts of a sender, newest first."""
    rows = (
        Alert.objects.filter(series__integration_id=integration_pk)
        .exclude(status="resolved")
        .order_by("-starts_at", "-pk")
        .values_list(
            *("series__dedup_key", "summary", "labels", "source_url"),
            *("starts_at", "last_seen_at", "expires_at"),
        )
    )
    return [StoredAlert._make(row) for row in rows[:most]]


def severity_words(service_pk: int) -> list[tuple[str, int]]:
    """Return a service's own words for severity with their levels, gravest first."""
    return list(
        SeverityLevel.objects.filter(service_id=service_pk)
        .order_by("level", "pk")
        .values_list("label", "level")
    )
