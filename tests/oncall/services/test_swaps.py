"""Swaps: consent, all or nothing, and what ends a request."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from oncall.domain.rotation import timeline
from oncall.domain.swap import Leg, Parties
from oncall.models import (
    AuditEntry,
    Membership,
    Notification,
    Override,
    SwapRequest,
)
from oncall.queries import load_schedule, users_on_call
from oncall.queries.absences import away_in_swap
from oncall.queries.swaps import SwapChange, decided_swaps, open_swaps, shifts_of
from oncall.services.overrides import OverrideForm, add_override
from oncall.services.swap_checks import SwapForm
from oncall.services.swaps import (
    cancel_swap,
    decline_swap,
    expire_swaps,
    force_swap,
    preview_swap,
    request_swap,
    take_swap,
    undo_swap,
)
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.oncall import AbsenceFactory, UserFactory, make_weekly_schedule

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=4)


@pytest.fixture
def turns(schedule):
    """The primary's coming whole weeks: (person, leg)."""
    people = {user.pk: user for user in schedule.people}
    parts = timeline(load_schedule(schedule.pk), NOW, NOW + 12 * WEEK)
    return [
        (people[part.user], Leg("primary", part.start, part.end))
        for part in parts
        if part.role == "primary" and part.start > NOW
    ]


def others(schedule, *but):
    return [user for user in schedule.people if user not in but]


def primary_at(schedule, at):
    return [row.user_id for row in users_on_call(schedule.pk, at, "primary")]


def ask(schedule, giver, *legs, asked=None, **more):
    form = SwapForm(legs, asked.pk if asked else None, **more)
    return request_swap(schedule, form, by=giver, now=NOW)


@pytest.fixture
def wish(schedule, turns):
    """An open request to the whole team, its giver, and who could take it."""
    giver, leg = turns[0]
    taker = turns[2][0]
    return ask(schedule, giver, leg, reason="Dentist"), giver, taker, leg


def test_everybody_else_who_works_in_the_team_is_asked(schedule, turns):
    UserFactory(team=schedule.team, team__role="viewer")
    giver, leg = turns[0]
    swap = ask(schedule, giver, leg)
    told = Notification.objects.filter(topic=f"swap:{swap.pk}")
    assert {row.recipient for row in told} == set(others(schedule, giver))
    assert told[0].url == f"/swaps/{swap.pk}/"
    assert swap.expires_at == leg.start
    assert AuditEntry.objects.get().action == "swap.request"


def test_taking_moves_the_shift_and_tells_both(schedule, wish):
    swap, giver, taker, leg = wish
    take_swap(swap, by=taker, now=NOW)
    assert primary_at(schedule, leg.start) == [taker.pk]
    row = Override.objects.get()
    assert (row.source, row.swap, row.remove_user, row.add_user) == (
        "swap",
        swap,
        giver,
        taker,
    )
    told = Notification.objects.filter(topic=f"swap:{swap.pk}", state="pending")
    assert {row.recipient for row in told} == {giver, taker}
    assert [row.taker for row in decided_swaps([schedule.team_id], NOW)] == [taker.name]


def test_a_swap_with_something_in_return_is_made_of_all_its_legs(schedule, turns):
    (giver, mine), (other, theirs) = turns[0], turns[2]
    back = theirs._replace(is_return=True, end=theirs.start + DAY)
    swap = ask(schedule, giver, mine, back, asked=other)
    assert [row.recipient for row in Notification.objects.all()] == [other]
    take_swap(swap, by=other, now=NOW)
    assert Override.objects.count() == 2
    assert primary_at(schedule, mine.start) == [other.pk]
    assert primary_at(schedule, back.start) == [giver.pk]
    assert primary_at(schedule, back.end) == [other.pk]


def test_a_roster_that_changed_meanwhile_is_named_and_nothing_is_half_done(
    schedule, turns
):
    (giver, mine), (other, theirs) = turns[0], turns[2]
    back = theirs._replace(is_return=True)
    swap = ask(schedule, giver, mine, back, asked=other)
    third = turns[1][0]
    form = OverrideForm(
        theirs.start, theirs.end, "primary", add_user_id=third.pk, takes_role=True
    )
    add_override(schedule, form, by=third, now=NOW)
    with pytest.raises(Refused, match=f"The roster changed: .* {third} is primary"):
        take_swap(swap, by=other, now=NOW)
    swap.refresh_from_db()
    assert swap.state == "open"
    assert not Override.objects.filter(source="swap").exists()


def test_where_nobody_serves_any_more_it_says_nobody(schedule, wish):
    swap, giver, taker, leg = wish
    form = OverrideForm(leg.start, leg.end, "primary", remove_user_id=giver.pk)
    add_override(schedule, form, by=giver, now=NOW)
    with pytest.raises(Refused, match="nobody is primary"):
        take_swap(swap, by=taker, now=NOW)


def test_nobody_ends_up_on_call_twice_at_once(schedule, turns):
    giver, leg = turns[0]
    secondary = turns[1][0]
    swap = ask(schedule, giver, leg)
    with pytest.raises(Refused, match=r"on call twice .*secondary"):
        take_swap(swap, by=secondary, now=NOW)
    with pytest.raises(Refused, match="on call twice"):
        ask(schedule, *turns[4], asked=turns[5][0])


def test_only_who_is_asked_takes_and_declines(schedule, turns):
    (giver, leg), asked, stranger = turns[0], turns[2][0], turns[3][0]
    swap = ask(schedule, giver, leg, asked=asked)
    for person in (giver, stranger):
        with pytest.raises(Refused, match="somebody else"):
            take_swap(swap, by=person, now=NOW)
        with pytest.raises(Refused, match="Only the person"):
            decline_swap(swap, by=person, now=NOW)
    decline_swap(swap, by=asked, now=NOW, answer="On a train")
    assert (swap.state, swap.answer) == ("declined", "On a train")
    told = Notification.objects.filter(state="pending")
    assert [row.recipient for row in told] == [giver]
    with pytest.raises(Refused, match="declined already"):
        take_swap(swap, by=asked, now=NOW)


def test_a_viewer_takes_nothing(schedule, wish):
    swap, _, taker, _ = wish
    Membership.objects.filter(user=taker).update(role="viewer")
    with pytest.raises(PortalError, match="Only active responders"):
        take_swap(swap, by=taker, now=NOW)


def test_the_requester_takes_the_wish_back(schedule, wish):
    swap, giver, _taker, _ = wish
    cancel_swap(swap, by=giver, now=NOW)
    assert swap.state == "cancelled"
    assert not Notification.objects.filter(state="pending").exists()
    with pytest.raises(Refused, match="cancelled already"):
        cancel_swap(swap, by=giver, now=NOW)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": NOW - DAY}, "shifts"),
        ({"start": NOW + 3 * WEEK, "end": NOW + 2 * WEEK}, "shifts"),
        ({"end": NOW + timedelta(days=400)}, "shifts"),
        ({"role": "captain"}, "shifts"),
        ({"is_return": True}, "shifts"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_at_its_field(schedule, turns, change, field):
    giver, leg = turns[0]
    with pytest.raises(PortalError) as caught:
        ask(schedule, giver, leg._replace(**change))
    assert caught.value.field == field
    assert not SwapRequest.objects.exists()


def test_what_the_form_cannot_be(schedule, turns):
    (giver, leg), (other, theirs) = turns[0], turns[2]
    with pytest.raises(PortalError, match="chosen twice"):
        ask(schedule, giver, leg, leg)
    with pytest.raises(PortalError, match="one person"):
        ask(schedule, giver, leg, theirs._replace(is_return=True))
    with pytest.raises(PortalError, match="somebody else"):
        ask(schedule, giver, leg, asked=giver)
    with pytest.raises(PortalError, match="Only active responders"):
        ask(schedule, giver, leg, asked=UserFactory())
    with pytest.raises(Refused, match="not " + giver.name):
        ask(schedule, giver, theirs)
    ask(schedule, giver, leg)
    with pytest.raises(Refused, match="already"):
        ask(schedule, giver, leg._replace(start=leg.start + DAY), asked=other)


def test_the_preview_names_both_and_writes_nothing(schedule, turns):
    (giver, mine), (other, theirs) = turns[0], turns[2]
    back = theirs._replace(is_return=True, end=theirs.start + DAY)
    form = SwapForm((mine, back), other.pk)
    rows = preview_swap(schedule, form, requester=giver, now=NOW)
    assert sorted(rows, key=lambda row: row.gained) == [
        SwapChange(giver.name, "primary", DAY, WEEK),
        SwapChange(other.name, "primary", WEEK, DAY),
    ]
    alone = preview_swap(schedule, SwapForm((mine,)), requester=giver, now=NOW)
    assert alone == [SwapChange(giver.name, "primary", timedelta(), WEEK)]
    assert not SwapRequest.objects.exists()


def test_a_manager_s_word_is_recorded_as_such(schedule, turns):
    (giver, leg), taker = turns[0], turns[2][0]
    boss = UserFactory(team=schedule.team, team__role="manager")
    form = SwapForm((leg,), taker.pk)
    swap = force_swap(schedule, form, requester=giver, by=boss, now=NOW)
    assert (swap.state, swap.taker, swap.answer) == (
        "taken",
        taker,
        f"Decided by {boss}",
    )
    assert primary_at(schedule, leg.start) == [taker.pk]
    assert Override.objects.get().created_by == boss
    assert AuditEntry.objects.get().action == "swap.force"
    assert {row.recipient for row in Notification.objects.all()} == {giver, taker}
    with pytest.raises(PortalError, match="who takes"):
        force_swap(schedule, SwapForm((leg,)), requester=giver, by=boss, now=NOW)


def test_who_is_away_is_told_and_takes_it_only_on_purpose(schedule, turns):
    (giver, mine), (other, theirs) = turns[0], turns[2]
    back = theirs._replace(is_return=True)
    swap = ask(schedule, giver, mine, back, asked=other)
    for person, leg in ((other, mine), (giver, back), (other, back)):
        AbsenceFactory(user=person, starts_at=leg.start + DAY, ends_at=leg.end + WEEK)
    AbsenceFactory(user=other, starts_at=mine.start, ends_at=mine.end, cancelled_at=NOW)
    found = away_in_swap((mine, back), Parties(giver.pk, other.pk))
    assert [(row.name, row.starts_at, row.ends_at) for row in found] == [
        (other.name, mine.start + DAY, mine.end),
        (giver.name, back.start + DAY, back.end),
    ]
    with pytest.raises(Refused, match=f"{other.name} is away from .* all the same"):
        take_swap(swap, by=other, now=NOW)
    swap.refresh_from_db()
    assert swap.state == "open"
    take_swap(swap, by=other, now=NOW, though_away=True)
    assert primary_at(schedule, mine.start) == [other.pk]


def test_of_the_whole_team_nobody_is_known_to_be_away(turns):
    giver, leg = turns[0]
    assert away_in_swap((leg,), Parties(giver.pk, None)) == []


def test_a_manager_assigns_nobody_who_is_away(schedule, turns):
    (giver, leg), taker = turns[0], turns[2][0]
    AbsenceFactory(user=taker, starts_at=leg.start, ends_at=leg.end)
    boss = UserFactory(team=schedule.team, team__role="manager")
    with pytest.raises(Refused, match="Choose somebody who is there"):
        force_swap(schedule, SwapForm((leg,), taker.pk), requester=giver, by=boss,
                   now=NOW)  # fmt: skip
    assert not SwapRequest.objects.exists()


def test_undo_gives_every_shift_back(schedule, wish):
    swap, giver, taker, leg = wish
    with pytest.raises(Refused, match="begun"):
        undo_swap(swap, by=giver, now=NOW)  # nobody took it yet
    take_swap(swap, by=taker, now=NOW)
    undo_swap(swap, by=taker, now=NOW + timedelta(hours=1))
    assert primary_at(schedule, leg.start) == [giver.pk]
    assert decided_swaps([schedule.team_id], NOW + DAY)[0].was_undone
    with pytest.raises(Refused, match="cannot be undone"):
        undo_swap(swap, by=taker, now=NOW + timedelta(hours=2))


def test_undo_ends_with_the_shift_s_begin_and_after_thirty_days(schedule, turns):
    late = turns[8]
    taker = next(p for p, _ in turns[:4] if p not in {late[0], turns[9][0]})
    swap = ask(schedule, *late)
    take_swap(swap, by=taker, now=NOW)
    with pytest.raises(Refused, match="cannot be undone"):
        undo_swap(swap, by=taker, now=NOW + timedelta(days=31))
    with pytest.raises(Refused, match="begun"):
        undo_swap(swap, by=taker, now=late[1].start)


def test_undo_waits_for_what_was_swapped_on(schedule, turns, wish):
    swap, giver, taker, leg = wish
    take_swap(swap, by=taker, now=NOW)
    third = next(p for p in schedule.people if p not in {giver, taker, turns[1][0]})
    on = ask(schedule, taker, leg)
    take_swap(on, by=third, now=NOW + timedelta(minutes=1))
    with pytest.raises(Refused, match=f"{third} is primary"):
        undo_swap(swap, by=giver, now=NOW + timedelta(minutes=2))
    swap.refresh_from_db()
    assert swap.state == "taken"


def test_what_nobody_took_expires_when_it_begins(schedule, wish):
    swap, giver, taker, leg = wish
    assert expire_swaps(now=leg.start - timedelta(seconds=1)) == 0
    with pytest.raises(Refused, match="over already"):
        take_swap(swap, by=taker, now=leg.start)
    Notification.objects.all().delete()
    assert expire_swaps(now=leg.start) == 1
    assert expire_swaps(now=leg.start) == 0
    swap.refresh_from_db()
    assert swap.state == "expired"
    assert [row.recipient for row in Notification.objects.all()] == [giver]
    assert open_swaps([schedule.team_id], NOW) == []


def test_open_requests_and_shifts_are_flat_rows(
    schedule, wish, django_assert_num_queries
):
    _swap, giver, _, leg = wish
    # Whether there are any, the requests, and the shifts of all of them.
    with django_assert_num_queries(3):
        row = open_swaps([schedule.team_id], NOW, schedule_pk=schedule.pk)[0]
    assert (row.requester, row.asked, row.tone) == (giver.name, "", "acc")
    assert [(each.starts_at, each.ends_at) for each in row.given] == [leg[1:3]]
    mine = shifts_of(giver.pk, [schedule.team_id], NOW)
    assert leg[:3] in [(s.role, s.starts_at, s.ends_at) for s in mine]
    assert {shift.user_id for shift in mine} == {giver.pk}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_at_once_exactly_one_has_it(schedule, turns):
    giver, leg = turns[0]
    swap = ask(schedule, giver, leg)
    # All but the giver and the secondary of that week can take it.
    takers = others(schedule, giver, turns[1][0])
    barrier, outcomes = threading.Barrier(len(takers)), []

    def take(person):
        mine = SwapRequest.objects.get(pk=swap.pk)
        barrier.wait()
        try:
            take_swap(mine, by=person, now=NOW)
            outcomes.append("taken")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[person]) for person in takers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", "taken"]
    assert Override.objects.filter(swap=swap).count() == 1


def test_an_expiry_that_lost_the_race_changes_nothing(schedule, wish, monkeypatch):
    swap, _, taker, leg = wish
    take_swap(swap, by=taker, now=NOW)
    from oncall.services import swaps  # noqa: PLC0415 -- its private half

    assert swaps._expire(swap.pk, leg.start) == 0
