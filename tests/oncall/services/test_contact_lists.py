"""Contact tables are kept by managers, and each line can be tried."""

from datetime import timedelta

import pytest

from oncall.models import AuditEntry, EscalationContact, Notification
from oncall.services.contact_lists import (
    ContactLine,
    move_contact,
    remove_contact,
    save_contact,
    send_test,
)
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.oncall import (
    ContactMethodFactory,
    EscalationContactFactory,
    ScheduleFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MAIL = ContactLine(title="DevOps team", kind="email", value=" Ops@Example.ORG ")


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def manager(team):
    return UserFactory(team=team, team__role="manager")


def titles(owner):
    return [row.title for row in owner.contacts.order_by("position")]


def test_a_line_is_added_changed_and_removed(team, manager):
    service = ServiceFactory(team=team)
    row = save_contact(service, MAIL, by=manager, now=NOW)
    assert (row.value, row.position, row.team) == ("Ops@example.org", 0, None)
    changed = ContactLine(title="Dev team", kind="chat", value="#dev", note="days")
    save_contact(service, changed, contact=row, by=manager, now=NOW)
    row.refresh_from_db()
    assert (row.title, row.kind, row.note) == ("Dev team", "chat", "days")
    remove_contact(row, by=manager, now=NOW)
    assert titles(service) == []
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert [action.partition(".")[2] for action in actions] == ["add", "edit", "remove"]


def test_lines_of_a_team_change_places(team, manager):
    rows = [
        save_contact(
            team,
            ContactLine(title=title, kind="chat", value="#x"),
            by=manager,
            now=NOW,
        )
        for title in "abc"
    ]
    move_contact(rows[2], up=True, by=manager, now=NOW)
    assert titles(team) == ["a", "c", "b"]
    move_contact(rows[0], up=True, by=manager, now=NOW)
    move_contact(rows[1], up=False, by=manager, now=NOW)
    assert titles(team) == ["a", "c", "b"]
    move_contact(rows[0], up=False, by=manager, now=NOW)
    assert titles(team) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("email", "nowhere"), ("phone", "[Phone]"), ("url", "javascript:alert(1)")],
)
def test_a_value_that_cannot_work_is_refused_unless_it_is_a_placeholder(
    team, manager, kind, value
):
    line = ContactLine(title="x", kind=kind, value=value)
    with pytest.raises(PortalError) as caught:
        save_contact(team, line, by=manager, now=NOW)
    assert caught.value.field == "value"
    later = ContactLine(title="x", kind=kind, value=value, is_placeholder=True)
    assert save_contact(team, later, by=manager, now=NOW).value == value


def test_a_line_names_people_and_schedules_of_its_team_only(team, manager):
    theirs = ScheduleFactory()
    for field, pk in (("user_id", UserFactory().pk), ("schedule_id", theirs.pk)):
        line = ContactLine(title="x", kind="pager", value="x", **{field: pk})
        with pytest.raises(PortalError) as caught:
            save_contact(team, line, by=manager, now=NOW)
        assert caught.value.field == field
    own = ScheduleFactory(team=team)
    line = ContactLine("x", "pager", "x", user_id=manager.pk, schedule_id=own.pk)
    assert save_contact(team, line, by=manager, now=NOW).schedule == own


def test_a_table_has_an_end(team, manager):
    EscalationContactFactory.create_batch(50, service=None, team=team)
    with pytest.raises(Refused, match="Fifty"):
        save_contact(team, MAIL, by=manager, now=NOW)


def test_a_test_goes_the_way_that_the_line_would(team, manager):
    service = ServiceFactory(team=team)
    mail = EscalationContactFactory(service=service)
    (row,) = send_test(mail, by=manager, now=NOW)
    assert (row.contact, row.recipient, row.team) == (mail, None, team)
    assert send_test(mail, by=manager, now=NOW) == [row]

    person = UserFactory(team=team)
    method = ContactMethodFactory(user=person)
    line = EscalationContactFactory(service=service, kind="phone", user=person)
    (row,) = send_test(line, by=manager, now=NOW)
    assert (row.recipient, row.contact_method) == (person, method)


def test_a_test_of_a_schedule_goes_to_who_is_on_call(team, manager):
    schedule = make_weekly_schedule(team=team)
    line = EscalationContactFactory(
        service=None, team=team, kind="pager", schedule=schedule, is_placeholder=True
    )
    rows = send_test(line, by=manager, now=NOW)
    assert len({row.recipient_id for row in rows}) == 2
    line.schedule = ScheduleFactory(team=team)
    with pytest.raises(Refused, match="Nobody is on call"):
        send_test(line, by=manager, now=NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("kind", "is_placeholder", "why"),
    [
        ("phone", False, "dial"),
        ("chat", False, "yourself"),
        ("url", False, "no address"),
        ("pager", False, "schedule"),
        ("email", True, "no real value"),
    ],
)
def test_what_cannot_be_tried_says_why(manager, kind, is_placeholder, why):
    line = EscalationContactFactory(kind=kind, is_placeholder=is_placeholder)
    with pytest.raises(Refused, match=why):
        send_test(line, by=manager, now=NOW)
    assert EscalationContact.objects.exists()
    assert not Notification.objects.exists()
