"""Alerts that belong together are told as one: one page, and nothing is lost."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.domain.told_groups import Rule
from incidents.models import Alert, AlertGroup, AlertGrouping, Escalation
from incidents.services import alert_groups, alerts
from incidents.services.alert_groups import set_grouping, watch_groups
from incidents.services.escalating import advance_escalations
from oncall.models import AuditEntry, Notification
from opsportal import alert_invariants as promises
from opsportal.kit.errors import PortalError
from tests.factories.incidents import AlertGroupingFactory
from tests.factories.oncall import (
    ContactMethodFactory,
    EscalationStepFactory,
    EscalationTargetFactory,
    UserFactory,
)
from tests.incidents.services.test_muting import World, at, pages, said

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
PROMISES = (
    promises.find_early_steps,
    promises.find_doubled_steps,
    promises.find_ends_without_beginning,
    promises.find_mutes_without_ground,
    promises.find_silent_groups,
    promises.find_unheard_alerts,
)
TOGETHER = Rule(labels=("rule",), wait=timedelta(), interval=5 * MINUTE)


class Grouped(World):
    """The service groups by the label "rule"; its ladder has a second step."""

    def __init__(self, wait=0):
        super().__init__()
        AlertGroupingFactory(
            service=self.service,
            labels=["rule"],
            wait=wait * SECOND,
            interval=5 * MINUTE,
        )
        version = self.policy.versions.get()
        version.steps.update(position=0)
        step = EscalationStepFactory(version=version, position=1, delay=15 * MINUTE)
        self.lead = UserFactory(name="Engineer B", team=self.service.team)
        EscalationTargetFactory(step=step, user=self.lead)

    def fires(self, minutes=0, key="lag", rule="Lag", **fields):
        labels = {"rule": rule, "host": key}
        return super().fires(minutes, key, labels=labels, **fields)

    def ends(self, minutes, key="lag"):
        alerts.resolve_from_source(self.integration, key, now=at(minutes))


@pytest.fixture
def world():
    return Grouped()


def run(minutes, *, sends=True):
    watch_groups(now=at(minutes))
    advance_escalations(now=at(minutes))
    if sends:
        Notification.objects.filter(state="pending").update(
            state="sent", sent_at=at(minutes), next_try_at=None, attempts=1
        )


def broken(minutes):
    return [words for find in PROMISES for words in find(at(minutes))]


def mute(*keys):
    rows = Alert.objects.filter(series__dedup_key__in=keys).exclude(status="resolved")
    return sorted(
        rows.exclude(muted_at=None).values_list("series__dedup_key", flat=True)
    )


def news():
    rows = Notification.objects.filter(topic__startswith="group:").order_by("pk")
    return [row.subject.removeprefix("[ARQ] Group rule=Lag: ") for row in rows]


def test_a_group_gathers_then_its_worst_pages_once_for_all(world):
    AlertGrouping.objects.update(wait=10 * SECOND)
    world.fires(0, "a", level=3)
    world.fires(0, "b", level=2)
    world.fires(0, "c", level=3)
    world.fires(0, "d", rule="Disk", level=3)
    run(0.1)
    assert (pages(), said()) == ([], [])
    run(0.2)
    assert pages() == [0.2, 0.2]
    assert mute("a", "b", "c", "d") == ["a", "c"]
    assert AlertGroup.objects.count() == 2
    text = Notification.objects.exclude(recipient=None).earliest("pk").text
    assert "It speaks for 3 alerts: rule=Lag." in text
    assert broken(1) == []


def test_who_takes_the_one_that_speaks_takes_the_others(world):
    first = world.fires(0, "a")
    world.fires(0, "b")
    run(0)
    alerts.acknowledge_alert(first.pk, by=world.engineer, now=at(1))
    assert Alert.objects.filter(status="acknowledged").count() == 2
    world.fires(2, "c")
    run(20)
    # Nobody is paged of one more while somebody has the group.
    assert pages() == [0]
    alerts.unacknowledge_alert(first.pk, by=world.engineer, now=at(21))
    assert Alert.objects.filter(status="firing").count() == 3
    alerts.acknowledge_alert(first.pk, by=world.engineer, now=at(22))
    world.ends(23, "a")
    run(23)
    # One of those that somebody has speaks now, and says nothing.
    heir = Alert.objects.exclude(speaks_at=None).get(resolved_at=None)
    assert heir.status == "acknowledged"
    assert pages() == [0]


def test_of_those_it_does_not_speak_for_an_alert_takes_none(world):
    first, other = world.fires(0, "a"), world.fires(0, "b")
    run(0)
    alerts.acknowledge_alert(other.pk, by=world.engineer, now=at(1))
    first.refresh_from_db()
    assert first.status == "firing"


def test_when_the_one_that_spoke_ends_another_goes_on_where_it_was(world):
    for key in "abc":
        world.fires(0, key)
    run(0)
    world.ends(5, "a")
    run(5)
    assert mute("b", "c") == ["c"]
    run(14)
    assert pages() == [0]
    run(15)
    assert pages() == [0, 15]
    recipients = Notification.objects.exclude(recipient=None).order_by("pk")
    assert [row.recipient for row in recipients] == [world.engineer, world.lead]
    assert said() == ["opened", "resolved"]
    assert broken(15) == []


def test_what_somebody_was_still_to_hear_is_told_again(world):
    ContactMethodFactory(user=world.engineer)
    world.fires(0, "a")
    world.fires(0, "b")
    run(0, sends=False)
    # It ends before the page has left.
    world.ends(0.5, "a")
    run(0.5)
    assert pages() == [0.5]


def test_a_worse_one_pages_by_itself(world):
    world.fires(0, "a", level=3)
    run(0)
    world.fires(1, "b", level=2)
    world.fires(1, "c", level=2)
    run(1)
    assert pages() == [0, 1]
    # And so does one that gets worse.
    world.fires(2, "c", level=1)
    run(2)
    assert pages() == [0, 1, 2]
    assert mute("a", "b", "c") == []
    world.fires(3, "d", level=3)
    world.fires(4, "d", level=2)
    assert mute("d") == ["d"]


def test_two_engines_let_one_speak(world, monkeypatch):
    world.fires(0, "a")
    world.fires(0, "b")
    rows = list(alert_groups._open_groups())
    run(0)
    # The other one had looked before.
    monkeypatch.setattr(alert_groups, "_open_groups", watched(rows))
    assert watch_groups(now=at(0)) == 0
    assert pages() == [0]


def watched(rows):
    """What it saw first, then what is."""
    real, seen = alert_groups._open_groups, [rows]
    return lambda: seen.pop() if seen else real()


def test_one_that_speaks_already_needs_no_leave_to_get_worse(world):
    alert = world.fires(0, "a", level=3)
    run(0)
    world.fires(1, "a", level=2)
    alert.refresh_from_db()
    assert alert.speaks_at == at(0)


def test_after_a_milder_one_spoke_a_worse_one_pages_again(world):
    world.fires(0, "a", level=2)
    world.fires(0, "b", level=3)
    run(0)
    world.ends(1, "a")
    run(1)
    world.fires(2, "c", level=2)
    run(2)
    assert pages() == [0, 2]


def test_channels_hear_after_the_interval_what_joined_and_at_the_end_that_all_is_over(
    world,
):
    world.fires(0, "a")
    run(0)
    for n in range(12):
        world.fires(1, f"b{n}")
    run(4)
    assert news() == []
    run(5)
    run(6)
    assert news() == ["12 joined"]
    row = Notification.objects.get(topic__startswith="group:")
    assert row.text.splitlines()[-2:] == ["and 2 more", "13 of 13 are open."]
    run(5 + 4 * 60)
    assert news() == ["12 joined", "they still fire"]
    for key in ("a", *(f"b{n}" for n in range(12))):
        world.ends(300, key)
    run(300)
    run(301)
    assert news()[2:] == ["all 13 alerts are over"]
    assert AlertGroup.objects.get().closed_at == at(300)
    # What begins again begins a group of its own.
    world.fires(302, "a")
    assert AlertGroup.objects.filter(closed_at=None).count() == 1


def test_what_ends_before_it_was_told_is_told_to_nobody():
    world = Grouped(wait=60)
    world.fires(0, "a")
    world.ends(0.5, "a")
    run(2)
    assert (pages(), said(), news()) == ([], [], [])
    assert AlertGroup.objects.get().closed_at == at(2)


def test_what_is_silenced_lets_another_one_speak_and_is_no_news(world):
    world.fires(0, "a")
    world.fires(0, "b")
    run(0)
    world.silence(1, text="host=a")
    world.silence(1, text="host=c")
    run(1)
    assert mute("a", "b") == ["a"]
    world.fires(2, "c")
    run(7)
    assert news() == []
    world.silence(8, text="host=b")
    run(8)
    # All of it is silenced: nobody speaks until it is over.
    assert mute("a", "b", "c") == ["a", "b", "c"]


def test_what_is_only_logged_is_told_to_no_channel():
    world = Grouped()
    EscalationStepFactory._meta.model.objects.update(min_level=1)
    world.fires(0, "a", level=4)
    run(0)
    world.fires(1, "b", level=4)
    run(10)
    assert (pages(), said(), news()) == ([], [], [])


def test_without_a_policy_channels_hear_of_the_first(world):
    world.service.policy = None
    world.service.save(update_fields=["policy"])
    world.fires(0, "a")
    world.fires(0, "b")
    run(0)
    world.ends(1, "a")
    run(1)
    assert said() == ["opened", "resolved"]
    assert not Escalation.objects.exists()


def test_how_a_service_groups_is_set_checked_and_written_down(world):
    set_grouping(world.service, TOGETHER, by=world.engineer, now=at(0))
    assert str(AlertGrouping.objects.get()) == "rule"
    set_grouping(world.service, None, by=world.engineer, now=at(1))
    assert not AlertGrouping.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert entry.before["labels"] == ["rule"]
    assert entry.after == {"labels": None}
    bad = Rule(labels=("rule",), wait=timedelta(hours=1))
    with pytest.raises(PortalError) as refusal:
        set_grouping(world.service, bad, by=world.engineer, now=at(1))
    assert refusal.value.field == "wait"
    world.fires(2, "a")
    assert not AlertGroup.objects.exists()


ACTS = st.tuples(
    st.sampled_from(["fires", "fires", "ends", "takes", "tick"]),
    st.sampled_from("abc"),
    st.integers(2, 3),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=5))
def test_whatever_comes_somebody_hears_and_no_more_than_once_a_change(db, acts):
    world = Grouped()
    minute = 0.0
    Alert.objects.all().delete()
    AlertGroup.objects.all().delete()
    Notification.objects.all().delete()
    for act, key, level in acts:
        minute += 1
        if act == "fires":
            world.fires(minute, key, level=level)
        elif act == "ends":
            world.ends(minute, key)
        elif act == "takes":
            firing = Alert.objects.filter(series__dedup_key=key, status="firing")
            for alert in firing:
                alerts.acknowledge_alert(alert.pk, by=world.engineer, now=at(minute))
        run(minute)
        group = AlertGroup.objects.filter(closed_at=None).first()
        members = Alert.objects.exclude(status="resolved")
        assert (group is None) == (not members.exists())
        if group:
            # One at least speaks; whoever fires has one that was told, as bad as it.
            speaking = members.filter(muted_at=None)
            assert speaking.exists()
            worst = min(speaking.values_list("peak_level", flat=True))
            assert all(alert.level >= worst for alert in members.exclude(muted_at=None))
    assert broken(minute) == []
