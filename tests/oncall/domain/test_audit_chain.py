"""The chain of the audit log: what fits, what does not, and a forgotten beginning."""

from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.audit_chain import FIELDS, first_broken, link

WORDS = st.text(max_size=8)
ENTRIES = st.lists(
    st.fixed_dictionaries(dict.fromkeys(FIELDS, WORDS)), min_size=1, max_size=8
)


def chain(entries, base=""):
    sealed = []
    for entry in entries:
        made = link(base, entry)
        sealed.append({**entry, "prev_hash": base, "hash": made})
        base = made
    return sealed


@given(ENTRIES, st.data())
def test_what_is_left_after_its_beginning_was_forgotten_fits_its_seal_alone(
    entries, data
):
    whole = chain(entries)
    cut = data.draw(st.integers(0, len(whole)))
    base = whole[cut - 1]["hash"] if cut else ""
    assert first_broken(whole[cut:], base=base) is None
    if 0 < cut < len(whole):
        assert first_broken(whole[cut:]) == 0
        assert first_broken(whole[cut:], base=whole[cut]["hash"]) == 0


@given(ENTRIES, st.data())
def test_every_edit_and_every_gap_is_found_where_it_is(entries, data):
    whole = chain(entries)
    place = data.draw(st.integers(0, len(whole) - 1))
    name = data.draw(st.sampled_from((*FIELDS, "prev_hash", "hash")))
    edited = [*whole]
    edited[place] = {**whole[place], name: whole[place][name] + "x"}
    assert first_broken(edited) == place
    if place < len(whole) - 1:
        assert first_broken(whole[:place] + whole[place + 1 :]) == place
