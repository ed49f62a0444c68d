"""What runbooks and the portal hold, in words."""

from types import SimpleNamespace

import pytest

from runbooks.domain.findings import Threshold
from runbooks.domain.plan import read_plan
from runbooks.views.value_words import list_known, name_value, say_there, say_value

KNOWN = """# A

## Alert Thresholds
- CPU: > 80%
- Queue depth: between 10 and 20 jobs
- Disk failure

## Service Level Objectives
| Service | SLI | Target |
|---|---|---|
| API | Availability | 99.9% |

## Retention
- Logs: 30 days

```yaml
groups:
  - name: a
    rules:
      - alert: HighErrors
        expr: rate(errors[5m]) > 0.05
        labels:
          severity: critical
```
"""
SEVERITY = {"label": "P1", "level": 1, "response_minutes": 15.0, "is_next_business_day": False}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("ladder", {"steps": [{"who": "Lead", "minutes": None}, {"who": "B", "minutes": 5}]},
         "Lead when somebody asks, B after 5 min"),
        ("severity", SEVERITY, "P1, level 1, answer in 15 min"),
        ("severity", SEVERITY | {"response_minutes": None}, "P1, level 1, no answer time"),
        ("severity", SEVERITY | {"is_next_business_day": True},
         "P1, level 1, answer on the next business day"),
        ("checklist", {"title": "A", "rule": None}, "A, no cadence"),
        ("contact", {"title": "Lead", "kind": "email", "value": "a@b.c"}, "Lead, email, a@b.c"),
        ("item", {"text": "Look", "section": ""}, "Look"),
        ("procedure", {"title": "Slow", "symptoms": "x " * 200}, "Slow" + " x" * 77 + "…"),
    ],
)  # fmt: skip
def test_values_are_said_in_one_line(kind, value, said):
    assert say_value(kind, value) == said


def test_what_is_gone_and_what_has_no_name_are_said_too():
    gone = SimpleNamespace(kind="item", there=None)
    ladder = SimpleNamespace(kind="ladder", there={"number": 2})
    assert say_there(gone) == "nothing any more"
    assert say_there(ladder) == "an escalation policy of its own"
    assert name_value("ladder", {"steps": []}) == "The escalation ladder"


def test_what_makes_nothing_is_listed_by_what_it_is():
    found = dict(list_known(read_plan(KNOWN.encode())))
    said = {what: says for rows in found.values() for what, says, *_ in rows}
    assert {"Thresholds", "Alert rules", "Service levels", "Retention"} <= set(found)
    assert said["CPU"] == "> 80 %"
    assert said["Logs"] == "30 days"


def test_bounds_are_said_with_both_ends_or_as_something_that_happens():
    found = [
        Threshold(line=1, metric=name, op=op, value=value, unit=unit)
        for name, op, value, unit in (
            ("Queue", "between", (10, 20), "jobs"),
            ("Disk failure", None, None, None),
            ("Disk", ">", 80, "%"),
        )
    ]
    plan = SimpleNamespace(
        thresholds=found, alert_rules=[], slos=[], retention=[], templates=[]
    )
    ((title, rows),) = list_known(plan)
    assert title == "Thresholds"
    assert [(says, check) for _, says, _, check, _ in rows] == [
        ("10 to 20 jobs", ""),
        ("happens", ""),
        ("> 80 %", "prometheus: value <= 80%"),
    ]
