"""A person's own rules say how a page goes, and what happens when a way is blocked."""

from datetime import timedelta

import pytest

from oncall.models import Notification, NotificationRule
from oncall.services.delivery import deliver_notifications
from oncall.services.notifications import cancel, enqueue, retry_failed
from tests.conftest import NOW
from tests.factories.oncall import (
    AdminFactory,
    ChannelFactory,
    ContactMethodFactory,
    EscalationContactFactory,
    NotificationFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
MINUTE = timedelta(minutes=1)
LATER = {"Retry-After": "60"}


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def manager(team):
    manager = UserFactory(team=team, team__role="manager")
    ContactMethodFactory(user=manager)
    return manager


@pytest.fixture
def user(team):
    return UserFactory(team=team, name="Engineer A")


def add_rule(method, delay=timedelta(), urgency="high"):
    return NotificationRule.objects.create(
        user=method.user, contact_method=method, delay=delay, urgency=urgency
    )


def page(team, user, **changes):
    plain = {
        "team_id": team.pk,
        "topic": "alert:7",
        "dedupe_key": "alert:7:1:0",
        "recipient": user,
        "subject": "Queue is full",
        "text": "900",
        "urgency": "high",
        "now": NOW,
    }
    return enqueue(**{**plain, **changes})


def state_of(row):
    row.refresh_from_db()
    return row.state


def warnings():
    return Notification.objects.filter(topic__startswith="unreached").order_by("pk")


def test_each_rule_becomes_a_row_that_waits_for_its_delay(team, user):
    slack = ContactMethodFactory(user=user, kind="slack")
    sms = ContactMethodFactory(user=user, kind="sms")
    add_rule(slack)
    add_rule(sms, 5 * MINUTE)
    add_rule(slack, 10 * MINUTE)
    rows = page(team, user)
    assert [(row.contact_method, row.next_try_at - NOW) for row in rows] == [
        (slack, timedelta()),
        (sms, 5 * MINUTE),
        (slack, 10 * MINUTE),
    ]
    assert [row.dedupe_key for row in rows] == [
        f"alert:7:1:0:m{slack.pk}",
        f"alert:7:1:0:m{sms.pk}:300",
        f"alert:7:1:0:m{slack.pk}:600",
    ]
    assert page(team, user, now=NOW + MINUTE) == rows


def test_an_acknowledgement_stops_what_the_rules_would_send_later(team, user):
    first = ContactMethodFactory(user=user)
    add_rule(first)
    add_rule(first, 5 * MINUTE)
    other = UserFactory()
    page(team, user)
    page(team, other)
    news = page(team, other, urgency="low", dedupe_key="alert:7:news")
    assert cancel("alert:7", reason="it", now=NOW, recipient=user) == 2
    assert cancel("alert:7", reason="it", now=NOW, urgency="high") == 1
    assert state_of(news[0]) == "pending"


def test_when_a_way_fails_for_good_the_next_goes_at_once(
    team, user, manager, http_sink, mail_sink
):
    hook = ContactMethodFactory(user=user, kind="webhook", address=http_sink.url)
    mail = ContactMethodFactory(user=user)
    add_rule(hook)
    add_rule(mail, 5 * MINUTE)
    add_rule(mail, 30 * MINUTE)
    first, second, third = page(team, user)
    http_sink.answers = [(404, {})]

    deliver_notifications(now=NOW)
    second.refresh_from_db()
    assert state_of(first) == "failed"
    assert second.next_try_at < NOW + MINUTE
    deliver_notifications(now=NOW + MINUTE)

    assert state_of(second) == "sent"
    assert third.next_try_at == NOW + 30 * MINUTE
    assert len(mail_sink.mails) == 1
    assert not warnings().exists()


def test_when_a_way_fails_twice_the_next_goes_at_once(team, user, http_sink, mail_sink):
    mail = ContactMethodFactory(user=user)
    hook = ContactMethodFactory(user=user, kind="webhook", address=http_sink.url)
    add_rule(mail)
    add_rule(hook, 5 * MINUTE)
    first, second = page(team, user)
    mail_sink.refuse = "450 later"
    deliver_notifications(now=NOW)
    assert second.next_try_at == NOW + 5 * MINUTE
    deliver_notifications(now=NOW + MINUTE)
    deliver_notifications(now=NOW + MINUTE + timedelta(seconds=30))
    assert (state_of(first), state_of(second)) == ("pending", "sent")


@pytest.mark.parametrize(("answer", "failures"), [((503, {}), 2), ((429, LATER), 1)])
def test_a_webhook_is_not_waited_for_longer_than_half_a_minute(
    team, user, http_sink, mail_sink, answer, failures
):
    hook = ContactMethodFactory(user=user, kind="webhook", address=http_sink.url)
    add_rule(hook)
    add_rule(ContactMethodFactory(user=user), 5 * MINUTE)
    first, second = page(team, user)
    http_sink.answers = [answer] * 3
    for sweep in range(failures + 1):
        assert not mail_sink.mails
        deliver_notifications(now=NOW + sweep * timedelta(seconds=2))
    assert (state_of(first), state_of(second)) == ("pending", "sent")
    assert first.attempts >= failures


def test_when_no_way_is_left_the_managers_are_told_once(
    team, user, manager, http_sink, mail_sink
):
    for number in range(2):
        ContactMethodFactory(
            user=user, kind="webhook", address=f"{http_sink.url}/{number}"
        )
    rows = page(team, user)
    http_sink.answers = [(404, {}), (410, {})]
    deliver_notifications(now=NOW)

    assert {state_of(row) for row in rows} == {"failed"}
    (warning,) = warnings()
    assert (warning.recipient, warning.urgency) == (manager, "high")
    assert warning.subject == "Engineer A cannot be reached"
    assert "Queue is full" in warning.text
    deliver_notifications(now=NOW + MINUTE)
    assert state_of(warning) == "sent"


def test_a_way_that_may_still_work_is_waited_for(team, user, manager, http_sink):
    for path in ("a", "b"):
        ContactMethodFactory(
            user=user, kind="webhook", address=f"{http_sink.url}/{path}"
        )
    page(team, user)
    http_sink.answers = [(404, {}), (503, {})]
    deliver_notifications(now=NOW)
    assert not warnings().exists()


def test_who_verified_nothing_gets_mail_and_the_managers_hear_of_it(
    team, user, manager
):
    (row,) = page(team, user)
    page(team, user, dedupe_key="alert:8:1:0")
    assert row.dedupe_key.endswith(f":u{user.pk}")
    (warning,) = warnings()
    assert "no contact method is verified" in warning.text
    page(team, user, now=NOW + timedelta(days=1), dedupe_key="alert:9")
    assert warnings().count() == 2


def test_who_is_inactive_is_not_paged_and_somebody_hears_of_it(team, manager):
    assert page(team, UserFactory(is_active=False)) == []
    assert "inactive" in warnings().get().text


def test_without_a_manager_the_administrators_hear_of_it(team, user):
    admin = AdminFactory()
    page(team, user)
    assert warnings().get().recipient == admin


def test_about_reminders_private_messages_and_warnings_nobody_is_warned(
    team, user, manager
):
    page(team, user, urgency="low")
    page(team, user, team_id=None, dedupe_key="x")
    manager.contact_methods.all().delete()
    page(team, user, dedupe_key="y")
    assert warnings().count() == 1


def test_a_page_whose_mail_server_is_down_goes_another_way_at_once(
    team, user, http_sink, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    for _ in range(5):
        NotificationFactory()
    deliver_notifications(now=NOW)
    add_rule(ContactMethodFactory(user=user))
    hook = ContactMethodFactory(user=user, kind="webhook", address=http_sink.url)
    add_rule(hook, 5 * MINUTE)
    _, second = page(team, user, now=NOW + timedelta(seconds=5))
    deliver_notifications(now=NOW + timedelta(seconds=6))
    deliver_notifications(now=NOW + timedelta(seconds=7))
    assert state_of(second) == "sent"


def test_a_line_of_a_contact_table_gets_mail(team, mail_sink):
    contact = EscalationContactFactory(value="devops@example.org")
    (row,) = page(team, None, contact=contact)
    assert row.dedupe_key == f"alert:7:1:0:e{contact.pk}"
    deliver_notifications(now=NOW)
    assert mail_sink.mails[0].rcpt_tos == ["devops@example.org"]


def test_everything_that_failed_is_sent_again_by_one_act(team, user):
    NotificationFactory.create_batch(2, team=team, state="failed", next_try_at=None)
    other = NotificationFactory(state="failed", next_try_at=None)
    assert retry_failed([team.pk], by=user, now=NOW) == 2
    assert state_of(other) == "failed"


def test_managers_hear_once_an_hour_of_a_channel_that_takes_nothing(
    team, manager, http_sink
):
    channel = ChannelFactory(team=team, kind="webhook", address=http_sink.url)
    http_sink.answers = [(404, {})] * 3
    for minute in (0, 5, 61):
        at = NOW + minute * MINUTE
        page(team, None, channel=channel, dedupe_key=f"a:{minute}", now=at)
        deliver_notifications(now=at)
    told = warnings()
    assert {row.recipient for row in told} == {manager}
    assert told.count() == 2
    assert "Gave up after 1 try: The server answered 404." in told[0].text
