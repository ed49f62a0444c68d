"""The API of integrations: senders of alerts, their keys, and what came."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import Http404
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from incidents.models import Integration
from incidents.queries.integrations import (
    get_integration,
    list_ingest_events,
    list_integrations,
)
from incidents.queries.services import find_services
from incidents.services import intake, integrations
from incidents.services.integrations import Settings
from oncall.access import authorize, teams_where
from oncall.api_auth import ApiRequest, own_teams
from opsportal.kit.errors import PortalError

router = Router(tags=["integrations"])
_ACTION = "integration.edit"
Kind = Literal[
    "pagerduty",
    "prometheus",
    "alertmanager",
    "grafana",
    "sns",
    "sentry",
    "webhook",
    "email",
    "heartbeat",
]
Words = dict[
    Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=200)]
]


class IntegrationOut(Schema):
    """One sender; its key is told only when it is made."""

    id: int
    service: str
    kind: str
    name: str
    is_enabled: bool
    last_message_at: datetime | None


class KeyOut(Schema):
    """A new key, told only now."""

    id: int
    key: str


class SenderMessageOut(Schema):
    """One message, and what became of it."""

    received_at: datetime
    kind: str
    status: str
    reason: str
    alert: int | None


class IntegrationIn(Schema):
    """A sender of alerts of a service."""

    service: str
    kind: Kind
    name: Annotated[str, Field(max_length=80)]
    severity_mapping: Words = {}
    field_mapping: Words = {}
    secret: Annotated[str, Field(max_length=200)] = ""
    silence_minutes: Annotated[int, Field(ge=1, le=44_640)] | None = None


class SettingsIn(Schema):
    """What is said of a sender; without a secret the one that is stored is kept."""

    name: Annotated[str, Field(max_length=80)]
    severity_mapping: Words = {}
    field_mapping: Words = {}
    secret: Annotated[str, Field(max_length=200)] | None = None
    silence_minutes: Annotated[int, Field(ge=1, le=44_640)] | None = None


class SenderOut(Schema):
    """What is said of a sender; a secret is never told."""

    id: int
    service: str
    kind: str
    name: str
    is_enabled: bool
    severity_mapping: dict[str, str]
    field_mapping: dict[str, str]
    has_secret: bool
    silence_minutes: int | None
    key_made_at: datetime | None
    old_key_until: datetime | None


class TestIn(Schema):
    """Whether the test alert begins or ends."""

    is_over: bool = False


class SwitchIn(Schema):
    """Whether its messages are let in."""

    is_enabled: bool


@router.get("/integrations", response=list[IntegrationOut])
def list_senders(request: ApiRequest, service: str = "") -> Any:
    """List the senders of the services that the caller manages."""
    return [
        IntegrationOut(
            id=row.pk,
            service=row.service_slug,
            kind=row.kind,
            name=row.name,
            is_enabled=row.is_enabled,
            last_message_at=row.last_at,
        )
        for row in list_integrations(teams_where(request.auth, _ACTION), service)
    ]


@router.post("/integrations", response={201: KeyOut})
def make_sender(request: ApiRequest, body: IntegrationIn) -> Any:
    """Make a sender; its key is in this answer only."""
    found = find_services(own_teams(request), [body.service])
    if not found:
        raise PortalError("Name one of your services.", field="service")
    authorize(request.auth, _ACTION, found[0].team_id)
    settings = _settings(body)
    made, key = integrations.create_integration(
        found[0], body.kind, settings, by=request.auth.user, now=timezone.now()
    )
    return Status(201, KeyOut(id=made.pk, key=key))


@router.get("/integrations/{pk}", response=SenderOut)
def show_sender(request: ApiRequest, pk: int) -> Any:
    """Show what is said of a sender."""
    return _sender_out(_sender(request, pk))


@router.put("/integrations/{pk}", response=SenderOut)
def change_sender(request: ApiRequest, pk: int, body: SettingsIn) -> Any:
    """Change what a sender is called and how its words are read."""
    found = _sender(request, pk)
    settings = _settings(body)
    integrations.edit_integration(
        found, settings, by=request.auth.user, now=timezone.now()
    )
    return _sender_out(found)


@router.post("/integrations/{pk}/test", response=SenderMessageOut)
def send_test(request: ApiRequest, pk: int, body: TestIn) -> Any:
    """Send a test alert as the sender would, or end it."""
    event = intake.send_test(
        _sender(request, pk),
        is_over=body.is_over,
        by=request.auth.user,
        now=timezone.now(),
    )
    return SenderMessageOut(
        received_at=event.received_at,
        kind=event.kind,
        status=event.status,
        reason=event.reason,
        alert=event.alert_id,
    )


@router.get("/integrations/{pk}/messages", response=list[SenderMessageOut])
def list_messages(request: ApiRequest, pk: int) -> Any:
    """List the last messages of a sender, newest first."""
    return [
        SenderMessageOut(
            received_at=row.received_at,
            kind=row.kind,
            status=row.status,
            reason=row.reason,
            alert=row.alert_pk,
        )
        for row in list_ingest_events(_sender(request, pk).pk)
    ]


@router.post("/integrations/{pk}/rotate", response=KeyOut)
def rotate(request: ApiRequest, pk: int) -> Any:
    """Give it a new key, told in this answer only; the old one lives 24 hours."""
    found = _sender(request, pk)
    key = integrations.rotate_key(found, by=request.auth.user, now=timezone.now())
    return KeyOut(id=found.pk, key=key)


@router.post("/integrations/{pk}/revoke", response={204: None})
def revoke(request: ApiRequest, pk: int) -> Any:
    """End the key before the last rotation at once."""
    found = _sender(request, pk)
    integrations.revoke_old_key(found, by=request.auth.user, now=timezone.now())
    return Status(204, None)


@router.post("/integrations/{pk}/switch", response={204: None})
def switch(request: ApiRequest, pk: int, body: SwitchIn) -> Any:
    """Let its messages in, or turn them away."""
    integrations.switch_integration(
        _sender(request, pk),
        is_enabled=body.is_enabled,
        by=request.auth.user,
        now=timezone.now(),
    )
    return Status(204, None)


def _settings(body: IntegrationIn | SettingsIn) -> Settings:
    minutes = body.silence_minutes
    return Settings(
        name=body.name,
        severity_mapping=body.severity_mapping,
        field_mapping=body.field_mapping,
        secret=body.secret,
        silence_after=timedelta(minutes=minutes) if minutes else None,
    )


def _sender_out(row: Integration) -> SenderOut:
    silence = row.silence_after
    return SenderOut(
        id=row.pk,
        service=row.service.slug,
        kind=row.kind,
        name=row.name,
        is_enabled=row.is_enabled,
        severity_mapping=row.severity_mapping,
        field_mapping=row.field_mapping,
        has_secret=bool(row.secret),
        silence_minutes=int(silence.total_seconds() // 60) if silence else None,
        key_made_at=row.key_made_at,
        old_key_until=row.old_key_until,
    )


def _sender(request: ApiRequest, pk: int) -> Integration:
    found = get_integration(own_teams(request), pk)
    if found is None:
        raise Http404
    authorize(request.auth, _ACTION, found.service.team_id)
    return found
