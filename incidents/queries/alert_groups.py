"""Alerts in groups, as the list shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.domain.grouping import GroupKey, find_value, group_keys
from incidents.domain.severity import Tone, alert_tone, worst_level
from incidents.models import Alert
from incidents.queries.alerts import AlertRow

# A larger group is folded until somebody opens it.
MOST_OPEN = 5


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """Alerts of one service that share the value of a label; none is empty."""

    service_name: str
    value: str
    alerts: Sequence[AlertRow]

    @property
    def is_open(self) -> bool:
        """Whether it is shown unfolded."""
        return len(self.alerts) <= MOST_OPEN

    @property
    def tone(self) -> Tone:
        """The colour of its worst alert."""
        return alert_tone(worst_level(*(alert.level for alert in self.alerts)))

    @property
    def firing(self) -> int:
        """How many nobody has yet."""
        return sum(alert.status == Alert.Status.FIRING for alert in self.alerts)


def group_alerts(alerts: Sequence[AlertRow], label: str) -> list[AlertGroup]:
    """Return the alerts by service and value of a label, in one query more."""
    rows = {alert.pk: alert for alert in alerts}
    labels = dict(Alert.objects.filter(pk__in=rows).values_list("pk", "labels"))
    keys = (
        (pk, GroupKey(row.service_id, find_value(label, labels[pk], row.metric)))
        for pk, row in rows.items()
        if pk in labels
    )
    return [
        AlertGroup(rows[pks[0]].service_name, key.value, [rows[pk] for pk in pks])
        for key, pks in group_keys(keys).items()
    ]
