"""The check library for programs: what it holds, and taking it for a service."""

from typing import Any

from django.utils import timezone
from ninja import Field, Router, Schema

from checklists.domain.check_library import TEMPLATES, CheckTemplate
from checklists.queries.library import places_of
from checklists.services import check_library
from checklists.services.check_library import Offer
from oncall.access import authorize
from oncall.api.common import service_named
from oncall.api_auth import ApiRequest, own_teams, readable_teams
from oncall.models import Service

router = Router(tags=["checklists and checks"])


class RungOut(Schema):
    """A rung by the common scale: 1 is critical, 5 is for information."""

    level: int
    condition: str
    held: str


class TemplateOut(Schema):
    """A template; ``places`` are what a service must say, ``interval`` in seconds."""

    key: str
    name: str
    group: str
    runbooks: list[str]
    kind: str
    spec: dict[str, Any]
    condition: str
    unit: str
    ladder: list[RungOut]
    interval: float
    about: str
    places: list[str]


class OfferOut(Schema):
    """What a template would make: nothing while places are ``missing``."""

    key: str
    name: str
    standing: str
    missing: list[str]
    check: int | None
    condition: str
    ladder: list[dict[str, str]]
    spec: dict[str, Any]


class PlacesIn(Schema):
    """What stands in places, by their names; "" is the library's own."""

    places: dict[str, str] = Field(max_length=100)


class PlacesOut(Schema):
    """What stands in every place."""

    places: dict[str, str]


class TemplatesIn(Schema):
    """Which templates to make checks of."""

    templates: list[str] = Field(min_length=1, max_length=500)


class RefusedOut(Schema):
    """Why a template made nothing."""

    key: str
    message: str


class AppliedOut(Schema):
    """What came of it: ids of checks, and keys of templates."""

    made: list[int]
    changed: list[int]
    kept: list[str]
    refused: list[RefusedOut]


@router.get("/check-library", response=list[TemplateOut])
def list_templates(request: ApiRequest, q: str = "") -> Any:
    """List the templates of the library that fit a search."""
    return [_template_out(each) for each in TEMPLATES if each.fits(q)]


@router.get("/services/{slug}/check-library", response=list[OfferOut])
def list_offers(request: ApiRequest, slug: str) -> Any:
    """List what each template would make for a service."""
    service = service_named(readable_teams(request), slug)
    return [_offer_out(offer) for offer in check_library.offer_library(service)]


@router.get("/services/{slug}/check-library/places", response=PlacesOut)
def show_places(request: ApiRequest, slug: str) -> Any:
    """Show what stands in each place for a service."""
    return {"places": places_of(service_named(readable_teams(request), slug).pk)}


@router.put("/services/{slug}/check-library/places", response=PlacesOut)
def map_service(request: ApiRequest, slug: str, body: PlacesIn) -> Any:
    """Say where a service's metrics live; places that are not named stay."""
    service = _find_own(request, slug)
    check_library.map_service(
        service, body.places, by=request.auth.user, now=timezone.now()
    )
    return {"places": places_of(service.pk)}


@router.post("/services/{slug}/check-library", response=AppliedOut)
def apply(request: ApiRequest, slug: str, body: TemplatesIn) -> Any:
    """Make checks of templates; those that a person edited stay as they are."""
    service = _find_own(request, slug)
    applied = check_library.apply_library(
        service, body.templates, by=request.auth.user, now=timezone.now()
    )
    return {
        "made": [check.pk for check in applied.made],
        "changed": [check.pk for check in applied.changed],
        "kept": applied.kept,
        "refused": [{"key": key, "message": why} for key, why in applied.refused],
    }


def _find_own(request: ApiRequest, slug: str) -> Service:
    service = service_named(own_teams(request), slug)
    authorize(request.auth, "check.edit", service.team_id)
    return service


def _template_out(template: CheckTemplate) -> dict[str, Any]:
    return {
        "key": template.key,
        "name": template.name,
        "group": template.group,
        "runbooks": list(template.runbooks),
        "kind": template.kind,
        "spec": dict(template.spec),
        "condition": template.condition,
        "unit": template.unit,
        "ladder": template.ladder,
        "interval": template.interval.total_seconds(),
        "about": template.about,
        "places": list(template.places),
    }


def _offer_out(offer: Offer) -> dict[str, Any]:
    plan = offer.plan
    return {
        "key": offer.template.key,
        "name": offer.template.name,
        "standing": offer.standing.value,
        "missing": [place.name for place in offer.missing],
        "check": offer.made.check_ref_id if offer.made else None,
        "condition": plan.condition if plan else offer.template.condition,
        "ladder": plan.ladder if plan else [],
        "spec": plan.spec if plan else {},
    }
