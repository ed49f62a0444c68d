"""The rows of incidents."""

from incidents.models.alert import Alert, AlertEvent, AlertSeries
from incidents.models.escalation import Escalation, EscalationEvent, PolicyTurn
from incidents.models.incident import (
    Incident,
    IncidentDay,
    IncidentRole,
    IncidentWord,
    TimelineEntry,
)
from incidents.models.integration import IngestEvent, Integration
from incidents.models.maintenance import MaintenanceWindow
from incidents.models.muting import AlertMute, Silence
from incidents.models.severity import SeverityLevel

__all__ = [
    "Alert",
    "AlertEvent",
    "AlertMute",
    "AlertSeries",
    "Escalation",
    "EscalationEvent",
    "Incident",
    "IncidentDay",
    "IncidentRole",
    "IncidentWord",
    "IngestEvent",
    "Integration",
    "MaintenanceWindow",
    "PolicyTurn",
    "SeverityLevel",
    "Silence",
    "TimelineEntry",
]
