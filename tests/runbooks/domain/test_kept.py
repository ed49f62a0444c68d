"""What is understood and makes nothing, in words."""

from types import SimpleNamespace

from runbooks.domain.findings import Threshold
from runbooks.domain.kept import list_known
from runbooks.domain.plan import read_plan

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
