"""Messages get into the outbox once for each address, and contacts are proven."""

import re
from datetime import timedelta

import pytest

from oncall.models import Channel, ContactMethod, Notification
from oncall.services.channels import (
    ChannelForm,
    delete_channel,
    save_channel,
    send_test,
)
from oncall.services.contacts import (
    add_contact_method,
    remove_contact_method,
    send_code_again,
    verify_contact_method,
)
from oncall.services.notifications import cancel, enqueue, retry_notification
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.oncall import (
    ChannelFactory,
    ContactMethodFactory,
    EscalationTargetFactory,
    NotificationFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


def tell(team, **to):
    return enqueue(
        team_id=team.pk,
        topic="run:7",
        dedupe_key="run:7:due",
        subject="Due",
        text="Open it.",
        url="/runs/7/",
        now=NOW,
        **to,
    )


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def user(team):
    return UserFactory(team=team)


def test_a_page_goes_once_to_each_verified_method(team, user):
    methods = ContactMethodFactory.create_batch(2, user=user)
    ContactMethodFactory(user=user, verified_at=None)
    rows = tell(team, recipient=user, urgency="high")
    assert [row.contact_method for row in rows] == methods
    assert {row.next_try_at for row in rows} == {NOW}
    assert tell(team, recipient=user, urgency="high") == rows
    assert Notification.objects.count() == 2


def test_a_reminder_goes_to_the_first_calm_method(team, user):
    ContactMethodFactory(user=user, kind="sms", address="+48123456789")
    mail = ContactMethodFactory(user=user, position=1)
    assert [row.contact_method for row in tell(team, recipient=user)] == [mail]


def test_without_methods_the_account_s_email_is_used(team, user):
    (row,) = tell(team, recipient=user)
    assert (row.contact_method, row.dedupe_key) == (None, f"run:7:due:u{user.pk}")


def test_a_channel_and_a_person_may_share_a_key(team, user):
    rows = tell(team, recipient=user, channel=ChannelFactory(team=team))
    assert len(rows) == 2


def test_who_is_off_is_not_told(team):
    assert tell(team, recipient=UserFactory(is_active=False)) == []
    assert tell(team, channel=ChannelFactory(is_enabled=False)) == []


def test_what_waits_is_cancelled_by_topic():
    waiting, other = NotificationFactory(), NotificationFactory(topic="run:2")
    sent = NotificationFactory(state="sent", sent_at=NOW)
    assert cancel("run:1", reason="done", now=NOW) == 1
    states = [Notification.objects.get(pk=r.pk).state for r in (waiting, other, sent)]
    assert states == ["cancelled", "pending", "sent"]


def test_only_what_failed_is_sent_again(user):
    row = NotificationFactory(state="sent", sent_at=NOW)
    with pytest.raises(Refused):
        retry_notification(row, by=user, now=NOW)


def code_of(method):
    text = Notification.objects.filter(topic=f"contact:{method.pk}").first().text
    return re.match(r"\d{4} \d{4}", text).group()


def add(user, **changes):
    plain = {"kind": "email", "address": "Me@Example.org", "label": "Work"}
    return add_contact_method(user, now=NOW, **{**plain, **changes})


def test_a_method_counts_when_its_code_comes_back(user):
    method = add(user)
    row = Notification.objects.get()
    assert (row.contact_method, row.team, row.urgency) == (method, None, "high")
    assert method.address == "Me@example.org"

    verify_contact_method(method, code_of(method), now=NOW + MINUTE)

    method.refresh_from_db()
    assert method.verified_at == NOW + MINUTE
    with pytest.raises(Refused):
        send_code_again(method, now=NOW + 5 * MINUTE)


def test_guesses_are_counted(user):
    method = add(user)
    right = code_of(method)
    wrong = "0000 0000" if right != "0000 0000" else "1111 1111"
    for _ in range(5):
        with pytest.raises(PortalError) as caught:
            verify_contact_method(method, wrong, now=NOW)
        assert caught.value.field == "code"
    with pytest.raises(Refused, match="new one"):
        verify_contact_method(method, right, now=NOW)


def test_a_code_grows_old_and_a_new_one_replaces_it(user):
    method = add(user)
    old = code_of(method)
    method.refresh_from_db()
    with pytest.raises(Refused, match="minute"):
        send_code_again(method, now=NOW + timedelta(seconds=30))
    with pytest.raises(Refused):
        verify_contact_method(method, old, now=NOW + 15 * MINUTE)
    send_code_again(method, now=NOW + 16 * MINUTE)
    states = Notification.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "pending"]
    verify_contact_method(method, code_of(method), now=NOW + 17 * MINUTE)


def test_two_who_verify_at_once_are_one(user, monkeypatch):
    method = add(user)
    code = code_of(method)
    compare = "oncall.services.contacts.constant_time_compare"

    def overtaken(*args):
        ContactMethod.objects.update(verified_at=NOW)
        return True

    monkeypatch.setattr(compare, overtaken)
    verify_contact_method(method, code, now=NOW + MINUTE)
    method.refresh_from_db()
    assert method.verified_at == NOW


def test_methods_are_bounded_and_different(user):
    first = add(user)
    assert add(user, address="other@example.org").position == first.position + 1
    with pytest.raises(PortalError, match="already"):
        add(user)
    with pytest.raises(PortalError) as caught:
        add(user, address="nowhere")
    assert caught.value.field == "address"
    ContactMethodFactory.create_batch(8, user=user)
    with pytest.raises(Refused, match="Ten"):
        add(user, address="third@example.org")


def test_a_slack_app_is_for_channels(user, team):
    address = "xoxb-11-22-aBcDe C0123ABCD"
    with pytest.raises(Refused, match="team's channel"):
        add_contact_method(user, kind="slack_app", address=address, label="", now=NOW)
    form = ChannelForm(name="#ops", kind="slack_app", address=address)
    assert save_channel(team, form, by=user, now=NOW).address == address


def test_a_method_is_forgotten(user):
    method = add(user)
    remove_contact_method(method, by=user, now=NOW)
    assert not ContactMethod.objects.exists()


def test_a_channel_is_made_changed_tested_and_removed(team, user):
    form = ChannelForm(name="#ops", kind="email", address="ops@example.org")
    channel = save_channel(team, form, by=user, now=NOW)
    first = send_test(channel, by=user, now=NOW)
    assert send_test(channel, by=user, now=NOW) == first

    quiet = ChannelForm(name="#ops", kind="email", is_enabled=False)
    save_channel(team, quiet, channel=channel, by=user, now=NOW)
    channel.refresh_from_db()
    assert (channel.address, channel.is_enabled) == ("ops@example.org", False)
    with pytest.raises(Refused, match="off"):
        send_test(channel, by=user, now=NOW + MINUTE)

    delete_channel(channel, by=user, now=NOW)
    assert not Channel.objects.exists()


def test_a_channel_of_another_kind_needs_a_new_address(team, user):
    channel = ChannelFactory(team=team)
    form = ChannelForm(name="#ops", kind="slack")
    with pytest.raises(PortalError) as caught:
        save_channel(team, form, channel=channel, by=user, now=NOW)
    assert caught.value.field == "address"


def test_a_channel_s_name_is_taken_once(team, user):
    ChannelFactory(team=team, name="#ops")
    form = ChannelForm(name="#ops", kind="email", address="ops@example.org")
    with pytest.raises(PortalError) as caught:
        save_channel(team, form, by=user, now=NOW)
    assert caught.value.field == "name"


def test_a_channel_that_a_policy_tells_stays(user):
    channel = EscalationTargetFactory(channel=ChannelFactory()).channel
    with pytest.raises(Refused, match="policy"):
        delete_channel(channel, by=user, now=NOW)
