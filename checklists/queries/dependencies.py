"""What depends on what in a team, in two queries."""

from typing import NamedTuple

from checklists.domain.dependency_tree import Node, grow_trees
from checklists.domain.state_json import state_from_json
from checklists.domain.verdict import is_down
from checklists.models import Check


class Standing(NamedTuple):
    """A check in the trees; ``is_down`` is confirmed and keeps others quiet."""

    check: Check
    is_down: bool


def read_trees(team_pk: int) -> tuple[list[Node], dict[int, Standing]]:
    """Return the trees of a team, and each check that stands in one of them."""
    links = list(
        Check.depends_on.through.objects.filter(
            from_check__service__team=team_pk
        ).values_list("from_check_id", "to_check_id")
    )
    checks = (
        Check.objects.filter(pk__in={pk for link in links for pk in link})
        .select_related("service")
        .order_by("service__position", "service__name", "name", "pk")
    )
    found = {check.pk: Standing(check, _is_down(check)) for check in checks}
    down = {pk for pk, standing in found.items() if standing.is_down}
    order = {pk: place for place, pk in enumerate(found)}
    return grow_trees(links, down, order), found


def _is_down(check: Check) -> bool:
    return check.is_enabled and is_down(state_from_json(check.state)[0])
