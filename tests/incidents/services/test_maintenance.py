"""Planned work: create, end early, cancel."""

from datetime import timedelta

import pytest

from incidents.models import MaintenanceWindow
from incidents.queries import in_maintenance
from incidents.services import maintenance
from oncall.models import AuditEntry
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import MaintenanceWindowFactory
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR = timedelta(hours=1)


@pytest.fixture
def manager():
    return UserFactory()


def test_a_window_holds_from_its_start_to_before_its_end(manager):
    service = ServiceFactory()
    window = maintenance.create_window(
        service,
        starts_at=NOW,
        ends_at=NOW + HOUR,
        reason=" Upgrade ",
        by=manager,
        now=NOW,
    )
    assert (window.reason, window.created_by) == ("Upgrade", manager)
    moments = [NOW - HOUR, NOW, NOW + HOUR]
    held = [bool(in_maintenance([service.pk], at)) for at in moments]
    assert held == [False, True, False]
    assert AuditEntry.objects.get().after["reason"] == "Upgrade"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": NOW}, "ends_at"),
        ({"starts_at": NOW - 2 * HOUR, "ends_at": NOW - HOUR}, "ends_at"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(manager, changes, field):
    fields = {"starts_at": NOW, "ends_at": NOW + HOUR, "reason": "Upgrade"}
    with pytest.raises(PortalError) as refused:
        maintenance.create_window(
            ServiceFactory(), **fields | changes, by=manager, now=NOW
        )
    assert refused.value.field == field


def test_only_a_running_window_ends_early(manager):
    window = MaintenanceWindowFactory()
    maintenance.end_window_early(window, by=manager, now=NOW)
    window.refresh_from_db()
    assert window.ends_at == NOW
    with pytest.raises(Refused, match="running"):
        maintenance.end_window_early(window, by=manager, now=NOW)


def test_only_a_coming_window_is_cancelled(manager):
    running = MaintenanceWindowFactory()
    with pytest.raises(Refused, match="not begun"):
        maintenance.cancel_window(running, by=manager, now=NOW)
    coming = MaintenanceWindowFactory(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    maintenance.cancel_window(coming, by=manager, now=NOW)
    assert list(MaintenanceWindow.objects.all()) == [running]
