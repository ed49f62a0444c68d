"""Making checks of a service from the library, and never over a person's edit."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction

from checklists.domain.check_library import (
    KINDS,
    LIBRARY,
    PLACES_BY_NAME,
    TEMPLATES,
    CheckTemplate,
    Place,
    PlaceKind,
    fill_spec,
    fill_text,
    fit_ladder,
)
from checklists.domain.reconcile import default_freshness
from checklists.models import Check, LibraryCheck, ServiceMapping
from checklists.probes.spec import is_url
from checklists.queries.library import made_of, places_of, source_names
from checklists.services.check_rows import compile_condition
from checklists.services.check_rules import CheckPlan
from checklists.services.checks import create_checks, edit_check
from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError

_SEEN = (
    "name", "description", "kind", "spec", "condition", "unit", "ladder", "interval",
    "timeout", "freshness", "fail_after", "recover_after", "no_data", "raises_alert",
    "measures_uptime",
)  # fmt: skip


class Standing(StrEnum):
    """How a template stands with a service."""

    READY = "ready"
    UNMAPPED = "unmapped"
    MADE = "made"
    # Made from an earlier mapping or template, and nobody edited it since.
    OUTDATED = "outdated"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Offer:
    """A template for one service: ``plan`` is None while places are ``missing``."""

    template: CheckTemplate
    standing: Standing
    missing: tuple[Place, ...]
    plan: CheckPlan | None
    made: LibraryCheck | None


@dataclass(frozen=True, slots=True)
class Applied:
    """What one go came to, by template; ``refused`` says why."""

    made: list[Check] = field(default_factory=list)
    changed: list[Check] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def offer_library(service: Service) -> list[Offer]:
    """Return what each template would make for a service, in two queries.

    ``service`` has its severities loaded.
    """
    places = places_of(service.pk)
    made = made_of(service.pk)
    levels = [(word.label, word.level) for word in service.severities.all()]
    return [
        _offer(template, service, places, levels, made.get(template.key))
        for template in TEMPLATES
    ]


def map_service(
    service: Service, places: Mapping[str, str], *, by: User | None, now: datetime
) -> None:
    """Say where a service's metrics live; "" is the library's own.

    Places that are not named stay. Raises PortalError naming the place. Checks
    follow when the library is applied again.
    """
    said = {name: text.strip() for name, text in places.items()}
    _check_places(service, said)
    with transaction.atomic():
        touch_team(service.team_id)
        mapping, _ = ServiceMapping.objects.select_for_update().get_or_create(
            service=service
        )
        before = mapping.places
        after = {**before, **said}
        mapping.places = {
            name: text
            for name, text in after.items()
            if text and name in PLACES_BY_NAME and text != PLACES_BY_NAME[name].default
        }
        mapping.save(update_fields=["places"])
        record_change(
            "check_library.mapped",
            mapping,
            by=by,
            now=now,
            team_id=service.team_id,
            before=before,
            after=mapping.places,
        )


def apply_library(
    service: Service, keys: Iterable[str], *, by: User | None, now: datetime
) -> Applied:
    """Make the checks of these templates, and bring those along nobody edited.

    Applying again makes nothing twice; a check that a person changed is left
    alone. Raises PortalError for a template that is not in the library.
    """
    wanted = list(dict.fromkeys(keys))
    for key in wanted:
        if key not in LIBRARY:
            raise PortalError(f"The library has no “{key}”.", field="templates")
    applied = Applied()
    with transaction.atomic():
        # Takes the team's row: two at once come after each other.
        touch_team(service.team_id)
        offers = {offer.template.key: offer for offer in offer_library(service)}
        fresh = []
        for key in wanted:
            try:
                if _is_fresh(offers[key], applied, by=by, now=now):
                    fresh.append(offers[key])
            except PortalError as error:
                applied.refused.append((key, error.message))
        _make(service, fresh, applied, by=by, now=now)
    return applied


def _offer(
    template: CheckTemplate,
    service: Service,
    places: Mapping[str, str],
    levels: Sequence[tuple[str, int]],
    made: LibraryCheck | None,
) -> Offer:
    missing = tuple(
        place
        for name in template.places
        if not places[name] and not (place := PLACES_BY_NAME[name]).is_optional
    )
    plan = None if missing else _plan(template, service, places, levels)
    if made is None:
        standing = Standing.UNMAPPED if missing else Standing.READY
    elif made.fingerprint != _print_row(made.check_ref):
        standing = Standing.EDITED
    elif plan is None or made.fingerprint == _print_plan(plan):
        standing = Standing.MADE
    else:
        standing = Standing.OUTDATED
    return Offer(template, standing, missing, plan, made)


def _plan(
    template: CheckTemplate,
    service: Service,
    places: Mapping[str, str],
    levels: Sequence[tuple[str, int]],
) -> CheckPlan:
    """Return the check that a template makes, its conditions in canonical words."""

    def canonical(text: str) -> str:
        filled = fill_text(text, places)
        return compile_condition(template.kind, filled, template.unit).text

    ladder = fit_ladder(template.ladder, levels)
    return CheckPlan(
        service=service,
        name=template.name,
        kind=template.kind,
        spec=fill_spec(template, places, KINDS),
        description=template.about,
        condition=canonical(template.condition) if template.condition else "",
        unit=template.unit,
        ladder=[{**rung, "condition": canonical(rung["condition"])} for rung in ladder],
        interval=template.interval,
        freshness=default_freshness(
            template.kind, template.interval, template.interval
        ),
        raises_alert=template.raises_alert,
        measures_uptime=template.measures_uptime,
    )


def _is_fresh(
    offer: Offer, applied: Applied, *, by: User | None, now: datetime
) -> bool:
    """Say whether a check is still to be made; one that is there is brought along."""
    if offer.standing is Standing.UNMAPPED:
        needed = ", ".join(place.label for place in offer.missing)
        raise PortalError(f"Say first where it looks: {needed}.")
    if offer.plan is None or offer.standing in (Standing.MADE, Standing.EDITED):
        applied.kept.append(offer.template.key)
    elif offer.made is not None:
        applied.changed.append(_change(offer.made, offer.plan, by=by, now=now))
    else:
        return True
    return False


def _make(
    service: Service,
    offers: Sequence[Offer],
    applied: Applied,
    *,
    by: User | None,
    now: datetime,
) -> None:
    if not offers:
        return
    plans = [offer.plan for offer in offers if offer.plan is not None]
    rows = []
    made = create_checks(service, plans, by=by, now=now)
    for offer, check in zip(offers, made, strict=True):
        key = offer.template.key
        if isinstance(check, PortalError):
            applied.refused.append((key, check.message))
            continue
        applied.made.append(check)
        rows.append(
            LibraryCheck(
                check_ref=check,
                service=service,
                template=key,
                fingerprint=_print_row(check),
            )
        )
    LibraryCheck.objects.bulk_create(rows)


def _change(
    made: LibraryCheck, plan: CheckPlan, *, by: User | None, now: datetime
) -> Check:
    """Bring a check along; what it depends on was never the library's."""
    parents = tuple(made.check_ref.depends_on.select_related("service"))
    whole = replace(plan, depends_on=parents)
    check = edit_check(made.check_ref, whole, by=by, now=now)
    made.fingerprint = _print_row(check)
    made.save(update_fields=["fingerprint"])
    return check


def _check_places(service: Service, said: Mapping[str, str]) -> None:
    sources = source_names(service.team_id)
    for name, text in said.items():
        if name not in PLACES_BY_NAME:
            raise PortalError("The library has no such place.", field=name)
        place = PLACES_BY_NAME[name]
        fault = place.find_fault(text)
        if place.kind is PlaceKind.URL and text:
            fault = fault or is_url(text) or ""
        if place.kind is PlaceKind.SOURCE and text not in {"", *sources}:
            fault = fault or f"The team has no data source named {text}."
        if fault:
            raise PortalError(fault, field=name)


def _print_plan(plan: CheckPlan) -> str:
    return _print(_seen_of(plan))


def _print_row(check: Check) -> str:
    return _print(_seen_of(check))


def _seen_of(said: CheckPlan | Check) -> dict[str, Any]:
    seen = {name: getattr(said, name) for name in _SEEN}
    # Younger than the first fingerprints: where nobody set it they are as they were.
    if said.fail_within is not None:
        seen["fail_within"] = said.fail_within
    return seen


def _print(values: Mapping[str, Any]) -> str:
    """Return a fingerprint of what a person could edit of a check."""
    text = json.dumps(values, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: timedelta) -> float:
    return value.total_seconds()
