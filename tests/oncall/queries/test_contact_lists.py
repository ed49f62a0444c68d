"""Contact tables, line by line."""

import pytest

from oncall.queries import escalation_contacts, team_contacts
from oncall.queries.contact_lists import find_contact
from tests.factories.oncall import (
    EscalationContactFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_contacts_open_what_can_be_opened():
    service = ServiceFactory()
    lines = [
        ("email", "ops@example.org", False, "mailto:ops@example.org"),
        ("phone", "+48 12 345", False, "tel:+4812345"),
        ("url", "https://example.org/", False, "https://example.org/"),
        ("url", "javascript:alert(1)", False, ""),
        ("email", "tbd@example.org", True, ""),
    ]
    for kind, value, is_placeholder, _ in lines:
        EscalationContactFactory(
            service=service, kind=kind, value=value, is_placeholder=is_placeholder
        )
    schedule = make_weekly_schedule(team=service.team)
    EscalationContactFactory(
        service=service, user=UserFactory(name="Engineer Q"), schedule=schedule
    )
    rows = escalation_contacts(service.pk)
    assert [row.href for row in rows[:5]] == [href for *_, href in lines]
    assert (rows[5].person, rows[5].schedule_slug) == ("Engineer Q", schedule.slug)
    assert [row.no_test for row in rows] == [
        "",
        "The portal does not call: dial it.",
        "Open the link.",
        "It names no address.",
        "It has no real value yet.",
        "",
    ]


def test_a_line_is_found_only_by_its_team():
    team = TeamFactory()
    mine = EscalationContactFactory(service=None, team=team)
    of_service = EscalationContactFactory(service__team=team)
    assert [row.pk for row in team_contacts(team.pk)] == [mine.pk]
    for line in (mine, of_service):
        assert find_contact(line.pk, [team.pk]) == line
        assert find_contact(line.pk, [TeamFactory().pk]) is None
