"""What the checks of a service depend on, and who keeps whom quiet."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from checklists.domain.dependency_tree import Node
from checklists.queries.checks import get_service_for
from checklists.queries.dependencies import Standing, read_trees
from checklists.views.check_words import say_status, tone_of
from oncall.access import PortalRequest, declares


@declares("team.see")
@require_GET
def show_dependencies(request: PortalRequest, slug: str) -> HttpResponse:
    """Show the trees in which a check of the service stands."""
    service = get_service_for(request.actor, slug)
    trees, found = read_trees(service.team_id)
    own = {pk for pk, each in found.items() if each.check.service_id == service.pk}
    ctx = {
        "service": service,
        "team": service.team,
        "trees": [_describe(tree, found) for tree in trees if tree.holds(own)],
        "crumbs": [
            (service.name, reverse("service_detail", args=[slug])),
            ("Checks", reverse("check_list")),
        ],
    }
    return render(request, "checklists/dependencies.html", ctx)


def _describe(node: Node, found: Mapping[int, Standing]) -> dict[str, Any]:
    check = found[node.pk].check
    return {
        "check": check,
        "word": say_status(check),
        "tone": tone_of(check),
        "is_repeat": node.is_repeat,
        "muted_by": [found[pk].check.name for pk in node.muted_by],
        "children": [_describe(child, found) for child in node.children],
    }
