"""The rows of incidents."""

from incidents.models.action import ActionItem
from incidents.models.alert import Alert, AlertEvent, AlertSeries
from incidents.models.escalation import Escalation, EscalationEvent, PolicyTurn
from incidents.models.group import AlertGroup, AlertGrouping
from incidents.models.incident import (
    Incident,
    IncidentDay,
    IncidentRole,
    IncidentWord,
    TimelineEntry,
)
from incidents.models.integration import IngestEvent, Integration
from incidents.models.maintenance import MaintenanceWindow, RecurringWindow
from incidents.models.muting import AlertMute, Silence
from incidents.models.postmortem import (
    Postmortem,
    PostmortemFormat,
    PostmortemReviewer,
    PostmortemRevision,
    PostmortemSection,
)
from incidents.models.severity import SeverityLevel
from incidents.models.slo import Slo, SloEvent
from incidents.models.status_page import Component, ComponentMark, StatusPage
from incidents.models.storm import Storm
from incidents.models.subscriber import Subscriber
from incidents.models.update import IncidentUpdate, UpdateImpact

__all__ = [
    "ActionItem",
    "Alert",
    "AlertEvent",
    "AlertGroup",
    "AlertGrouping",
    "AlertMute",
    "AlertSeries",
    "Component",
    "ComponentMark",
    "Escalation",
    "EscalationEvent",
    "Incident",
    "IncidentDay",
    "IncidentRole",
    "IncidentUpdate",
    "IncidentWord",
    "IngestEvent",
    "Integration",
    "MaintenanceWindow",
    "PolicyTurn",
    "Postmortem",
    "PostmortemFormat",
    "PostmortemReviewer",
    "PostmortemRevision",
    "PostmortemSection",
    "RecurringWindow",
    "SeverityLevel",
    "Silence",
    "Slo",
    "SloEvent",
    "StatusPage",
    "Storm",
    "Subscriber",
    "TimelineEntry",
    "UpdateImpact",
]
