"""The rows of oncall."""

from oncall.models.absence import Absence, AbsenceFeed
from oncall.models.audit import AuditEntry, AuditHead
from oncall.models.contact import (
    Channel,
    ContactMethod,
    NotificationRule,
    QuietHours,
    TransportKind,
)
from oncall.models.feed import CalendarFeed
from oncall.models.handoff import Handoff
from oncall.models.notification import Endpoint, Notification, NotificationAttempt
from oncall.models.policy import (
    EscalationPolicy,
    EscalationPolicyVersion,
    EscalationStep,
    EscalationTarget,
)
from oncall.models.schedule import (
    ActiveWindow,
    Override,
    Rotation,
    RotationMember,
    RotationVersion,
    Schedule,
    ShiftRecord,
)
from oncall.models.service import EscalationContact, Service
from oncall.models.stipend import StipendRates
from oncall.models.swap import SwapLeg, SwapRequest
from oncall.models.sweep import SweepRecord
from oncall.models.team import Holiday, HolidayCalendar, Membership, Role, Team
from oncall.models.token import ApiToken, Scope, Secret
from oncall.models.user import User

__all__ = [
    "Absence",
    "AbsenceFeed",
    "ActiveWindow",
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "CalendarFeed",
    "Channel",
    "ContactMethod",
    "Endpoint",
    "EscalationContact",
    "EscalationPolicy",
    "EscalationPolicyVersion",
    "EscalationStep",
    "EscalationTarget",
    "Handoff",
    "Holiday",
    "HolidayCalendar",
    "Membership",
    "Notification",
    "NotificationAttempt",
    "NotificationRule",
    "Override",
    "QuietHours",
    "Role",
    "Rotation",
    "RotationMember",
    "RotationVersion",
    "Schedule",
    "Scope",
    "Secret",
    "Service",
    "ShiftRecord",
    "StipendRates",
    "SwapLeg",
    "SwapRequest",
    "SweepRecord",
    "Team",
    "TransportKind",
    "User",
]
