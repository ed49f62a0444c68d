"""Checklists written as texts: read from a text, published, put away."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from checklists.domain.checklist_text import ChecklistText, TextItem
from checklists.domain.version_diff import ItemChange, compare_items, match_items
from checklists.models import Check, Checklist, ChecklistItem, ChecklistVersion
from checklists.services.cadences import pause_cadence
from checklists.services.checklists import (
    AddressTaken,
    ItemPlan,
    create_checklist,
    publish_version,
)
from oncall.models import Service, Team, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError, Refused

_SAME = (
    "text",
    "section",
    "reference",
    "instructions",
    "kind",
    "mode",
    "is_required",
    "is_critical",
    "allows_na",
    "needs_note",
    "bounds",
)

# The key of each item by its place.
Keys = Mapping[int, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Edition:
    """What a checklist says now, and the number of the version that says it.

    ``number`` is 0 before the first version; ``keys`` are those of the items.
    """

    text: ChecklistText
    number: int
    keys: tuple[uuid.UUID, ...] = field(default=(), compare=False)


def read_edition(checklist: Checklist) -> Edition:
    """Return the published text of a checklist; three queries."""
    version = _published(checklist)
    rows = _items_of(version)
    text = ChecklistText(
        name=checklist.name,
        description=checklist.description,
        items=tuple(text_item(row) for row in rows),
    )
    keys = tuple(row.key for row in rows)
    return Edition(text, version.number if version else 0, keys)


def compare_text(
    checklist: Checklist, text: ChecklistText, keys: Keys | None = None
) -> list[ItemChange]:
    """Say what publishing a text would change of the items.

    ``keys`` as for publish_text. Raises PortalError for what could not be published.
    """
    _plan_items(checklist.team_id, text, {})
    edition = read_edition(checklist)
    pairs = None if keys is None else _places_of(edition.keys, keys)
    return compare_items(edition.text.items, text.items, pairs)


def publish_text(
    checklist: Checklist,
    text: ChecklistText,
    *,
    seen: int | None,
    by: User,
    now: datetime,
    keys: Keys | None = None,
) -> ChecklistVersion:
    """Publish a text as the next version; items that go on keep their history.

    ``seen`` is the number of the version that the text was made from, None not to
    care. ``keys`` say which item each one goes on as; without them that is told by
    their texts. Raises Conflict when ``seen`` is not the newest any more, Refused
    when the text says nothing new.
    """
    with transaction.atomic():
        Checklist.objects.select_for_update().get(pk=checklist.pk)
        edition = read_edition(checklist)
        if seen is not None and seen != edition.number:
            raise Conflict(
                f"Version {edition.number} was published meanwhile.", current=edition
            )
        if text == edition.text:
            raise Refused("This says what is published already.", code="unchanged")
        _rename(checklist, text, by=by, now=now)
        known = _keys_that_go_on(edition, text.items) if keys is None else keys
        plans = _plan_items(checklist.team_id, text, known)
        return publish_version(checklist, plans, by=by, now=now)


def create_from_text(
    team: Team,
    text: ChecklistText,
    *,
    service: Service | None,
    by: User,
    now: datetime,
) -> Checklist:
    """Make a checklist and publish its first version."""
    with transaction.atomic():
        checklist = create_named(team, text, service=service, by=by, now=now)
        publish_version(checklist, _plan_items(team.pk, text, {}), by=by, now=now)
    return checklist


def create_named(
    team: Team,
    text: ChecklistText,
    *,
    service: Service | None,
    by: User,
    now: datetime,
) -> Checklist:
    """Make a checklist that is called as the text says, under an address that is free.

    It says nothing yet.
    """
    while True:
        try:
            return create_checklist(
                team,
                slug=_free_slug(text.name),
                name=text.name,
                description=text.description,
                service=service,
                by=by,
                now=now,
            )
        except AddressTaken:
            # Somebody took it since; theirs is seen now, and the next number is free.
            continue


def archive_checklist(checklist: Checklist, *, by: User, now: datetime) -> None:
    """Put a checklist away: its cadences stop, its history stays."""
    with transaction.atomic():
        for cadence in checklist.cadences.filter(is_enabled=True):
            pause_cadence(cadence, paused=True, by=by, now=now)
        _set_archived(checklist, "checklist.archived", archived=True, by=by, now=now)


def restore_checklist(checklist: Checklist, *, by: User, now: datetime) -> None:
    """Bring a checklist back; its cadences stay paused until somebody resumes them."""
    with transaction.atomic():
        _set_archived(checklist, "checklist.restored", archived=False, by=by, now=now)


def _set_archived(
    checklist: Checklist, action: str, *, archived: bool, by: User, now: datetime
) -> None:
    checklist.is_archived = archived
    checklist.save(update_fields=["is_archived"])
    record_change(action, checklist, by=by, now=now, team_id=checklist.team_id)
    touch_team(checklist.team_id)


def _published(checklist: Checklist) -> ChecklistVersion | None:
    return checklist.versions.filter(status=ChecklistVersion.Status.PUBLISHED).first()


def _items_of(version: ChecklistVersion | None) -> list[ChecklistItem]:
    if version is None:
        return []
    items = version.items.select_related("show_if_check__service")
    return list(items.order_by("position").prefetch_related("checks__service"))


def text_item(item: ChecklistItem) -> TextItem:
    """Return an item as a text says it."""
    same: dict[str, Any] = {name: getattr(item, name) for name in _SAME}
    show_if = dict(item.show_if)
    if item.show_if_check is not None:
        show_if["check"] = _name_of(item.show_if_check)
    return TextItem(
        **same,
        options=tuple(item.options),
        show_if=show_if,
        checks=tuple(sorted(_name_of(check) for check in item.checks.all())),
    )


def _name_of(check: Check) -> str:
    return f"{check.service.slug}/{check.slug}"


def _rename(
    checklist: Checklist, text: ChecklistText, *, by: User, now: datetime
) -> None:
    before = {"name": checklist.name, "description": checklist.description}
    after = {"name": text.name, "description": text.description}
    if before == after:
        return
    checklist.name, checklist.description = text.name, text.description
    checklist.save(update_fields=["name", "description"])
    record_change(
        "checklist.changed",
        checklist,
        by=by,
        now=now,
        team_id=checklist.team_id,
        before=before,
        after=after,
    )


def _keys_that_go_on(edition: Edition, items: Sequence[TextItem]) -> Keys:
    """Return the key of the old item that each new one, by its place, continues."""
    pairs = match_items(edition.text.items, items)
    return {
        place: edition.keys[old] for place, old in enumerate(pairs) if old is not None
    }


def _places_of(old: Sequence[uuid.UUID], keys: Keys) -> list[int | None]:
    """Return for each key, in order, the place of the old item that has it."""
    places = {key: place for place, key in enumerate(old)}
    return [places.get(keys[place]) for place in sorted(keys)]


def _plan_items(team_id: int, text: ChecklistText, keys: Keys) -> list[ItemPlan]:
    wanted = {
        name.rpartition("/")[2] for item in text.items for name in _names_in(item)
    }
    checks = Check.objects.filter(service__team_id=team_id, slug__in=wanted)
    known = {
        f"{check.service.slug}/{check.slug}": check
        for check in checks.select_related("service")
    }
    plans = []
    for place, item in enumerate(text.items):
        for name in _names_in(item):
            if name not in known:
                raise PortalError(
                    f"Item {place + 1} names the check “{name}”, which this team"
                    " does not have. Write service/check.",
                    field="text",
                )
        same: dict[str, Any] = {name: getattr(item, name) for name in _SAME}
        plans.append(
            ItemPlan(
                **same,
                key=keys.get(place),
                options=item.options,
                show_if=item.show_if,
                show_if_check=known.get(item.show_if.get("check", "")),
                checks=tuple(known[name] for name in item.checks),
            )
        )
    return plans


def _names_in(item: TextItem) -> list[str]:
    return [*item.checks, *filter(None, [item.show_if.get("check")])]


def _free_slug(name: str) -> str:
    base = slugify(name)[:70] or "checklist"
    taken = set(
        Checklist.objects.filter(slug__startswith=base).values_list("slug", flat=True)
    )
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(s for s in numbered if s not in taken)
