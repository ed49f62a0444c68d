"""What a check must be like before anything is stored or looked at."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from checklists.domain.condition import ConditionError
from checklists.domain.field_error import FieldError
from checklists.domain.reconcile import default_freshness
from checklists.models import Check, DataSource
from checklists.probes import PROBES
from checklists.probes.engine import LONGEST_TIMEOUT
from checklists.queries.facts import SOURCES
from checklists.services.check_rows import compile_condition, read_rung
from oncall.models import Secret, Service
from opsportal.kit.errors import PortalError
from opsportal.kit.outbound import policy_from_settings, secret_names

SHORTEST_INTERVAL = timedelta(seconds=10)
LONGEST_INTERVAL = timedelta(days=31)
SHORTEST_TIMEOUT = timedelta(milliseconds=100)
MOST_READINGS = 20
_TOLD = (
    "name", "description", "kind", "condition", "unit", "interval", "timeout",
    "freshness", "fail_after", "fail_within", "recover_after", "no_data",
    "raises_alert", "measures_uptime",
)  # fmt: skip
_NUMBERS = ("days", "most", "objective")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPlan:
    """A check as an editor gives it.

    ``ladder``: ``{"severity": word, "condition": text, "for": "5m"}``, the last
    may be missing. ``freshness`` None means what suits the kind, ``fail_within`` None
    that failures count in a row.
    """

    service: Service
    name: str
    kind: str
    spec: Mapping[str, Any]
    slug: str = ""
    description: str = ""
    condition: str = ""
    unit: str = ""
    ladder: Sequence[Mapping[str, str]] = ()
    interval: timedelta = timedelta(minutes=1)
    timeout: timedelta = LONGEST_TIMEOUT
    freshness: timedelta | None = None
    fail_after: int = 2
    fail_within: int | None = None
    recover_after: int = 2
    no_data: str = Check.NoData.UNKNOWN
    depends_on: tuple[Check, ...] = field(default=())
    raises_alert: bool = True
    measures_uptime: bool = False


def name_fields(kind: str) -> list[tuple[str, str, str]]:
    """Return (name, unit, meaning) of what a condition of this kind may name."""
    return [(doc.name, doc.unit, doc.meaning) for doc in PROBES[kind].fields]


def columns_of(plan: CheckPlan) -> dict[str, Any]:
    """Return the checked columns of a plan. Raises PortalError naming the field.

    A condition comes back in its canonical spelling, a ladder gravest first.
    """
    if not plan.name.strip():
        raise PortalError("Give the check a name.", field="name")
    if plan.kind not in PROBES:
        raise PortalError(f"Use one of {', '.join(PROBES)}.", field="kind")
    _check_spec(plan)
    _check_numbers(plan)
    return {
        "name": plan.name.strip(),
        "description": plan.description,
        "kind": plan.kind,
        "spec": dict(plan.spec),
        "condition": _read_condition(plan),
        "unit": plan.unit,
        "ladder": _read_ladder(plan),
        "data_source": _find_source(plan),
        "interval": plan.interval,
        "timeout": plan.timeout,
        "freshness": plan.freshness
        or default_freshness(plan.kind, plan.interval, plan.interval),
        "fail_after": plan.fail_after,
        "fail_within": plan.fail_within,
        "recover_after": plan.recover_after,
        "no_data": plan.no_data,
        "raises_alert": plan.raises_alert,
        "measures_uptime": plan.measures_uptime,
    }


def revision_of(check: Check, parents: Iterable[Check]) -> str:
    """Return a short name of all that an editor said of a check.

    Equal settings have equal names; what the check saw does not count.
    """
    told = {name: str(getattr(check, name)) for name in _TOLD}
    told["parents"] = str(sorted(parent.pk for parent in parents))
    told["spec"] = json.dumps(check.spec, sort_keys=True)
    told["ladder"] = json.dumps(check.ladder, sort_keys=True)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def check_parents(check_pk: int | None, plan: CheckPlan) -> None:
    """Refuse parents of another team and circles. Raises PortalError."""
    refuse_parents(check_pk, plan.depends_on, team_id=plan.service.team_id)


def refuse_parents(
    check_pk: int | None, parents: Iterable[Check], *, team_id: int
) -> None:
    """Raise PortalError when a check of the team may not depend on one of these.

    Every door asks this: nobody would ever hear of checks that hold each other quiet.
    """
    wanted = list(parents)
    for parent in wanted:
        if parent.service.team_id != team_id:
            raise PortalError(
                f"“{parent.name}” belongs to another team.", field="depends_on"
            )
    if check_pk is None:
        return
    links = Check.depends_on.through.objects.filter(
        from_check__service__team=team_id
    ).values_list("from_check_id", "to_check_id")
    above: dict[int, set[int]] = {}
    for child, parent_pk in links:
        above.setdefault(child, set()).add(parent_pk)
    for parent in wanted:
        if check_pk in _reach(parent.pk, above):
            raise PortalError(
                f"“{parent.name}” depends on this check already.", field="depends_on"
            )


def _reach(start: int, above: Mapping[int, Iterable[int]]) -> set[int]:
    """Return everything that ``start`` depends on, itself included."""
    reached: set[int] = set()
    waiting = [start]
    while waiting:
        pk = waiting.pop()
        if pk not in reached:
            reached.add(pk)
            waiting.extend(above.get(pk, ()))
    return reached


def _check_spec(plan: CheckPlan) -> None:
    for error in PROBES[plan.kind].check_spec(plan.spec):
        where = f"{error.field}: " if error.field else ""
        raise PortalError(f"{where}{error.message}", field="spec")
    if plan.kind == "file":
        _check_folder(plan.spec["path"])
    if plan.kind == "internal":
        _check_source(plan.spec)
    named = secret_names(_texts(plan.spec))
    if not named:
        return
    known = Secret.objects.filter(team=plan.service.team_id, name__in=named)
    for name in sorted(named - set(known.values_list("name", flat=True))):
        raise PortalError(f"The team has no secret named {name}.", field="spec")


def _check_folder(path: str) -> None:
    roots = policy_from_settings().file_roots
    if not any(Path(path).is_relative_to(root) for root in roots):
        opened = ", ".join(map(str, roots)) or "none yet"
        raise PortalError(
            f"path: This must be below a folder that an operator opened ({opened}).",
            field="spec",
        )


def _check_source(spec: Mapping[str, Any]) -> None:
    if spec["source"] not in SOURCES:
        raise PortalError(f"source: Use one of {', '.join(SOURCES)}.", field="spec")
    for name in _NUMBERS:
        number = spec.get(name, 1)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise PortalError(f"{name}: This must be a number.", field="spec")
        if not 0 < number <= 400:
            raise PortalError(f"{name}: Use more than 0, at most 400.", field="spec")


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _find_source(plan: CheckPlan) -> DataSource | None:
    if plan.kind != "sql":
        return None
    name = plan.spec["source"]
    source = DataSource.objects.filter(team=plan.service.team_id, name=name).first()
    if source is None:
        raise PortalError(
            f"source: The team has no data source named {name}.", field="spec"
        )
    return source


def _read_condition(plan: CheckPlan) -> str:
    if not plan.condition.strip():
        return ""
    try:
        return compile_condition(plan.kind, plan.condition.strip(), plan.unit).text
    except ConditionError as error:
        raise PortalError(_explain(error), field="condition") from error


def _read_ladder(plan: CheckPlan) -> list[dict[str, str]]:
    levels = {word.label: word.level for word in plan.service.severities.all()}
    rungs: list[tuple[int, dict[str, str]]] = []
    for raw in plan.ladder:
        label = raw.get("severity", "")
        if label not in levels:
            words = ", ".join(levels) or "none yet"
            raise PortalError(
                f"“{label}” is no severity of the service ({words}).", field="ladder"
            )
        if label in [rung["severity"] for _, rung in rungs]:
            raise PortalError(f"“{label}” is there twice.", field="ladder")
        try:
            text = read_rung(plan.kind, plan.unit, raw, levels).condition.text
        except ConditionError as error:
            told = f"{label}: {_explain(error)}"
            raise PortalError(told, field="ladder") from error
        except (FieldError, KeyError) as error:
            told = f"{label}: Write a condition, and “for” as 5m or 1h 30m."
            raise PortalError(told, field="ladder") from error
        rung = {"severity": label, "condition": text}
        if raw.get("for"):
            rung["for"] = raw["for"]
        rungs.append((levels[label], rung))
    return [rung for _, rung in sorted(rungs, key=lambda pair: pair[0])]


def _explain(error: ConditionError) -> str:
    return f"At character {error.position + 1}: {error.message} {error.remedy}"


def _check_numbers(plan: CheckPlan) -> None:
    if not SHORTEST_INTERVAL <= plan.interval <= LONGEST_INTERVAL:
        raise PortalError("Look every 10 seconds to 31 days.", field="interval")
    if not SHORTEST_TIMEOUT <= plan.timeout <= LONGEST_TIMEOUT:
        raise PortalError("Wait between 0.1 and 10 seconds.", field="timeout")
    if plan.freshness is not None and plan.freshness <= timedelta(0):
        raise PortalError("Use a length above zero.", field="freshness")
    for name in ("fail_after", "recover_after"):
        if not 1 <= getattr(plan, name) <= MOST_READINGS:
            raise PortalError(f"Use 1 to {MOST_READINGS} looks.", field=name)
    within = plan.fail_within
    if within is not None and not plan.fail_after <= within <= MOST_READINGS:
        message = f"Use {plan.fail_after} to {MOST_READINGS} looks, or none."
        raise PortalError(message, field="fail_within")
    if plan.no_data not in Check.NoData.values:
        raise PortalError("Use unknown, fail or pass.", field="no_data")
