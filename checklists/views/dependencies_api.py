"""What depends on what, for programs."""

from typing import Any, Literal

from ninja import Router, Schema

from checklists.domain.dependency_tree import Node
from checklists.queries.dependencies import read_trees
from oncall.api.common import service_named
from oncall.api_auth import ApiRequest, readable_teams

router = Router(tags=["checklists and checks"])


class DependentOut(Schema):
    """A check in the trees of a service, perhaps one of another service.

    ``below`` are the checks that depend on it, ``muted_by`` those it depends on that
    are down: while one is, this check raises no new alert. All are ids.
    """

    id: int
    service: str
    slug: str
    name: str
    status: Literal["pending", "pass", "fail", "unknown"]
    is_down: bool
    below: list[int]
    muted_by: list[int]


@router.get("/services/{slug}/dependencies", response=list[DependentOut])
def list_dependencies(request: ApiRequest, slug: str) -> Any:
    """List the checks of the trees in which a check of the service stands."""
    service = service_named(readable_teams(request), slug)
    trees, found = read_trees(service.team_id)
    own = {pk for pk, each in found.items() if each.check.service_id == service.pk}
    nodes: dict[int, Node] = {}
    for tree in trees:
        if tree.holds(own):
            _collect(tree, nodes)
    return [
        {
            "id": pk,
            "service": standing.check.service.slug,
            "slug": standing.check.slug,
            "name": standing.check.name,
            "status": standing.check.status,
            "is_down": standing.is_down,
            "below": [child.pk for child in nodes[pk].children],
            "muted_by": nodes[pk].muted_by,
        }
        for pk, standing in found.items()
        if pk in nodes
    ]


def _collect(node: Node, nodes: dict[int, Node]) -> None:
    # A repeat names no children: they stand where it was first.
    if not node.is_repeat:
        nodes[node.pk] = node
    for child in node.children:
        _collect(child, nodes)
