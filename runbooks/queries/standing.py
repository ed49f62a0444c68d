"""What the portal holds of what runbooks made, as plain values to compare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checklists.models import Cadence, Check, Checklist, ChecklistItem
from incidents.models import SeverityLevel
from oncall.models import (
    EscalationContact,
    EscalationPolicyVersion,
    Service,
)
from runbooks.models import AppliedKey, Procedure
from runbooks.queries.library import newest_version

Value = dict[str, Any]
_MINUTE = 60


def read_standing(keys: Iterable[AppliedKey]) -> dict[str, Value | None]:
    """Return by key what the portal holds now; None where it is gone."""
    by_kind: dict[str, list[AppliedKey]] = {}
    for each in keys:
        by_kind.setdefault(each.kind, []).append(each)
    found: dict[str, Value | None] = {}
    for kind, rows in by_kind.items():
        values = _READERS[kind](rows)
        found |= {each.key: values.get(each.target_pk) for each in rows}
    return found


def find_namesakes(service: Service) -> dict[tuple[str, str], Value]:
    """Return what a service has by (kind, name), made by whomever."""
    found = {
        ("severity", row.label.casefold()): say_severity(row)
        for row in SeverityLevel.objects.filter(service=service)
    }
    contacts = EscalationContact.objects.filter(service=service)
    found |= {
        ("contact", f"{row.title} {row.kind}".casefold()): say_contact(row)
        for row in contacts
    }
    if service.policy_id is not None:
        found["ladder", ""] = say_ladder(service.policy_id) or {}
    return found


def name_of(kind: str, value: Value) -> str:
    """Return the name by which ``find_namesakes`` knows a value."""
    names = {
        "severity": value.get("label", ""),
        "contact": f"{value.get('title')} {value.get('kind')}",
    }
    return str(names.get(kind, "")).casefold()


def say_severity(row: SeverityLevel) -> Value:
    """Return a severity as a value."""
    response = row.response
    return {
        "label": row.label,
        "level": row.level,
        "response_minutes": response.total_seconds() / _MINUTE if response else None,
        "is_next_business_day": row.is_next_business_day,
    }


def say_contact(row: EscalationContact) -> Value:
    """Return a line of the contact table as a value."""
    return {
        "title": row.title,
        "kind": row.kind,
        "value": row.value,
        "is_placeholder": row.is_placeholder,
    }


def say_ladder(policy_pk: int) -> Value | None:
    """Return which version of the ladder holds now; None for a policy that is gone."""
    rows = EscalationPolicyVersion.objects.filter(policy=policy_pk)
    number = rows.order_by("-number").values_list("number", flat=True).first()
    return None if number is None else {"number": number}


def _read_checklists(keys: list[AppliedKey]) -> dict[str, Value]:
    rows = Checklist.objects.filter(pk__in=_pks(keys), is_archived=False)
    cadences: dict[int, Cadence] = {}
    for each in Cadence.objects.filter(checklist__in=rows).order_by("-pk"):
        cadences[each.checklist_id] = each
    return {str(row.pk): _say_checklist(row, cadences.get(row.pk)) for row in rows}


def _say_checklist(row: Checklist, cadence: Cadence | None) -> Value:
    return {
        "title": row.name,
        "rule": cadence.rule if cadence else None,
        "due_time": str(cadence.timing["due_time"]) if cadence else None,
    }


def _read_items(keys: list[AppliedKey]) -> dict[str, Value]:
    rows = ChecklistItem.objects.filter(
        key__in=[each.target_pk for each in keys if each.target_pk],
        version__status="published",
        version__checklist__is_archived=False,
    )
    return {str(row.key): {"text": row.text, "section": row.section} for row in rows}


def _read_severities(keys: list[AppliedKey]) -> dict[str, Value]:
    rows = SeverityLevel.objects.filter(pk__in=_pks(keys))
    return {str(row.pk): say_severity(row) for row in rows}


def _read_contacts(keys: list[AppliedKey]) -> dict[str, Value]:
    rows = EscalationContact.objects.filter(pk__in=_pks(keys))
    return {str(row.pk): say_contact(row) for row in rows}


def _read_ladders(keys: list[AppliedKey]) -> dict[str, Value]:
    return {str(pk): value for pk in _pks(keys) if (value := say_ladder(pk))}


def _read_checks(keys: list[AppliedKey]) -> dict[str, Value]:
    rows = Check.objects.filter(pk__in=_pks(keys), is_enabled=True)
    return {
        str(row.pk): {"kind": row.kind, "condition": row.condition, "spec": row.spec}
        for row in rows
    }


def _read_procedures(keys: list[AppliedKey]) -> dict[str, Value]:
    """Procedures are those of the version that holds; they are known by their keys."""
    version = newest_version(keys[0].runbook_id)
    rows = version.procedures.all() if version else ()
    return {row.key: say_procedure(row) for row in rows}


def say_procedure(row: Procedure) -> Value:
    """Return a procedure as a value."""
    names = ("title", "symptoms", "diagnosis", "resolution")
    return {name: getattr(row, name) for name in names}


def _pks(keys: list[AppliedKey]) -> list[int]:
    return [int(each.target_pk) for each in keys if each.target_pk]


_READERS = {
    "checklist": _read_checklists,
    "item": _read_items,
    "severity": _read_severities,
    "contact": _read_contacts,
    "ladder": _read_ladders,
    "check": _read_checks,
    "procedure": _read_procedures,
}
