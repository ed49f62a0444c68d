"""What depends on what, as trees."""

from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.dependency_tree import Node, grow_trees

PKS = st.integers(1, 6)


def grow(links, down=(), order=None):
    return grow_trees(links, set(down), order or {})


def walk(nodes):
    for node in nodes:
        yield node
        yield from walk(node.children)


def test_children_stand_below_their_parents_in_order():
    assert grow([(2, 1), (3, 1), (4, 3), (9, 8)], order={3: 1, 2: 2, 8: 3}) == [
        Node(1, (Node(3, (Node(4),)), Node(2))),
        Node(8, (Node(9),)),
    ]


def test_those_right_above_that_are_down_keep_a_check_quiet():
    (tree,) = grow([(2, 1), (3, 2)], down=[1])
    assert [(node.pk, node.muted_by) for node in walk([tree])] == [
        (1, ()),
        (2, (1,)),
        (3, ()),
    ]


def test_what_has_two_parents_shows_its_own_children_once():
    trees = grow([(3, 1), (3, 2), (4, 3)], down=[1, 2])
    assert trees == [
        Node(1, (Node(3, (Node(4),), (1, 2)),)),
        Node(2, (Node(3, (), (1, 2), is_repeat=True),)),
    ]


def test_a_circle_is_cut_where_it_closes():
    assert grow([(2, 1), (1, 2)]) == [Node(1, (Node(2, (Node(1, is_repeat=True),)),))]


def test_a_tree_holds_what_is_anywhere_in_it():
    (tree,) = grow([(2, 1), (3, 2)])
    assert tree.holds({3})
    assert not tree.holds({4})


@given(st.lists(st.tuples(PKS, PKS)), st.sets(PKS))
def test_each_linked_check_is_shown_and_its_children_once(links, down):
    nodes = list(walk(grow(links, down)))
    assert {node.pk for node in nodes} == {pk for link in links for pk in link}
    opened = [node.pk for node in nodes if node.children]
    assert len(opened) == len(set(opened))
