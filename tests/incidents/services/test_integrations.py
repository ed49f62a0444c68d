"""Senders are made, given keys, switched on and off."""

from datetime import timedelta

import pytest

from incidents.models import Integration
from incidents.queries.integrations import find_by_key
from incidents.services import integrations
from incidents.services.integrations import Settings
from oncall.models import AuditEntry
from opsportal.kit.errors import PortalError
from opsportal.kit.tokens import hash_token
from tests.conftest import NOW
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR = timedelta(hours=1)


@pytest.fixture
def service():
    return ServiceFactory()


@pytest.fixture
def manager(service):
    return UserFactory(team=service.team, team__role="manager")


def create(service, manager, kind="webhook", **settings):
    said = Settings(**{"name": "Sender"} | settings)
    return integrations.create_integration(service, kind, said, by=manager, now=NOW)


def find(key, now=NOW):
    return find_by_key(hash_token(key), ["webhook"], now)


def test_a_key_is_shown_once_and_kept_as_a_hash(service, manager):
    integration, key = create(service, manager)
    assert len(key) == 32
    assert key.isalnum()
    assert find(key) == integration
    assert key not in str(Integration.objects.values().get())
    assert find("k" * 32) is None


def test_an_old_key_lives_24_hours_more_unless_revoked(service, manager):
    integration, old = create(service, manager)
    new = integrations.rotate_key(integration, by=manager, now=NOW)
    assert find(new) == find(old, NOW + 23 * HOUR) == integration
    assert find(old, NOW + 24 * HOUR) is None
    integrations.revoke_old_key(integration, by=manager, now=NOW)
    assert find(old) is None
    assert find(new) == integration


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"kind": "checks"}, "kind"),
        ({"kind": "odd"}, "kind"),
        ({"name": " "}, "name"),
        ({"field_mapping": {"odd": "x"}}, "field_mapping"),
        ({"severity_mapping": {"critical": "P9"}}, "severity_mapping"),
        ({"silence_after": timedelta(0)}, "silence_after"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(service, manager, settings, field):
    with pytest.raises(PortalError) as caught:
        create(service, manager, **settings)
    assert caught.value.field == field


def test_a_name_is_taken_once(service, manager):
    create(service, manager)
    with pytest.raises(PortalError, match="of this name"):
        create(service, manager)


def test_settings_change_and_keep_the_secret(service, manager):
    SeverityLevelFactory(service=service, label="P0", level=1)
    integration, key = create(service, manager, secret="s")
    said = Settings(name="Better", severity_mapping={"page": "P0"}, silence_after=HOUR)
    integrations.edit_integration(integration, said, by=manager, now=NOW)
    kept = find(key)
    assert (kept.name, kept.secret, kept.silent_at) == ("Better", "s", NOW + HOUR)
    assert kept.severity_mapping == {"page": "P0"}


def test_a_sender_is_switched_off_and_on(service, manager):
    integration, _ = create(service, manager, silence_after=HOUR)
    for is_enabled, silent_at in ((False, None), (True, NOW + HOUR)):
        integrations.switch_integration(
            integration, is_enabled=is_enabled, by=manager, now=NOW
        )
        stored = Integration.objects.get()
        assert (stored.is_enabled, stored.silent_at) == (is_enabled, silent_at)
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        *("integration.create", "integration.disable", "integration.enable")
    ]
