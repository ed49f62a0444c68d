"""Alerts that belong together in a list: by the value of one label."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

# The name by which senders of Prometheus tell their rules apart.
RULE: Final = "alertname"
LONGEST_LABEL: Final = 128


class GroupKey(NamedTuple):
    """What the alerts of a group share."""

    service_pk: int
    value: str


def find_value(name: str, labels: Mapping[str, object], metric: str) -> str:
    """Return the value of a label, "" where an alert has none.

    An alert without a rule has its metric for one.
    """
    value = labels.get(name, "")
    if not value and name in {RULE, "metric"}:
        return metric
    return str(value)


def group_keys(keys: Iterable[tuple[int, GroupKey]]) -> dict[GroupKey, Sequence[int]]:
    """Return the numbers of each group, in the order in which they first appear."""
    groups: dict[GroupKey, list[int]] = {}
    for number, key in keys:
        groups.setdefault(key, []).append(number)
    return dict(groups)
