"""What the admin may change of incidents leaves a trace."""

import pytest
from django.test import Client

from incidents import models
from oncall.models import AuditEntry
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.oncall import AdminFactory, ServiceFactory
from tests.incidents.test_admin import url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    client = Client()
    client.force_login(AdminFactory())
    return client


def test_configuration_is_changed_with_a_trace(client):
    service = ServiceFactory()
    fields = {"service": service.pk, "label": "P1", "level": 1, "description": ""}
    client.post(url_of(models.SeverityLevel, "add/"), fields)
    word = models.SeverityLevel.objects.get()
    change = url_of(models.SeverityLevel, f"{word.pk}/change/")
    client.post(change, fields | {"level": 2})
    client.post(url_of(models.SeverityLevel, f"{word.pk}/delete/"), {"post": "yes"})
    other = SeverityLevelFactory(service=service)
    client.post(
        url_of(models.SeverityLevel),
        {"action": "delete_selected", "_selected_action": other.pk, "post": "yes"},
    )
    assert not models.SeverityLevel.objects.exists()
    entries = AuditEntry.objects.order_by("pk").values_list("action", "after")
    assert [action for action, _ in entries] == [
        "severitylevel.create",
        "severitylevel.change",
        "severitylevel.delete",
        "severitylevel.delete",
    ]
    assert entries[1][1] == {"level": "2"}
