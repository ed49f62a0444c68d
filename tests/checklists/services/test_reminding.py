"""Reminders of runs."""

import pytest

from checklists.models import ChecklistItem, Run
from checklists.services import items, signing
from checklists.services.checklists import ItemPlan
from checklists.services.items import Edit
from checklists.services.reconciling import reconcile_run
from checklists.services.reminding import remind_late_runs
from oncall.models import Notification
from tests.factories.oncall import (
    ChannelFactory,
    ContactMethodFactory,
    RotationMemberFactory,
    RotationVersionFactory,
    ScheduleFactory,
    TeamFactory,
    UserFactory,
)
from tests.factories.runs import (
    DUE,
    HOUR,
    MINUTE,
    NOW,
    judge_check,
    make_check,
    make_service,
    open_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LADDER = [
    {"when": "before 30m", "to": ["assignee"]},
    {"when": "at due", "to": ["assignee"]},
    {"when": "after 30m", "to": ["assignee", "manager"], "ignores_quiet_hours": True},
]


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def ann(team):
    return UserFactory(team=team)


@pytest.fixture
def boss(team):
    return UserFactory(team=team, team__role="manager")


def told():
    rows = Notification.objects.order_by("pk")
    return [(row.recipient_id, row.subject) for row in rows]


def test_the_assignee_is_reminded_before_at_and_after_due_then_the_manager(
    team, ann, boss
):
    for person in (ann, boss):
        ContactMethodFactory(user=person)
    run = open_run(team=team, assignee="user", assignee_user=ann, reminders=LADDER)
    assert remind_late_runs(now=NOW) == 0
    for moment in (DUE - 30 * MINUTE, DUE, DUE + 30 * MINUTE):
        assert remind_late_runs(now=moment) == 1
        assert remind_late_runs(now=moment) == 0
    name = run.checklist.name
    assert told() == [
        (ann.pk, f"{name} is due in 30 min: 2 of 2 items open"),
        (ann.pk, f"{name} is due now: 2 of 2 items open"),
        (ann.pk, f"{name} is 30 min overdue: 2 of 2 items open"),
        (boss.pk, f"{name} is 30 min overdue: 2 of 2 items open"),
    ]
    last = Notification.objects.order_by("pk").last()
    assert last.urgency == "high"
    assert last.url.endswith(f"/runs/{run.pk}/")
    assert "Open it: " in last.text


def test_after_downtime_only_the_highest_rung_goes_out(team, ann):
    open_run(team=team, assignee="user", assignee_user=ann, reminders=LADDER)
    remind_late_runs(now=DUE + HOUR)
    texts = [row.text for row in Notification.objects.filter(recipient=ann)]
    assert len(texts) == 1
    assert "2 earlier reminders suppressed." in texts[0]


def test_whoever_is_on_call_at_that_moment_is_reminded(team):
    rota = UserFactory.create_batch(2, team=team)
    schedule = ScheduleFactory(team=team)
    version = RotationVersionFactory(rotation__schedule=schedule)
    for position, user in enumerate(rota):
        RotationMemberFactory(version=version, position=position, user=user)
    open_run(
        team=team,
        assignee="oncall",
        assignee_schedule=schedule,
        reminders=[{"when": "at due", "to": ["assignee", "on_call"]}],
    )
    remind_late_runs(now=DUE)
    # Handoffs are on Mondays from 3 November: the 11th week is the first one's.
    assert [pk for pk, _ in told()] == [rota[0].pk]


def test_when_nobody_is_on_call_the_managers_hear(team, ann, boss):
    open_run(
        team=team,
        assignee="oncall",
        reminders=[{"when": "at due", "to": ["assignee"]}],
    )
    remind_late_runs(now=DUE)
    assert {pk for pk, _ in told()} == {boss.pk}


def test_a_team_is_reminded_as_a_whole_and_in_its_channels(team, ann, boss):
    UserFactory(team=team, team__role="viewer")
    channel = ChannelFactory(team=team)
    ChannelFactory(team=team, takes_reminders=False)
    open_run(team=team, reminders=[{"when": "at due", "to": ["assignee"]}])
    remind_late_runs(now=DUE)
    assert {pk for pk, _ in told()} == {ann.pk, boss.pk, None}
    assert Notification.objects.get(recipient=None).channel == channel


def test_a_finished_run_is_not_reminded_of(team, ann):
    run = open_run(team=team, reminders=LADDER)
    for item in run.items.all():
        items.tick_item(item.pk, Edit(by=ann, now=NOW))
    signing.hand_in_run(run.pk, by=ann, now=NOW)
    assert remind_late_runs(now=DUE + HOUR) == 0
    assert not Notification.objects.filter(recipient=ann).exists()


def test_what_waits_to_be_sent_is_cancelled_when_the_run_completes(team, ann):
    run = open_run(team=team, reminders=LADDER)
    remind_late_runs(now=DUE)
    for item in run.items.all():
        items.tick_item(item.pk, Edit(by=ann, now=DUE))
    signing.hand_in_run(run.pk, by=ann, now=DUE)
    states = set(Notification.objects.values_list("state", flat=True))
    assert states == {"cancelled"}


def test_a_failing_item_is_told_once_a_failure():
    check = make_check(make_service())
    plan = [ItemPlan(text="Lag", mode=ChecklistItem.Mode.AUTO, checks=(check,))]
    run = open_run(plan, service=check.service)
    ChannelFactory(team=run.team)
    for minute, episode in ((1, 1), (2, 1), (3, 2)):
        judge_check(
            check, "fail", NOW + minute * MINUTE, episode=episode, summary="1 s"
        )
        reconcile_run(run.pk, now=NOW + minute * MINUTE)
    subjects = [subject for _, subject in told()]
    assert subjects == [f"{run.checklist.name}: “Lag” fails"] * 2


def test_an_ad_hoc_run_has_no_ladder():
    run = open_run()
    Run.objects.filter(pk=run.pk).update(cadence=None, next_reminder_at=NOW)
    assert remind_late_runs(now=DUE) == 0


def test_a_schedule_that_nobody_serves_leaves_it_to_the_managers(team, ann, boss):
    open_run(
        team=team,
        assignee="oncall",
        assignee_schedule=ScheduleFactory(team=team),
        reminders=[{"when": "at due", "to": ["assignee"]}],
    )
    remind_late_runs(now=DUE)
    assert {pk for pk, _ in told()} == {boss.pk}


def test_a_look_that_comes_too_early_only_moves_the_column(team, ann):
    run = open_run(team=team, reminders=LADDER)
    first = run.next_reminder_at
    Run.objects.filter(pk=run.pk).update(next_reminder_at=NOW)
    assert remind_late_runs(now=NOW) == 0
    run.refresh_from_db()
    assert run.next_reminder_at == first
    assert not Notification.objects.exists()
