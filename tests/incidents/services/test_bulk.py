"""Many alerts at once: those that can, do."""

import pytest

from incidents.models import Alert
from incidents.services.bulk import acknowledge_alerts, resolve_alerts
from tests.conftest import NOW
from tests.factories.incidents import AlertFactory
from tests.factories.oncall import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_those_that_can_are_taken_and_then_ended():
    fires, held = AlertFactory(), AlertFactory(status="acknowledged")
    over = AlertFactory(is_resolved=True)
    pks = [over.pk, held.pk, fires.pk]
    person = UserFactory()
    assert acknowledge_alerts(pks, by=person, now=NOW) == 1
    assert resolve_alerts(pks, by=person, now=NOW) == 2
    assert set(Alert.objects.values_list("status", flat=True)) == {"resolved"}
