"""Action items and their reminders."""

from datetime import date, timedelta

import pytest
from django.db import OperationalError

from incidents.models import ActionItem
from incidents.services import action_reminders, actions
from incidents.services.action_reminders import remind_of_actions
from incidents.services.actions import ActionDraft
from oncall.models import AuditEntry, Notification, NotificationRule, User
from opsportal.kit.errors import Conflict, PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import ActionItemFactory, IncidentFactory
from tests.factories.oncall import (
    ChannelFactory,
    ContactMethodFactory,
    ServiceFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
State = Notification.State


@pytest.fixture
def incident():
    return IncidentFactory(service=ServiceFactory(), status="closed", closed_at=NOW)


@pytest.fixture
def owner(incident):
    return UserFactory(team=incident.team)


@pytest.fixture
def item(incident, owner):
    due = NOW.date() - 2 * DAY
    return ActionItemFactory(
        incident=incident, owner=owner, due_on=due, next_reminder_at=NOW
    )


def settle_outbox(state):
    return Notification.objects.filter(state=State.PENDING).update(
        state=state, sent_at=NOW if state == State.SENT else None
    )


def test_adding_one_to_a_closed_incident_plans_its_first_reminder(incident, owner):
    assert (
        actions.add_action(
            incident.pk, ActionDraft(title="Later"), by=owner, now=NOW
        ).next_reminder_at
        is None
    )
    draft = ActionDraft(
        title=" Alert sooner ", owner=owner, due_on=NOW.date() + 10 * DAY
    )
    item = actions.add_action(incident.pk, draft, by=owner, now=NOW)
    assert item.title == "Alert sooner"
    assert item.next_reminder_at == NOW.replace(hour=8, minute=0) + 7 * DAY
    assert [entry.kind for entry in incident.timeline.all()] == ["action"] * 2
    assert AuditEntry.objects.filter(action="action.add").count() == 2


@pytest.mark.parametrize("field", ["title", "owner", "due_on"])
def test_one_that_does_not_fit_names_the_field(incident, owner, field):
    said = {"title": "Alert sooner", "owner": owner}
    said[field] = {"title": " ", "owner": UserFactory(), "due_on": date.min}[field]
    with pytest.raises(PortalError) as refused:
        actions.add_action(incident.pk, ActionDraft(**said), by=owner, now=NOW)
    assert refused.value.field == field


def test_a_date_taken_away_takes_the_reminders_too(item, owner):
    edited = actions.edit_action(
        item.pk, {"due_on": None}, expected_version=0, by=owner, now=NOW
    )
    assert (edited.next_reminder_at, edited.version) == (None, 1)
    same = actions.edit_action(
        item.pk, {"due_on": None}, expected_version=1, by=owner, now=NOW
    )
    assert same.version == 1
    with pytest.raises(Conflict) as conflict:
        actions.edit_action(
            item.pk, {"title": "Other"}, expected_version=0, by=owner, now=NOW
        )
    assert conflict.value.current == {"title": item.title, "version": 1}


def test_from_open_to_done_and_open_again(item, owner):
    with pytest.raises(Refused, match="in progress or refused"):
        actions.move_action(item.pk, "done", by=owner, now=NOW)
    actions.move_action(item.pk, "in_progress", by=owner, now=NOW)
    remind_of_actions(now=NOW + DAY)
    done = actions.move_action(item.pk, "done", by=owner, now=NOW + DAY)
    assert (done.completed_at, done.next_reminder_at) == (NOW + DAY, None)
    assert Notification.objects.get().state == State.CANCELLED
    again = actions.move_action(item.pk, "open", by=owner, now=NOW + 2 * DAY)
    assert again.completed_at is None
    refused = actions.move_action(
        item.pk, "wont_do", by=owner, now=NOW, reason="We drop it."
    )
    assert refused.reason == "We drop it."


def test_a_tracker_hears_of_each_version_once(item, owner):
    channel = ChannelFactory(team=item.incident.team, kind="webhook")
    for _ in range(2):
        actions.export_action(item.pk, channel, by=owner, now=NOW)
    row = Notification.objects.get()
    assert (row.channel, row.subject) == (channel, item.title)
    assert "Due: 2026-01-12 (2 days overdue)" in row.text
    assert row.url.endswith(f"/actions/{item.pk}/")
    mail = ChannelFactory(team=item.incident.team, kind="email")
    with pytest.raises(PortalError, match="webhook of the team"):
        actions.export_action(item.pk, mail, by=owner, now=NOW)


def test_an_overdue_one_is_reminded_of_once_a_day_until_it_is_done(item, owner):
    now, days = NOW, 5
    for _ in range(days * 8 - 1):
        remind_of_actions(now=now)
        settle_outbox(State.SENT)
        now += 3 * HOUR
    item.refresh_from_db()
    assert Notification.objects.filter(recipient=owner).count() == days
    assert item.reminders_sent == days
    actions.move_action(item.pk, "in_progress", by=owner, now=now)
    actions.move_action(item.pk, "done", by=owner, now=now)
    assert remind_of_actions(now=now + DAY) == 0


def test_a_reminder_that_failed_does_not_count(item):
    remind_of_actions(now=NOW)
    settle_outbox(State.FAILED)
    assert remind_of_actions(now=NOW + HOUR) == 1
    item.refresh_from_db()
    assert (item.reminders_sent, item.reminder_try) == (0, 2)
    # The second is on its way: it is left alone.
    remind_of_actions(now=NOW + 3 * HOUR)
    assert Notification.objects.count() == 2
    settle_outbox(State.SENT)
    remind_of_actions(now=NOW + 4 * HOUR)
    item.refresh_from_db()
    assert (item.reminders_sent, item.reminding_on) == (1, None)
    assert item.next_reminder_at == NOW.replace(hour=8, minute=0) + DAY


def test_after_a_week_the_lead_hears_of_it_too_but_once_a_day(item, owner):
    lead = UserFactory(team=item.incident.team, team__role="manager")
    ActionItemFactory(
        incident=item.incident, owner=lead, due_on=NOW, next_reminder_at=NOW
    )
    ActionItem.objects.update(due_on=NOW.date() - 7 * DAY)
    remind_of_actions(now=NOW)
    settle_outbox(State.FAILED)
    remind_of_actions(now=NOW + HOUR)
    told = Notification.objects.values_list("recipient", flat=True).order_by("pk")
    assert list(told) == [owner.pk, lead.pk, lead.pk, owner.pk, lead.pk]


def test_without_an_owner_the_leads_are_told(item):
    lead = UserFactory(team=item.incident.team, team__role="manager")
    ActionItem.objects.update(owner=None)
    remind_of_actions(now=NOW)
    assert Notification.objects.get().recipient == lead


def test_who_comes_second_reminds_nobody(item):
    """Two sweeps read the same row; one moved it first."""
    remind_of_actions(now=NOW)
    assert action_reminders._handle([item.pk], NOW) == 0
    assert Notification.objects.count() == 1


def test_an_item_that_fails_holds_up_no_other(item, owner, monkeypatch):
    ActionItemFactory.create_batch(
        2, incident=item.incident, owner=owner, due_on=NOW, next_reminder_at=NOW
    )
    compose = action_reminders._compose

    def fail_for_one(row, *more):
        if row.pk == item.pk:
            raise ValueError("It cannot be said.")
        return compose(row, *more)

    monkeypatch.setattr(action_reminders, "_compose", fail_for_one)
    assert remind_of_actions(now=NOW) == 2
    assert Notification.objects.count() == 2
    monkeypatch.setattr(action_reminders, "_compose", compose)
    assert remind_of_actions(now=NOW) == 1


def test_a_hundred_items_cost_what_ten_do(
    incident, owner, django_assert_max_num_queries
):
    ActionItemFactory.create_batch(
        10, incident=incident, owner=owner, due_on=NOW, next_reminder_at=NOW
    )
    with django_assert_max_num_queries(12):
        assert remind_of_actions(now=NOW) == 10
    with django_assert_max_num_queries(8):
        assert remind_of_actions(now=NOW + HOUR) == 10


def test_a_database_that_is_away_is_said_at_once(item, monkeypatch):
    def fail(*_args):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(action_reminders, "_handle", fail)
    with pytest.raises(OperationalError):
        remind_of_actions(now=NOW)


def test_a_person_is_told_by_their_own_rules_and_a_former_one_not(item, owner):
    mail, chat = (
        ContactMethodFactory(user=owner, kind=kind, verified_at=NOW)
        for kind in ("email", "slack")
    )
    rule = {"user": owner, "urgency": "low"}
    NotificationRule.objects.create(**rule, contact_method=chat, delay=HOUR)
    remind_of_actions(now=NOW)
    row = Notification.objects.get()
    assert (row.contact_method, row.next_try_at) == (chat, NOW + HOUR)
    assert mail.pk != chat.pk
    Notification.objects.all().delete()
    ActionItem.objects.update(next_reminder_at=NOW, reminding_on=None)
    User.objects.update(is_active=False)
    remind_of_actions(now=NOW)
    assert not Notification.objects.exists()
