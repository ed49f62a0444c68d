"""What mutes an alert never changes it, and every ground ends."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.matchers import Matcher, fit_all
from incidents.domain.muting import (
    Grounds,
    Silence,
    Subject,
    Window,
    find_common_labels,
    find_mutes,
    find_next_look,
    make_ladder_key,
    matchable,
)

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def make_subject(pk=1, level=3, **fields):
    values = {
        "pk": pk,
        "team_id": 1,
        "service_id": 1,
        "level": level,
        "summary": f"Alert {pk}",
        "ladder_key": "errors",
        "labels": {"host": "db1"},
    }
    return Subject(**values | fields)


def make_silence(start, end, **fields):
    values = {
        "pk": 4,
        "team_id": 1,
        "service_id": None,
        "matchers": (Matcher("host", "db1", is_regex=False, is_equal=True),),
        "starts_at": NOW + start * MINUTE,
        "ends_at": NOW + end * MINUTE,
        "comment": "Replaced",
    }
    return Silence(**values | fields)


@given(st.integers(-60, 60), st.integers(0, 60), st.integers(-90, 150))
def test_a_silence_holds_from_its_start_to_before_its_end(start, length, at):
    silence = make_silence(start, start + length)
    mutes = find_mutes(make_subject(), Grounds(silences=(silence,)), NOW + at * MINUTE)
    assert bool(mutes) is (start <= at < start + length)


def test_a_silence_keeps_to_its_team_its_service_and_its_labels():
    grounds = Grounds(silences=(make_silence(0, 9),))
    assert find_mutes(make_subject(), grounds, NOW)[0].ref == "silence:4"
    assert not find_mutes(make_subject(team_id=2), grounds, NOW)
    assert not find_mutes(make_subject(labels={}), grounds, NOW)
    other = Grounds(silences=(make_silence(0, 9, service_id=2),))
    assert not find_mutes(make_subject(), other, NOW)
    assert find_mutes(make_subject(service_id=2), other, NOW)


def test_planned_work_mutes_its_own_service_only():
    window = Window(2, 1, NOW, NOW + MINUTE, "Upgrade")
    grounds = Grounds(windows=(window,))
    assert [each.ref for each in find_mutes(make_subject(), grounds, NOW)] == [
        "window:2"
    ]
    assert not find_mutes(make_subject(service_id=2), grounds, NOW)
    assert not find_mutes(make_subject(), grounds, NOW + MINUTE)
    assert not find_mutes(make_subject(), grounds, NOW - MINUTE)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_of_one_ladder_exactly_the_worst_level_tells(levels):
    mates = tuple(make_subject(pk, level) for pk, level in enumerate(levels))
    grounds = Grounds(mates={"errors": mates})
    telling = [mate.level for mate in mates if not find_mutes(mate, grounds, NOW)]
    assert telling == [min(levels)] * levels.count(min(levels))


def test_other_services_and_other_ladders_mute_nothing():
    mates = (make_subject(1, 1, service_id=2),)
    assert not find_mutes(make_subject(2), Grounds(mates={"errors": mates}), NOW)
    mates = (make_subject(1, 1),)
    assert not find_mutes(make_subject(2), Grounds(mates={"lag": mates}), NOW)


def test_a_ladder_is_a_metric_with_the_labels_that_its_rungs_share():
    key = make_ladder_key("errors", {"host": "a", "severity": "warning"})
    assert key == make_ladder_key("errors", {"severity": "critical", "host": "a"})
    assert key != make_ladder_key("errors", {"host": "b"})
    assert key != make_ladder_key("lag", {"host": "a"})
    assert make_ladder_key("", {"host": "a"}) == ""


def test_the_next_look_is_when_the_first_ground_ends_by_the_clock():
    silence = make_silence(0, 9)
    window = Window(2, 1, NOW, NOW + 5 * MINUTE, "Upgrade")
    worse = (make_subject(7, 1),)
    grounds = Grounds(silences=(silence,), windows=(window,), mates={"errors": worse})
    mutes = find_mutes(make_subject(), grounds, NOW)
    assert [each.kind for each in mutes] == ["silence", "maintenance", "ladder"]
    assert find_next_look(mutes) == NOW + 5 * MINUTE
    assert find_next_look(mutes[2:]) is None


def test_matchers_see_what_is_known_unless_the_sender_says_otherwise():
    known = {"service": "arq", "severity": "Major", "metric": "lag", "key": "k"}
    labels = matchable({"severity": "page", "host": "a"}, **known)
    assert labels == {
        "service": "arq",
        "severity": "page",
        "metric": "lag",
        "dedup_key": "k",
        "host": "a",
    }


@given(st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy")))
def test_a_label_that_is_missing_is_an_empty_one(labels):
    full = {"a": "", "b": "", **labels}
    for is_equal in (True, False):
        for value in ("", "x"):
            matcher = Matcher("a", value, is_regex=False, is_equal=is_equal)
            assert fit_all([matcher], labels) is fit_all([matcher], full)


def test_common_labels_are_those_that_all_have_alike():
    first = {"host": "db1", "zone": "a", "rack": "7"}
    assert find_common_labels([first, {"host": "db2", "zone": "a"}]) == {"zone": "a"}
    assert find_common_labels([first]) == first
    assert find_common_labels([first, {}]) == {}
    assert find_common_labels([]) == {}
