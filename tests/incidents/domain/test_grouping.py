"""Alerts in groups: each in one, none lost."""

from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.grouping import GroupKey, find_value, group_keys

KEYS = st.builds(GroupKey, st.integers(1, 3), st.sampled_from(["", "a", "b"]))


@given(st.lists(KEYS))
def test_each_alert_is_in_one_group_and_groups_keep_the_order(keys):
    groups = group_keys(enumerate(keys))
    assert sorted(n for numbers in groups.values() for n in numbers) == list(
        range(len(keys))
    )
    assert all(keys[n] == key for key, numbers in groups.items() for n in numbers)
    firsts = [numbers[0] for numbers in groups.values()]
    assert firsts == sorted(firsts)


def test_an_alert_without_a_rule_has_its_metric_for_one():
    assert find_value("alertname", {"alertname": "Lag"}, "lag") == "Lag"
    assert find_value("alertname", {}, "lag") == "lag"
    assert find_value("zone", {"zone": 3}, "lag") == "3"
    assert find_value("zone", {}, "lag") == ""
