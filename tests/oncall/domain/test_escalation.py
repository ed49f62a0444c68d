"""Which step comes next, by hand-made ladders."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.domain.escalation import (
    begin,
    begin_again,
    force_next,
    is_acknowledged,
    next_move,
    restart,
    serves,
)
from oncall.domain.ladder import AckMode, Act, Alert, Reason, Strategy
from oncall.domain.step_window import StepWindow
from tests.oncall.domain.ladders import (
    HOUR,
    MINUTE,
    OPENED,
    UNRESOLVED,
    acts,
    all_there,
    ladder,
    passed,
    play,
    rung,
    story,
    told,
)

BERLIN = ZoneInfo("Europe/Berlin")


def firing(**fields):
    return Alert(opened_at=OPENED, level=1, **fields)


def move_at(policy, state, alert, minutes, empty=()):
    now = OPENED + minutes * MINUTE
    find = all_there(policy, empty)
    return next_move(policy, state, alert, now, lambda step: find(now, step))


def test_delays_count_from_the_opening_of_the_alert():
    assert told(play(ladder(0, 15, 30))) == [(0, 0), (15, 1), (30, 2)]


def test_nothing_is_told_before_its_moment():
    move = move_at(ladder(15), begin(firing()), firing(), 14.9)
    assert (move.act, move.at) == (Act.WAIT, OPENED + 15 * MINUTE)


def test_steps_of_one_moment_go_together_whatever_their_order():
    assert told(play(ladder(0, 30, 0))) == [(0, 0), (0, 2), (30, 1)]


def test_an_acknowledgement_silences_what_asks_for_it_and_no_more():
    policy = ladder(0, 15, rung(30, condition=UNRESOLVED))
    events = play(policy, story(ack=5))
    assert told(events) == [(0, 0), (30, 2)]
    assert passed(events) == [(15, 1, Reason.ACKNOWLEDGED)]


def test_a_resolution_ends_it():
    events = play(ladder(0, 15), story(over=15))
    assert acts(events) == [(Act.TELL, 0), (Act.END, None)]


def test_a_step_is_passed_over_outside_of_its_levels_and_without_its_label():
    policy = ladder(
        rung(0, min_level=1), rung(0, max_level=2), rung(5, requires="customer_impact")
    )
    events = play(policy, story(level=2))
    assert told(events) == [(0, 1)]
    assert passed(events) == [(0, 0, Reason.LEVEL), (5, 2, Reason.LABEL)]
    assert told(play(policy, story(2, ["customer_impact"]))) == [(0, 1), (5, 2)]


@pytest.mark.parametrize("word", ["", "no", "False", " 0 "])
def test_a_label_that_denies_is_no_label(word):
    policy = ladder(rung(0, requires="emergency"))
    alert = firing(labels={"emergency": word})
    assert move_at(policy, begin(alert), alert, 0).reason is Reason.LABEL


def test_what_was_passed_over_is_told_at_once_when_it_comes_to_hold():
    policy = ladder(rung(0, requires="emergency"), 30)
    alert = firing()
    move = move_at(policy, begin(alert), alert, 0)
    move = move_at(policy, move.state, firing(labels={"emergency": "yes"}), 20)
    assert (move.act, move.step) == (Act.TELL, 0)
    # Nobody was late, so what follows keeps its moment.
    assert move_at(policy, move.state, alert, 30).step == 1
    # Days later it is no history either: it holds only now.
    state = replace(begin(alert), told=frozenset({1}), passed=frozenset({0}))
    label = firing(labels={"emergency": "yes"})
    assert move_at(policy, state, label, 9999).act is Act.TELL


def test_an_empty_step_hands_on_at_once_and_not_after_the_delay():
    events = play(ladder(0, 15, 30), empty={0})
    assert told(events) == [(0, 1), (30, 2)]
    assert passed(events) == [(0, 0, Reason.NOBODY)]


def test_several_empty_steps_hand_on_to_the_first_that_tells():
    assert told(play(ladder(0, 15, None, 30), empty={0, 1})) == [(0, 2), (30, 3)]


def test_the_last_resort_hears_when_nobody_else_can():
    events = play(ladder(0, 15), empty={0, 1})
    assert acts(events) == [(Act.PASS, 0), (Act.PASS, 1), (Act.LAST_RESORT, None)]
    assert {event.at for event in events} == {OPENED}


def test_a_step_that_must_not_be_skipped_tells_the_last_resort_instead():
    events = play(ladder(rung(0, skip_if_empty=False), 15), empty={0})
    assert acts(events) == [(Act.PASS, 0), (Act.LAST_RESORT, None), (Act.TELL, 1)]
    assert told(events) == [(15, 1)]


def test_an_empty_step_hands_on_to_none_that_is_closed_or_not_meant():
    closed = StepWindow(starts=time(20), ends=time(21), zone=BERLIN)
    policy = ladder(
        0, rung(5, min_level=1, max_level=1), rung(15, window=closed), rung(30)
    )
    assert told(play(policy, story(level=2), empty={0}))[0] == (0, 3)


def test_an_empty_step_hands_on_to_an_open_window():
    open_now = StepWindow(starts=time(9), ends=time(17), zone=BERLIN)
    assert told(play(ladder(0, rung(15, window=open_now)), empty={0})) == [(0, 1)]


def test_a_step_without_a_time_waits_for_a_person():
    policy = ladder(0, None)
    assert told(play(policy)) == [(0, 0)]
    alert = firing()
    state = move_at(policy, begin(alert), alert, 0).state
    assert move_at(policy, state, alert, 60).at is None
    forced = force_next(policy, state, alert)
    assert move_at(policy, forced, alert, 60).step == 1


def test_a_person_escalates_past_an_acknowledgement_but_only_once():
    policy = ladder(0, 15)
    alert = firing(acknowledged_at=OPENED + MINUTE)
    state = replace(begin(alert), told=frozenset({0}))
    move = move_at(policy, force_next(policy, state, alert), alert, 2)
    assert (move.act, move.step, move.state.by_hand) == (Act.TELL, 1, False)
    assert force_next(policy, move.state, alert) is None


def test_escalating_goes_upwards_first_and_then_to_what_was_left_out():
    policy = ladder(0, rung(15, requires="x"), 30)
    state = replace(begin(firing()), told=frozenset({2}))
    assert force_next(policy, state, firing()).forced == 0
    state = replace(state, told=frozenset({0}))
    assert force_next(policy, state, firing()).forced == 2


def test_escalating_to_an_empty_step_hands_on_past_the_acknowledgement():
    policy = ladder(0, 15, 30)
    alert = firing(acknowledged_at=OPENED)
    state = replace(begin(alert), told=frozenset({0}))
    move = move_at(policy, force_next(policy, state, alert), alert, 5, empty={1})
    assert move.reason is Reason.NOBODY
    assert (move.state.forced, move.state.by_hand) == (2, True)


def test_an_empty_step_hands_on_to_none_that_an_acknowledgement_stopped():
    policy = ladder(rung(5, condition=UNRESOLVED), 15)
    events = play(policy, story(ack=1), empty={0})
    assert acts(events)[:2] == [(Act.PASS, 0), (Act.LAST_RESORT, None)]


def test_a_closed_window_waits_until_it_opens():
    office = StepWindow(frozenset(range(5)), time(9), time(17), BERLIN)
    policy = ladder(rung(0, window=office), 600)
    late = OPENED + timedelta(hours=8)
    events = play(policy, replace(story(), opened_at=late))
    assert [(event.move.act, event.move.step) for event in events] == [
        (Act.PASS, 0),
        (Act.TELL, 1),
        (Act.TELL, 0),
    ]
    assert events[0].move.opens_at == events[2].at
    assert events[2].at == datetime(2026, 1, 15, 8, tzinfo=UTC)


def test_hours_of_the_responder_wait_for_the_first_who_has_them():
    policy = ladder(rung(0, targets=2), 5)
    opens = OPENED + 2 * HOUR

    def find(at, step):
        return [max(opens, at), None] if step == 0 else [at]

    events = play(policy, find=find)
    assert passed(events) == [(0, 0, Reason.WINDOW)]
    assert events[0].move.opens_at == opens
    assert told(events) == [(5, 1), (120, 0)]


def test_an_order_by_hand_does_not_ask_for_hours():
    policy = ladder(rung(5))
    state = force_next(policy, begin(firing()), firing())
    move = next_move(policy, state, firing(), OPENED, lambda _: [OPENED + HOUR])
    assert (move.act, move.targets) == (Act.TELL, (0,))


def test_an_empty_step_hands_on_past_those_outside_of_their_hours():
    policy = ladder(0, 5, 10)

    def find(at, step):
        return [[None], [OPENED + HOUR], [at]][step]

    assert told(play(policy, find=find)) == [(0, 2)]


def test_round_robin_tells_the_next_who_is_there():
    step = rung(0, strategy=Strategy.ROUND_ROBIN, targets=3)
    policy = ladder(step, repeats=3, repeat_after=10 * MINUTE)

    def find(at, step):
        return [at, None, at]

    events = play(policy, find=find, turn=1)
    assert [e.move.targets for e in events if e.move.act is Act.TELL] == [
        (2,),
        (2,),
        (0,),
        (2,),
    ]


def test_it_repeats_from_a_step_and_then_rests():
    policy = ladder(0, 15, 30, repeats=2, repeat_after=10 * MINUTE, repeat_from=1)
    assert told(play(policy)) == [
        (0, 0),
        (15, 1),
        (30, 2),
        (40, 1),
        (55, 2),
        (65, 1),
        (80, 2),
    ]


def test_it_does_not_repeat_for_nobody():
    policy = ladder(0, repeats=2, repeat_after=10 * MINUTE)
    assert acts(play(policy, story(ack=5))) == [(Act.TELL, 0)]
    policy = ladder(0, None, repeats=2, repeat_from=1)
    assert told(play(policy)) == [(0, 0)]


def test_a_repeat_without_a_pause_takes_a_minute():
    assert told(play(ladder(0, repeats=1))) == [(0, 0), (1, 0)]


def test_a_repeat_begins_where_nothing_was_told_at_all():
    policy = ladder(rung(0, requires="x"), None, repeats=1, repeat_from=0)
    assert told(play(policy)) == []


def test_an_acknowledgement_that_expires_gives_back_what_it_stopped():
    policy = ladder(
        rung(0, condition=UNRESOLVED),
        0,
        15,
        rung(30, condition=UNRESOLVED),
        ack_expires_after=20 * MINUTE,
    )
    events = play(policy, story(ack=5))
    assert told(events) == [(0, 0), (0, 1), (25, 1), (30, 3), (40, 2)]
    assert (Act.EXPIRE, None) in acts(events)


def test_everybody_told_must_acknowledge():
    policy = ladder(rung(0, ack_mode=AckMode.EACH), 15)
    state = replace(begin(firing()), told=frozenset({0}), awaited=frozenset({1, 2}))
    half = firing(acknowledged_at=OPENED, acknowledged_by=frozenset({1}))
    assert move_at(policy, state, half, 15).act is Act.TELL
    whole = replace(half, acknowledged_by=frozenset({1, 2, 3}))
    assert move_at(policy, state, whole, 15).reason is Reason.ACKNOWLEDGED
    assert not is_acknowledged(state, firing())


def test_after_an_outage_steps_keep_their_distances():
    policy, alert = ladder(0, 0, 15, 30), firing()
    state = begin(alert)
    for step in (0, 1):
        move = move_at(policy, state, alert, 50)
        assert (move.act, move.step) == (Act.TELL, step)
        state = move.state
    wait = move_at(policy, state, alert, 50)
    assert (wait.act, wait.at) == (Act.WAIT, OPENED + 65 * MINUTE)
    # The next sweep being a little late moves nothing.
    move = move_at(policy, state, alert, 65.5)
    assert move_at(policy, move.state, alert, 66).at == OPENED + 80 * MINUTE


def test_what_is_due_for_more_than_a_day_is_held():
    policy, alert = ladder(0, 15), firing()
    move = move_at(policy, begin(alert), alert, 24 * 60 + 1)
    assert (move.act, move.step) == (Act.HOLD, 0)
    state = begin_again(move.state, OPENED + 25 * HOUR)
    assert move_at(policy, state, alert, 25 * 60).act is Act.TELL


def test_an_acknowledgement_and_a_repeat_of_yesterday_are_held_too():
    policy = ladder(0, repeats=1, ack_expires_after=HOUR)
    state = replace(begin(firing()), told=frozenset({0}), last_at=OPENED)
    acknowledged = firing(acknowledged_at=OPENED)
    assert move_at(policy, state, acknowledged, 26 * 60).act is Act.HOLD
    assert move_at(policy, state, firing(), 26 * 60).act is Act.HOLD


def test_an_alert_of_days_ago_still_climbs_when_its_moment_comes():
    office = StepWindow(frozenset({0}), time(9), time(17), BERLIN)
    policy = ladder(rung(0, window=office))
    events = play(policy)
    assert events[-1].move.act is Act.TELL
    assert events[-1].at == datetime(2026, 1, 19, 8, tzinfo=UTC)


def test_a_new_alert_after_a_weekend_without_an_engine_finds_the_window_open():
    office = StepWindow(frozenset(range(5)), time(9), time(17), BERLIN)
    policy = ladder(rung(0, window=office))
    alert = replace(firing(), opened_at=OPENED - 14 * HOUR)
    move = next_move(policy, begin(alert), alert, OPENED, lambda _: [OPENED])
    assert (move.act, move.at) == (Act.TELL, datetime(2026, 1, 14, 8, tzinfo=UTC))


def test_a_restart_counts_from_the_later_of_both():
    policy = ladder(5, repeats=1)
    state = restart(policy, begin(firing()), OPENED + HOUR)
    assert move_at(policy, state, firing(), 61).at == OPENED + 65 * MINUTE


def test_a_policy_serves_the_levels_of_its_steps():
    policy = ladder(rung(0, min_level=1), rung(0, min_level=3, max_level=3))
    assert [level for level in range(1, 6) if serves(policy, level)] == [1, 3]


def test_a_story_without_an_end_stops_at_its_horizon():
    policy = ladder(0, 60 * 24 * 8)
    assert told(play(policy)) == [(0, 0)]
    assert told(play(policy, within=timedelta(days=9)))[-1][1] == 1
