"""The admin shows a row of every model of oncall, and none of its secrets."""

import pytest
from django.apps import apps
from django.contrib import admin

from oncall.models import (
    ActiveWindow,
    ApiToken,
    AuditEntry,
    Endpoint,
    Handoff,
    Notification,
    NotificationRule,
    Override,
    QuietHours,
    ShiftRecord,
    StipendRates,
    SweepRecord,
)
from oncall.services.audit import record_change
from tests.conftest import NOW
from tests.factories.oncall import (
    AbsenceFactory,
    AbsenceFeedFactory,
    AdminFactory,
    ApiTokenFactory,
    CalendarFeedFactory,
    ChannelFactory,
    ContactMethodFactory,
    EscalationContactFactory,
    EscalationTargetFactory,
    HolidayFactory,
    NotificationFactory,
    OverrideFactory,
    SecretFactory,
    SwapLegFactory,
    make_weekly_schedule,
)
from tests.oncall.admin.conftest import text, url

pytestmark = pytest.mark.django_db
# Edited with the calendar, and with the rung, that they belong to.
INSIDE = {"Holiday", "EscalationTarget", "SwapLeg"}
MODELS = [
    model
    for model in apps.get_app_config("oncall").get_models()
    if model.__name__ not in INSIDE
]


@pytest.fixture(scope="module")
def one_of_each(kept_rows):
    """A row of every model, with secrets that no page may show."""
    schedule, user = make_weekly_schedule(people=3), AdminFactory()
    version = schedule.rotations.get().versions.get()
    ActiveWindow.objects.create(
        version=version, weekday=0, start_minute=0, end_minute=9
    )
    HolidayFactory(on=NOW.date())
    OverrideFactory(schedule=schedule)
    method = ContactMethodFactory(
        kind="slack", address="https://hooks.slack.com/x/hush"
    )
    NotificationRule.objects.create(user=method.user, contact_method=method)
    Endpoint.objects.create(
        digest="hush", kind="slack", label="hooks.slack.com", used_at=NOW
    )
    ChannelFactory(kind="slack", address="https://hooks.slack.com/x/hush")
    SecretFactory(value="hush")
    ApiTokenFactory(digest="hush")
    EscalationTargetFactory()
    EscalationContactFactory()
    Handoff.objects.create(
        schedule=schedule, rotation=schedule.rotations.get(), at=NOW, created_at=NOW
    )
    SwapLegFactory()
    AbsenceFactory(feed=AbsenceFeedFactory())
    CalendarFeedFactory(digest="hush")
    QuietHours.objects.create(user=user, starts="22:00", ends="07:00")
    ShiftRecord.objects.create(
        schedule=schedule, role="primary", user=user, starts_at=NOW, cause="x"
    )
    StipendRates.objects.create(team=schedule.team)
    SweepRecord.objects.create(name="deliver_notifications")
    row = NotificationFactory(text="12345678 hush")
    row.tries.create(number=1, started_at=NOW)
    record_change("team.edit", schedule.team, by=user, now=NOW)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_is_listed_found_and_opened(client, one_of_each, model):
    listed = client.get(url(model, "changelist"), {"q": "e"})
    assert listed.status_code == 200
    options = admin.site._registry[model]
    assert options.search_fields
    rows = model.objects.all()
    opened = client.get(url(model, "change", rows[0].pk))
    assert opened.status_code == 200
    for page in (listed, opened, client.get(url(model, "changelist"))):
        assert "hush" not in text(page)


@pytest.mark.parametrize(
    "model",
    [AuditEntry, ShiftRecord, Override, Notification, SweepRecord, ApiToken],
    ids=lambda model: model.__name__,
)
def test_what_is_appended_is_only_shown(client, one_of_each, model):
    row = model.objects.all()[0]
    assert client.get(url(model, "add")).status_code == 403
    assert client.post(url(model, "change", row.pk), {}).status_code == 403
    assert client.post(url(model, "delete", row.pk), {}).status_code == 403
