"""What a person keeps about being reached: methods, their order, rules."""

from datetime import timedelta

import pytest

from oncall.models import ContactMethod, Notification, NotificationRule
from oncall.services.channels import ChannelForm, save_channel
from oncall.services.contacts import (
    add_contact_method,
    move_contact_method,
    send_test,
)
from oncall.services.notification_rules import add_rule, remove_rule
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.oncall import (
    AdminFactory,
    ContactMethodFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def user():
    return UserFactory()


def add(user, kind, address):
    return add_contact_method(user, kind=kind, address=address, label="", now=NOW)


def test_a_phone_needs_a_gateway(user, settings):
    with pytest.raises(Refused, match="No SMS gateway") as caught:
        add(user, "sms", "+48 12 345 67 89")
    assert caught.value.field == "kind"
    settings.SMS_URL = "https://sms.example.org/"
    assert add(user, "sms", "+48 12 345 67 89").address == "+48123456789"


def test_apprise_is_for_administrators_and_allowed_schemes(user, settings):
    with pytest.raises(Refused, match="administrators"):
        add(user, "apprise", "ntfys://topic")
    admin = AdminFactory()
    with pytest.raises(PortalError, match="none yet"):
        add(admin, "apprise", "ntfys://topic")
    settings.APPRISE_SCHEMES = ["NTFYS"]
    assert add(admin, "apprise", "ntfys://topic").kind == "apprise"
    with pytest.raises(Refused):
        save_channel(
            TeamFactory(),
            ChannelForm(name="#x", kind="apprise", address="ntfys://topic"),
            by=user,
            now=NOW,
        )


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("pagerduty", "0123456789abcdef0123456789abcdef"),
        ("teams", "https://x.webhook.office.com/y"),
    ],
)
def test_every_kind_gets_a_code(user, kind, address):
    method = add(user, kind, address)
    assert Notification.objects.get().contact_method == method


def test_methods_change_places(user):
    first, second, third = ContactMethodFactory.create_batch(3, user=user)
    move_contact_method(third, up=True, now=NOW)
    move_contact_method(first, up=True, now=NOW)
    assert list(ContactMethod.objects.filter(user=user)) == [first, third, second]
    move_contact_method(first, up=False, now=NOW)
    assert list(ContactMethod.objects.filter(user=user)) == [third, first, second]


def test_a_verified_method_is_tried_once_a_minute(user):
    method = ContactMethodFactory(user=user)
    row = send_test(method, now=NOW)
    assert send_test(method, now=NOW) == row
    assert (row.contact_method, row.team) == (method, None)
    with pytest.raises(Refused, match="code"):
        send_test(ContactMethodFactory(verified_at=None), now=NOW)


def test_a_rule_is_added_once_and_removed(user):
    method = ContactMethodFactory(user=user)
    wanted = {"urgency": "high", "method": method, "delay": 5 * MINUTE, "now": NOW}
    rule = add_rule(user, **wanted)
    with pytest.raises(PortalError, match="already"):
        add_rule(user, **wanted)
    remove_rule(rule, by=user, now=NOW)
    assert not NotificationRule.objects.exists()


@pytest.mark.parametrize("delay", [-MINUTE, timedelta(hours=24, seconds=1)])
def test_a_delay_has_its_limits(user, delay):
    method = ContactMethodFactory(user=user)
    with pytest.raises(PortalError) as caught:
        add_rule(user, urgency="low", method=method, delay=delay, now=NOW)
    assert caught.value.field == "delay"


def test_rules_are_about_verified_methods_and_are_bounded(user):
    unverified = ContactMethodFactory(user=user, verified_at=None)
    with pytest.raises(PortalError, match="Verify"):
        add_rule(user, urgency="high", method=unverified, delay=MINUTE, now=NOW)
    method = ContactMethodFactory(user=user)
    for number in range(20):
        add_rule(user, urgency="high", method=method, delay=number * MINUTE, now=NOW)
    with pytest.raises(Refused, match="Twenty"):
        add_rule(user, urgency="high", method=method, delay=99 * MINUTE, now=NOW)
