"""What is mute tells nobody; what still fires afterwards tells once."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.domain.matchers import Matcher, parse_matchers
from incidents.models import (
    Alert,
    AlertMute,
    AlertSeries,
    Escalation,
    MaintenanceWindow,
    Silence,
)
from incidents.services import alerts, escalations, maintenance, silences
from incidents.services.alerts import AlertSignal
from incidents.services.escalating import advance_escalations
from incidents.services.muting import settle_due_mutes
from incidents.services.silences import SilenceDraft
from oncall.models import AuditEntry, Notification
from opsportal.kit.errors import PortalError, Refused
from opsportal.kit.patterns import compile_pattern
from tests.conftest import NOW
from tests.factories.incidents import (
    IntegrationFactory,
    MaintenanceWindowFactory,
    SilenceFactory,
)
from tests.factories.oncall import (
    ChannelFactory,
    EscalationPolicyFactory,
    EscalationPolicyVersionFactory,
    EscalationStepFactory,
    EscalationTargetFactory,
    ServiceFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def at(minutes):
    return NOW + minutes * MINUTE


class World:
    """A service with a channel, an engineer and a ladder of one step."""

    def __init__(self):
        self.policy = EscalationPolicyFactory()
        self.service = ServiceFactory(
            name="ARQ", team=self.policy.team, policy=self.policy
        )
        self.engineer = UserFactory(name="Engineer A", team=self.service.team)
        self.channel = ChannelFactory(team=self.service.team, name="#arq")
        self.integration = IntegrationFactory(service=self.service)
        version = EscalationPolicyVersionFactory(policy=self.policy)
        step = EscalationStepFactory(version=version, delay=timedelta())
        EscalationTargetFactory(step=step, user=self.engineer)

    def fires(self, minutes=0, key="lag", level=2, labels=None, **fields):
        values = {"summary": f"{key} is high", "labels": labels or {"host": "db1"}}
        signal = AlertSignal(dedup_key=key, level=level, **values | fields)
        return alerts.ingest_alert(self.integration, signal, now=at(minutes))

    def silence(self, minutes=0, length=60, text="host=db1", start=None, **fields):
        draft = make_draft(minutes if start is None else start, length, text)
        return silences.create_silence(
            self.service.team,
            fields.pop("service", None),
            draft,
            by=self.engineer,
            now=at(minutes),
        )


def make_draft(start, length, text="host=db1", comment="Disk is replaced"):
    return SilenceDraft(
        matchers=parse_matchers([text], compile_pattern),
        starts_at=at(start),
        ends_at=at(start + length),
        comment=comment,
    )


@pytest.fixture
def world():
    return World()


def pages():
    """The minutes at which people were paged, and were not let off."""
    rows = Notification.objects.exclude(recipient=None).order_by("created_at", "pk")
    rows = rows.exclude(state="cancelled")
    return [(row.created_at - NOW) / MINUTE for row in rows]


def said():
    """What channels hear, in order."""
    rows = Notification.objects.exclude(channel=None).order_by("pk")
    keys = rows.values_list("dedupe_key", flat=True)
    return [key.split(":")[2] for key in keys]


def sweep(minutes):
    settle_due_mutes(now=at(minutes))
    advance_escalations(now=at(minutes))


def test_what_is_silenced_when_it_fires_tells_once_at_the_end(world):
    world.silence(0, 60)
    alert = world.fires(1)
    world.fires(2)
    sweep(3)
    assert (said(), pages()) == ([], [])
    alert.refresh_from_db()
    assert (alert.status, alert.muted_at, alert.muted_until) == (
        "firing",
        at(1),
        at(60),
    )
    mute = AlertMute.objects.get()
    assert (mute.kind, mute.text, mute.until) == ("silence", "Disk is replaced", at(60))
    for minute in (59, 60, 61, 62):
        sweep(minute)
    assert (said(), pages()) == (["opened"], [60])
    mute.refresh_from_db()
    alert.refresh_from_db()
    assert (mute.ended_at, alert.muted_at) == (at(60), None)


def test_a_silence_takes_back_what_waits_and_its_end_begins_anew(world):
    alert = world.fires(0)
    sweep(0)
    assert (said(), pages()) == (["opened"], [0])
    silence = world.silence(5, 60)
    assert pages() == []
    with pytest.raises(Refused) as refused:
        escalations.escalate_now(alert.pk, by=world.engineer, now=at(6))
    assert refused.value.code == "muted"
    escalations.look_again(Alert.objects.get(), now=at(6))
    Escalation.objects.update(next_step_at=at(6))
    sweep(7)
    assert (said(), pages()) == (["opened"], [])
    silences.expire_silence(silence, by=world.engineer, now=at(10))
    sweep(10)
    sweep(11)
    assert said() == ["opened", "unmuted"]
    assert pages() == [10]


def test_who_has_it_is_left_alone_when_the_silence_ends(world):
    alert = world.fires(0)
    sweep(0)
    world.silence(1, 9)
    alerts.acknowledge_alert(alert.pk, by=world.engineer, now=at(2))
    sweep(10)
    assert (said(), pages()) == (["opened"], [])


def test_what_ends_in_silence_ends_quietly(world):
    world.fires(0)
    world.silence(1, 60)
    alerts.resolve_from_source(world.integration, "lag", now=at(2))
    sweep(61)
    assert said() == ["opened"]
    assert AlertMute.objects.get().ended_at == at(2)


def test_a_silence_or_window_that_begins_by_the_clock_is_felt(world):
    first = world.fires(0)
    world.silence(0, 60, start=10)
    maintenance.create_window(
        world.service,
        starts_at=at(20),
        ends_at=at(90),
        reason="Upgrade",
        by=world.engineer,
        now=NOW,
    )
    sweep(9)
    assert Alert.objects.get().muted_at is None
    advance_escalations(now=at(10))
    assert Alert.objects.get().muted_at == at(10)
    sweep(20)
    sweep(70)
    first.refresh_from_db()
    assert (first.muted_at, first.muted_until) == (at(10), at(90))
    assert settle_due_mutes(now=at(71)) == 0
    sweep(90)
    assert said() == ["opened", "unmuted"]
    assert not Silence.objects.filter(applied_at=None).exists()
    assert not MaintenanceWindow.objects.filter(applied_at=None).exists()


def test_work_that_ends_early_lets_alerts_tell(world):
    window = MaintenanceWindowFactory(service=world.service)
    world.fires(0)
    assert said() == []
    maintenance.end_window_early(window, by=world.engineer, now=at(5))
    assert said() == ["opened"]


def test_only_the_worst_rung_of_a_ladder_tells(world):
    minor = world.fires(0, "minor", 4, metric="errors")
    assert said() == ["opened"]
    world.fires(1, "critical", 1, metric="errors")
    major = world.fires(2, "major", 2, metric="errors")
    other = world.fires(2, "other", 4, {"host": "db2"}, metric="errors")
    muted = Alert.objects.exclude(muted_at=None).values_list("pk", flat=True)
    assert set(muted) == {minor.pk, major.pk}
    assert other.pk not in muted
    mute = AlertMute.objects.get(alert=major)
    assert (mute.kind, mute.text, mute.until) == ("ladder", "critical is high", None)
    alerts.resolve_from_source(world.integration, "critical", now=at(5))
    assert set(Alert.objects.exclude(muted_at=None)) == {minor}
    rows = Notification.objects.filter(topic=f"alert:{major.pk}", recipient=None)
    assert [row.created_at for row in rows] == [at(5)]


def test_an_alert_that_becomes_another_leaves_its_silence(world):
    world.silence(0, 60)
    world.fires(1)
    assert said() == []
    world.fires(2, labels={"host": "db9"})
    assert said() == ["opened"]
    world.fires(3)
    assert Alert.objects.get().muted_at == at(3)
    world.fires(4, level=1, labels={"host": "db9"})
    assert said() == ["opened", "unmuted"]


def test_a_longer_silence_stays_and_other_matchers_make_a_new_one(world):
    world.fires(0)
    silence = world.silence(1, 9)
    same = silences.edit_silence(
        silence, make_draft(5, 60, comment="Longer"), by=world.engineer, now=at(2)
    )
    assert (same.pk, same.ends_at, same.starts_at) == (silence.pk, at(65), at(1))
    assert AlertMute.objects.get().until == at(65)
    other = silences.edit_silence(
        same, make_draft(3, 60, "host=db7"), by=world.engineer, now=at(3)
    )
    assert other.pk != silence.pk
    silence.refresh_from_db()
    assert silence.ends_at == at(3)
    assert said() == ["opened", "unmuted"]
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        "silence.create",
        "silence.edit",
        "silence.expire",
        "silence.create",
    ]
    for act in (
        lambda: silences.expire_silence(silence, by=None, now=at(4)),
        lambda: silences.edit_silence(
            silence, make_draft(4, 9), by=world.engineer, now=at(4)
        ),
    ):
        with pytest.raises(Refused):
            act()


def test_a_pending_silence_can_move_and_be_called_off(world):
    silence = world.silence(0, 60, start=30)
    moved = silences.edit_silence(
        silence, make_draft(40, 60), by=world.engineer, now=at(1)
    )
    assert (moved.pk, moved.starts_at) == (silence.pk, at(40))
    gone = silences.expire_silence(moved, by=world.engineer, now=at(2))
    assert (gone.starts_at, gone.ends_at) == (at(2), at(2))


def test_a_pending_silence_that_is_to_begin_now_is_a_new_one(world):
    silence = world.silence(0, 60, start=30)
    begun = silences.edit_silence(
        silence, make_draft(1, 60), by=world.engineer, now=at(1)
    )
    assert (begun.pk != silence.pk, begun.starts_at) == (True, at(1))
    silence.refresh_from_db()
    assert silence.ends_at == at(1)


def test_a_silence_of_a_service_leaves_the_others_alone(world):
    other = IntegrationFactory(service=ServiceFactory(team=world.service.team))
    world.silence(0, 60, service=world.service)
    signal = AlertSignal(dedup_key="x", summary="X", level=2, labels={"host": "db1"})
    assert alerts.ingest_alert(other, signal, now=at(1)).muted_at is None
    assert world.fires(1).muted_at == at(1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"comment": " "}, "comment"),
        ({"matchers": []}, "matchers"),
        ({"matchers": [Matcher("a", "", is_regex=False, is_equal=True)]}, "matchers"),
        ({"ends_at": NOW}, "ends_at"),
        ({"ends_at": NOW + 500 * timedelta(days=1)}, "ends_at"),
    ],
)
def test_a_silence_says_why_for_what_and_until_when(world, changes, field):
    draft = make_draft(0, 60)
    values = {name: getattr(draft, name) for name in draft.__slots__} | changes
    with pytest.raises(PortalError) as refused:
        silences.create_silence(
            world.service.team, None, SilenceDraft(**values), by=None, now=NOW
        )
    assert refused.value.field == field


def test_a_machine_silences_in_a_name(world):
    silence = silences.create_silence(
        world.service.team, None, make_draft(0, 9), by=None, now=NOW, author="ops"
    )
    assert (silence.author, silence.created_by) == ("ops", None)


def test_no_alert_is_asked_for_grounds_more_often_than_needed(
    world, django_assert_max_num_queries
):
    SilenceFactory.create_batch(3, team=world.service.team)
    world.fires(0, "a", metric="errors")
    with django_assert_max_num_queries(45):
        world.fires(1, "b", metric="errors")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=8,
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["fire", "end", "silence", "sweep"])), max_size=12
    )
)
def test_a_silenced_alert_never_tells_whatever_happens(world, steps):
    """Ends of silences tell exactly once for each alert that fires."""
    Notification.objects.all().delete()
    Alert.objects.all().delete()
    AlertSeries.objects.all().delete()
    Silence.objects.all().delete()
    minute = 0
    quiet_until = -1
    for (step,) in steps:
        # So slow that it is no flapping.
        minute += 10
        before = len(said())
        if step == "fire":
            world.fires(minute)
        elif step == "end":
            alerts.resolve_from_source(world.integration, "lag", now=at(minute))
        elif step == "silence":
            world.silence(minute, 30)
            quiet_until = max(quiet_until, minute + 30)
        else:
            settle_due_mutes(now=at(minute))
        if minute < quiet_until:
            assert len(said()) == before
    firing = Alert.objects.filter(status="firing").first()
    settle_due_mutes(now=at(minute + 100))
    if firing is not None:
        assert said()[-1] in {"opened", "unmuted"}
        count = len(said())
        settle_due_mutes(now=at(minute + 200))
        assert len(said()) == count
