"""The rows of oncall."""

from oncall.models.audit import AuditEntry, AuditHead
from oncall.models.contact import Channel, ContactMethod, QuietHours, TransportKind
from oncall.models.notification import Notification, NotificationAttempt
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
from oncall.models.sweep import SweepRecord
from oncall.models.team import Holiday, HolidayCalendar, Membership, Role, Team
from oncall.models.token import ApiToken, Scope, Secret
from oncall.models.user import User

__all__ = [
    "ActiveWindow",
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "Channel",
    "ContactMethod",
    "EscalationContact",
    "EscalationPolicy",
    "EscalationPolicyVersion",
    "EscalationStep",
    "EscalationTarget",
    "Holiday",
    "HolidayCalendar",
    "Membership",
    "Notification",
    "NotificationAttempt",
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
    "SweepRecord",
    "Team",
    "TransportKind",
    "User",
]
