"""Policies as managers edit them: versions, words, people and warnings."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from oncall.domain.escalation_story import Story
from oncall.models import AuditEntry, EscalationPolicyVersion, NotificationRule, Role
from oncall.queries.policies import (
    find_policy,
    history_of,
    list_policies,
    newest_version,
    services_of,
    versions,
)
from oncall.queries.simulation import say_reason, tell_story
from oncall.queries.targets import TargetBook, ways_of
from oncall.services import policies
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm, read_form
from opsportal.kit.errors import Conflict, PortalError
from tests.conftest import NOW
from tests.factories.oncall import (
    AdminFactory,
    ChannelFactory,
    ContactMethodFactory,
    MembershipFactory,
    OverrideFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def team():
    return TeamFactory(name="Data")


@pytest.fixture
def schedule(team):
    return make_weekly_schedule(team, name="Data rotation")


@pytest.fixture
def manager(team):
    return UserFactory(name="Team lead", team=team, team__role=Role.MANAGER)


def to(kind, row=None, **fields):
    return TargetForm(kind=kind, pk=row.pk if row else None, **fields)


def step(minutes, *targets, **fields):
    delay = None if minutes is None else minutes * MINUTE
    fields = {"name": f"Step at {minutes}", **fields}
    return StepForm(delay=delay, targets=targets, **fields)


def form(*steps, **fields):
    return PolicyForm(steps=steps, **fields)


@pytest.fixture
def make(team, manager):
    def make(*steps, slug="data", **fields):
        return policies.create_policy(
            team, name="Data", slug=slug, form=form(*steps, **fields), by=manager,
            now=NOW,
        )  # fmt: skip

    return make


@pytest.fixture
def ladder_of(make):
    """The steps of a version, and the book of who stands behind them."""

    def build(*steps, at=NOW):
        version = newest_version(make(*steps).pk)
        return TargetBook(list(version.steps.all()), version.policy.team, since=at)

    return build


def test_a_policy_is_saved_as_entered_and_read_back(make, schedule, manager):
    ladder = form(
        step(0, to("schedule", schedule, role="primary")),
        step(
            15,
            to("user", manager, title="Engineering lead"),
            condition="unresolved",
            requires="customer_impact",
            window_days=(0, 1),
            window_starts=time(9),
            window_ends=time(17),
            instructions="Approves a rollback.",
        ),
        step(None, to("team", schedule.team, scope="on_call")),
        repeats=1,
        repeat_after=10 * MINUTE,
        repeat_from=1,
        ack_expires_after=60 * MINUTE,
    )
    policy = make(*ladder.steps, **vars_of(ladder))
    version = newest_version(policy.pk)

    assert read_form(version) == replace(ladder, based_on=1)
    (row,) = list_policies([policy.team_id])
    assert row.sentences == [
        "At once: on-call primary of Data rotation, by their page rules.",
        "After 15 min if not resolved when labelled customer_impact (Mon, Tue 09:00 "
        "to 17:00 Europe/Berlin): Engineering lead (Team lead), by their page rules.",
        "When somebody escalates: everybody on call of Data, by their page rules.",
        "Then again from step 2 after 10 min, once.",
        "An acknowledgement ends 1 h later if not resolved.",
    ]
    assert AuditEntry.objects.get(action="policy.create").team_id == policy.team_id


def vars_of(ladder):
    names = ("repeats", "repeat_after", "repeat_from", "ack_expires_after")
    return {name: getattr(ladder, name) for name in names}


def test_versions_are_appended_and_none_is_changed(make, manager):
    policy = make(step(0, to("user", manager)))
    first = EscalationPolicyVersion.objects.values().get()
    policies.append_version(
        policy,
        form(step(5, to("user", manager)), based_on=1, note="Later"),
        by=manager, now=NOW, name="Data team",
    )  # fmt: skip
    policies.restore_version(policy, 1, by=manager, now=NOW)

    assert EscalationPolicyVersion.objects.filter(number=1).values().get() == first
    newest, middle, oldest = history_of(policy.pk)
    assert (newest.number, newest.is_newest, newest.note) == (
        3, True, "Back to version 1",
    )  # fmt: skip
    assert newest.sentences == oldest.sentences
    assert [f"{each.sign} {each.text}" for each in middle.changes] == [
        "- At once: Team lead, by their page rules.",
        "+ After 5 min if nobody acknowledged: Team lead, by their page rules.",
    ]
    assert oldest.changes == []
    assert find_policy("data", [policy.team_id]).name == "Data team"
    assert find_policy("data", []) is None


def test_two_editors_do_not_overwrite_each_other(make, manager):
    policy = make(step(0, to("user", manager)))
    edited = form(step(5, to("user", manager)), based_on=1)
    policies.append_version(policy, edited, by=manager, now=NOW)
    with pytest.raises(Conflict, match="Team lead changed this policy"):
        policies.append_version(policy, edited, by=manager, now=NOW)


def test_a_policy_without_versions_takes_its_first(make, manager):
    policy = make(step(0, to("user", manager)))
    policy.versions.all().delete()
    (row,) = list_policies([policy.team_id])
    assert (row.version, row.sentences) == (0, [])
    first = form(step(0, to("user", manager)))
    assert policies.append_version(policy, first, by=manager, now=NOW).number == 1


def test_a_missing_version_cannot_be_restored(make, manager):
    policy = make(step(0, to("user", manager)))
    with pytest.raises(PortalError, match="no such version"):
        policies.restore_version(policy, 9, by=manager, now=NOW)


def test_a_short_name_is_taken_only_once(make, manager):
    make(step(0, to("user", manager)))
    with pytest.raises(PortalError) as caught:
        make(step(0, to("user", manager)))
    assert (caught.value.code, caught.value.field) == ("taken", "slug")


LEAD = TargetForm(kind="title", title="Lead")
OTHER = TargetForm(kind="user", pk=10**9)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (form(), "steps"),
        (form(*[step(0, LEAD)] * 21), "steps"),
        (form(step(0, LEAD), repeats=21), "repeats"),
        (form(step(0, LEAD), repeats=1), "repeat_after"),
        (form(step(0, LEAD), repeats=1, repeat_after=MINUTE, repeat_from=1),
         "repeat_from"),
        (form(step(0, LEAD), ack_expires_after=timedelta(seconds=1)),
         "ack_expires_after"),
        (form(step(0, LEAD), step(0, LEAD, name=" ")), "steps.1.name"),
        (form(step(-1, LEAD)), "steps.0.delay"),
        (form(step(60 * 24 * 8, LEAD)), "steps.0.delay"),
        (form(step(0, LEAD, min_level=2, max_level=3)), "steps.0.min_level"),
        (form(step(0, LEAD, requires="no label!")), "steps.0.requires"),
        (form(step(0, LEAD, condition="never")), "steps.0.condition"),
        (form(step(0, LEAD, window_days=(7,))), "steps.0.window_days"),
        (form(step(0, LEAD, window_starts=time(9))), "steps.0.window_ends"),
        (form(step(0, LEAD, window_starts=time(9), window_ends=time(9))),
         "steps.0.window_ends"),
        (form(step(0, LEAD, window_zone="Mars/Base")), "steps.0.window_zone"),
        (form(step(0)), "steps.0.targets"),
        (form(step(0, *[LEAD] * 13)), "steps.0.targets"),
        (form(step(0, TargetForm(kind="title"))), "steps.0.targets"),
        (form(step(0, TargetForm(kind="title", title="x" * 121))), "steps.0.targets"),
        (form(step(0, TargetForm(kind="planet", pk=1))), "steps.0.targets"),
        (form(step(0, OTHER)), "steps.0.targets"),
        (form(step(0, replace(OTHER, kind="schedule"))), "steps.0.targets"),
        (form(step(0, replace(OTHER, kind="team"))), "steps.0.targets"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_its_field(make, bad, field):
    with pytest.raises(PortalError) as caught:
        make(*bad.steps, **vars_of(bad))
    assert caught.value.field == field
    assert not EscalationPolicyVersion.objects.exists()


def test_a_name_is_needed(make, manager, team):
    policy = make(step(0, to("user", manager)))
    with pytest.raises(PortalError, match="name"):
        policies.append_version(
            policy, form(step(0, LEAD)), by=manager, now=NOW, name=" "
        )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"role": "pilot"}, "no such role"),
        ({"offset": "later"}, "now, or next"),
    ],
)
def test_a_schedule_has_only_its_own_roles(make, schedule, fields, words):
    with pytest.raises(PortalError, match=words):
        make(step(0, to("schedule", schedule, **fields)))


def test_a_team_target_needs_a_scope(make, team):
    with pytest.raises(PortalError, match="members, managers"):
        make(step(0, to("team", team)))


@pytest.mark.parametrize("kind", ["user", "schedule", "team", "channel"])
def test_things_of_another_team_are_refused(make, kind):
    other = TeamFactory()
    row = {
        "user": lambda: UserFactory(team=other),
        "schedule": lambda: make_weekly_schedule(other),
        "team": lambda: other,
        "channel": lambda: ChannelFactory(team=other),
    }[kind]()
    with pytest.raises(PortalError, match="in this team"):
        make(step(0, to(kind, row)))


def test_services_follow_exactly_as_chosen(make, team, manager):
    policy = make(step(0, to("user", manager)))
    first, second = ServiceFactory(team=team), ServiceFactory(team=team, policy=policy)

    def assign(*rows):
        pks = [row.pk for row in rows]
        return policies.assign_services(policy, pks, by=manager, now=NOW)

    assert assign(first) == 2
    assert assign(first) == 0
    assert [row.policy for row in services_of(team.pk)] == [policy, None]
    assert AuditEntry.objects.get(action="policy.assign").before == {
        "services": [second.slug]
    }
    with pytest.raises(PortalError, match="no such service"):
        assign(ServiceFactory())


def test_only_a_policy_that_nobody_follows_can_go(make, team, manager):
    policy = make(step(0, to("user", manager)))
    service = ServiceFactory(team=team, policy=policy, name="Queue")
    with pytest.raises(PortalError, match="Queue still follows"):
        policies.delete_policy(policy, by=manager, now=NOW)
    service.policy = None
    service.save()
    policies.delete_policy(policy, by=manager, now=NOW)
    assert list_policies([team.pk]) == []


def names(book, place=0, at=NOW):
    return [
        [each.name for each in found.recipients] or found.problem
        for found in book.find(place, at)
    ]


def test_targets_lead_to_the_people_of_the_moment(ladder_of, schedule, team, manager):
    first, second, third = (each.name for each in schedule.people)
    channel = ChannelFactory(team=team, name="#ops")
    viewer = UserFactory()
    MembershipFactory(user=viewer, team=team, role=Role.VIEWER)
    book = ladder_of(
        step(
            0,
            to("schedule", schedule, role="primary"),
            to("schedule", schedule, role="primary", offset="next"),
            to("schedule", schedule),
            to("user", manager),
            to("team", team, scope="managers"),
            to("channel", channel),
            LEAD,
        ),
        step(5, to("team", team, scope="on_call"), to("team", team, scope="members")),
    )
    now_primary, now_secondary = names(book)[2]
    assert names(book) == [
        [now_primary],
        [now_secondary],
        [now_primary, now_secondary],
        ["Team lead"],
        ["Team lead"],
        ["#ops"],
        "has no account and cannot be paged",
    ]
    everybody, members = names(book, 1)
    assert everybody == [now_primary, now_secondary]
    assert members == sorted([first, second, third, "Team lead"])
    told = book.people_of(0, [0, 2, 4, 5], NOW)
    assert [each.name for each in told] == [
        now_primary, now_secondary, "Team lead", "#ops",
    ]  # fmt: skip
    week_later = NOW + timedelta(weeks=1)
    assert names(book, at=week_later)[0] == [now_secondary]


def test_an_override_counts_from_its_moment(ladder_of, schedule):
    stand_in = UserFactory(name="Stand-in", team=schedule.team)
    OverrideFactory(schedule=schedule, add_user=stand_in, takes_role=True)
    book = ladder_of(step(0, to("schedule", schedule, role="primary")))
    assert names(book) == [["Stand-in"]]
    assert names(book, at=NOW + timedelta(hours=9)) != [["Stand-in"]]


def test_whoever_is_gone_is_nobody(ladder_of, schedule, team, manager):
    leaver = UserFactory(team=team)
    channel = ChannelFactory(team=team)
    targets = (to("user", leaver), to("user", manager), to("channel", channel))
    book = ladder_of(
        step(0, *targets, to("team", team, scope="managers")),
        step(5, to("schedule", schedule), to("schedule", schedule, offset="next")),
    )
    assert book.last_resort()[0].name == "Team lead"
    leaver.memberships.all().delete()
    channel.is_enabled = False
    channel.save()
    for user in (manager, *schedule.people):
        user.is_active = False
        user.save()
    admin = AdminFactory(name="Admin")
    version = EscalationPolicyVersion.objects.get()
    book = TargetBook(list(version.steps.all()), team, since=NOW)
    assert names(book) == [
        "is no longer in the team",
        "the account is inactive",
        "the channel is off",
        "nobody is there",
    ]
    assert names(book, 1) == ["nobody is on call", "nobody is next"]
    assert book.reachable_from(0, NOW) == [None] * 4
    assert [each.name for each in book.last_resort()] == [admin.name]


def test_hours_of_the_responder_are_on_their_own_clock(ladder_of, team):
    tokyo = UserFactory(name="Tokyo", team=team, time_zone="Asia/Tokyo")
    berlin = UserFactory(name="Berlin", team=team)
    channel = ChannelFactory(team=team, name="#ops")
    book = ladder_of(
        step(
            0,
            to("user", tokyo),
            to("user", berlin),
            to("channel", channel),
            LEAD,
            window_starts=time(9),
            window_ends=time(17),
            window_zone="responder",
        )
    )
    opens = NOW.replace(day=15, hour=0, minute=0)
    assert book.reachable_from(0, NOW) == [opens, NOW, NOW, None]

    def told(**fields):
        return [each.name for each in book.people_of(0, [0, 1, 2], NOW, **fields)]

    assert told() == ["Berlin", "#ops"]
    assert told(ignores_hours=True) == ["Tokyo", "Berlin", "#ops"]


def test_weak_ladders_are_warned_about(make, team, manager):
    ContactMethodFactory(user=manager)
    mute = UserFactory(name="Engineer M", team=team)
    policy = make(
        step(None, to("user", manager), LEAD),
        step(None, LEAD),
        step(None, to("user", mute)),
    )
    version = newest_version(policy.pk)
    assert policies.warn_about(version, now=NOW) == [
        "Step 1: Lead: has no account and cannot be paged.",
        "Step 2 would tell nobody now (Lead: has no account and cannot be paged).",
        "Engineer M has no verified contact method; only the account's email is left.",
        "No step has a time: nobody is told until somebody escalates.",
    ]
    good = make(step(0, to("user", manager)), slug="good")
    assert policies.warn_about(newest_version(good.pk), now=NOW) == []
    version.steps.get(position=1).targets.all().delete()
    empty = versions().get(pk=version.pk)
    assert "it has no target" in policies.warn_about(empty, now=NOW)[1]


def test_a_story_tells_who_when_and_how(make, team, schedule, manager):
    ContactMethodFactory(user=manager)
    second = ContactMethodFactory(user=manager, kind="webhook", label="Pager")
    NotificationRule.objects.create(user=manager, contact_method=second)
    slow = ContactMethodFactory(user=manager, label="Home")
    rule = {"user": manager, "contact_method": slow, "delay": 10 * MINUTE}
    NotificationRule.objects.create(**rule)
    channel = ChannelFactory(team=team, name="#ops")
    policy = make(
        step(0, to("user", manager, title="Lead"), to("channel", channel)),
        step(5, LEAD, condition="unresolved"),
        step(5, to("user", manager), requires="emergency"),
        step(5, to("user", manager), window_days=(6,)),
        ack_expires_after=30 * MINUTE,
    )
    story = Story(
        opened_at=NOW,
        level=1,
        acknowledged_at=NOW + 5 * MINUTE,
        resolved_at=NOW + 34 * MINUTE,
    )
    lines = tell_story(newest_version(policy.pk), story)

    assert [(line.after / MINUTE, line.act, line.text) for line in lines] == [
        (0, "tell", ""),
        (5, "pass", "Nobody is there."),
        (5, "last_resort", "Nobody could be told, so the managers of the team are."),
        (5, "pass", "The alert does not carry its label."),
        (5, "pass", "Somebody has acknowledged."),
        (34, "end", "Nobody else is told."),
    ]
    person, place = lines[0].told
    assert (person.name, person.via, place.kind, place.ways[0].label) == (
        "Team lead", "Lead", "channel", "Email",
    )  # fmt: skip
    assert [(way.at - NOW, way.label, way.is_stopped) for way in person.ways] == [
        (timedelta(), "Webhook (Pager)", False),
        (10 * MINUTE, "Email (Home)", True),
    ]
    calm = tell_story(newest_version(policy.pk), Story(opened_at=NOW, level=1))
    closed = next(line for line in calm if line.opens_at)
    assert closed.text == "Outside of Sun Europe/Berlin."
    assert say_reason("level") == "Not meant for this level."
    assert say_reason("") == ""


def test_people_without_methods_are_told_by_their_account(manager):
    assert [label for _, label in ways_of([manager.pk])[manager.pk]] == [
        "the account's email"
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_asks_the_same_number_of_questions(
    make, manager, team, schedule, rows, django_assert_num_queries
):
    for number in range(rows):
        make(
            step(0, to("user", manager), to("schedule", schedule)),
            slug=f"p{number}",
        )
    with django_assert_num_queries(6):
        list_policies([team.pk])
