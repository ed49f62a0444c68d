"""A state of a ladder survives the row."""

import json

from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.climb import freeze, thaw
from oncall.domain.ladder import State
from tests.oncall.domain.ladders import OPENED

moments = st.one_of(st.none(), st.integers(0, 10**6).map(lambda n: OPENED))
places = st.frozensets(st.integers(0, 19))


@given(
    st.builds(
        State,
        begun_at=st.just(OPENED),
        loop=st.integers(0, 9),
        repeats=st.integers(0, 9),
        restarted_at=moments,
        last_at=moments,
        told=places,
        passed=places,
        awaited=places,
        slip=st.timedeltas(),
        forced=st.one_of(st.none(), st.integers(0, 19)),
        by_hand=st.booleans(),
        needs_last_resort=st.booleans(),
        turn=st.integers(0, 99),
    )
)
def test_a_state_comes_back_as_it_was(state):
    back = thaw(json.loads(json.dumps(freeze(state))))
    assert back.slip.total_seconds() == state.slip.total_seconds()
    assert freeze(back) == freeze(state)
