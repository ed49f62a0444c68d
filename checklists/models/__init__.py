"""The rows of checklists."""

from checklists.models.check import (
    Check,
    CheckDay,
    CheckFlip,
    CheckResult,
    DataSource,
    Heartbeat,
    HeartbeatPing,
)
from checklists.models.checklist import (
    Cadence,
    Checklist,
    ChecklistItem,
    ChecklistVersion,
)
from checklists.models.draft import ChecklistDraft
from checklists.models.library import LibraryCheck, ServiceMapping
from checklists.models.review import WeeklyReview
from checklists.models.run import (
    Attachment,
    Run,
    RunEvent,
    RunItem,
    RunWebhook,
)

__all__ = [
    "Attachment",
    "Cadence",
    "Check",
    "CheckDay",
    "CheckFlip",
    "CheckResult",
    "Checklist",
    "ChecklistDraft",
    "ChecklistItem",
    "ChecklistVersion",
    "DataSource",
    "Heartbeat",
    "HeartbeatPing",
    "LibraryCheck",
    "Run",
    "RunEvent",
    "RunItem",
    "RunWebhook",
    "ServiceMapping",
    "WeeklyReview",
]
