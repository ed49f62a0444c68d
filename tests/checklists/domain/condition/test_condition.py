"""The condition language: judging, saying why, reading back."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.condition import ConditionError, name_key, parse, tree
from checklists.domain.condition.document import compile_pattern, read_moment
from checklists.domain.condition.parser import read_tree
from checklists.domain.condition.units import find_unit, format_quantity
from checklists.domain.condition.writer import write
from checklists.domain.observation import Outcome

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)


def holds(text, unit=None, /, **fields):
    return parse(text, unit).holds(fields, NOW, None)


def say(text, unit=None, /, **fields):
    return parse(text, unit).describe(fields, now=NOW)


@pytest.mark.parametrize(
    ("text", "unit", "fields", "words"),
    [
        ("value < 100ms", "ms", {"value": 42}, "42 ms < 100 ms"),
        ("value < 100ms", "ms", {"value": 142.5}, "142.5 ms, not < 100 ms"),
        ("value < 100ms", "ms", {}, "value is missing or cannot be compared"),
        ("value < 1s", "ms", {"value": 42}, "42 ms < 1 s"),
        ("value < 0.1%", "%", {"value": 0.05}, "0.05% < 0.1%"),
        ("value >= 12/min", "/s", {"value": 0.1}, "6/min, not >= 12/min"),
        ("value > 1", "ratio", {"value": 2000000.25}, "2000000 > 1"),
        ("age < 26h", None, {"age": 90000}, "age 25 h < 26 h"),
        ("hits / all > 85%", None, {"hits": 9, "all": 10}, "hits / all 90% > 85%"),
        ("status == 200", None, {"status": 503}, "status 503, not == 200"),
        ('name == "a"', None, {"name": "b"}, 'name "b", not == "a"'),
        ("a == b", None, {"a": True, "b": True}, "a true == true"),
        ("a == b", None, {"a": 1}, "b is missing or cannot be compared"),
        ("a > b", None, {"a": 1}, "b is missing or cannot be compared"),
        ("a > b", None, {"a": 1, "b": 0}, "a 1 > 0 (b)"),
        ("up", None, {"up": True}, "up is true"),
        ("up", None, {"up": "yes"}, "up is not known"),
        ("a and b", None, {"a": False, "b": False}, "a is false and b is false"),
        ("a and b", None, {"a": True, "b": False}, "b is false"),
        ("a and b", None, {"a": True}, "b is not known"),
        ("a or b", None, {"a": True, "b": False}, "a is true"),
        ("a or b", None, {"a": False, "b": False}, "a is false and b is false"),
        ("not a", None, {"a": True}, "a is true, which must not be"),
        ("not a", None, {"a": False}, "a is false"),
        ("not a", None, {}, "a is not known"),
        ("a given b > 5", None, {"b": 6, "a": True}, "a is true"),
        ("a given b > 5", None, {"b": 1}, "not judged because b 1, not > 5"),
        ('a matches "x*"', None, {"a": "xy"}, 'a "xy" matching "x*"'),
        ("in (1, 2)", None, {"value": 3}, "3, not == 1 and 3, not == 2"),
        ("latency < 5ms", None, {"latency": timedelta(milliseconds=4)}, "latency 4 ms"),
    ],
)
def test_a_judgement_is_told_in_one_line(text, unit, fields, words):
    assert say(text, unit, **fields).startswith(words)


def test_an_evaluation_holds_value_and_threshold_in_the_unit_of_the_check():
    condition = parse("status == 200 and value < 1s", "ms")
    found = condition.evaluate({"value": 1500, "status": 200}, now=NOW)
    assert found.outcome is Outcome.FAIL
    assert (found.value, found.threshold, found.unit) == (1500, 1000, "ms")
    assert condition.names == {"status", "value"}
    long = parse('body == "x"').evaluate({"body": "y" * 999}, now=NOW)
    assert len(long.value) == 200


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ("a in (1, 2)", {"a": 2}, True),
        ('a in ("x", "y")', {"a": "z"}, False),
        ("a not in (1, 2)", {"a": 3}, True),
        ("a not between 1 and 5", {"a": 3}, False),
        ('a not matches "x*"', {"a": "y"}, True),
        ("a != true", {"a": False}, True),
        ("a == 1", {"a": True}, None),
        ("a == 200", {"a": "200"}, None),
        ("a == b", {"a": "1", "b": 1}, None),
        ("a == b", {"a": 1, "b": Decimal("1.0")}, True),
        ("a < 1", {"a": "0"}, None),
        ("a between b and 5", {"a": 3, "b": 4}, False),
        ("a < 1", {"a": 10**400}, None),
        ("a < 1", {"a": Decimal("sNaN")}, None),
        ("a < 1", {"a": math.inf}, None),
        ("a / b < 1", {"a": 1, "b": 0}, None),
        ("a * b < 1", {"a": 1e300, "b": 1e300}, None),
        ("-a < -1", {"a": 2}, True),
        ("--1 > 0", {}, True),
        ("a - b - 1 == 0", {"a": 3, "b": 2}, True),
        ("a + b > 0", {"a": 3}, None),
        ("min(a, b) == 1", {"a": 1, "b": 2}, True),
        ("max(a, b, 3) == 3", {"a": 1, "b": 2}, True),
        ("max(a, b) == 3", {"a": 1}, None),
        ("abs(a) == 1", {"a": -1}, True),
        ("abs(a) == 1", {}, None),
        ("max(5ms, latency) > 4ms", {"latency": 1}, True),
        ("exists(a)", {"a": math.nan}, False),
        ("exists(a)", {"a": 0}, True),
        ("exists(a / b)", {"a": 1, "b": 0}, False),
        ("len(a) == 3", {"a": "abc"}, True),
        ("len(a) == 1", {"a": {"b": 1}}, True),
        ("len(a) == 1", {"a": 5}, None),
        ("count(a, 1h) == 1", {"a": [NOW, "2026-01-14T09:00:00+00:00"]}, True),
        ("count(a, 1h) == 1", {"a": [NOW, "soon"]}, None),
        ("count(a, 1h) == 1", {"a": 5}, None),
        ("age(a) < 5m", {"a": NOW + timedelta(seconds=2)}, True),
        ("age(a) < 5m", {"a": NOW + timedelta(hours=2)}, None),
        ("age(a) < 5m", {"a": timedelta(minutes=4)}, True),
        ("age(a) < 5m", {"a": NOW.timestamp() - 60}, True),
        ("age(a) < 5m", {"a": (NOW.timestamp() - 60) * 1000}, True),
        ("age(a) < 5m", {"a": "yesterday"}, None),
        ("age(a) < 5m", {"a": True}, None),
        ("age(a) < 5m", {"a": 1e300}, None),
        ('type(a) == "boolean"', {"a": True}, True),
        ('type(a) == "string"', {"a": ""}, True),
        ('type(a) == "object"', {"a": {}}, True),
        ('type(a) == "number"', {"a": 1}, True),
        ('type(a) == "null"', {"a": None}, None),
        ('json("$.a[0].b") == 1', {"json": {"a": [{"b": 1}]}}, True),
        ("json('$.a[-1]') == 2", {"json": {"a": [1, 2]}}, True),
        ("json('$[\"a b\"]') == 2", {"json": {"a b": 2}}, True),
        ('json("$.a[5]") == 2', {"json": {"a": [1]}}, None),
        ('json("$.a.b") == 2', {"json": {"a": "text"}}, None),
        ('json("$.a[0]") == "t"', {"json": {"a": "text"}}, None),
        ('json("$.p95") * 1ms < 200ms', {"json": {"p95": 150}}, True),
        ("TRUE AND NOT false", {}, True),
        ("a ≤ 1 and a ≥ 1 and a ≠ 2", {"a": 1}, True),
        ("size_bytes > 1KiB and load_percent < 5", {"size_bytes": 1025}, None),
        ("age / 1d > 2", {"age": 3 * 86400}, True),
        ("50% * 10s < age", {"age": 6}, True),
        ("hits / all + 0.1 > 50%", {"hits": 1, "all": 2}, True),
        ("0 + age > 5 min", {"age": 301}, True),
        ("100 * hits / all > 85", {"hits": 9, "all": 10}, True),
        ("2 * (hits / all) > 1", {"hits": 9, "all": 10}, True),
        ("size_bytes / 10s < 1MiB/s", {"size_bytes": 2**20}, True),
        ("1000 / s > 1", {"s": 10}, True),
        ("1000/sum > 1", {"sum": 10}, True),
        ("a{x='1',b=\"2\"} == 1", {'a{b="2",x="1"}': 1}, True),
        ("a{} == 1", {"a": 1}, True),
        ("value < 5 given (up given true)", {"value": 1, "up": True}, True),
    ],
)
def test_expressions_give_what_they_say(text, fields, expected):
    assert holds(text, **fields) is expected


def test_a_share_of_a_day_adds_up_to_a_share():
    assert parse("value * 50% < 0.1", "%").text == "value * 50% < 0.1"
    assert parse("value - 1 < 5%", "%").holds({"value": 5}, NOW, None) is True
    assert parse("1 + value < 5%", "%").holds({"value": 5}, NOW, None) is False
    assert parse("5 > value", "%").holds({"value": 4}, NOW, None) is True
    assert parse("5s - age > 0").holds({"age": 4}, NOW, None) is True


def test_seventy_per_cent_is_not_a_bit_more_than_seventy_per_cent():
    for number in range(1001):
        assert parse(f"value < {number}%", "ratio").holds(
            {"value": number / 100}, NOW, None
        ) is False  # fmt: skip
        assert parse(f"value == {number / 1000}s", "ms").holds(
            {"value": number}, NOW, None
        )


def test_a_name_with_labels_has_one_key_for_any_order():
    labels = (("le", "5"), ("a", 'x"y'))
    assert name_key("b", labels) == 'b{a="x\\"y",le="5"}'
    assert name_key("b", ()) == "b"


KLEENE = {True: "true", False: "false", None: "missing"}


@given(st.sampled_from([*KLEENE]), st.sampled_from([*KLEENE]))
def test_and_or_not_follow_three_valued_logic(left, right):
    a, b = KLEENE[left], KLEENE[right]
    both = False if False in (left, right) else None if None in (left, right) else True
    one = True if True in (left, right) else None if None in (left, right) else False
    assert holds(f"{a} and {b}") is both
    assert holds(f"{a} or {b}") is one
    assert holds(f"not {a}") is (None if left is None else not left)
    assert holds(f"{a} given {b}") is (left if right is True else None)
    assert holds(f"not ({a} and {b})") is holds(f"not {a} or not {b}")


NAMES = st.sampled_from(["value", "status", "body", "lag_ms"])
UNITS = st.sampled_from(["", "ms", "%", "GiB/d", "/min", "B"])
ATOMS = st.one_of(
    st.builds(tree.Number, st.floats(0, 1e300), UNITS),
    st.builds(tree.Text, st.text(max_size=5)),
    st.builds(tree.Truth, st.booleans()),
    st.builds(tree.Name, NAMES, st.just((("a", 'b"\n'),)) | st.just(())),
)


def grow(inner):
    pair = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(tree.Sum, st.sampled_from("+-*/"), inner, inner),
        st.builds(tree.Minus, inner),
        st.builds(tree.Compare, st.sampled_from(["<", "==", "!="]), inner, inner),
        st.builds(tree.Between, inner, inner, inner),
        st.builds(tree.OneOf, inner, pair),
        st.builds(tree.Matches, inner, st.text(max_size=3)),
        st.builds(tree.Call, st.sampled_from(["age", "max"]), pair),
        st.builds(tree.Not, inner),
        st.builds(tree.Every, pair),
        st.builds(tree.Either, pair),
        st.builds(tree.Given, inner, inner),
    )


@given(st.recursive(ATOMS, grow, max_leaves=8))
def test_reading_what_was_written_gives_the_same_tree(node):
    assert read_tree(write(node)) == node


VOCABULARY = """value status < > == != + - * / ( ) , and or not in between matches given
true exists age json delta "$.a" "x*" 5 0.1% 100ms 2GiB { } = a=" ' & 1e999 é"""
WORDS = st.sampled_from(VOCABULARY.split())
RAW = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.decimals(),
        st.datetimes(),
        st.timedeltas(),
        st.binary(max_size=3),
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_place_in_it(text):
    try:
        parse(text, "ms")
        position = 0
    except ConditionError as error:
        position = error.position
    assert 0 <= position <= len(text)


WHOLE = [
    'status == 200 and json("$.a") == "ok" and age(json("$.t")) < 5m',
    "value / status < 5 or value * value > 1e300",
    'value in (1, "a", true) or value matches "*a?"',
    "len(value) == 0 or type(value) == status or count(value, 1d) > 0",
    "exists(value) and not (value between 0 and 5) given status",
    "max(abs(value), status) - min(value, 1) >= 0 and lag_ms < age",
]


@given(st.sampled_from(WHOLE), RAW, RAW, RAW)
def test_no_data_makes_an_evaluation_fail(text, value, status, document):
    fields = {"value": value, "status": status, "json": document, "lag_ms": value}
    found = parse(text).evaluate(fields, now=NOW)
    expected = parse(text).holds(fields, NOW, None)
    assert found.outcome is {True: Outcome.PASS, False: Outcome.FAIL}.get(
        expected, Outcome.UNKNOWN
    )
    assert found.explanation


@given(st.sampled_from(WHOLE))
def test_without_any_field_nothing_passes(text):
    assert parse(text).holds({}, NOW, None) is not True


@given(
    st.lists(st.sampled_from("ab*?."), max_size=8).map("".join),
    st.text("ab.", max_size=8),
)
def test_patterns_match_as_people_expect(pattern, text):
    def slowly(pattern, text):
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(slowly(pattern[1:], text[n:]) for n in range(len(text) + 1))
        return bool(text) and pattern[0] in ("?", text[0]) and slowly(
            pattern[1:], text[1:]
        )  # fmt: skip

    assert compile_pattern(pattern, 0)(text) is slowly(pattern, text)


def test_a_hostile_pattern_takes_no_time():
    is_match = compile_pattern("a*" * 100, 0)
    assert is_match("a" * 100_000 + "b") is True
    assert compile_pattern("a*" * 99 + "b", 0)("a" * 100_000) is False


def test_moments_are_read_in_any_zone():
    east = timezone(timedelta(hours=2))
    assert read_moment(datetime(2026, 1, 14, 12, 30, tzinfo=east)) == NOW
    assert read_moment("2026-01-14T10:30:00") == NOW
    assert read_moment(json.loads("1768386600")) == NOW
    assert read_moment(None) is None


def test_units_are_found_and_shown():
    assert find_unit("GiB/d").from_base(2**30 / 86400) == 1
    assert find_unit("x/s") is None
    assert find_unit("ms/x") is None
    assert format_quantity(0.5, find_unit("%")) == "50%"
    assert format_quantity(0.5, None) == "0.5"
    assert format_quantity(137.3, find_unit("h")) == "2.288 min"
    assert format_quantity(1e-9, find_unit("h")) == "0.001 us"
    assert format_quantity(63_180_934_372, find_unit("B")) == "63.18 GB"
    assert format_quantity(19.4995 * 86400, find_unit("d")) == "19.5 d"
    assert format_quantity(0.0, find_unit("h")) == "0 h"
    assert format_quantity(1e20, None) == "1e+20"


def test_history_windows_may_be_computed_and_values_looked_up():
    class Past:
        def at(self, ago, /):
            return {timedelta(days=14): 10.0}.get(ago)

    condition = parse("ago(2 * 7d) == 10 and delta_ratio(14d) > 0.5")
    assert condition.holds({"value": 20}, NOW, Past()) is True
    assert condition.holds({}, NOW, Past()) is None
    Past.at = lambda self, ago, /: 0.0
    assert condition.holds({"value": 20}, NOW, Past()) is False
    assert parse("delta_ratio(1d) > 0").holds({"value": 20}, NOW, Past()) is None


@pytest.mark.parametrize(
    ("current", "a_day", "outcome"),
    [
        (60.0, 1.1, False),
        (60.0, 0.5, True),
        (60.0, 0.0, True),
        (60.0, -3.0, True),
        (95.0, 5.0, False),
        (None, 1.0, None),
        (60.0, None, None),
    ],
)
def test_days_to_full_are_what_is_left_by_what_comes_a_day(current, a_day, outcome):
    class Past:
        def slope(self, window, /):
            assert window == timedelta(days=7)
            return a_day

    for unit, text in (
        ("%", "days_to_full(90%, 7d) > 30d"),
        ("%", "days_to_full(90, 7d) > 30"),
        (None, "days_to_full(90, 7d) > 31d"),
    ):
        condition = parse(text, unit)
        assert condition.holds({"value": current}, NOW, Past()) is outcome
        assert parse(condition.text, unit) == condition


def test_days_to_full_say_what_is_wrong():
    for text in ("days_to_full(90) > 3", "days_to_full(90, 3) > 3"):
        with pytest.raises(ConditionError):
            parse(text)
    with pytest.raises(ConditionError):
        parse("days_to_full(5 GB, 7d) > 3d", "%")
    assert parse('days_to_full(json("$.full"), 7d) > 1d').holds({}, NOW, None) is None
