"""Checklists and their published versions."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from checklists.models import (
    Check,
    Checklist,
    ChecklistItem,
    ChecklistVersion,
)
from checklists.services.generation import open_current_runs
from oncall.models import Service, Team, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError

_SEALED = (
    "key",
    "reference",
    "position",
    "section",
    "text",
    "instructions",
    "kind",
    "mode",
    "is_required",
    "is_critical",
    "allows_na",
    "needs_note",
    "bounds",
)


class AddressTaken(PortalError):  # noqa: N818 -- reads as what happened
    """Another checklist has the address, perhaps since this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPlan:
    """One item of a version to publish; ``key`` keeps it the same item.

    ``show_if_check`` is the check that ``show_if`` names.
    """

    text: str
    key: uuid.UUID | None = None
    reference: str = ""
    section: str = ""
    instructions: str = ""
    kind: str = ChecklistItem.Kind.CHECK
    mode: str = ChecklistItem.Mode.MANUAL
    is_required: bool = True
    is_critical: bool = False
    allows_na: bool = True
    needs_note: bool = False
    bounds: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    show_if: Mapping[str, Any] = field(default_factory=dict)
    show_if_check: Check | None = None
    checks: tuple[Check, ...] = ()


def create_checklist(
    team: Team,
    *,
    slug: str,
    name: str,
    by: User | None,
    now: datetime,
    service: Service | None = None,
    description: str = "",
) -> Checklist:
    """Make an empty checklist; it has no runs before a version is published.

    Raises AddressTaken, and PortalError for a service of another team.
    """
    if service is not None and service.team_id != team.pk:
        raise PortalError("The service belongs to another team.", field="service")
    checklist = Checklist(
        team=team, slug=slug, name=name, service=service, description=description
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                checklist.save(force_insert=True)
        except IntegrityError:
            raise AddressTaken(
                f"There is a checklist “{slug}” already. Choose another name.",
                field="slug",
            ) from None
        record_change(
            "checklist.created",
            checklist,
            by=by,
            now=now,
            team_id=team.pk,
            after={"name": name},
        )
        touch_team(team.pk)
    return checklist


def publish_version(
    checklist: Checklist,
    items: Sequence[ItemPlan],
    *,
    by: User | None,
    now: datetime,
) -> ChecklistVersion:
    """Publish a new immutable version; open runs keep the one they have."""
    _check_items(checklist, items)
    with transaction.atomic():
        Checklist.objects.select_for_update().get(pk=checklist.pk)
        checklist.versions.filter(status=ChecklistVersion.Status.PUBLISHED).update(
            status=ChecklistVersion.Status.ARCHIVED
        )
        newest = checklist.versions.order_by("-number").first()
        version = checklist.versions.create(
            number=newest.number + 1 if newest else 1,
            status=ChecklistVersion.Status.PUBLISHED,
            published_at=now,
            published_by=by,
        )
        for position, plan in enumerate(items):
            _create_item(version, plan, position)
        version.body_hash = hash_version(version)
        version.save(update_fields=["body_hash"])
        # A cadence that waited for a version has periods that are open already.
        for cadence in checklist.cadences.filter(is_enabled=True):
            open_current_runs(cadence, now=now)
        record_change(
            "checklist.published",
            checklist,
            by=by,
            now=now,
            team_id=checklist.team_id,
            after={"number": version.number, "hash": version.body_hash},
        )
        touch_team(checklist.team_id)
    return version


def hash_version(version: ChecklistVersion) -> str:
    """Return the SHA-256 of all that a published version says."""
    items = version.items.order_by("position")
    body = []
    for *said, options, show_if in items.values_list(*_SEALED, "options", "show_if"):
        row = [str(each) if isinstance(each, uuid.UUID) else each for each in said]
        # Only where there are any: what was sealed before them keeps its seal.
        more = {"options": options, "show_if": show_if}
        body.append([*row, more] if options or show_if else row)
    sealed = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(sealed.encode()).hexdigest()


def _create_item(version: ChecklistVersion, plan: ItemPlan, position: int) -> None:
    item = version.items.create(
        key=plan.key or uuid.uuid4(),
        position=position,
        reference=plan.reference,
        section=plan.section,
        text=plan.text,
        instructions=plan.instructions,
        kind=plan.kind,
        mode=plan.mode,
        is_required=plan.is_required,
        is_critical=plan.is_critical,
        allows_na=plan.allows_na,
        needs_note=plan.needs_note,
        bounds=dict(plan.bounds),
        options=list(plan.options),
        show_if=dict(plan.show_if),
        show_if_check=plan.show_if_check,
    )
    item.checks.set(plan.checks)


def _check_items(checklist: Checklist, items: Sequence[ItemPlan]) -> None:
    if not items:
        raise PortalError("A checklist needs at least one item.", field="items")
    for number, plan in enumerate(items, start=1):
        field_name = f"items[{number}]"
        if not plan.text.strip():
            raise PortalError(f"Item {number} needs a text.", field=field_name)
        if plan.kind == ChecklistItem.Kind.CHOICE and not plan.options:
            raise PortalError(
                f"Item {number} is a choice, so it needs options.", field=field_name
            )
        if plan.mode != ChecklistItem.Mode.MANUAL and not plan.checks:
            raise PortalError(
                f"Item {number} ticks itself, so it needs a check.", field=field_name
            )
        named = [*plan.checks, *filter(None, [plan.show_if_check])]
        if any(check.service.team_id != checklist.team_id for check in named):
            raise PortalError(
                f"Item {number} names a check of another team.", field=field_name
            )
