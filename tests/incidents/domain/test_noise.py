"""Cooldowns and flapping of one series."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidents.domain import noise
from incidents.domain.muting import Grounds, Subject, find_mutes, find_next_look
from incidents.domain.noise import Quiet

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def make_subject(pk=1, level=3, storm_pk=None):
    return Subject(
        pk=pk,
        team_id=1,
        service_id=1,
        level=level,
        summary="Lag",
        ladder_key="",
        labels={},
        series_pk=7,
        storm_pk=storm_pk,
    )


def mutes_of(subject, quiet=None, at=0):
    grounds = Grounds(quiets={7: quiet} if quiet else {})
    return find_mutes(subject, grounds, NOW + at * MINUTE)


@given(
    st.integers(0, 30),
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5)), max_size=30),
)
def test_a_series_fires_once_a_cooldown_and_for_what_is_worse(cooldown, episodes):
    told = None
    at = rises = count = 0
    for pk, (gap, level) in enumerate(episodes):
        at += gap
        quiet = Quiet(
            series_pk=7,
            cooldown=cooldown * MINUTE,
            told_at=told and NOW + told[0] * MINUTE,
            told_pk=told and told[1],
            told_level=told and told[2],
        )
        if not mutes_of(make_subject(pk=pk, level=level), quiet, at):
            rises += bool(told and level < told[2])
            count += 1
            told = (at, pk, level)
    if cooldown:
        assert count <= 1 + at // cooldown + rises
    else:
        assert count == len(episodes)


def test_a_cooldown_says_until_when_and_spares_the_one_that_told():
    quiet = Quiet(
        series_pk=7, cooldown=5 * MINUTE, told_at=NOW, told_pk=1, told_level=3
    )
    (mute,) = mutes_of(make_subject(pk=2), quiet, 4)
    assert (mute.kind, mute.ref, find_next_look([mute])) == (
        "cooldown",
        "cooldown:7",
        NOW + 5 * MINUTE,
    )
    assert mutes_of(make_subject(pk=2), quiet, 5) == []
    assert mutes_of(make_subject(pk=1), quiet, 4) == []
    assert mutes_of(make_subject(pk=2, level=2), quiet, 4) == []


def test_what_flaps_is_mute_until_it_is_stable():
    quiet = Quiet(series_pk=7, flapping_at=NOW)
    (mute,) = mutes_of(make_subject(), quiet)
    assert (mute.kind, mute.until) == ("flapping", None)


def test_what_is_told_in_a_storm_is_mute():
    (mute,) = mutes_of(make_subject(storm_pk=3))
    assert (mute.kind, mute.ref, mute.until) == ("storm", "storm:3", None)


@given(st.lists(st.integers(-60, 0), max_size=20))
def test_six_changes_in_half_an_hour_flap_and_six_are_enough_to_know(minutes):
    moments = sorted(NOW + minute * MINUTE for minute in minutes)
    kept: tuple[datetime, ...] = ()
    for at in moments:
        kept = noise.remember_changes(kept, at)
    recent = [at for at in moments if at > NOW - 30 * MINUTE]
    assert noise.is_flapping(kept, NOW) is (len(recent) >= 6)
    if kept:
        assert noise.stable_at(kept) == moments[-1] + 10 * MINUTE
