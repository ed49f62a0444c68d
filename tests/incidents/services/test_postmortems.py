"""Postmortems: drafted on resolution, written, reviewed, waived, asked for."""

from datetime import timedelta

import pytest

from incidents.models import Incident, Postmortem
from incidents.services import closing, postmortem_duty, postmortems
from incidents.services.details import edit_incident
from incidents.services.incidents import change_severity, change_status
from incidents.services.postmortem_duty import (
    find_missing_postmortem,
    remind_of_postmortems,
)
from oncall.models import AuditEntry, Notification
from opsportal.kit.errors import Conflict, PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import (
    ActionItemFactory,
    IncidentFactory,
    IncidentRoleFactory,
    PostmortemFactory,
    PostmortemFormatFactory,
    PostmortemSectionFactory,
    SeverityLevelFactory,
    TimelineEntryFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def service():
    return ServiceFactory(name="AMAS")


@pytest.fixture
def incident(service):
    return IncidentFactory(
        service=service, severity__level=2, root_cause="The pool was full."
    )


@pytest.fixture
def owner(service):
    return UserFactory(team=service.team)


@pytest.fixture
def other(service):
    return UserFactory(team=service.team)


@pytest.fixture
def draft(incident, owner):
    return postmortems.start_postmortem(incident.pk, by=owner, now=NOW, form="arq")


def fill(draft, by):
    for key in ("impact", "lessons"):
        postmortems.edit_section(
            draft.pk, key, "Said.", expected_version=0, by=by, now=NOW
        )


def move(draft, state, by, **more):
    return postmortems.move_postmortem(draft.pk, state, by=by, now=NOW, **more)


def test_resolving_drafts_one_in_the_services_format(incident, service, owner):
    PostmortemFormatFactory(service=service, slug="amas")
    IncidentRoleFactory(incident=incident, user=owner)
    TimelineEntryFactory(incident=incident, text="Killed idle connections.")
    change_status(incident.pk, "resolved", by=owner, now=NOW)
    made = Postmortem.objects.get()
    assert (made.format, made.owner, made.state) == ("amas", owner, "draft")
    assert (made.due_at, made.next_reminder_at) == (NOW + 2 * DAY, NOW + DAY)
    texts = dict(made.sections.values_list("key", "text"))
    assert texts["root_cause"] == "The pool was full."


def test_reopening_takes_the_time_away_and_resolving_gives_it_again(incident, owner):
    change_status(incident.pk, "resolved", by=owner, now=NOW)
    change_status(
        incident.pk, "investigating", by=owner, now=NOW + HOUR, message="It is back."
    )
    made = Postmortem.objects.get()
    assert (made.due_at, made.next_reminder_at) == (None, None)
    change_status(incident.pk, "resolved", by=owner, now=NOW + 2 * HOUR)
    made.refresh_from_db()
    assert made.due_at == NOW + 2 * DAY + 2 * HOUR


def test_a_drill_and_a_mild_one_owe_none_until_they_are_worse(service, owner):
    mild = IncidentFactory(service=service, severity__level=3)
    drill = IncidentFactory(service=service, severity__level=1, kind="drill")
    for incident in (mild, drill):
        change_status(incident.pk, "resolved", by=owner, now=NOW)
    assert not Postmortem.objects.exists()
    worse = SeverityLevelFactory(service=mild.severity.service, level=1)
    change_severity(mild.pk, worse.label, by=owner, now=NOW)
    assert Postmortem.objects.get().incident == mild
    version = Incident.objects.get(pk=mild.pk).version
    edit_incident(
        mild.pk, {"kind": "test"}, expected_version=version, by=owner, now=NOW
    )
    assert Postmortem.objects.get().due_at is None


def test_closing_waits_for_the_review_or_a_reason(incident, draft, owner, other):
    change_status(incident.pk, "resolved", by=owner, now=NOW)
    with pytest.raises(Refused, match="is a draft; it has to be reviewed"):
        change_status(incident.pk, "closed", by=owner, now=NOW)
    assert find_missing_postmortem(IncidentFactory(severity__level=1)) is not None
    with pytest.raises(PortalError, match="Say why"):
        postmortems.waive_postmortem(incident.pk, " ", by=other, now=NOW)
    waived = postmortems.waive_postmortem(
        incident.pk, "The same as yesterday's.", by=other, now=NOW
    )
    assert (waived.pk, waived.next_reminder_at) == (draft.pk, None)
    assert change_status(incident.pk, "closed", by=owner, now=NOW).status == "closed"
    assert "postmortem" in closing._gates


def test_waiving_before_there_is_one(incident, owner):
    waived = postmortems.waive_postmortem(incident.pk, "No news.", by=owner, now=NOW)
    assert (waived.owner, waived.waived_by) == (None, owner)


def test_there_is_one_an_incident(incident, draft, owner):
    with pytest.raises(Refused, match="already"):
        postmortems.start_postmortem(incident.pk, by=owner, now=NOW)


def test_sections_keep_what_they_said_and_who_comes_second_sees_it(draft, owner, other):
    said = {"by": owner, "now": NOW}
    first = postmortems.edit_section(
        draft.pk, "lessons", "- Watch the pool\n", expected_version=0, **said
    )
    assert (first.text, first.version) == ("Watch the pool", 1)
    with pytest.raises(Conflict) as conflict:
        postmortems.edit_section(
            draft.pk, "lessons", "Mine", expected_version=0, by=other, now=NOW
        )
    assert conflict.value.current.text == "Watch the pool"
    postmortems.edit_section(
        draft.pk, "lessons", "Watch the pool", expected_version=1, **said
    )
    again = postmortems.edit_section(
        draft.pk, "lessons", "Watch both", expected_version=1, by=other, now=NOW
    )
    kept = list(again.revisions.values_list("version", "text", "written_by"))
    assert kept == [(1, "Watch the pool", owner.pk), (0, "", None)]
    with pytest.raises(PortalError, match="no such section"):
        postmortems.edit_section(draft.pk, "ref", "x", expected_version=0, **said)


def test_drafting_again_leaves_what_people_wrote(incident, draft, owner):
    postmortems.edit_section(
        draft.pk, "impact", "Nobody", expected_version=0, by=owner, now=NOW
    )
    Incident.objects.update(root_cause="A slow query.", impact_users=3)
    assert postmortems.redraft(draft.pk, by=owner, now=NOW) == 1
    texts = dict(draft.sections.values_list("key", "text"))
    assert (texts["impact"], texts["root_cause"]) == ("Nobody", "A slow query.")


def test_from_draft_to_closed_with_every_gate(incident, draft, owner, other):
    with pytest.raises(Refused, match="Write first: Impact, Lessons"):
        move(draft, "in_review", owner)
    fill(draft, owner)
    move(draft, "in_review", owner)
    with pytest.raises(Refused, match="other than its owner"):
        move(draft, "reviewed", owner)
    move(draft, "draft", other, message="Say more of the impact.")
    told = Notification.objects.get()
    assert (told.recipient, told.text) == (owner, "Say more of the impact.")
    move(draft, "in_review", owner)
    reviewed = move(draft, "reviewed", other)
    assert (reviewed.reviewed_by, reviewed.next_reminder_at) == (other, None)
    with pytest.raises(Refused, match="send it back"):
        fill(draft, owner)
    loose = ActionItemFactory(incident=incident, title="Fix it")
    with pytest.raises(Refused, match="a date first: Fix it"):
        move(draft, "closed", other)
    loose.owner = owner
    loose.save()
    again = move(draft, "in_review", other)
    assert again.reviewed_at is None
    move(draft, "reviewed", other)
    assert move(draft, "closed", other).state == "closed"
    assert incident.timeline.filter(kind="postmortem").count() == 7


def test_without_an_owner_who_asks_for_review_owns_it(incident, other):
    draft = PostmortemFactory(incident=incident, format="arq")
    for key in ("impact", "root_cause", "lessons"):
        PostmortemSectionFactory(postmortem=draft, key=key, text="Said.")
    assert move(draft, "in_review", other).owner == other


def test_a_reviewer_of_the_team_is_told_once(draft, owner, other):
    for _ in range(2):
        postmortems.ask_reviewer(draft.pk, other, by=owner, now=NOW)
    assert Notification.objects.get().recipient == other
    with pytest.raises(PortalError, match="cannot review"):
        postmortems.ask_reviewer(draft.pk, owner, by=owner, now=NOW)
    with pytest.raises(PortalError, match="not in the team"):
        postmortems.ask_reviewer(draft.pk, UserFactory(), by=owner, now=NOW)


def test_it_can_be_given_to_somebody_else_or_nobody(draft, owner, other):
    assert postmortems.set_owner(draft.pk, other, by=owner, now=NOW).owner == other
    assert postmortems.set_owner(draft.pk, None, by=owner, now=NOW).owner is None
    assert AuditEntry.objects.filter(action="postmortem.owner").count() == 2


def test_the_owner_is_reminded_a_day_before_and_each_day_from_there(incident, owner):
    IncidentRoleFactory(incident=incident, user=owner)
    change_status(incident.pk, "resolved", by=owner, now=NOW)
    times = [NOW + n * 12 * HOUR for n in range(1, 8)]
    assert [remind_of_postmortems(now=at) for at in times] == [0, 1, 0, 1, 0, 1, 0]
    rows = Notification.objects.filter(topic__startswith="postmortem:").order_by("pk")
    assert [row.subject.split("001 ")[-1] for row in rows][1:] != []
    assert {row.recipient for row in rows} == {owner}
    assert "is due in 24 h" in rows[0].subject or "is due in 1 d" in rows[0].subject
    assert "was due" in rows[2].subject


def test_without_an_owner_managers_are_reminded_and_once(incident, service):
    lead = UserFactory(team=service.team, team__role="manager")
    stale = PostmortemFactory(incident=incident, due_at=NOW, next_reminder_at=NOW)
    remind_of_postmortems(now=NOW)
    assert Notification.objects.get().recipient == lead
    assert postmortem_duty._remind(stale, NOW) == 0
