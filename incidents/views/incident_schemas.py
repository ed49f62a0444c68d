"""What the API of incidents takes and answers."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Field, Schema

from incidents.models import Incident
from oncall.api.common import Moment

Kind = Literal["real", "drill", "test"]
Detection = Literal["alert", "staff", "customer", "other"]
Role = Literal["commander", "deputy", "scribe", "comms", "liaison", "reporter"]
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
LongText = Annotated[str, Field(max_length=20_000)]


class RoleOut(Schema):
    """Who does what."""

    role: str
    user: int
    name: str


class IncidentOut(Schema):
    """One incident; the lists are one point an entry."""

    ref: str
    title: str
    status: str
    severity: str
    level: int
    kind: str
    services: list[str]
    roles: list[RoleOut]
    started_at: datetime
    detected_at: datetime | None
    declared_at: datetime
    acknowledged_at: datetime | None
    identified_at: datetime | None
    mitigated_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    detection: str
    summary: str
    symptoms: list[str]
    root_cause: str
    resolution: list[str]
    prevention: list[str]
    impact: str
    affected: list[str]
    impact_users: int | None
    impact_requests: int | None
    customers_percent: float | None
    is_customer_impacting: bool
    is_external_impact: bool
    is_complete_outage: bool
    is_data_at_risk: bool
    is_executive: bool
    eta_at: datetime | None
    chat_channel: str
    war_room_url: str
    merged_into: str | None
    version: int


class EntryOut(Schema):
    """One entry of a timeline; ``corrects`` is the entry that it replaces."""

    id: int
    occurred_at: datetime
    recorded_at: datetime
    kind: str
    actor: str | None
    text: str
    corrects: int | None


class IncidentFound(IncidentOut):
    """One incident of a list; ``snippet`` is where the words stand, beside the title."""

    snippet: str


class IncidentWithTimeline(IncidentOut):
    """One incident with all that happened."""

    timeline: list[EntryOut]


class SimilarOut(Schema):
    """An incident of before that is alike, with what was done then."""

    ref: str
    title: str
    status: str
    declared_at: datetime
    root_cause: str
    resolution: str


class DeclareIn(Schema):
    """What it takes to declare; ``severity`` is a word of the first service."""

    title: str = Field(max_length=250)
    services: list[str] = Field(max_length=50)
    severity: str = Field(max_length=32)
    kind: Kind = "real"
    status: Literal["triage", "investigating"] = "investigating"
    summary: LongText = ""
    impact: LongText = ""
    started_at: Moment | None = None
    detected_at: Moment | None = None
    detection: Detection = "staff"
    is_complete_outage: bool = False
    alert: RowId | None = None


class CommandIn(Schema):
    """What one would say in the chat, such as "DECLARE P1 - API DOWN"."""

    text: str = Field(max_length=500)


class ChangeIn(Schema):
    """Details to write over those that ``version`` showed; what is left out stays."""

    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    title: str | None = Field(None, max_length=250)
    kind: Kind | None = None
    summary: LongText | None = None
    symptoms: LongText | None = None
    root_cause: LongText | None = None
    resolution: LongText | None = None
    prevention: LongText | None = None
    impact: LongText | None = None
    affected: LongText | None = None
    impact_users: int | None = Field(None, ge=0, le=2**31 - 1)
    impact_requests: int | None = Field(None, ge=0, le=2**63 - 1)
    customers_percent: Decimal | None = Field(
        None, ge=0, le=100, max_digits=5, decimal_places=2
    )
    is_customer_impacting: bool | None = None
    is_external_impact: bool | None = None
    is_complete_outage: bool | None = None
    is_data_at_risk: bool | None = None
    is_executive: bool | None = None
    eta_at: Moment | None = None
    detection: Detection | None = None
    chat_channel: str | None = Field(None, max_length=80)
    war_room_url: str | None = Field(None, max_length=200, pattern=r"^(https?://.*)?$")
    started_at: Moment | None = None
    detected_at: Moment | None = None
    acknowledged_at: Moment | None = None
    identified_at: Moment | None = None
    mitigated_at: Moment | None = None
    resolved_at: Moment | None = None


# Only these can be emptied; null for another leaves it as it is.
EMPTIED = {"impact_users", "impact_requests", "customers_percent", "eta_at"}


class StatusIn(Schema):
    """A move to another status, with a message for the timeline, perhaps of earlier."""

    status: Literal[
        "triage",
        "investigating",
        "identified",
        "monitoring",
        "resolved",
        "closed",
        "cancelled",
    ]
    message: LongText = ""
    occurred_at: Moment | None = None


class SeverityIn(Schema):
    """Another severity, in the words of the incident's own service."""

    severity: str = Field(max_length=32)
    message: LongText = ""


class RoleIn(Schema):
    """Who has a role from now on; null for nobody."""

    user: RowId | None


class NoteIn(Schema):
    """A note for the timeline, perhaps of earlier."""

    text: LongText
    occurred_at: Moment | None = None


class NewNoteIn(NoteIn):
    """A note; a decision, such as the approval of a rollback, is told apart."""

    is_decision: bool = False


class LinkAlertIn(Schema):
    """An alert of the same team."""

    alert: RowId


class LinkChangeIn(Schema):
    """A change that a sender of the team told of, by its number."""

    change: RowId


class MergeIn(Schema):
    """The incident that goes on."""

    into: str = Field(max_length=24)
    reason: LongText = ""


class CallIn(Schema):
    """What everybody on call is told."""

    text: str = Field("", max_length=500)


class CalledOut(Schema):
    """Who was paged."""

    paged: list[str]


_PLAIN = [
    name
    for name in IncidentOut.model_fields
    if name
    not in {"severity", "level", "services", "roles", "merged_into"}
    | {"symptoms", "resolution", "prevention", "affected", "customers_percent"}
]


def incident_out(row: Incident) -> IncidentOut:
    """Return the incident as it is answered."""
    percent = row.customers_percent
    return IncidentOut(
        **{name: getattr(row, name) for name in _PLAIN},
        severity=row.severity.label,
        level=row.severity.level,
        services=[service.slug for service in row.services.all()],
        roles=[
            RoleOut(role=each.name, user=each.user_id, name=each.user.display_name)
            for each in row.roles.all()
        ],
        symptoms=row.symptoms.splitlines(),
        resolution=row.resolution.splitlines(),
        prevention=row.prevention.splitlines(),
        affected=row.affected.splitlines(),
        customers_percent=None if percent is None else float(percent),
        merged_into=row.merged_into.ref if row.merged_into else None,
    )
