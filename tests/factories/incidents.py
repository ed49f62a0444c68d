"""Rows of incidents for tests. Times default to before tests.conftest.NOW."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from incidents import models
from incidents.domain.climb import freeze
from oncall.domain.ladder import State
from tests.factories.oncall import (
    EscalationPolicyFactory,
    EscalationPolicyVersionFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
)

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


class SeverityLevelFactory(DjangoModelFactory):
    class Meta:
        model = models.SeverityLevel
        # Incidents of one service share its words.
        django_get_or_create = ("service", "label")

    service = factory.SubFactory(ServiceFactory)
    label = factory.LazyAttribute(lambda word: f"P{word.level}")
    level = 2
    response = timedelta(minutes=15)


class IntegrationFactory(DjangoModelFactory):
    class Meta:
        model = models.Integration
        django_get_or_create = ("service", "kind", "name")

    service = factory.SubFactory(ServiceFactory)
    kind = models.Integration.Kind.CHECKS
    name = "Checks"


class IngestEventFactory(DjangoModelFactory):
    class Meta:
        model = models.IngestEvent

    integration = factory.SubFactory(
        IntegrationFactory, kind=models.Integration.Kind.WEBHOOK, name="Webhook"
    )
    received_at = NOW
    kind = "webhook"
    status = models.IngestEvent.Status.ACCEPTED
    body = b"{}"


class AlertSeriesFactory(DjangoModelFactory):
    class Meta:
        model = models.AlertSeries

    integration = factory.SubFactory(IntegrationFactory)
    dedup_key = factory.Sequence(lambda n: f"check:{n}")


class AlertFactory(DjangoModelFactory):
    """A firing alert. AlertFactory(series__integration__service=service)."""

    class Meta:
        model = models.Alert

    class Params:
        is_resolved = factory.Trait(
            status=models.Alert.Status.RESOLVED,
            resolved_at=NOW - timedelta(minutes=10),
            resolved_how="source",
        )

    series = factory.SubFactory(AlertSeriesFactory)
    service = factory.SelfAttribute("series.integration.service")
    level = 2
    peak_level = factory.SelfAttribute("level")
    severity_label = "High"
    summary = factory.Sequence(lambda n: f"Error rate of endpoint {n} above 0.1 %")
    metric = "error_rate"
    value = "2.3 %"
    threshold = "> 0.1 %"
    starts_at = NOW - HOUR
    last_seen_at = NOW - timedelta(minutes=5)


class AlertEventFactory(DjangoModelFactory):
    class Meta:
        model = models.AlertEvent

    alert = factory.SubFactory(AlertFactory)
    at = NOW - HOUR
    kind = "opened"


class IncidentFactory(DjangoModelFactory):
    """An incident of one service: IncidentFactory(service=service)."""

    class Meta:
        model = models.Incident
        exclude = ["service"]
        skip_postgeneration_save = True

    service = factory.SubFactory(ServiceFactory)
    ref = factory.Sequence(lambda n: f"INC-2026-01-14-{n + 1:03}")
    team = factory.SelfAttribute("service.team")
    title = factory.Sequence(lambda n: f"High error rate {n}")
    severity = factory.SubFactory(
        SeverityLevelFactory, service=factory.SelfAttribute("..service")
    )
    started_at = NOW - HOUR
    declared_at = NOW - timedelta(minutes=50)

    @factory.post_generation
    def services(self, create, extracted, **kwargs):
        self.services.set(extracted or [self.severity.service])


class IncidentRoleFactory(DjangoModelFactory):
    class Meta:
        model = models.IncidentRole

    incident = factory.SubFactory(IncidentFactory)
    name = models.IncidentRole.Name.COMMANDER


class IncidentWordFactory(DjangoModelFactory):
    class Meta:
        model = models.IncidentWord

    incident = factory.SubFactory(IncidentFactory)
    word = "error"


class TimelineEntryFactory(DjangoModelFactory):
    class Meta:
        model = models.TimelineEntry

    incident = factory.SubFactory(IncidentFactory)
    occurred_at = NOW - timedelta(minutes=40)
    recorded_at = NOW - timedelta(minutes=40)
    kind = "note"
    text = "Rolling back the deploy."


class MaintenanceWindowFactory(DjangoModelFactory):
    """Running now, for an hour more."""

    class Meta:
        model = models.MaintenanceWindow

    service = factory.SubFactory(ServiceFactory)
    starts_at = NOW - HOUR
    ends_at = NOW + HOUR
    reason = "Database upgrade"


class RecurringWindowFactory(DjangoModelFactory):
    """Every night from 02:00 to 04:00 in Berlin; tonight's is not made yet."""

    class Meta:
        model = models.RecurringWindow

    service = factory.SubFactory(ServiceFactory)
    reason = "Load test"
    frequency = "weekly"
    weekdays = factory.LazyFunction(lambda: list(range(7)))
    starts = time(2)
    length = 2 * HOUR
    time_zone = "Europe/Berlin"
    first_on = NOW.date()
    next_plan_at = NOW
    planned_until = NOW


class StormFactory(DjangoModelFactory):
    """A storm that began five minutes ago."""

    class Meta:
        model = models.Storm

    service = factory.SubFactory(ServiceFactory)
    began_at = NOW - timedelta(minutes=5)
    next_summary_at = NOW


class AlertGroupingFactory(DjangoModelFactory):
    class Meta:
        model = models.AlertGrouping

    service = factory.SubFactory(ServiceFactory)
    labels = factory.LazyFunction(lambda: ["alertname"])
    wait = timedelta(seconds=10)
    interval = timedelta(minutes=1)
    repeat = 4 * HOUR


class AlertGroupFactory(DjangoModelFactory):
    """A group that began five minutes ago and told at once."""

    class Meta:
        model = models.AlertGroup

    service = factory.SubFactory(ServiceFactory)
    key = factory.Sequence(lambda n: f"{n:032x}")
    shared = factory.LazyFunction(lambda: [["alertname", "Lag"]])
    interval = timedelta(minutes=1)
    repeat = 4 * HOUR
    opened_at = NOW - timedelta(minutes=5)
    tells_at = told_at = opened_at
    told_count = alert_count = 1
    told_level = 2


class SilenceFactory(DjangoModelFactory):
    """Active since an hour ago, for an hour more: SilenceFactory(team=team)."""

    class Meta:
        model = models.Silence

    team = factory.SubFactory(TeamFactory)
    matchers = factory.LazyFunction(
        lambda: [
            {"name": "host", "value": "db1", "isRegex": False, "isEqual": True},
        ]
    )
    starts_at = NOW - HOUR
    ends_at = NOW + HOUR
    comment = "Disk is replaced"
    author = "Engineer A"
    updated_at = NOW - HOUR
    applied_at = NOW - HOUR


class AlertMuteFactory(DjangoModelFactory):
    class Meta:
        model = models.AlertMute

    alert = factory.SubFactory(AlertFactory)
    kind = models.AlertMute.Kind.SILENCE
    ref = "silence:1"
    began_at = NOW


class EscalationFactory(DjangoModelFactory):
    """An alert that has begun to climb, due at NOW."""

    class Meta:
        model = models.Escalation

    alert = factory.SubFactory(AlertFactory)
    version = factory.SubFactory(EscalationPolicyVersionFactory)
    policy_name = "Ladder"
    opened_at = NOW
    next_step_at = NOW
    progress = factory.LazyAttribute(lambda row: freeze(State(begun_at=row.opened_at)))


class EscalationEventFactory(DjangoModelFactory):
    class Meta:
        model = models.EscalationEvent

    alert = factory.SubFactory(AlertFactory)
    at = NOW
    kind = "tell"


class PolicyTurnFactory(DjangoModelFactory):
    class Meta:
        model = models.PolicyTurn

    policy = factory.SubFactory(EscalationPolicyFactory)


class IncidentUpdateFactory(DjangoModelFactory):
    """An internal update: IncidentUpdateFactory(incident=incident)."""

    class Meta:
        model = models.IncidentUpdate

    incident = factory.SubFactory(IncidentFactory)
    audience = models.IncidentUpdate.Audience.INTERNAL
    status = models.IncidentUpdate.Status.INVESTIGATING
    title = "Errors while saving"
    service = "Architect API"
    severity = "P2"
    started_at = NOW - HOUR
    text = "We look into it."
    posted_at = NOW - timedelta(minutes=30)
    posted_by = factory.SubFactory(UserFactory)


class StatusPageFactory(DjangoModelFactory):
    """A published page, due at NOW."""

    class Meta:
        model = models.StatusPage

    team = factory.SubFactory(TeamFactory)
    slug = factory.Sequence(lambda n: f"page-{n}")
    title = "Architect status"
    is_published = True
    next_write_at = NOW


class ComponentFactory(DjangoModelFactory):
    """ComponentFactory(page=page) stands for a service of the page's team."""

    class Meta:
        model = models.Component

    page = factory.SubFactory(StatusPageFactory)
    service = factory.SubFactory(
        ServiceFactory, team=factory.SelfAttribute("..page.team")
    )
    # They are shown by name: the tenth comes after the ninth.
    name = factory.Sequence(lambda n: f"Dashboard {n:05}")
    added_at = NOW - timedelta(days=400)


class ComponentMarkFactory(DjangoModelFactory):
    class Meta:
        model = models.ComponentMark

    component = factory.SubFactory(ComponentFactory)
    state = models.Component.State.DEGRADED
    note = "Slow"
    set_at = NOW - HOUR


class UpdateImpactFactory(DjangoModelFactory):
    class Meta:
        model = models.UpdateImpact

    update = factory.SubFactory(IncidentUpdateFactory)
    component = factory.SubFactory(ComponentFactory)
    state = models.Component.State.PARTIAL


class ActionItemFactory(DjangoModelFactory):
    """Open, due in a week: ActionItemFactory(incident=incident, owner=user)."""

    class Meta:
        model = models.ActionItem

    incident = factory.SubFactory(IncidentFactory)
    title = factory.Sequence(lambda n: f"Alert on the pool before it is full {n}")
    created_at = NOW
    due_on = NOW.date() + timedelta(days=7)


class PostmortemFactory(DjangoModelFactory):
    """A draft: PostmortemFactory(incident=incident, owner=user)."""

    class Meta:
        model = models.Postmortem

    incident = factory.SubFactory(IncidentFactory)
    format = "common"
    created_at = NOW


class PostmortemSectionFactory(DjangoModelFactory):
    class Meta:
        model = models.PostmortemSection

    postmortem = factory.SubFactory(PostmortemFactory)
    key = "summary"
    text = "Requests failed."


class PostmortemRevisionFactory(DjangoModelFactory):
    class Meta:
        model = models.PostmortemRevision

    section = factory.SubFactory(PostmortemSectionFactory)
    version = 0
    written_at = NOW


class PostmortemReviewerFactory(DjangoModelFactory):
    class Meta:
        model = models.PostmortemReviewer

    postmortem = factory.SubFactory(PostmortemFactory)
    asked_at = NOW


class PostmortemFormatFactory(DjangoModelFactory):
    class Meta:
        model = models.PostmortemFormat

    service = factory.SubFactory(ServiceFactory)
    slug = "common"


class SloFactory(DjangoModelFactory):
    """99.95 % in 30 days, due at NOW: SloFactory(service=service)."""

    class Meta:
        model = models.Slo

    service = factory.SubFactory(ServiceFactory)
    name = factory.Sequence(lambda n: f"API availability {n}")
    target = Decimal("99.95")
    created_at = NOW - timedelta(days=60)
    next_look_at = NOW


class SloEventFactory(DjangoModelFactory):
    class Meta:
        model = models.SloEvent

    slo = factory.SubFactory(SloFactory)
    at = NOW
    kind = models.SloEvent.Kind.HALF
    text = "Half of the budget is gone."


class SubscriberFactory(DjangoModelFactory):
    """Somebody outside who hears of everything on a page."""

    class Meta:
        model = models.Subscriber

    page = factory.SubFactory(StatusPageFactory)
    address = factory.Sequence(lambda n: f"reader{n}@example.org")
    address_digest = factory.Sequence(lambda n: f"{n:064d}")
    asked_at = NOW
    confirmed_at = NOW
