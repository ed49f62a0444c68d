"""What the page of a service shows of its checks and checklists."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checklists.models import Check, Checklist
from checklists.queries.run_items import say_value


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check as it is now."""

    pk: int
    slug: str
    name: str
    kind: str
    status: str
    value: str
    summary: str
    observed_at: datetime | None
    is_enabled: bool

    @property
    def tone(self) -> str:
        """The tone of its status."""
        if not self.is_enabled:
            return ""
        return {"pass": "ok", "fail": "crit", "unknown": "warn"}.get(self.status, "")

    @property
    def word(self) -> str:
        """Its status as people write it."""
        return str(Check.Status(self.status).label) if self.is_enabled else "Paused"


def checks_of(service_pk: int) -> list[CheckRow]:
    """Return the checks of a service, what fails first."""
    rows: Iterable[Any] = Check.objects.filter(service_id=service_pk).values_list(
        "pk",
        "slug",
        "name",
        "kind",
        "status",
        "last_value",
        "unit",
        "last_summary",
        "last_observed_at",
        "is_enabled",
        "condition",
    )
    found = [
        CheckRow(
            pk,
            slug,
            name,
            kind,
            status,
            words := say_value(value, unit),
            # What only records is said by its value, which has a unit.
            summary if condition or not words or status != "pass" else "",
            *rest,
        )
        for pk, slug, name, kind, status, value, unit, summary, *rest, condition in rows
    ]
    order = {"crit": 0, "warn": 1, "ok": 2, "": 3}
    return sorted(found, key=lambda row: (order[row.tone], row.name))


def checklists_of(service_pk: int) -> list[Checklist]:
    """Return the checklists of a service by name."""
    return list(
        Checklist.objects.filter(service_id=service_pk, is_archived=False).order_by(
            "name"
        )
    )
