"""Giving runs and cadences to one person."""

import pytest

from checklists.domain.reminder_ladder import DEFAULT_LADDER, ladder_to_json
from checklists.models import Run
from checklists.queries.runs import cards_of_today
from checklists.services.assigning import assign_cadences, assign_runs
from checklists.services.events import check_seal
from checklists.services.generation import open_due_runs
from checklists.services.reminding import remind_late_runs
from checklists.services.signing import skip_run
from oncall.models import AuditEntry, Notification
from opsportal.kit.errors import PortalError
from tests.factories.oncall import TeamFactory, UserFactory
from tests.factories.runs import DUE, NOW, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def ann(team):
    return member_of(team, "Engineer A")


@pytest.fixture
def bob(team):
    return member_of(team, "Engineer B")


@pytest.fixture
def runs(team):
    for _ in range(2):
        make_checklist(team=team, reminders=ladder_to_json(DEFAULT_LADDER))
    open_due_runs(now=NOW)
    return list(Run.objects.order_by("pk"))


def member_of(team, name):
    person = UserFactory(name=name)
    person.memberships.create(team=team, role="responder")
    return person


def give(runs, person, by):
    pks = [run.pk for run in runs]
    return assign_runs(runs[0].team_id, pks, person, by=by, now=NOW)


def told():
    return list(Notification.objects.values_list("recipient", "subject"))


def test_several_runs_are_given_at_once_and_told_once(runs, ann, bob):
    assert give(runs, bob, ann) == 2
    assert told() == [(bob.pk, "Engineer A gave you 2 runs")]
    assert {card.assignee for card in cards_of_today([ann.memberships.get().team_id], NOW)} == {"Engineer B"}  # fmt: skip
    event = runs[0].events.last()
    assert (event.verb, event.after) == ("assigned", {"assignee": bob.username})
    assert check_seal(runs[0].pk).first_broken is None
    assert AuditEntry.objects.filter(action="run.assigned").count() == 2
    assert give(runs, bob, ann) == 0
    assert give(runs[:1], None, ann) == 1
    assert len(told()) == 1


def test_who_takes_a_run_is_not_told_of_it(runs, ann, bob):
    assert give(runs[:1], ann, ann) == 1
    assert told() == []
    give(runs[:1], bob, ann)
    assert told() == [(bob.pk, "Engineer A gave you a run")]


def test_whoever_got_it_is_reminded_until_they_are_gone(runs, ann, bob):
    give(runs, bob, ann)
    Notification.objects.all().delete()
    remind_late_runs(now=DUE)
    assert {person for person, _ in told()} >= {bob.pk}
    assert ann.pk not in {person for person, _ in told()}
    bob.is_active = False
    bob.save()
    Notification.objects.all().delete()
    Run.objects.update(reminders_sent=[], next_reminder_at=DUE)
    remind_late_runs(now=DUE)
    assert ann.pk in {person for person, _ in told()}


def test_what_is_over_or_another_teams_stays(runs, team, ann, bob):
    skip_run(runs[0].pk, by=ann, reason="a holiday", now=NOW)
    assert give(runs[:1], bob, ann) == 0
    other = TeamFactory()
    assert assign_runs(other.pk, [runs[1].pk], None, by=ann, now=NOW) == 0
    assert assign_cadences(other.pk, [runs[1].cadence_id], None, by=ann, now=NOW) == 0


@pytest.mark.parametrize("is_member", [True, False])
def test_only_an_active_member_gets_anything(runs, team, ann, is_member):
    person = member_of(team, "Gone") if is_member else UserFactory()
    person.is_active = not is_member
    person.save()
    for act, pk in ((assign_runs, runs[0].pk), (assign_cadences, runs[0].cadence_id)):
        with pytest.raises(PortalError, match="member of the team"):
            act(team.pk, [pk], person, by=ann, now=NOW)


def test_cadences_are_for_one_person_or_the_team_again(runs, team, ann, bob):
    pks = [run.cadence_id for run in runs]
    assert assign_cadences(team.pk, pks, bob, by=ann, now=NOW) == 2
    cadence = runs[0].cadence
    cadence.refresh_from_db()
    assert (cadence.assignee, cadence.assignee_user) == ("user", bob)
    assert assign_cadences(team.pk, pks, bob, by=ann, now=NOW) == 0
    assert assign_cadences(team.pk, pks, None, by=ann, now=NOW) == 2
    cadence.refresh_from_db()
    assert (cadence.assignee, cadence.assignee_user) == ("team", None)
    assert AuditEntry.objects.filter(action="cadence.assigned").count() == 4
