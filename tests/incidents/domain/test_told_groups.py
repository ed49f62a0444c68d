"""What is due of a group: soon enough, and never more often than asked."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.told_groups import (
    Act,
    Facts,
    Rule,
    find_shared,
    make_key,
    next_act,
    read_names,
    refuse_rule,
    say_shared,
)
from tests.conftest import NOW

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
NAMES = st.lists(st.sampled_from(["alertname", "zone", "metric"]), unique=True)
LABELS = st.dictionaries(
    st.sampled_from(["alertname", "zone", "host"]), st.sampled_from(["", "a", "b"])
)


@given(NAMES, LABELS, LABELS)
def test_alerts_are_one_group_exactly_when_they_share_each_value(names, one, other):
    shared = [find_shared(names, labels, "lag") for labels in (one, other)]
    assert [name for name, _ in shared[0]] == names
    alike = all(
        (one.get(name) or (name != "zone" and "lag") or "")
        == (other.get(name) or (name != "zone" and "lag") or "")
        for name in names
    )
    assert (make_key(shared[0]) == make_key(shared[1])) == alike


def test_names_are_read_and_said():
    assert read_names(" zone, alertname,,zone ") == ("zone", "alertname")
    assert say_shared([["zone", "a"], ["host", ""]]) == "zone=a, host=none"
    assert say_shared([]) == "all alerts of the service"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"labels": tuple("abcdefghi")}, "labels"),
        ({"labels": ("a" * 129,)}, "labels"),
        ({"wait": timedelta(minutes=6)}, "wait"),
        ({"interval": timedelta(seconds=9)}, "interval"),
        ({"repeat": timedelta(seconds=59)}, "repeat"),
    ],
)
def test_a_rule_has_bounds(change, field):
    good = Rule(labels=("alertname",))
    assert refuse_rule(good) is None
    assert refuse_rule(replace(good, **change))[0] == field


@given(
    st.integers(0, 60),
    st.integers(10, 90),
    st.integers(0, 300),
    st.lists(st.sampled_from(["join", "end", "hush", ""]), max_size=60),
)
def test_whatever_comes_a_group_speaks_in_time_and_tells_no_more_than_asked(
    wait, interval, more, steps
):
    group = Facts(
        tells_at=NOW + wait * SECOND,
        interval=interval * SECOND,
        repeat=(interval + more) * SECOND,
        told_at=None,
        told_count=0,
        alert_count=1,
        is_open=True,
        is_taken=False,
        waits=True,
    )
    open_ones, messages = 1, []
    for n, step in enumerate(steps):
        now = NOW + 5 * n * SECOND
        if step == "join":
            open_ones += 1
            group = replace(group, alert_count=group.alert_count + 1)
        open_ones -= bool(open_ones and step == "end")
        # Who spoke is over, or is silenced: then another one has to.
        group = replace(
            group, is_open=open_ones > 0, waits=group.waits or step in ("end", "hush")
        )
        act = next_act(group, now)
        if act is Act.CLOSE:
            assert open_ones == 0
            return
        assert open_ones > 0
        assert (act is Act.SPEAK) == (group.waits and now >= group.tells_at)
        if act in (Act.SUM_UP, Act.REMIND):
            messages.append(now)
        if act is not Act.REST:
            told_at = group.told_at if group.told_at and act is Act.SPEAK else now
            group = replace(
                group, waits=False, told_at=told_at, told_count=group.alert_count
            )
        elif not group.waits and group.alert_count > group.told_count:
            assert now < group.told_at + group.interval
    assert all(
        later - earlier >= group.interval for earlier, later in pairwise(messages)
    )


@pytest.mark.parametrize(
    ("minutes", "change", "act"),
    [
        (9, {"told_at": None, "told_count": 0}, Act.REST),
        (9, {"alert_count": 3}, Act.REST),
        (10, {"alert_count": 3}, Act.SUM_UP),
        (59, {}, Act.REST),
        (60, {}, Act.REMIND),
        (60, {"is_taken": True}, Act.REST),
        (60, {"is_taken": True, "alert_count": 3}, Act.SUM_UP),
        (60, {"is_open": False}, Act.CLOSE),
    ],
)
def test_what_joins_is_told_after_the_interval_and_all_of_it_after_the_repeat(
    minutes, change, act
):
    group = Facts(
        tells_at=NOW,
        interval=10 * MINUTE,
        repeat=60 * MINUTE,
        told_at=NOW,
        told_count=2,
        alert_count=2,
        is_open=True,
        is_taken=False,
        waits=False,
    )
    assert next_act(replace(group, **change), NOW + minutes * MINUTE) is act
