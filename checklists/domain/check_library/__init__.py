"""The check library: templates of checks that any service may have.

Each is a row of a table; what differs from service to service is a place, said
once for all of them.
"""

from checklists.domain.check_library import databases, machines, requests, routines
from checklists.domain.check_library.places import PLACES
from checklists.domain.check_library.template import (
    CheckTemplate,
    Place,
    PlaceKind,
    fill_spec,
    fill_text,
    fit_ladder,
)

TEMPLATES: tuple[CheckTemplate, ...] = (
    *requests.TEMPLATES,
    *databases.TEMPLATES,
    *machines.TEMPLATES,
    *routines.TEMPLATES,
)
LIBRARY = {template.key: template for template in TEMPLATES}
PLACES_BY_NAME = {place.name: place for _, group in PLACES for place in group}
KINDS = {name: place.kind for name, place in PLACES_BY_NAME.items()}
GROUPS = tuple(dict.fromkeys(template.group for template in TEMPLATES))
RUNBOOKS = tuple(
    dict.fromkeys(runbook for template in TEMPLATES for runbook in template.runbooks)
)

__all__ = [
    "GROUPS",
    "KINDS",
    "LIBRARY",
    "PLACES",
    "PLACES_BY_NAME",
    "RUNBOOKS",
    "TEMPLATES",
    "CheckTemplate",
    "Place",
    "PlaceKind",
    "fill_spec",
    "fill_text",
    "fit_ladder",
]
