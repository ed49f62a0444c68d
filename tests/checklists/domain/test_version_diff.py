"""What changes from one version to the next."""

from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.checklist_text import TextItem
from checklists.domain.version_diff import ItemChange, compare_items, match_items

A, B, C = (TextItem(text=name) for name in "ABC")


def test_nothing_changes_when_all_is_the_same():
    assert compare_items([A, B, C], [A, B, C]) == []


def test_only_what_had_to_move_is_told_as_moved():
    assert compare_items([A, B, C], [C, A, B]) == [ItemChange("moved", "C")]


def test_an_item_with_the_same_reference_goes_on_under_other_words():
    old = TextItem(text="Lag", reference="A03", bounds={"warn_max": 5})
    new = TextItem(text="Delay", reference="A03", checks=("arq/lag",), is_critical=True)
    assert compare_items([old, A], [new, B]) == [
        ItemChange(
            "changed",
            "Delay",
            (
                ("text", "Lag", "Delay"),
                ("is critical", "no", "yes"),
                ("bounds", "warn_max 5", ""),
                ("checks", "", "arq/lag"),
            ),
        ),
        ItemChange("added", "B"),
        ItemChange("removed", "A"),
    ]


NAMES = st.lists(st.sampled_from("ABCD"), max_size=6)


@given(NAMES, NAMES)
def test_each_old_item_goes_on_once_at_most_and_as_often_as_possible(old, new):
    pairs = match_items(
        [TextItem(text=t) for t in old], [TextItem(text=t) for t in new]
    )
    kept = [place for place in pairs if place is not None]
    assert len(set(kept)) == len(kept)
    assert all(
        old[place] == new[n] for n, place in enumerate(pairs) if place is not None
    )
    assert len(kept) == sum(min(old.count(name), new.count(name)) for name in "ABCD")
