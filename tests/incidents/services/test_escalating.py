"""The engine: who is queued for what, when, and only once."""

from datetime import timedelta

import pytest
from django.db import transaction

from incidents.models import Alert, Escalation, EscalationEvent, PolicyTurn
from incidents.queries.escalations import climb_of
from incidents.services import alerts, escalating, escalations
from incidents.services.alerts import AlertSignal
from incidents.services.escalating import advance_escalations
from oncall.models import Notification, NotificationRule, Role
from oncall.queries.policies import newest_version
from oncall.services import policies
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import IntegrationFactory, MaintenanceWindowFactory
from tests.factories.oncall import (
    ChannelFactory,
    ContactMethodFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)
from tests.incidents.threads import run_together

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class World:
    """A team with a service, people who can be reached, and its ladder."""

    def __init__(self):
        self.team = TeamFactory()
        self.people = [self.person(f"Engineer {letter}") for letter in "ABC"]
        self.lead = self.person("Team lead", team__role=Role.MANAGER)
        self.service = ServiceFactory(team=self.team, name="ARQ")
        self.integration = IntegrationFactory(service=self.service)

    def person(self, name, **fields):
        user = UserFactory(name=name, team=self.team, **fields)
        ContactMethodFactory(user=user)
        return user

    def climbs(self, *steps, slug="ladder", **fields):
        form = PolicyForm(steps=steps, **fields)
        policy = policies.create_policy(
            self.team, name="Ladder", slug=slug, form=form, by=self.lead, now=NOW
        )
        self.service.policy = policy
        self.service.save()
        self.integration.service = self.service
        return policy

    def step(self, minutes, *users, **fields):
        targets = tuple(TargetForm(kind="user", pk=user.pk) for user in users)
        delay = None if minutes is None else minutes * MINUTE
        fields = {"name": f"At {minutes}", "targets": targets, **fields}
        return StepForm(delay=delay, **fields)

    def fires(self, key="lag", level=1, now=NOW, **fields):
        signal = AlertSignal(dedup_key=key, summary="Lag", level=level, **fields)
        return alerts.ingest_alert(self.integration, signal, now=now)


@pytest.fixture
def world():
    return World()


def at(minutes):
    return NOW + minutes * MINUTE


def sweep(*minutes):
    return [advance_escalations(now=at(each)) for each in minutes]


def told(alert=None):
    """Who has a page, in order: (minutes, name)."""
    rows = Notification.objects.exclude(recipient=None).order_by("created_at", "pk")
    if alert is not None:
        rows = rows.filter(topic=f"alert:{alert.pk}")
    return [
        ((row.created_at - NOW) / MINUTE, row.recipient.display_name) for row in rows
    ]


def waiting():
    rows = Notification.objects.filter(state="pending").exclude(recipient=None)
    return sorted(row.recipient.display_name for row in rows)


def log(alert):
    return list(alert.escalation_events.values_list("kind", flat=True))


def test_an_alert_climbs_the_ladder_of_its_service(world):
    a, b, _ = world.people
    world.climbs(world.step(0, a), world.step(15, b), world.step(30, world.lead))
    alert = world.fires()
    assert Escalation.objects.get().next_step_at == NOW
    assert sweep(0, 0.1, 14.9, 15, 16, 30, 31) == [1, 0, 0, 1, 0, 1, 0]
    assert told() == [(0, "Engineer A"), (15, "Engineer B"), (30, "Team lead")]
    assert log(alert) == ["tell"] * 3
    page = Notification.objects.order_by("pk").first()
    assert (page.urgency, page.topic, page.url) == (
        "high", f"alert:{alert.pk}", f"/alerts/{alert.pk}/",
    )  # fmt: skip
    assert page.subject == "[ARQ] Critical: Lag"


def test_levels_that_no_step_serves_start_nothing_until_they_rise(world):
    world.climbs(world.step(0, world.lead, min_level=2))
    alert = world.fires(level=4)
    world.fires(level=4, now=at(1))
    assert not Escalation.objects.exists()
    world.fires(level=2, now=at(5))
    sweep(5)
    assert told(alert) == [(5, "Team lead")]


def test_what_is_only_logged_is_told_to_no_channel_until_it_rises(world):
    channel = ChannelFactory(team=world.team)
    world.climbs(world.step(0, world.lead, min_level=2))
    alert = world.fires(level=4)
    world.fires(level=4, now=at(1))
    assert not Notification.objects.exists()
    (event,) = alert.events.exclude(kind="opened")
    said = "No step of the policy is for this level."
    assert (event.kind, event.text) == ("logged", said)
    world.fires(level=2, now=at(5))
    assert Notification.objects.get(channel=channel).created_at == at(5)
    kinds = alert.events.order_by("at", "pk").values_list("kind", flat=True)
    assert list(kinds) == ["opened", "logged", "raised", "told"]


def test_no_policy_and_maintenance_start_nothing(world):
    world.fires()
    policy = world.climbs(world.step(0, world.lead))
    MaintenanceWindowFactory(
        service=world.service, starts_at=NOW - HOUR, ends_at=at(60)
    )
    world.fires("quiet")
    assert not Escalation.objects.exists()
    world.fires("quiet", now=at(61))
    assert Escalation.objects.get().alert.series.dedup_key == "quiet"
    policy.versions.all().delete()
    world.fires("bare", now=at(62))
    assert Escalation.objects.count() == 1


def test_a_label_that_comes_later_reaches_its_step_at_once(world):
    world.climbs(
        world.step(0, world.people[0]), world.step(0, world.lead, requires="emergency")
    )
    world.fires()
    sweep(0)
    world.fires(labels={"emergency": "true"}, now=at(20))
    sweep(20)
    assert told() == [(0, "Engineer A"), (20, "Team lead")]


def test_an_acknowledgement_stops_and_takes_back_what_waits(world):
    a, b, _ = world.people
    slow = ContactMethodFactory(user=a)
    NotificationRule.objects.create(user=a, contact_method=slow, delay=10 * MINUTE)
    channel = ChannelFactory(team=world.team)
    world.climbs(
        world.step(0, a), world.step(15, b), world.step(30, b, condition="unresolved")
    )
    alert = world.fires()
    sweep(0)
    alerts.acknowledge_alert(alert.pk, by=world.lead, now=at(5))
    assert waiting() == []
    assert Notification.objects.get(channel=channel).state == "pending"
    sweep(5, 15, 30)
    assert told() == [(0, "Engineer A"), (30, "Engineer B")]
    assert log(alert) == ["tell", "acknowledged", "pass", "tell"]


def test_a_resolution_ends_it_for_good(world):
    world.climbs(world.step(0, world.people[0]), world.step(15, world.lead))
    alert = world.fires()
    sweep(0)
    alerts.resolve_from_source(world.integration, "lag", now=at(5))
    row = Escalation.objects.get()
    assert (row.state, row.next_step_at, row.ended_at) == ("ended", None, at(5))
    assert waiting() == []
    assert sweep(15, 60) == [0, 0]
    again = world.fires(now=at(70))
    assert again.pk != alert.pk
    sweep(70)
    assert told(again) == [(70, "Engineer A")]


def test_an_alert_that_is_over_ends_also_when_nobody_told_the_engine(world):
    world.climbs(world.step(0, world.people[0]))
    alert = world.fires()
    Alert.objects.filter(pk=alert.pk).update(status="resolved", resolved_at=NOW)
    sweep(0)
    assert Escalation.objects.get().state == "ended"
    escalations.look_again(alert, now=at(1))
    assert Escalation.objects.get().next_step_at is None
    assert told() == []


def test_who_acknowledged_is_nobody_while_it_fires(world):
    assert escalations.acknowledged_by(world.fires()) == frozenset()


def test_an_acknowledgement_taken_back_begins_again(world):
    world.climbs(world.step(0, world.people[0]), world.step(15, world.lead))
    alert = world.fires()
    sweep(0)
    alerts.acknowledge_alert(alert.pk, by=world.lead, now=at(5))
    sweep(5, 15)
    alerts.unacknowledge_alert(alert.pk, by=world.lead, now=at(20))
    sweep(20, 35)
    assert told() == [(0, "Engineer A"), (20, "Engineer A"), (35, "Team lead")]


def test_an_acknowledgement_that_expires_is_taken_back_by_the_engine(world):
    world.climbs(world.step(0, world.people[0]), ack_expires_after=30 * MINUTE)
    alert = world.fires()
    sweep(0)
    alerts.acknowledge_alert(alert.pk, by=world.people[0], now=at(5))
    assert Escalation.objects.get().ack_deadline == at(35)
    sweep(5, 34, 35)
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by) == ("firing", None)
    assert Escalation.objects.get().ack_deadline is None
    assert told() == [(0, "Engineer A"), (35, "Engineer A")]
    assert list(alert.events.values_list("kind", flat=True))[-1] == "expired"


def test_everybody_told_must_acknowledge(world):
    a, b, c = world.people
    world.climbs(world.step(0, a, b, ack_mode="each"), world.step(15, world.lead))
    alert = world.fires()
    sweep(0)
    alerts.acknowledge_alert(alert.pk, by=a, now=at(5))
    assert waiting() == ["Engineer B"]
    alert.refresh_from_db()
    assert climb_of(alert, b).waits_for_me
    assert not climb_of(alert, a).waits_for_me
    for nobody in (a, c):
        with pytest.raises(Refused, match="Nobody waits"):
            escalations.confirm_acknowledgement(alert.pk, by=nobody, now=at(6))
    escalations.confirm_acknowledgement(alert.pk, by=b, now=at(6))
    sweep(6, 15)
    assert "Team lead" not in [name for _, name in told()]
    assert waiting() == []


def test_a_missing_acknowledgement_goes_on_climbing(world):
    a, b, _ = world.people
    world.climbs(world.step(0, a, b, ack_mode="each"), world.step(15, world.lead))
    alert = world.fires()
    sweep(0)
    alerts.acknowledge_alert(alert.pk, by=a, now=at(5))
    sweep(5, 15)
    assert told()[-1] == (15, "Team lead")


def test_escalating_by_hand_takes_the_next_step_at_once(world):
    world.climbs(world.step(0, world.people[0]), world.step(None, world.lead))
    alert = world.fires()
    sweep(0)
    alerts.acknowledge_alert(alert.pk, by=world.people[0], now=at(1))
    escalations.escalate_now(alert.pk, by=world.people[0], now=at(2))
    sweep(2)
    assert told()[-1] == (2, "Team lead")
    with pytest.raises(Refused, match="no step left"):
        escalations.escalate_now(alert.pk, by=world.people[0], now=at(3))
    other = world.fires("other", level=1)
    Escalation.objects.filter(alert=other).delete()
    with pytest.raises(Refused, match="No escalation policy"):
        escalations.escalate_now(other.pk, by=world.lead, now=at(3))
    alerts.resolve_alert(alert.pk, by=world.lead, now=at(4))
    with pytest.raises(Refused, match="resolved"):
        escalations.escalate_now(alert.pk, by=world.lead, now=at(5))


def test_a_snooze_puts_every_step_off(world):
    world.climbs(
        world.step(0, world.people[0]), world.step(15, world.lead),
        ack_expires_after=HOUR,
    )  # fmt: skip
    alert = world.fires()
    sweep(0)
    escalations.snooze_escalation(alert.pk, at(65), by=world.lead, now=at(5))
    assert waiting() == []
    world.fires(labels={"a": "b"}, now=at(6))
    assert sweep(6, 20, 65, 74) == [1, 0, 1, 0]
    escalations.snooze_escalation(alert.pk, at(84), by=world.lead, now=at(74))
    sweep(84, 85)
    assert told() == [(0, "Engineer A"), (85, "Team lead")]
    alerts.acknowledge_alert(alert.pk, by=world.lead, now=at(86))
    alerts.unacknowledge_alert(alert.pk, by=world.lead, now=at(87))
    escalations.snooze_escalation(alert.pk, at(97), by=world.lead, now=at(87))
    sweep(97)
    assert told()[2:] == [(97, "Engineer A")]


@pytest.mark.parametrize("until", [NOW, NOW + 25 * HOUR])
def test_a_snooze_ends_within_a_day(world, until):
    world.climbs(world.step(0, world.lead))
    alert = world.fires()
    with pytest.raises(PortalError, match="24 hours"):
        escalations.snooze_escalation(alert.pk, until, by=world.lead, now=NOW)
    Escalation.objects.all().delete()
    with pytest.raises(Refused, match="Nothing escalates"):
        escalations.snooze_escalation(alert.pk, at(5), by=world.lead, now=NOW)


def test_people_are_paged_by_hand_ten_times_an_hour(world):
    alert = world.fires()
    ids = [user.pk for user in world.people]

    def page(pks, now=NOW, text=""):
        return escalations.page_by_hand(alert.pk, pks, text, by=world.lead, now=now)

    assert page(ids, text="Look at db1, please.") == 3
    assert told() == [(0, f"Engineer {letter}") for letter in "ABC"]
    assert "Look at db1" in Notification.objects.first().text
    assert page(ids, at(1)) == 3
    assert page(ids, at(2)) == 3
    with pytest.raises(Refused, match="10 pages"):
        page(ids, at(3))
    assert page(ids[:1], at(3)) == 1
    assert page(ids, at(65)) == 3
    for bad in ([], [UserFactory().pk]):
        with pytest.raises(PortalError, match="people of the team"):
            page(bad, at(200))


def test_an_empty_ladder_tells_the_last_resort(world):
    world.climbs(
        StepForm(
            name="Boss", delay=timedelta(),
            targets=(TargetForm(kind="title", title="Boss"),),
        )
    )  # fmt: skip
    alert = world.fires()
    sweep(0)
    assert told() == [(0, "Team lead")]
    assert log(alert) == ["pass", "last_resort"]


def test_a_channel_that_heard_of_the_opening_hears_it_once(world):
    channel = ChannelFactory(team=world.team)
    target = TargetForm(kind="channel", pk=channel.pk)
    world.climbs(
        StepForm(name="Slack", delay=timedelta(), targets=(target,)),
        StepForm(name="Again", delay=15 * MINUTE, targets=(target,)),
    )
    world.fires()
    sweep(0, 15)
    assert Notification.objects.filter(channel=channel).count() == 2


def test_turns_go_round_over_all_alerts(world):
    policy = world.climbs(world.step(0, *world.people, strategy="round_robin"))
    for number in range(7):
        world.fires(str(number), now=at(number))
        sweep(number)
    names = [name[-1] for _, name in told()]
    assert names == list("ABCABCA")
    assert PolicyTurn.objects.get().policy == policy


def test_an_edited_policy_leaves_what_climbs_alone(world):
    policy = world.climbs(world.step(0, world.people[0]), world.step(15, world.lead))
    world.fires()
    sweep(0)
    form = PolicyForm(steps=(world.step(0, world.people[2]),))
    policies.append_version(policy, form, by=world.lead, now=at(1))
    sweep(15)
    world.fires("new", now=at(20))
    sweep(20)
    assert told() == [(0, "Engineer A"), (15, "Team lead"), (20, "Engineer C")]


def test_a_deleted_policy_hands_over_to_the_managers(world):
    policy = world.climbs(
        world.step(0, world.people[0]), world.step(15, world.people[1])
    )
    alert = world.fires()
    sweep(0)
    world.service.policy = None
    world.service.save()
    policies.delete_policy(policy, by=world.lead, now=at(1))
    alerts.acknowledge_alert(alert.pk, by=world.lead, now=at(2))
    alerts.unacknowledge_alert(alert.pk, by=world.lead, now=at(3))
    with pytest.raises(Refused, match="No escalation policy"):
        escalations.escalate_now(alert.pk, by=world.lead, now=at(3))
    sweep(15)
    assert told() == [(0, "Engineer A"), (15, "Team lead")]
    assert Escalation.objects.get().state == "ended"


def test_a_person_who_goes_mid_run_hands_on(world):
    world.climbs(
        world.step(0, world.people[0]),
        world.step(15, world.people[1]),
        world.step(30, world.lead),
    )
    world.fires()
    sweep(0)
    world.people[1].is_active = False
    world.people[1].save()
    sweep(15, 30)
    assert told() == [(0, "Engineer A"), (15, "Team lead")]


def test_a_gap_in_the_schedule_hands_on(world):
    schedule = make_weekly_schedule(world.team)
    schedule.rotations.all().delete()
    on_call = TargetForm(kind="schedule", pk=schedule.pk, role="primary")
    world.climbs(
        StepForm(name="On call", delay=timedelta(), targets=(on_call,)),
        world.step(15, world.lead),
    )
    world.fires()
    sweep(0)
    assert told() == [(0, "Team lead")]


def test_after_a_restore_old_alerts_page_nobody_until_somebody_decides(world):
    world.climbs(world.step(0, world.people[0]), world.step(15, world.lead))
    alert = world.fires(now=NOW - 2 * DAY)
    sweep(0)
    assert told() == []
    assert Escalation.objects.get().state == "held"
    assert log(alert) == ["hold"]
    escalations.escalate_now(alert.pk, by=world.lead, now=at(1))
    sweep(1)
    assert told() == [(1, "Engineer A")]


def test_an_outage_brings_no_burst(world):
    world.climbs(*[world.step(minutes, world.lead) for minutes in (0, 15, 30)])
    world.fires()
    sweep(50, 51, 64, 65, 80)
    assert [minutes for minutes, _ in told()] == [50, 65, 80]


def test_the_page_shows_who_was_told_and_how_fast(world):
    world.climbs(
        world.step(0, world.people[0], instructions="Look."),
        world.step(0, world.lead, requires="emergency"),
    )
    alert = world.fires()
    assert climb_of(world.fires("plain", level=1), world.lead).lines == []
    sweep(0)
    Notification.objects.update(state="sent", sent_at=at(0) + timedelta(seconds=2))
    climb = climb_of(alert, world.lead)
    passed, first = climb.lines
    assert (first.title, first.who, first.step) == ("Told", "Engineer A", "At 0")
    assert [(each.label, each.state, each.took) for each in first.sent] == [
        ("Email", "Sent", timedelta(seconds=2))
    ]
    assert passed.text == "The alert does not carry its label."
    assert (climb.policy, climb.state, climb.next_at) == ("Ladder", "running", None)
    Escalation.objects.all().delete()
    EscalationEvent.objects.all().delete()
    assert climb_of(alert, world.lead) is None
    escalations.page_by_hand(alert.pk, [world.lead.pk], "", by=world.lead, now=NOW)
    assert climb_of(alert, world.lead).policy == ""


def test_a_ladder_that_moves_without_end_is_put_off(world, monkeypatch):
    monkeypatch.setattr("incidents.services.escalating.MOST_MOVES", 1)
    world.climbs(world.step(0, world.people[0]), world.step(0, world.lead))
    world.fires()
    sweep(0)
    assert Escalation.objects.get().next_step_at == at(1)
    sweep(1)
    assert told() == [(0, "Engineer A"), (1, "Team lead")]


def test_what_somebody_else_moved_meanwhile_is_left_to_them(world):
    world.climbs(world.step(0, world.lead))
    alert = world.fires()
    row = Escalation.objects.select_related("alert__service__team").get()
    ladder = escalating._Ladder(row.version_id, NOW)
    escalations.look_again(alert, now=NOW)
    progress = escalating.thaw(row.progress)
    with transaction.atomic():
        assert escalating._climb(row, ladder, progress, NOW) == 0
    assert escalating._give_up(row, NOW) == 0
    ladders = escalating._Ladders(NOW)
    assert escalating._advance(row.pk, ladders, NOW) == 1
    assert escalating._advance(row.pk, ladders, NOW) == 0
    assert told() == [(0, "Team lead")]


@pytest.mark.django_db(transaction=True)
def test_many_engines_at_once_tell_everybody_once():
    world = World()
    world.climbs(
        world.step(0, *world.people, strategy="round_robin"), world.step(15, world.lead)
    )
    for number in range(12):
        world.fires(str(number))
    for minutes in (0, 15):
        now = at(minutes)
        assert not run_together(4, lambda _, now=now: advance_escalations(now=now))
        advance_escalations(now=now)
    names = [name for _, name in told()]
    assert names.count("Team lead") == 12
    assert [names.count(f"Engineer {letter}") for letter in "ABC"] == [4, 4, 4]


@pytest.mark.django_db(transaction=True)
def test_an_acknowledgement_that_races_the_engine_leaves_nothing_waiting():
    world = World()
    world.climbs(world.step(0, world.people[0]), world.step(15, world.lead))
    rows = [world.fires(str(number)) for number in range(6)]

    def act(number):
        if number:
            advance_escalations(now=NOW)
        else:
            for alert in rows:
                alerts.acknowledge_alert(alert.pk, by=world.lead, now=NOW)

    assert not run_together(3, act)
    advance_escalations(now=NOW)
    advance_escalations(now=at(20))
    assert waiting() == []
    assert "Team lead" not in [name for _, name in told()]


@pytest.mark.slow
@pytest.mark.parametrize(
    "batches",
    [[200, 50, 0], pytest.param([*[200] * 5, 0], marks=pytest.mark.soak)],
)
def test_many_alerts_at_once_are_all_told(world, batches):
    many = sum(batches)
    version = newest_version(world.climbs(world.step(0, world.people[0])).pk)
    first = world.fires("first")
    rows = [
        Alert(
            series=world.integration.series.create(dedup_key=str(number)),
            service=world.service, level=1, peak_level=1, summary="Lag",
            starts_at=NOW, last_seen_at=NOW,
        )
        for number in range(many - 1)
    ]  # fmt: skip
    Alert.objects.bulk_create(rows)
    progress = first.escalation.progress
    Escalation.objects.bulk_create(
        Escalation(
            alert=alert, version=version, policy_name="Ladder", opened_at=NOW,
            next_step_at=NOW, progress=progress,
        )
        for alert in Alert.objects.exclude(pk=first.pk)
    )  # fmt: skip
    assert sweep(*[0] * len(batches)) == batches
    assert Notification.objects.exclude(recipient=None).count() == many
