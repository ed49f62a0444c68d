"""What depends on what, as trees: parents above those whose alerts they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A check in a tree.

    ``muted_by`` are those directly above that are down: while one is, this check
    raises no new alert. ``is_repeat`` means that what is below was shown before.
    """

    pk: int
    children: tuple[Node, ...] = ()
    muted_by: tuple[int, ...] = ()
    is_repeat: bool = False

    def holds(self, pks: Collection[int]) -> bool:
        """Say whether one of these checks is in the tree."""
        return self.pk in pks or any(child.holds(pks) for child in self.children)


def grow_trees(
    links: Iterable[tuple[int, int]], down: Collection[int], order: Mapping[int, int]
) -> list[Node]:
    """Return the trees of (child, parent) links, siblings by ``order``.

    What has several parents stands below each, with its own children only once.
    Links that go in a circle are cut where it closes.
    """
    above: dict[int, list[int]] = {}
    below: dict[int, list[int]] = {}
    for child, parent in links:
        above.setdefault(child, []).append(parent)
        below.setdefault(parent, []).append(child)
    shown: set[int] = set()

    def sort(pks: Iterable[int]) -> list[int]:
        return sorted(set(pks), key=lambda pk: (order.get(pk, 0), pk))

    def grow(pk: int) -> Node:
        children = sort(below.get(pk, ()))
        muted_by = tuple(each for each in sort(above.get(pk, ())) if each in down)
        if pk in shown and children:
            return Node(pk, muted_by=muted_by, is_repeat=True)
        shown.add(pk)
        return Node(pk, tuple(grow(child) for child in children), muted_by)

    trees = [grow(pk) for pk in sort(below) if pk not in above]
    # Whoever stands in a circle has no root.
    trees += [grow(pk) for pk in sort(below) if pk not in shown]
    return trees
