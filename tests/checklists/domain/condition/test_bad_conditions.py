"""Conditions that cannot be used, with the sentence that people read."""

import pytest

from checklists.domain.condition import ConditionError, parse

# text, unit of the check, position, how the sentence goes
BAD = [
    ("", None, 0, "The condition is empty. Write for example value < 100ms."),
    ("   ", None, 0, "The condition is empty."),
    ("value <", None, 7, "The condition stops too early. Write a name, a number"),
    ("value = 200", None, 6, "One = does not compare. Write == instead."),
    ("value < 1,000", None, 9, "A comma cannot stand here. Write 1000 without"),
    ("1 < value < 5", None, 10, "Two comparisons in a row. Write value between"),
    ("value < 5 value", None, 10, "'value' is not a unit."),
    ("value < up value", None, 11, "'value' is not expected here. Join two"),
    ("value < 5 5", None, 10, "'5' is not expected here."),
    ("value < 5)", None, 9, "')' is not expected here."),
    ("(value < 5", None, 10, "The condition stops too early. Close the bracket"),
    ("value && up", None, 6, "'&' cannot stand here. Write and instead of &&."),
    ("value || up", None, 6, "'|' cannot stand here. Write or instead of ||."),
    ("!up", None, 0, "'!' cannot stand here. Write not in front"),
    ("value ~ 3", None, 6, "'~' cannot stand here. Write matches"),
    ("[STATUS] == 200", None, 0, "'[' cannot stand here. Write json("),
    ("$.a == 1", None, 0, "'$' cannot stand here. Write json("),
    ("value == #", None, 9, "'#' cannot stand here. Remove it."),
    ('name == "a', None, 8, "'\"' cannot stand here. Close the text"),
    ("value % 5", None, 6, "'%' cannot stand here. Write the percent sign"),
    (r'name == "\q"', None, 8, "The text has a backslash that means nothing."),
    ("value < 1e999", None, 8, "The number is too large."),
    ("value < 5 KB", None, 10, "'KB' is not a unit. Write kB for 1,000 bytes"),
    ("value > 5 req/s", None, 10, "'req' is not a unit. Write the rate alone"),
    ("value > 5 parsecs", None, 10, "'parsecs' is not a unit. Use one of us ms"),
    ("value < 5ratio", None, 9, "'ratio' is not a unit."),
    ("value < 100ms", "%", 8, "value is measured in % and 100ms in ms. Write both"),
    ("value < 0.1%", "ms", 8, "value is measured in ms and 0.1% in %."),
    ("value < 100ms", None, 0, "value has no unit, but 100ms is measured in ms. Set"),
    ("value < 0.1%", None, 0, "value has no unit, but 0.1% is measured in %. Set"),
    ("p95 < 200ms", None, 0, "p95 has no unit, but 200ms is measured in ms. Write p95"),
    ("latency < 500", None, 10, "500 has no unit, but latency is measured in ms."),
    ("age < 26", None, 6, "26 has no unit, but age is measured in s. Write 26s"),
    ("len(body) < 5%", None, 0, "len(body) has no unit, but 5% is measured in %."),
    ("100*hits/lookups > 85%", None, 8, "100 * hits / lookups has no unit"),
    ("age / size_bytes > 5%", None, 19, "age / size_bytes is measured in s/B and 5%"),
    ("age * age > 5s", None, 12, "age * age is measured in s*s and 5s in s."),
    ("size_bytes * 1s > age", None, 18, "size_bytes * 1s is measured in s*B and age in"),
    ("age / 3 > size_bytes", None, 10, "age / 3 is measured in s and size_bytes in B."),
    ("2 * age + size_bytes > 0", None, 10, "2 * age is measured in s and size_bytes"),
    ("1 / age > 3s", None, 10, "1 / age is measured in /s and 3s in s."),
    ("value < 1 / 0", None, 12, "1 / 0 has no result."),
    ("value", "ms", 0, "value alone is no condition. Compare it, for example value"),
    ("5", None, 0, "5 alone is no condition. Compare it, for example 5 == 0."),
    ('"ok"', None, 0, '"ok" alone is no condition. Compare it, for example "ok" =='),
    ("name < \"a\"", None, 7, '"a" is a text, not a number. Compare it with =='),
    ("true > 1", None, 0, "true is true or false, not a number."),
    ('true == "ok"', None, 8, 'true and "ok" are never alike. Compare a text'),
    ('value matches "*"', "ms", 0, "value is no text. Match a text, or compare"),
    ("exists(up) matches \"*\"", None, 0, "exists(up) is no text."),
    ("name matches up", None, 13, "'up' is not expected here. Write matches"),
    (f'name matches "{"a" * 201}"', None, 5, "The pattern is longer than 200"),
    ("value in 5", None, 9, "'5' is not expected here. Write in (200, 204)."),
    ("value in (5", None, 11, "The condition stops too early. Write in (200, 204)."),
    ("value in ()", None, 6, "The list of choices is empty."),
    ("value between 5 or 6", None, 16, "'or' is not expected here. Write between"),
    ("value between 6 and 5", None, 14, "Nothing lies between 6 and 5."),
    ("(value < 5) + 1 > 0", None, 7, "value < 5 is a condition, not a value."),
    ("uptime() > 1", None, 0, "There is no function uptime. Use one of abs, age,"),
    ("age() < 5m", None, 0, 'age() is not used so. Write age(json("$.timestamp")).'),
    ("delta() > 1", None, 0, "delta() is not used so. Write delta(24h)."),
    ("delta(24) > 1", None, 0, "delta() is not used so. Write delta(24h)."),
    ("delta(value) > 1", None, 0, "delta() is not used so."),
    ("delta(0s) > 1", None, 6, "0s is no window to look back over. Write between"),
    ("delta(500d) > 1", None, 6, "500d is no window to look back over."),
    ("count(alerts) > 1", None, 0, "count() is not used so. Write count(alerts, 1m)."),
    ("json(value) == 1", None, 0, 'json() is not used so. Write json("$.status").'),
    ('json("status") == 1', None, 5, "'status' is not a path into a document."),
    ('json("$.a[x]") == 1', None, 5, "'$.a[x]' is not a path into a document."),
    ("queue{type=5} > 1", None, 11, '\'5\' is not expected here. Write labels as'),
    ("queue{type} > 1", None, 10, "'}' is not expected here. Write labels as"),
    ('queue{a="1" b="2"} > 1', None, 12, "'b' is not expected here."),
    ('queue{a="1",a="2"} > 1', None, 12, "'a' is not expected here."),
    ('queue{"a"} > 1', None, 6, "'a' is not expected here."),
    ("value < 5", "parsec", 0, "'parsec', the unit of value, is not a unit."),
    ("(" * 40 + "value", None, 33, "The condition is nested more than 32 levels"),
    ("not " * 40 + "up", None, 132, "The condition is nested more than 32 levels"),
    ("-" * 40 + "1 > 0", None, 33, "The condition is nested more than 32 levels"),
    ("1" + " + 1" * 40, None, 130, "More than 32 terms in a row."),
    ("a" * 2001, None, 2000, "The condition is longer than 2000 characters."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "unit", "position", "sentence"), BAD, ids=[row[0][:30] for row in BAD]
)
def test_a_bad_condition_says_where_and_what_to_do(text, unit, position, sentence):
    with pytest.raises(ConditionError) as refusal:
        parse(text, unit)
    error = refusal.value
    assert str(error).startswith(sentence)
    assert str(error) == f"{error.message} {error.remedy}"
    assert error.position == position
    assert error.message.endswith(".")
    assert error.remedy.endswith(".")
