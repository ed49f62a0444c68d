"""Every row is found in the admin; what has a history is only shown."""

import pytest
from django.contrib import admin
from django.test import Client

from incidents import models
from tests.factories.incidents import (
    ActionItemFactory,
    AlertEventFactory,
    AlertGroupFactory,
    AlertGroupingFactory,
    AlertMuteFactory,
    ComponentMarkFactory,
    EscalationEventFactory,
    EscalationFactory,
    IncidentFactory,
    IncidentRoleFactory,
    IncidentWordFactory,
    IngestEventFactory,
    MaintenanceWindowFactory,
    PolicyTurnFactory,
    PostmortemFormatFactory,
    PostmortemReviewerFactory,
    PostmortemRevisionFactory,
    RecurringWindowFactory,
    SilenceFactory,
    SloEventFactory,
    StormFactory,
    SubscriberFactory,
    TimelineEntryFactory,
    UpdateImpactFactory,
)
from tests.factories.oncall import AdminFactory

pytestmark = pytest.mark.django_db
EDITED = {
    models.SeverityLevel,
    models.Integration,
    models.MaintenanceWindow,
    models.PostmortemFormat,
}
admin.autodiscover()
MODELS = [
    model for model in admin.site._registry if model._meta.app_label == "incidents"
]


@pytest.fixture
def client():
    client = Client()
    client.force_login(AdminFactory())
    return client


def url_of(model, rest="") -> str:
    return f"/admin/incidents/{model._meta.model_name}/{rest}"


def test_no_model_is_missing():
    assert {model.__name__ for model in MODELS} == set(models.__all__)


@pytest.fixture(scope="module")
def one_of_each(kept_rows):
    """A row of every model."""
    incident = IncidentFactory()
    models.IncidentDay.objects.create(on="2026-01-14")
    TimelineEntryFactory(incident=incident)
    IncidentRoleFactory(incident=incident, user=AdminFactory())
    IncidentWordFactory(incident=incident)
    AlertEventFactory()
    IngestEventFactory()
    MaintenanceWindowFactory()
    EscalationFactory()
    ActionItemFactory(incident=incident)
    PostmortemFormatFactory()
    PostmortemRevisionFactory()
    PostmortemReviewerFactory(user=AdminFactory())
    EscalationEventFactory()
    PolicyTurnFactory()
    AlertMuteFactory()
    SilenceFactory()
    for make in (StormFactory, AlertGroupFactory, AlertGroupingFactory):
        make()
    RecurringWindowFactory()
    SubscriberFactory(page=ComponentMarkFactory().component.page)
    SloEventFactory()
    UpdateImpactFactory()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_rows_are_listed_found_and_shown(client, one_of_each, model):
    row = model.objects.first()
    assert client.get(url_of(model)).status_code == 200
    assert client.get(url_of(model, "?q=2026")).status_code == 200
    assert client.get(url_of(model, f"{row.pk}/change/")).status_code == 200
    adding = client.get(url_of(model, "add/")).status_code
    assert adding == (200 if model in EDITED else 403)
    removing = client.get(url_of(model, f"{row.pk}/delete/")).status_code
    assert removing == (200 if model in EDITED else 403)
